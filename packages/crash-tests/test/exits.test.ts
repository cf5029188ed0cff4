import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bringToEnd, cutOff, referencesIn, shortLeaseMs } from './cut-off-runs.ts'
import type { Reference } from './judge.ts'
import { familyLogs, readDiary } from './logs.ts'
import { postgresStores, sqliteStores, type Stores } from './stores.ts'
import { work } from './worker-process.ts'
import type { ScenarioName } from './worker/scenarios.ts'
import type { Exit } from './worker/task.ts'

const exits: readonly (readonly [exit: Exit, end: { code: number | null; signal: string | null }])[] = [
  ['close', { code: 0, signal: null }],
  ['process.exit', { code: 3, signal: null }],
  ['throw', { code: 1, signal: null }],
  ['SIGTERM', { code: null, signal: 'SIGTERM' }],
  ['SIGKILL', { code: null, signal: 'SIGKILL' }],
]

describe.each([
  { title: 'SQLite', open: sqliteStores },
  { title: 'PostgreSQL', open: () => postgresStores() },
])('on $title, a process that ends', ({ open }) => {
  let stores: Stores
  let references: Map<ScenarioName, Reference>

  beforeAll(async () => {
    stores = open()
    references = await referencesIn(stores, ['chain'])
  })
  afterAll(() => stores.remove())

  it.each(exits)(
    'by %s in the middle of a run leaves what its listeners were told of, and the run goes on',
    async (exit, end) => {
      const run = cutOff(stores, 'chain', `left by ${exit}`)
      const job = { ...run.job, incarnation: 0, means: 'run', leaseMs: shortLeaseMs } as const
      const { code, signal, said, complaints } = await work({ kind: 'exit', job, exit })
      expect({ code, signal }).toEqual(end)
      expect(complaints.includes('Error')).toBe(exit === 'throw')
      if (exit === 'close') expect(said).toContainEqual(expect.objectContaining({ code: 'STORE_CLOSED' }))
      run.deaths.push(await familyLogs(run.job.store, run.job.executionId))
      await bringToEnd([run], references, ['recover'])
    },
  )

  it.each(exits)(
    'by %s while a bus is full of events leaves a history without a gap, and all that is acknowledged',
    async (exit, end) => {
      const { job } = cutOff(stores, 'chain', `poured ${exit}`)
      const pour = { ...job, incarnation: 0, means: 'run', leaseMs: shortLeaseMs } as const
      const { code, signal } = await work({ kind: 'pour', job: pour, exit })
      expect({ code, signal }).toEqual(end)
      const events = (await familyLogs(job.store, job.executionId)).get(job.executionId) ?? []
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      const told = readDiary(job.diary).flatMap((line) => (line.what === 'told' ? [line.seq] : []))
      expect(told).toEqual(told.map((_, index) => index))
      expect(events.length).toBeGreaterThanOrEqual(told.length)
      expect(told.length).toBeGreaterThan(500)
      // What was given to the bus and not acknowledged is lost, unless it was waited for.
      if (exit === 'close') expect(events).toHaveLength(10_000)
      else expect(events.length).toBeLessThan(10_000)
    },
  )
})
