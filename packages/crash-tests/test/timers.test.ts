/* oxlint-disable vitest/valid-expect -- the message says which of many runs it was */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cutOff, longLeaseMs } from './cut-off-runs.ts'
import { expectWhole } from './judge.ts'
import { isBeginning, readDiary } from './logs.ts'
import { postgresStores, sqliteStores, type Stores } from './stores.ts'
import { startWorker, work } from './worker-process.ts'
import { openStore } from './worker/workplace.ts'

const runs = 1000

describe.each([
  { title: 'SQLite', open: sqliteStores },
  { title: 'PostgreSQL', open: () => postgresStores() },
])('on $title', ({ open }) => {
  let stores: Stores

  beforeEach(() => {
    stores = open()
  })
  afterEach(() => stores.remove())

  it(`${runs} sleeping runs are woken once each, though two of three schedulers are killed`, async () => {
    const jobs = Array.from({ length: runs }, (_, index) => {
      const { job } = cutOff(stores, 'nap', `nap ${index}`, 'naps')
      return { ...job, incarnation: 0, means: 'park' as const, leaseMs: longLeaseMs }
    })
    const { store: address, diary } = jobs[0]!
    const parked = await work({ kind: 'drive', jobs, isShared: true })
    expect(parked.complaints).toBe('')
    expect(parked.said.filter((line) => line.said === 'ended' && line.status === 'awaiting')).toHaveLength(runs)

    const schedulers = [1, 2, 3].map((incarnation) =>
      startWorker({ kind: 'schedule', store: address, diary, incarnation, leaseMs: 8000, intervalMs: 20 }),
    )
    await Promise.all(schedulers.map(({ ready }) => ready))
    const awake = (): number => readDiary(diary).filter((line) => isBeginning(line) && line.nodeId === 'awake').length
    for (const [index, count] of [runs / 10, runs / 4].entries()) {
      await vi.waitUntil(() => awake() >= count, { timeout: 90_000, interval: 10 })
      schedulers[index]!.child.kill('SIGKILL')
    }
    const store = openStore(address)
    const left = async (): Promise<number> =>
      (await store.list!({ status: ['running', 'awaiting', 'stalled'] }, { limit: 1 })).items.length
    await vi.waitUntil(async () => (await left()) === 0, { timeout: 90_000, interval: 50 })
    schedulers[2]!.child.stdin!.end()
    const { code, complaints } = await schedulers[2]!.ended
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' })

    const lines = readDiary(diary).filter(isBeginning)
    const histories = await store.retrieveMultiple(jobs.map(({ executionId }) => executionId))
    await store.close()
    for (const [executionId, events] of histories) {
      expectWhole(executionId, events)
      const wait = events.find((event) => event.type === 'node:wait')
      const isWaking = (event: (typeof events)[number]): boolean =>
        event.type === 'node:finish' && event.payload.nodeId === 'asleep'
      expect(events.filter(isWaking), executionId).toHaveLength(1)
      // Whoever takes up what a killed scheduler was at work on resumes it for recovery.
      const isTimer = (event: (typeof events)[number]): boolean =>
        event.type === 'workflow:resume' && event.payload.reason === 'timer'
      expect(events.filter(isTimer), JSON.stringify(events)).toHaveLength(1)
      const began = lines.filter((line) => line.executionId === executionId && line.nodeId === 'awake')
      expect(began[0]?.at, `${executionId} woke early`).toBeGreaterThanOrEqual(wait?.payload.wakeUpAt ?? Infinity)
      // An attempt may be cut off before its code has begun.
      const attempts = began.map(({ attempt }) => attempt)
      expect(
        [...new Set(attempts)].toSorted((a, b) => a - b),
        executionId,
      ).toEqual(attempts)
      // A slow node is begun again only where the scheduler that ran it was killed.
      for (const { incarnation } of began.slice(0, -1)) expect([1, 2], executionId).toContain(incarnation)
    }
    expect(histories.size).toBe(runs)
  })
})
