// Does the task that is the first line of its standard input, and says in lines of JSON what comes of it.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { isFlowcraftError } from 'flowcraft'
import { drive } from './drive.ts'
import { exitDuring } from './exits.ts'
import { pourAndLeave } from './pour.ts'
import type { Job, Said, Task } from './task.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

const orders = createInterface(process.stdin)[Symbol.asyncIterator]()
// The test that starts this process gives a task.
const task = JSON.parse(String((await orders.next()).value)) as Task
if (task.kind === 'schedule') await schedule(task)
else if (task.kind === 'drive') await driveAll(task)
else await (task.kind === 'exit' ? exitDuring : pourAndLeave)(task, say)

async function driveAll({ jobs, isHeld, isShared }: Extract<Task, { kind: 'drive' }>): Promise<void> {
  const shared = new Map<string, Workplace>()
  const placeOf = (job: Job): Workplace => {
    if (isShared !== true) return openWorkplace(job)
    const key = JSON.stringify(job.store)
    const known = shared.get(key) ?? openWorkplace(job)
    shared.set(key, known)
    return known
  }
  const places = jobs.map((job) => ({ job, place: placeOf(job) }))
  if (isHeld === true) {
    // Whoever is let go has its connections.
    await Promise.all(places.map(async ({ place }) => await place.store.getStats?.()))
  }
  say({ said: 'ready' })
  if (isHeld === true) await orders.next()
  process.stdin.destroy()
  await Promise.all(
    places.map(async ({ job, place }) => {
      await report(job, place)
      if (isShared !== true) await place.close()
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

/** Until there is no more standard input. */
async function schedule(task: Extract<Task, { kind: 'schedule' }>): Promise<void> {
  const place = openWorkplace(task)
  place.runtime.startScheduler(task.intervalMs)
  say({ said: 'ready' })
  await orders.next()
  await place.close()
}

function say(line: Said): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}
