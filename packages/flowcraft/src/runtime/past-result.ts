import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError, isFlowcraftError } from '../errors.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { isTerminal } from '../history/claim.ts'
import { fold } from '../state/fold.ts'
import { LazyResult } from '../state/result.ts'
import { valuesFor } from './assemble.ts'
import { aWhile, standingOf, untilNews } from './elsewhere.ts'
import { LiveHandle } from './execution-handle.ts'
import type { LaunchOptions } from './launch-options.ts'
import type { Run } from './run.ts'
import { forgetStale } from './stale-runs.ts'
import { hasEnded, statusOf } from './status-of.ts'
import { storeOf } from './store-of.ts'

/**
 * What a run has come to: of one that is live or parked in this runtime where it ends or parks next, of any other what
 * its log says.
 * @param waits Whether to wait for the end of the run, wherever it goes on.
 * @throws EXECUTION_UNKNOWN.
 */
export async function pastResult(runtime: LaunchOptions, executionId: string, waits: boolean): Promise<WorkflowResult> {
  const store = storeOf(runtime.eventBus)
  for (;;) {
    await forgetStale(runtime, executionId)
    const here = await resultHere(runtime, executionId, waits)
    if (here !== undefined) return here
    const standing = store && waits ? await standingOf(store, executionId) : undefined
    if (store === undefined || standing === undefined || isTerminal(standing.status)) break
    if (!runtime.runs.has(executionId)) await untilNews(store, executionId, standing.lastSeq, undefined)
  }
  return await recordedResult(runtime, store, executionId)
}

/** `undefined` where it is not in memory, or has gone on somewhere else while it was waited for. */
async function resultHere(
  runtime: LaunchOptions,
  executionId: string,
  waits: boolean,
): Promise<WorkflowResult | undefined> {
  const { runs } = runtime
  const run = runs.of(executionId)
  if (run === undefined) return undefined
  try {
    if (waits) await endedSomewhere(runtime, run)
    if (waits ? !hasEnded(run.state) : runs.of(executionId) !== run && !hasEnded(run.state)) return undefined
    return await new LiveHandle({ run, begun: run.begun }).result()
  } catch (error) {
    if (waits && isFlowcraftError(error, 'CONCURRENCY_CONFLICT')) return undefined
    throw error
  }
}

/** Resolves with the end of a run, or when it may have gone on somewhere else: once it is parked here, only its store knows. */
async function endedSomewhere({ eventBus }: LaunchOptions, run: Run): Promise<void> {
  const store = storeOf(eventBus)
  if (store === undefined) return await run.ended
  const over = new AbortController()
  // One that is going on here finds out itself that it goes on somewhere else.
  const news = run.isParked ? untilNews(store, run.executionId, run.state.seq, over.signal) : aWhile(over.signal)
  const unlessOver = (error: unknown): void => {
    if (!over.signal.aborted) throw error
  }
  try {
    await Promise.race([run.ended, news.catch(unlessOver)])
  } finally {
    over.abort()
  }
}

async function recordedResult(
  runtime: LaunchOptions,
  store: EventStore | undefined,
  executionId: string,
): Promise<WorkflowResult> {
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
