import type { Said, Task } from './task.ts'
import { openWorkplace } from './workplace.ts'

/** Runs a flow and ends the process in the middle of it, at the end of its third node. */
export async function exitDuring(
  { job, exit }: Extract<Task, { kind: 'exit' }>,
  say: (line: Said) => void,
): Promise<void> {
  const place = openWorkplace(job)
  const { runtime, flows } = place
  say({ said: 'ready' })
  let finished = 0
  place.bus.on('node:finish', () => {
    finished += 1
    if (finished !== 3) return
    if (exit === 'return') void place.close()
    else if (exit === 'process.exit') process.exit(3)
    else if (exit === 'throw')
      setImmediate(() => {
        throw new Error('thrown where nobody catches it')
      })
  })
  try {
    await runtime.run(flows[job.scenario]!.toBlueprint(), {}, { executionId: job.executionId })
  } catch (error) {
    say({ said: 'failed', executionId: job.executionId, code: (error as { code: string }).code, message: String(error) })
  }
}
