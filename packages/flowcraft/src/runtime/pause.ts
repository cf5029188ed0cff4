import { ExecutionConflictError } from '../errors.ts'
import { notLive } from './cancel.ts'
import { standingOf } from './elsewhere.ts'
import { isClaiming } from './family-claim.ts'
import type { LaunchOptions } from './launch-options.ts'
import { forgetStale } from './stale-runs.ts'
import { storeOf } from './store-of.ts'

/**
 * Parks a run of this runtime as soon as no attempt is running. One that is parked stays so, wherever it is.
 * @throws EXECUTION_CONFLICT for one that is live in another process; EXECUTION_UNKNOWN.
 */
export async function pauseRun(runtime: LaunchOptions, executionId: string): Promise<void> {
  await forgetStale(runtime, executionId)
  const run = runtime.runs.of(executionId)
  if (run !== undefined) return run.pause()
  const store = storeOf(runtime.eventBus)
  const standing = store && (await standingOf(store, executionId))
  if (standing?.status === 'awaiting' || standing?.status === 'stalled') return
  const ownership = isClaiming(runtime.eventBus) ? runtime.eventBus.ownership : undefined
  const isNobodys = ownership?.owner === standing?.owner && ownership?.isLive(executionId) !== true
  if (standing?.isOwned !== true || isNobodys) throw notLive(executionId, 'paused')
  throw new ExecutionConflictError(
    `Execution '${executionId}' is live in another runtime, so it cannot be paused by this one: ask that one`,
    { executionId },
  )
}
