import { isFlowcraftError } from 'flowcraft'
import type { Exit, LeavingTask, Said } from './task.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

/** Runs a flow and ends the process in the middle of it, when the end of its third node is durable. */
export async function exitDuring({ job, exit }: LeavingTask, say: (line: Said) => void): Promise<void> {
  const place = openWorkplace(job)
  const { executionId } = job
  let finished = 0
  place.bus.on('node:finish', () => {
    finished += 1
    if (finished === 3) leave(place, exit)
  })
  say({ said: 'ready' })
  process.stdin.destroy()
  try {
    await place.runtime.run(place.flows[job.scenario]!.toBlueprint(), {}, { executionId })
  } catch (error) {
    const code = isFlowcraftError(error) ? error.code : 'UNTYPED'
    say({ said: 'failed', executionId, code, message: String(error) })
  }
}

function leave(place: Workplace, exit: Exit): void {
  if (exit === 'close') void place.close()
  else if (exit === 'process.exit') process.exit(3)
  else if (exit !== 'throw') process.kill(process.pid, exit)
  else
    setImmediate(() => {
      throw new Error('thrown where nobody catches it')
    })
}
