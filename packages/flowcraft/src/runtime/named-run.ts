import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { ResumeData, WorkflowResult } from '../blueprint/flow-runner.ts'
import { ExecutionConflictError, isFlowcraftError } from '../errors.ts'
import { cancelOn } from './cancel-on.ts'
import { standingOf, untilNews, type Standing } from './elsewhere.ts'
import { LiveHandle, type ExecutionHandle, type Launched, type TurnOptions } from './execution-handle.ts'
import { isClaiming } from './family-claim.ts'
import { launch, type StartOptions } from './launch.ts'
import type { LaunchOptions } from './launch-options.ts'
import { notAwaiting } from './not-awaiting.ts'
import { pastResult } from './past-result.ts'
import { recoverRun } from './recover.ts'
import type { Run } from './run.ts'
import { forgetStale } from './stale-runs.ts'
import { storeOf } from './store-of.ts'

/** A run that is started under an id that its caller chose. */
export interface NamedStart {
  readonly blueprint: WorkflowBlueprint
  readonly initialState: object | string
  readonly options: StartOptions & { readonly executionId: string }
}

type Obtained = ExecutionHandle | { readonly past: WorkflowResult }

/** The handle on an execution that starts once, whoever asks for it, and how often. */
export class NamedHandle<TContext = Record<string, unknown>> implements ExecutionHandle<TContext> {
  readonly executionId: string
  readonly begun: Promise<void>
  readonly #obtained: Promise<Obtained>
  #live: ExecutionHandle | undefined

  constructor(runtime: LaunchOptions, start: NamedStart) {
    this.executionId = start.options.executionId
    this.#obtained = obtain(runtime, start)
    this.begun = this.#obtained.then((obtained) => {
      if (!('past' in obtained)) this.#live = obtained
    })
    this.begun.catch(() => {})
  }

  async result(): Promise<WorkflowResult<TContext>> {
    const obtained = await this.#obtained
    // The type that a blueprint promises of its runs is known to the caller only.
    return ('past' in obtained ? obtained.past : await obtained.result()) as WorkflowResult<TContext>
  }

  cancel(reason?: unknown): void {
    this.#whenLive((live) => live.cancel(reason))
  }

  pause(): void {
    this.#whenLive((live) => live.pause())
  }

  resume(data?: ResumeData, nodeId?: string): void {
    if (this.#live === undefined) throw notAwaiting(this.executionId)
    this.#live.resume(data, nodeId)
  }

  async turn(options?: TurnOptions): Promise<WorkflowResult<TContext> | null> {
    await this.begun
    return ((await this.#live?.turn(options)) ?? null) as WorkflowResult<TContext> | null
  }

  #whenLive(act: (live: ExecutionHandle) => void): void {
    if (this.#live !== undefined) return act(this.#live)
    void this.begun.then(
      () => this.#live && act(this.#live),
      () => {},
    )
  }
}

/** Starts the run, or finds what has become of the one that has its id. */
async function obtain(runtime: LaunchOptions, start: NamedStart): Promise<Obtained> {
  const { blueprint, options } = start
  const { executionId, signal } = options
  const store = storeOf(runtime.eventBus)
  for (;;) {
    await forgetStale(runtime, executionId)
    await runtime.runs.revivalOf(executionId)?.catch(() => {})
    const known = runtime.runs.of(executionId)
    if (known !== undefined) {
      const live = await ofKnown(known, start)
      if (live !== undefined) return live
      continue
    }
    const standing = store && (await standingOf(store, executionId))
    if (runtime.runs.has(executionId) || runtime.runs.isReviving(executionId)) continue
    if (store === undefined || standing === undefined) {
      const launched = await tryLaunch(runtime, start)
      if (launched !== undefined) return launched
      continue
    }
    requireSame(executionId, blueprint, standing.blueprintId)
    if (standing.status !== 'running') return { past: await pastResult(runtime, executionId, false) }
    const recovered = await tryRecover(runtime, start, standing)
    if (recovered !== undefined) return recovered
    if (options.ifRunning === 'error') throw isRunning(executionId)
    await untilNews(store, executionId, standing.lastSeq, signal)
  }
}

/** `undefined` when it was about to start, and another process was faster. */
async function ofKnown(run: Run, { blueprint, options }: NamedStart): Promise<ExecutionHandle | undefined> {
  requireSame(run.executionId, blueprint, run.frontier.plan.blueprint.id)
  if (options.ifRunning === 'error' && !run.isParked) throw isRunning(run.executionId)
  if (options.signal !== undefined) cancelOn(options.signal, run)
  return await onceBegun({ run, begun: run.begun })
}

/** `undefined` when another process was faster. */
async function tryLaunch(
  runtime: LaunchOptions,
  { blueprint, initialState, options }: NamedStart,
): Promise<ExecutionHandle | undefined> {
  return await onceBegun(launch(runtime, blueprint, initialState, options))
}

async function onceBegun(launched: Launched): Promise<ExecutionHandle | undefined> {
  try {
    await launched.begun
    return new LiveHandle(launched)
  } catch (error) {
    if (isFlowcraftError(error, 'CONCURRENCY_CONFLICT')) return undefined
    throw error
  }
}

/** `undefined` where somebody else drives it, or it has settled in the meantime. */
async function tryRecover(
  runtime: LaunchOptions,
  { options }: NamedStart,
  { isOwned, owner }: Standing,
): Promise<ExecutionHandle | undefined> {
  const { eventBus } = runtime
  const isMine = isClaiming(eventBus) && eventBus.ownership.owner === owner
  if (isOwned && !(isMine && !eventBus.ownership.isLive(options.executionId))) return undefined
  try {
    const run = await recoverRun(runtime, options.executionId, options)
    return run && new LiveHandle({ run, begun: run.begun })
  } catch (error) {
    if (isFlowcraftError(error, 'EXECUTION_CONFLICT') || isFlowcraftError(error, 'CONCURRENCY_CONFLICT')) {
      return undefined
    }
    throw error
  }
}

function requireSame(executionId: string, { id }: WorkflowBlueprint, recorded: string | undefined): void {
  if (recorded === undefined || recorded === id) return
  throw new ExecutionConflictError(
    `Execution '${executionId}' is a run of blueprint '${recorded}', so it cannot be one of '${id}': choose another executionId`,
    { executionId, blueprintId: id },
  )
}

function isRunning(executionId: string): ExecutionConflictError {
  return new ExecutionConflictError(
    `Execution '${executionId}' is running already (ifRunning: 'error'); leave that option out to wait for its result`,
    { executionId },
  )
}
