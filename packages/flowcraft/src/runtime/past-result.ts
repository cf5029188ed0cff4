import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError } from '../errors.ts'
import { orderHistory } from '../events/history-order.ts'
import { fold } from '../state/fold.ts'
import { LazyResult } from '../state/result.ts'
import { valuesFor } from './assemble.ts'
import { LiveHandle } from './execution-handle.ts'
import type { LaunchOptions } from './launch-options.ts'
import { forgetStale } from './stale-runs.ts'
import { hasEnded, statusOf } from './status-of.ts'
import { storeOf } from './store-of.ts'

/**
 * What a run has come to: of one that is live or parked in this runtime where it ends or parks next, of any other what
 * its log says.
 * @param waits Whether to wait for the end of a run of this runtime, also of a parked one that somebody else resumes.
 * @throws EXECUTION_UNKNOWN.
 */
export async function pastResult(runtime: LaunchOptions, executionId: string, waits: boolean): Promise<WorkflowResult> {
  await forgetStale(runtime, executionId)
  const run = runtime.runs.of(executionId)
  if (run !== undefined) {
    if (waits) await run.ended
    // It may have gone on somewhere else.
    if (runtime.runs.of(executionId) !== run && !hasEnded(run.state))
      return await pastResult(runtime, executionId, waits)
    return await new LiveHandle({ run, begun: run.begun }).result()
  }
  const store = storeOf(runtime.eventBus)
  const events = store === undefined ? [] : orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) {
    throw new FlowcraftError(
      `Execution '${executionId}' is neither in the memory of this runtime nor in its event store, so it has no result`,
      { code: 'EXECUTION_UNKNOWN', executionId },
    )
  }
  const state = fold(events)
  const { give } = valuesFor(runtime, { id: state.blueprintId ?? '' }, executionId)
  const serialize = (context: Record<string, unknown>): string => runtime.serializer.serialize(context)
  // The state of a run has its execution id, and so has its context.
  return new LazyResult(state, give, serialize, { status: statusOf(state), executionId }) as unknown as WorkflowResult
}
