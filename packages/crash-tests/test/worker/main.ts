// Does the task that is named on its command line, and says in lines of JSON what comes of it.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { isFlowcraftError } from 'flowcraft'
import { drive } from './drive.ts'
import { exitDuring } from './exits.ts'
import type { Job, Said, Task } from './task.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

// The test that starts this process gives a task.
const task = JSON.parse(process.argv[2]!) as Task
if (task.kind === 'drive') await driveAll(task.jobs, task.isHeld === true, task.isShared === true)
else if (task.kind === 'schedule') schedule(task)
else await exitDuring(task, say)

async function driveAll(jobs: readonly Job[], isHeld: boolean, isShared: boolean): Promise<void> {
  const shared = new Map<string, Workplace>()
  const placeOf = (job: Job): Workplace => {
    if (!isShared) return openWorkplace(job)
    const key = JSON.stringify(job.store)
    const known = shared.get(key) ?? openWorkplace(job)
    shared.set(key, known)
    return known
  }
  const places = jobs.map((job) => ({ job, place: placeOf(job) }))
  if (isHeld) await Promise.all([...new Set(places.map(({ place }) => place))].map(({ store }) => store.getStats?.()))
  say({ said: 'ready' })
  if (isHeld) {
    await once(process.stdin, 'data')
    process.stdin.destroy()
  }
  await Promise.all(
    places.map(async ({ job, place }) => {
      await report(job, place)
      if (!isShared) await place.close()
    }),
  )
  for (const place of shared.values()) await place.close()
}

async function report(job: Job, place: Workplace): Promise<void> {
  const { executionId } = job
  try {
    const { status, serializedContext, errors } = await drive(place, job)
    const messages = (errors ?? []).map(({ message }) => message)
    say({ said: 'ended', executionId, status, serializedContext, errors: messages, commits: place.commits() })
  } catch (error) {
    const code = isFlowcraftError(error) ? error.code : 'UNTYPED'
    say({ said: 'failed', executionId, code, message: String(error) })
  }
}

function schedule(task: Extract<Task, { kind: 'schedule' }>): void {
  const place = openWorkplace(task)
  place.runtime.startScheduler(task.intervalMs)
  say({ said: 'ready' })
  // Whoever started it says when it is over.
  process.stdin.once('end', () => void place.close()).resume()
}

function say(line: Said): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
