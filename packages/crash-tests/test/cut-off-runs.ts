import { join } from 'node:path'
import { expect } from 'vitest'
import { judge, type Ended, type Reference } from './judge.ts'
import { familyLogs, readDiary, type FamilyLogs } from './logs.ts'
import type { Stores } from './stores.ts'
import { inLanes, work } from './worker-process.ts'
import type { ScenarioName } from './worker/scenarios.ts'
import type { Death, Job, Means } from './worker/task.ts'

/** The flows that every way of killing is tried on. */
export const killed: readonly ScenarioName[] = [
  'chain',
  'fan-out',
  'retries',
  'batch',
  'loop',
  'subflow',
  'sleep',
  'everything',
]

/** A run that is cut off and goes on elsewhere. */
export interface CutOffRun {
  readonly name: string
  readonly job: Omit<Job, 'death' | 'incarnation' | 'means' | 'leaseMs'>
  /** What was stored when each process had been killed. */
  readonly deaths: FamilyLogs[]
}

/** Whoever was killed is given up after so many milliseconds. */
export const shortLeaseMs = 150

/** Nobody is given up: in milliseconds. */
export const longLeaseMs = 60_000

/** A run in a store of its own, or that of `place`. */
export function cutOff({ folder, addressOf }: Stores, scenario: ScenarioName, name: string, place?: string): CutOffRun {
  const executionId = name.replaceAll(' ', '-')
  const diary = join(folder, `${place ?? executionId}.jsonl`)
  return { name, job: { scenario, executionId, store: addressOf(place ?? executionId), diary }, deaths: [] }
}

/** Runs each flow once, undisturbed, in one process. */
export async function referencesIn(
  stores: Stores,
  scenarios: readonly ScenarioName[] = killed,
): Promise<Map<ScenarioName, Reference>> {
  const jobs = scenarios.map((scenario): Job => {
    const { job } = cutOff(stores, scenario, `undisturbed ${scenario}`)
    return { ...job, incarnation: 0, means: 'run', leaseMs: longLeaseMs }
  })
  const { said, complaints } = await work({ kind: 'drive', jobs })
  const references = new Map<ScenarioName, Reference>()
  for (const { scenario, executionId, store } of jobs) {
    const ended = said.find((line): line is Ended => line.said === 'ended' && line.executionId === executionId)
    if (ended === undefined) throw new Error(`${scenario} did not end: ${JSON.stringify(said)} ${complaints}`)
    references.set(scenario, { executionId, ended, logs: await familyLogs(store, executionId) })
  }
  return references
}

/** Lets a process work at a run until it dies by itself. Whether it did: it may have been done before. */
export async function workUntilDeath(run: CutOffRun, death: Death, means: Means): Promise<boolean> {
  const job = { ...run.job, incarnation: run.deaths.length, means, leaseMs: shortLeaseMs, death }
  const { signal, complaints } = await work({ kind: 'drive', jobs: [job] })
  expect({ name: run.name, complaints }).toEqual({ name: run.name, complaints: '' })
  run.deaths.push(await familyLogs(run.job.store, run.job.executionId))
  return signal === 'SIGKILL'
}

/** Lets one process bring runs to their end, by several means, and judges what came of them. */
export async function bringToEnd(
  runs: readonly CutOffRun[],
  references: ReadonlyMap<ScenarioName, Reference>,
  means: readonly Means[],
  isShared: boolean = false,
): Promise<void> {
  const jobs = runs.map(({ job, deaths }, index): Job => {
    return { ...job, incarnation: deaths.length, means: means[index % means.length]!, leaseMs: longLeaseMs }
  })
  const { said, complaints, code } = await work({ kind: 'drive', jobs, isShared })
  expect({ complaints, code }).toEqual({ complaints: '', code: 0 })
  expect(said.filter(({ said: what }) => what === 'failed')).toEqual([])
  await inLanes(4, runs, async ({ name, job, deaths }) => {
    const { executionId, store, scenario, diary } = job
    const ended = said.find((line): line is Ended => line.said === 'ended' && line.executionId === executionId)
    const final = await familyLogs(store, executionId)
    await judge(
      { name, executionId, deaths, final, diary: readDiary(diary, executionId), ended },
      references.get(scenario)!,
    )
  })
}
