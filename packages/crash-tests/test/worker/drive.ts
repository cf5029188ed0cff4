import { setTimeout } from 'node:timers/promises'
import { isFlowcraftError, type WorkflowResult } from 'flowcraft'
import type { Job } from './task.ts'
import type { Workplace } from './workplace.ts'

/** Brings a run to its end, wherever it stands and whoever has begun it; with the means `park`, to where it sleeps. */
export async function drive(place: Workplace, job: Job): Promise<WorkflowResult> {
  const { runtime, flows } = place
  const { executionId, means } = job
  const begin = (): Promise<WorkflowResult> => runtime.run(flows[job.scenario]!.toBlueprint(), {}, { executionId })
  if (means === 'park') return await begin()
  if (means === 'scheduler') runtime.startScheduler(10)
  for (;;) {
    try {
      const result = means === 'run' ? await begin() : await goOn(place, job)
      if (hasEnded(result)) return result
      if (result.status === 'awaiting') {
        // Sleeping runs are woken by it.
        runtime.startScheduler(5)
        const last = await runtime.result(executionId, { wait: true })
        if (hasEnded(last)) return last
      }
    } catch (error) {
      if (isFlowcraftError(error, 'EXECUTION_UNKNOWN')) {
        // Whoever was killed had not come as far as the start.
        const result = await begin()
        if (hasEnded(result)) return result
      } else if (means === 'run' || !isTaken(error)) throw error
    }
    // The lease of whoever was killed goes on for a moment.
    await setTimeout(20)
  }
}

async function goOn({ runtime }: Workplace, { executionId, means }: Job): Promise<WorkflowResult> {
  if (means === 'recover') return await runtime.recover(executionId)
  if (means === 'scheduler') return await runtime.result(executionId, { wait: true })
  const { handles } = await runtime.recoverAll()
  const mine = handles.find((handle) => handle.executionId === executionId)
  return mine === undefined ? await runtime.result(executionId) : await mine.result()
}

function hasEnded({ status }: WorkflowResult): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Another process drives it, or was faster. */
function isTaken(error: unknown): boolean {
  return isFlowcraftError(error, 'EXECUTION_CONFLICT') || isFlowcraftError(error, 'CONCURRENCY_CONFLICT')
}
