import { FlowcraftError } from '../errors.ts'
import type { LaunchOptions } from './launch-options.ts'
import { workshopOf } from './rebuild.ts'
import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import { forgetStale } from './stale-runs.ts'
import { hasEnded } from './status-of.ts'
import { storeOf } from './store-of.ts'
import { recoverCutOff, takeOver } from './take-over.ts'
import { enterChild, stepsTo, type SubflowStep } from './waiting-path.ts'

/**
 * Cancels a run: one of this runtime, or one in the event store that is parked or was cut off. Resolves when it has
 * ended, and that is durable.
 * @throws EXECUTION_CONFLICT for one that is live in another process; EXECUTION_UNKNOWN, EVENT_STORE_FAILED.
 */
export async function cancel(runtime: LaunchOptions, executionId: string, reason: unknown): Promise<void> {
  const { runs } = runtime
  await forgetStale(runtime, executionId)
  const known = runs.isReviving(executionId) ? undefined : runs.of(executionId)
  if (known !== undefined) cancelRun(runs, known, reason)
  const run = known ?? (await cancelFromLog(runtime, executionId, reason))
  await run.ended
}

async function cancelFromLog(runtime: LaunchOptions, executionId: string, reason: unknown): Promise<Run> {
  const { runs } = runtime
  const store = storeOf(runtime.eventBus)
  const taken =
    store &&
    (await takeOver(workshopOf(runtime, undefined), store, {
      executionId,
      isWanted: (root) => !hasEnded(root),
      act: (root) => {
        if (root.executionId === executionId) return root.cancel(reason)
        recoverCutOff(root)
        const run = runs.of(executionId)
        if (run !== undefined) cancelRun(runs, run, reason)
      },
    }))
  if (taken === undefined) throw notLive(executionId, 'cancelled')
  if (!taken.isMine) cancelRun(runs, taken.run, reason)
  return taken.run
}

function cancelRun(runs: RunTable, run: Run, reason: unknown): void {
  const cancelBehind = ([step, ...rest]: readonly SubflowStep[]): void => {
    if (step === undefined) run.cancel(reason)
    // A node that waits for the run goes on, and fails.
    else enterChild(step, 'external', () => cancelBehind(rest))
  }
  cancelBehind(stepsTo(runs, run))
}

/** The error for an execution that nothing can be done to. */
export function notLive(executionId: string, what: string): FlowcraftError {
  return new FlowcraftError(`Execution '${executionId}' is not live in this runtime, so it cannot be ${what}`, {
    code: 'EXECUTION_UNKNOWN',
    executionId,
  })
}
