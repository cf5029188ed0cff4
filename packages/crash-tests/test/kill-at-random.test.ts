import { afterEach, beforeEach, describe, it } from 'vitest'
import { amount, chance, seed } from './amount.ts'
import { bringToEnd, cutOff, killed, referencesIn, shortLeaseMs, type CutOffRun } from './cut-off-runs.ts'
import type { Reference } from './judge.ts'
import { familyLogs } from './logs.ts'
import { postgresStores, sqliteStores, type Stores } from './stores.ts'
import { inLanes, startWorker } from './worker-process.ts'
import type { ScenarioName } from './worker/scenarios.ts'
import type { Means } from './worker/task.ts'

const means: readonly Means[] = ['recoverAll', 'scheduler', 'run']

describe.each([
  { title: 'SQLite', open: sqliteStores, moments: amount(30, 150) },
  { title: 'PostgreSQL', open: () => postgresStores(), moments: amount(10, 50) },
])('a process with eight runs on one $title store', ({ title, open, moments }) => {
  let stores: Stores
  let references: Map<ScenarioName, Reference>

  beforeEach(async () => {
    stores = open()
    references = await referencesIn(stores)
  })
  afterEach(() => stores.remove())

  it(`may be killed at ${moments} random moments, and those behind it: all end as if nothing had happened (seed ${seed})`, async () => {
    const random = chance(title)
    const plans = Array.from({ length: moments }, (_, place) => ({
      runs: killed.map((scenario) => cutOff(stores, scenario, `${scenario} ${place}`, `place ${place}`)),
      // One in three is killed again, one in nine twice.
      delays: [random(), random(), random()].filter((_, index) => index === 0 || random() < 1 / 3),
    }))
    await inLanes(2, plans.entries(), async ([place, { runs, delays }]) => {
      for (const delay of delays) await killAfter(runs, delay * 150, means[place % means.length]!)
      await bringToEnd(runs, references, [means[place % means.length]!], true)
    })
  })
})

/** Lets a process work at runs, and kills it some milliseconds after it has opened their store. */
async function killAfter(runs: readonly CutOffRun[], delayMs: number, by: Means): Promise<void> {
  const jobs = runs.map(({ job, deaths }) => ({
    ...job,
    incarnation: deaths.length,
    means: by,
    leaseMs: shortLeaseMs,
  }))
  const { child, ready, ended } = startWorker({ kind: 'drive', jobs, isShared: true })
  await ready
  setTimeout(() => child.kill('SIGKILL'), delayMs)
  await ended
  for (const { job, deaths } of runs) deaths.push(await familyLogs(job.store, job.executionId))
}
