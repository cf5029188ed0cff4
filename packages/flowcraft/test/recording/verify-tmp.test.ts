import fc from 'fast-check'
import { it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { recordingFrom } from '../../src/recording/open.ts'
import { verifyRecording } from '../../src/recording/verify.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { runFlow } from '../laws/run-flow.ts'
import { mutated } from './verify-changes.ts'

it('x', async () => {
  const count = { both: 0, none: 0, onlyVerify: 0, onlySimulate: 0, error: 0, sameSeq: 0 }
  let shown = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.infiniteStream(fc.nat()), async (flow, numbers) => {
      if (flow.cancellation || flow.isByTurns || flow.pausesAt.length) return
      const next = (below: number): number => Number(numbers.next().value) % Math.max(1, below)
      const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId: 'x', watches: false })
      const known = events.map((event) =>
        event.type === 'workflow:start'
          ? { ...event, payload: { ...event.payload, blueprint: flow.blueprint } }
          : event,
      )
      const recording = recordingFrom(known)
      for (let n = 0; n < 5; n++) {
        const other = mutated(flow.blueprint, next)
        if (other.nodes.some((x) => x.id.startsWith('new')) || !isPlan(planOf(other))) continue
        const v = verifyRecording(other, recording)
        let s
        try {
          s = (await simulate(other, recording)).divergence
        } catch (e) {
          count.error++
          continue
        }
        if (v.ok && s === undefined) count.none++
        else if (!v.ok && s !== undefined) {
          count.both++
          if (v.divergence.seq === (s as any).seq) count.sameSeq++
        } else {
          if (v.ok) count.onlySimulate++
          else count.onlyVerify++
          const ev: any = events[(s as any)?.seq?.a ?? -1]
          if (
            v.ok &&
            !(ev?.type === 'edge:evaluate' && !ev.payload.result) &&
            !(ev?.type === 'node:skipped' && !other.nodes.some((n) => n.id === ev.payload.nodeId)) &&
            shown++ < Number(process.env.SHOW ?? 12)
          ) {
            console.log('----', v.ok ? 'only simulate' : 'only verify')
            const gone = flow.blueprint.edges.filter(
              (e) => !other.edges.some((o) => JSON.stringify(o) === JSON.stringify(e)),
            )
            const add = other.edges.filter(
              (e) => !flow.blueprint.edges.some((o) => JSON.stringify(o) === JSON.stringify(e)),
            )
            const nod = other.nodes.filter(
              (e) => !flow.blueprint.nodes.some((o) => JSON.stringify(o) === JSON.stringify(e)),
            )
            console.log(
              'gone',
              JSON.stringify(gone),
              'added',
              JSON.stringify(add),
              'nodes',
              JSON.stringify(nod).slice(0, 300),
              'were',
              JSON.stringify(
                flow.blueprint.nodes.filter((n) => nod.some((o) => o.id === n.id)).map((n) => [n.uses, n.config]),
              ),
            )
            console.log(
              'removed',
              flow.blueprint.nodes
                .filter((n) => !other.nodes.some((o) => o.id === n.id))
                .map((n) => n.id)
                .join(),
            )
            console.log('V', JSON.stringify(v).slice(0, 600))
            console.log('S', JSON.stringify(s)?.slice(0, 500))
            if (process.env.LOG) {
              for (const e of events)
                console.log(
                  e.seq,
                  e.type,
                  JSON.stringify({
                    ...e.payload,
                    executionId: undefined,
                    blueprintId: undefined,
                    initialContext: undefined,
                    blueprint: undefined,
                    input: undefined,
                    error: (e.payload as any).error?.message,
                  }).slice(0, 150),
                )
              console.log(JSON.stringify(flow.blueprint.edges))
            }
          }
        }
      }
    }),
    { numRuns: Number(process.env.N ?? 150), seed: Number(process.env.S ?? 5), endOnFailure: true },
  )
  console.log(JSON.stringify(count))
}, 600000)
