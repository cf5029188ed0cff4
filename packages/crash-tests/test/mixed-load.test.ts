import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cutOff, longLeaseMs } from './cut-off-runs.ts'
import { expectWhole } from './judge.ts'
import { readDiary } from './logs.ts'
import { postgresStores, sqliteStores, type Stores } from './stores.ts'
import { startWorker } from './worker-process.ts'
import { openStore } from './worker/workplace.ts'

const processes = 4
const runsEach = 250

describe.each([
  { title: 'SQLite file', open: sqliteStores },
  { title: 'PostgreSQL table', open: () => postgresStores() },
])('one $title', ({ open }) => {
  let stores: Stores

  beforeEach(() => {
    stores = open()
  })
  afterEach(() => stores.remove())

  it(`takes ${runsEach} runs at once from each of ${processes} processes: no error, no event lost, order kept`, async () => {
    const workers = Array.from({ length: processes }, (_, incarnation) => {
      const jobs = Array.from({ length: runsEach }, (_, index) => {
        const { job } = cutOff(stores, 'load', `load ${incarnation} ${index}`, 'load')
        return { ...job, incarnation, means: 'run' as const, leaseMs: longLeaseMs }
      })
      return { jobs, worker: startWorker({ kind: 'drive', jobs, isShared: true, isHeld: true }) }
    })
    await Promise.all(workers.map(({ worker }) => worker.ready))
    for (const { worker } of workers) worker.letGo()
    const { store: address, diary } = workers[0]!.jobs[0]!
    const ids = new Set<string>()
    for (const { jobs, worker } of workers) {
      const { said, complaints, code } = await worker.ended
      expect({ complaints, code }).toEqual({ complaints: '', code: 0 })
      expect(said.filter((line) => line.said === 'failed')).toEqual([])
      expect(said.filter((line) => line.said === 'ended' && line.status === 'completed')).toHaveLength(runsEach)
      for (const { executionId } of jobs) ids.add(executionId)
    }
    const store = openStore(address)
    const histories = await store.retrieveMultiple([...ids])
    await store.close()
    const told = new Map<string, number[]>()
    for (const line of readDiary(diary)) {
      if (line.what === 'told') told.set(line.executionId, [...(told.get(line.executionId) ?? []), line.seq])
    }
    for (const [executionId, events] of histories) {
      expectWhole(executionId, events)
      // Listeners were told of each event once, in order.
      expect(told.get(executionId)).toEqual(events.map(({ seq }) => seq))
      expect(events.filter(({ type }) => type === 'node:finish')).toHaveLength(4)
    }
    expect(histories.size).toBe(processes * runsEach)
  })
})
