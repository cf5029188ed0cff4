import fc from 'fast-check'
import { it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { expectLawful } from './checks.ts'
import { randomFlow } from './generator/flow.ts'
import { runFlow } from './run-flow.ts'

it('probe', async () => {
  let count = 0
  const seen = new Map<string, number>()
  const smallest = new Map<string, string>()
  const n = Number(process.env['N'] ?? 500)
  const t0 = Date.now()
  for (const flow of fc.sample(randomFlow, { numRuns: n, seed: Number(process.env['SEED'] ?? 1) })) {
    try {
      const timeout = new Promise((_, reject) => setTimeout(() => reject(new Error('HANG')), 4000).unref())
      await Promise.race([timeout, (async () => expectLawful(await runFlow(flow, new InMemoryEventStore(), { executionId: `run-${(count += 1)}` })))()])
    } catch (e) {
      const err = e as Error
      const line = (err.stack ?? '').split('\n').filter((l) => l.includes('laws/') || l.includes('/src/')).slice(0, 3).map((l) => l.trim().replace(/.*\/flowcraft\//, '')).join(' | ')
      const key = line + ' :: ' + err.message.slice(0, 100)
      seen.set(key, (seen.get(key) ?? 0) + 1)
      const text = JSON.stringify({ nodes: flow.blueprint.nodes, edges: flow.blueprint.edges, programs: [...flow.programs].map(([k, p]) => [k, p.map((a) => a.ending.kind + (a.ending.kind === 'return' ? ':' + a.ending.output.kind + ':' + a.ending.action : a.ending.kind === 'throw' ? a.ending.error : '') + '@' + a.delayMs)]), conc: flow.concurrency, cancel: flow.cancellation, dur: flow.durability, delays: flow.storeDelaysMs, races: flow.hasRaces, msg: err.message.slice(0, 1500) }, null, 0)
      if (text.length < (smallest.get(key)?.length ?? Infinity)) smallest.set(key, text)
    }
  }
  console.log('ms', Date.now() - t0, 'for', n)
  for (const [key, c] of [...seen].sort((a, b) => b[1] - a[1])) console.log(c, key, '\n   ', smallest.get(key))
}, 600_000)
