import { startPostgres, type TestServer } from '@flowcraft/pg-test'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { amount } from './amount.ts'
import { bringToEnd, cutOff, killed, longLeaseMs, referencesIn, type CutOffRun } from './cut-off-runs.ts'
import type { Ended, Reference } from './judge.ts'
import { familyLogs, readDiary } from './logs.ts'
import { postgresStores, type Stores } from './stores.ts'
import { startWorker } from './worker-process.ts'
import type { ScenarioName } from './worker/scenarios.ts'
import type { Job } from './worker/task.ts'

let server: TestServer
let stores: Stores
let references: Map<ScenarioName, Reference>

beforeAll(async () => {
  server = await startPostgres({ fsync: true })
  stores = postgresStores(server.url)
  references = await referencesIn(stores)
})

afterAll(async () => {
  await stores.remove()
  await server.stop()
})

it.each(Array.from({ length: amount(2, 8) }, (_, index) => index))(
  'a PostgreSQL server that is killed loses nothing that it has acknowledged, and runs go on when it is back (round %i)',
  async (round) => {
    const runs: CutOffRun[] = Array.from({ length: 5 }, () => killed)
      .flat()
      .map((scenario, index) => cutOff(stores, scenario, `${scenario} ${round} ${index}`, `server ${round}`))
    const jobs = runs.map(({ job }): Job => ({ ...job, incarnation: 0, means: 'run', leaseMs: longLeaseMs }))
    const worker = startWorker({ kind: 'drive', jobs, isShared: true })
    const { store, diary } = jobs[0]!
    await vi.waitUntil(() => readDiary(diary).length > 200 + 200 * round, { timeout: 60_000, interval: 2 })
    expect(worker.child.exitCode).toBe(null)
    await server.kill()
    const told = readDiary(diary)
    await server.start()
    const logs = await Promise.all(runs.map(({ job }) => familyLogs(store, job.executionId)))
    const lengths = new Map(logs.flatMap((family) => [...family].map(([id, events]) => [id, events.length])))
    const lost = told.filter((line) => line.what === 'told' && line.seq >= (lengths.get(line.executionId) ?? 0))
    expect(lost).toEqual([])
    // Its process has waited for the server.
    const { said, complaints, code } = await worker.ended
    expect({ complaints, code }).toEqual({ complaints: '', code: 0 })
    expect(said.filter((line): line is Ended => line.said === 'ended')).toHaveLength(runs.length)
    // Each has ended, so this is about what they have come to.
    await bringToEnd(runs, references, ['run'], true)
  },
)
