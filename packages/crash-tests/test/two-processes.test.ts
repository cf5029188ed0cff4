import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cutOff, longLeaseMs, referencesIn, shortLeaseMs } from './cut-off-runs.ts'
import { expectWhole, judge, type Ended } from './judge.ts'
import { familyLogs, isBeginning, readDiary } from './logs.ts'
import { postgresStores, sqliteStores, type Stores } from './stores.ts'
import { startWorker, work, type ProcessEnd } from './worker-process.ts'
import type { Job, Means } from './worker/task.ts'

describe.each([
  { title: 'SQLite', open: sqliteStores },
  { title: 'PostgreSQL', open: () => postgresStores() },
])('on $title', ({ open }) => {
  let stores: Stores

  beforeEach(() => {
    stores = open()
  })
  afterEach(() => stores.remove())

  it.each([
    ['chain', 4, 'unanswered'],
    ['loop', 5, 'told'],
    ['batch', 4, 'told'],
    ['everything', 5, 'unanswered'],
    ['everything', 9, 'told'],
  ] as const)(
    'a process that was halted (%s, at commit %i, %s) and comes back late cannot write its run, which another has ended',
    async (scenario, commit, where) => {
      const references = await referencesIn(stores, [scenario])
      const { job } = cutOff(stores, scenario, `halted ${scenario} at ${commit}`)
      const { executionId, store, diary } = job
      const death = { commit, where, signal: 'SIGSTOP' } as const
      const late = startWorker({
        kind: 'drive',
        jobs: [{ ...job, incarnation: 0, means: 'run', leaseMs: shortLeaseMs, death }],
      })
      await late.ready
      // Its lease is over when nothing renews it any more.
      const other = await work({
        kind: 'drive',
        jobs: [{ ...job, incarnation: 1, means: 'recover', leaseMs: longLeaseMs }],
      })
      const linesBefore = readDiary(diary).length
      late.child.kill('SIGCONT')
      const { said, code, complaints } = await late.ended
      expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
      // One that was asleep has nothing to lose: whoever waits for it has the other's result.
      const refused = said.flatMap((line) => (line.said === 'failed' ? [line.code] : []))
      expect(refused).toEqual(scenario === 'everything' && refused.length === 0 ? [] : ['CONCURRENCY_CONFLICT'])

      const final = await familyLogs(store, executionId)
      const lines = readDiary(diary)
      // It may still run what was durably started before; its other nodes never begin.
      const begun = lines.slice(linesBefore).filter(isBeginning)
      const starts = new Set(
        [...final.values()]
          .flat()
          .flatMap(({ type, payload, executionId: id }) =>
            type === 'node:start' && payload.attempt === 1 ? [`${id} ${payload.nodeId} ${payload.iteration}`] : [],
          ),
      )
      for (const line of begun) expect(starts).toContain(`${line.executionId} ${line.nodeId} ${line.iteration}`)
      const ended = other.said.find((line): line is Ended => line.said === 'ended')
      await judge({ name: executionId, executionId, deaths: [], final, diary: lines, ended }, references.get(scenario)!)
    },
  )

  it('fifty processes that start one execution at once run it once, and all have its result', async () => {
    const { job } = cutOff(stores, 'everything', 'once')
    const said = await atOnce(50, (incarnation) => ({ ...job, incarnation, means: 'run', leaseMs: longLeaseMs }))
    const results = said.flatMap((process) => process.said.filter((line): line is Ended => line.said === 'ended'))
    expect(results).toHaveLength(50)
    expect(new Set(results.map(({ serializedContext }) => JSON.stringify(sorted(serializedContext)))).size).toBe(1)
    const began = readDiary(job.diary).flatMap((line) => (line.what === 'began' ? [`${line.key} ${line.attempt}`] : []))
    expect(began.length).toBeGreaterThan(0)
    expect(new Set(began).size).toBe(began.length)
    for (const [executionId, events] of await familyLogs(job.store, job.executionId)) expectWhole(executionId, events)
  })

  it('a run whose process was killed goes on in one of those that recover it at once', async () => {
    const references = await referencesIn(stores, ['everything'])
    const { job } = cutOff(stores, 'everything', 'orphan')
    const death = { commit: 6, where: 'unanswered' } as const
    const killed = await work({
      kind: 'drive',
      jobs: [{ ...job, incarnation: 0, means: 'run', leaseMs: shortLeaseMs, death }],
    })
    expect(killed.signal).toBe('SIGKILL')
    const deaths = [await familyLogs(job.store, job.executionId)]
    const means: readonly Means[] = ['run', 'recover', 'recoverAll', 'scheduler']
    const said = await atOnce(8, (index) => {
      return { ...job, incarnation: index + 1, means: means[index % means.length]!, leaseMs: longLeaseMs }
    })
    const results = said.flatMap((process) => process.said.filter((line): line is Ended => line.said === 'ended'))
    expect(said.flatMap((process) => process.said.filter((line) => line.said === 'failed'))).toEqual([])
    expect(results).toHaveLength(8)
    const final = await familyLogs(job.store, job.executionId)
    const diary = readDiary(job.diary)
    for (const ended of results) {
      const { executionId } = job
      await judge({ name: executionId, executionId, deaths, final, diary, ended }, references.get('everything')!)
    }
  })
})

/** Lets many processes do the same job, which are let go when all of them are there. */
async function atOnce(count: number, jobOf: (index: number) => Job): Promise<ProcessEnd[]> {
  const workers = Array.from({ length: count }, (_, index) =>
    startWorker({ kind: 'drive', jobs: [jobOf(index)], isHeld: true }),
  )
  await Promise.all(workers.map(({ ready }) => ready))
  for (const { letGo } of workers) letGo()
  const ends = await Promise.all(workers.map(({ ended }) => ended))
  for (const { code, complaints } of ends) expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
  return ends
}

/** The order of keys follows what was first, which is not the same in a run and in its log. */
function sorted(serializedContext: string): unknown {
  const context = JSON.parse(serializedContext) as Record<string, unknown>
  return Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
