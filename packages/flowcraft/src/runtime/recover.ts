import type { ResumeOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError, isFlowcraftError } from '../errors.ts'
import type { EventStore } from '../history/event-store.ts'
import type { ExecutionFilter } from '../history/listing.ts'
import { cancelOn } from './cancel-on.ts'
import { LiveHandle, type ExecutionHandle } from './execution-handle.ts'
import { isClaiming } from './family-claim.ts'
import type { LaunchOptions } from './launch-options.ts'
import { pastResult } from './past-result.ts'
import { workshopOf } from './rebuild.ts'
import type { Run } from './run.ts'
import { forgetStale } from './stale-runs.ts'
import { storeOf } from './store-of.ts'
import { recoverCutOff, takeOver } from './take-over.ts'
import { stepsTo } from './waiting-path.ts'

/** Options of a recovery. */
export type RecoverOptions = ResumeOptions

/** Which runs to recover. */
export type RecoverFilter = Pick<ExecutionFilter, 'blueprintId' | 'tag' | 'startedFrom' | 'startedBefore'>

/** What came of recovering many runs. */
export interface Recovered {
  /** Of the runs that go on in this runtime now. */
  readonly handles: readonly ExecutionHandle[]
  /** Runs that could not be recovered, and why: mostly because there is no code for them here. */
  readonly failures: readonly { readonly executionId: string; readonly error: unknown }[]
}

/**
 * Lets a run go on that was cut off, and gives what it comes to; what has ended, or is parked, has its result already.
 * @throws EXECUTION_CONFLICT, CONCURRENCY_CONFLICT, EXECUTION_UNKNOWN, BLUEPRINT_MISMATCH, BLUEPRINT_INVALID.
 */
export async function recover(
  runtime: LaunchOptions,
  executionId: string,
  options: RecoverOptions,
): Promise<WorkflowResult> {
  await forgetStale(runtime, executionId)
  const run = await recoverRun(runtime, executionId, options)
  return run === undefined ? await pastResult(runtime, executionId, false) : await handleOf(run).result()
}

/** The root of the run that goes on; `undefined` when there is nothing to recover. */
export async function recoverRun(
  runtime: LaunchOptions,
  executionId: string,
  { functionRegistry, blueprint, allowChanged, signal }: RecoverOptions,
): Promise<Run | undefined> {
  const { runs } = runtime
  const store = storeOf(runtime.eventBus)
  const known = runs.isReviving(executionId) ? undefined : runs.of(executionId)
  const run =
    known ??
    (store &&
      (
        await takeOver(workshopOf(runtime, functionRegistry), store, {
          executionId,
          blueprint,
          allowChanged,
          isWanted: ({ status }) => status === 'running',
          act: recoverCutOff,
        })
      )?.run)
  if (run === undefined) return undefined
  const root = stepsTo(runs, run)[0]?.run ?? run
  if (signal !== undefined) cancelOn(signal, root)
  return root
}

/** Takes every run whose owner is gone. */
export async function recoverAll(
  runtime: LaunchOptions,
  filter: RecoverFilter,
  options: ResumeOptions,
): Promise<Recovered> {
  const { eventBus, runs } = runtime
  const store = storeOf(eventBus)
  if (store?.list === undefined) throw cannotList()
  const handles: ExecutionHandle[] = []
  const failures: { executionId: string; error: unknown }[] = []
  for await (const { executionId, isOwned, owner } of running(store.list.bind(store), filter)) {
    const isMine = isClaiming(eventBus) && owner === eventBus.ownership.owner
    if (isOwned && !isMine) continue
    // What is parked here has gone on somewhere else.
    if (runs.of(executionId)?.isParked === true) await forgetStale(runtime, executionId)
    if (runs.has(executionId)) continue
    if (isMine && eventBus.ownership.isLive(executionId)) continue
    try {
      const run = await recoverRun(runtime, executionId, options)
      if (run !== undefined) handles.push(handleOf(run))
    } catch (error) {
      // Another process was faster.
      if (isFlowcraftError(error, 'EXECUTION_CONFLICT') || isFlowcraftError(error, 'CONCURRENCY_CONFLICT')) continue
      failures.push({ executionId, error })
    }
  }
  return { handles, failures }
}

async function* running(list: NonNullable<EventStore['list']>, filter: RecoverFilter) {
  let cursor: string | undefined
  do {
    const page = await list({ ...filter, status: 'running' }, { limit: 1000, cursor })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

function handleOf(run: Run): ExecutionHandle {
  return new LiveHandle({ run, begun: run.begun })
}

function cannotList(): FlowcraftError {
  return new FlowcraftError(
    `recoverAll needs an event store that can list its executions; recover each by its id with 'recover'`,
    { code: 'EVENT_STORE_FAILED' },
  )
}
