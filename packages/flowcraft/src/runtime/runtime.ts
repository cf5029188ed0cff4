import type { TypedBlueprint, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowRunner, ResumeData, ResumeOptions, RunCallOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError } from '../errors.ts'
import { valueTypesOf } from '../events/value-type.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { DIContainer } from '../extensions/container.ts'
import { ConsoleLogger, quietly, type ILogger } from '../extensions/logger.ts'
import { listOfMiddleware, type Middleware } from '../extensions/middleware.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import { randomId, systemClock } from '../ports.ts'
import { cancel } from './cancel.ts'
import { withServices } from './default-container.ts'
import { LiveHandle, type ExecutionHandle } from './execution-handle.ts'
import { launch, type StartOptions } from './launch.ts'
import type { LaunchOptions } from './launch-options.ts'
import { isClaiming } from './family-claim.ts'
import { fork } from './fork.ts'
import type { ForkOptions, ForkSource } from './fork-options.ts'
import { NamedHandle } from './named-run.ts'
import { wholeNumber } from './options.ts'
import { pastResult } from './past-result.ts'
import { recover, recoverAll, type Recovered, type RecoverFilter, type RecoverOptions } from './recover.ts'
import { replay, type EventSource, type ReplayOptions, type ReplayResult } from './replay.ts'
import { resume } from './resume.ts'
import type { Run } from './run.ts'
import { RunTable } from './run-table.ts'
import { forgetOldest } from './stale-runs.ts'
import { targetOf } from './target-of.ts'
import { pauseRun } from './pause.ts'
import { requireCall, requireRunOptions, requireRuntimeOptions } from './require-options.ts'
import type { BlueprintRegistry, RegisteredFlow, RuntimeOptions } from './runtime-options.ts'
import { StoredTimers } from './stored-timers.ts'
import { Timers } from './timers.ts'
import { giverOf, serializerOf } from './values.ts'

/** Runs blueprints, and replays what was recorded of their runs. */
export class FlowRuntime<TDependencies extends object = Record<string, unknown>> implements FlowRunner<TDependencies> {
  /** What the runtime was made with; the services of a container are among them. */
  readonly options: RuntimeOptions<TDependencies>
  readonly registry: NodeRegistry
  readonly dependencies: TDependencies
  readonly logger: ILogger
  readonly eventBus: IEventBus | undefined
  readonly evaluator: IEvaluator
  readonly middleware: readonly Middleware[]
  readonly serializer: ISerializer
  readonly #runs: RunTable
  readonly #timers: Timers
  readonly #blueprints = new Map<string, WorkflowBlueprint>()
  readonly #flowRegistry = new Map<string, NodeImplementation>()
  readonly #launchOptions: LaunchOptions

  /**
   * @throws INPUT_INVALID for `isolation: 'reference'` with an event bus: a log cannot hold what it does not own; for
   * middleware that is none, or value types without a name of their own.
   */
  constructor(options?: RuntimeOptions<TDependencies>)
  /** Takes its services from a container, as far as `options` does not give them. */
  constructor(container: DIContainer, options?: RuntimeOptions<TDependencies>)
  constructor(given: DIContainer | RuntimeOptions<TDependencies> = {}, more: RuntimeOptions<TDependencies> = {}) {
    const options = given instanceof DIContainer ? withServices(given, more) : given
    requireRuntimeOptions(options)
    if (options.isolation === 'reference' && options.eventBus !== undefined) {
      throw new FlowcraftError("isolation 'reference' cannot be recorded; leave it out, or leave out the event bus", {
        code: 'INPUT_INVALID',
      })
    }
    this.options = options
    this.registry = options.registry ?? new Map()
    // Without options there is nothing in the type of the dependencies either.
    this.dependencies = options.dependencies ?? ({} as TDependencies)
    this.logger = options.logger ?? new ConsoleLogger()
    this.eventBus = options.eventBus
    this.evaluator = options.evaluator ?? new ExpressionEvaluator()
    this.middleware = listOfMiddleware(options.middleware ?? [])
    const valueTypes = valueTypesOf(options.valueTypes)
    this.serializer = serializerOf(options.serializer, valueTypes)
    for (const flow of options.flows ?? []) this.register(flow)
    for (const [id, blueprint] of blueprintsOf(options.blueprints)) this.#blueprints.set(id, blueprint)
    const ownership = isClaiming(this.eventBus) ? this.eventBus.ownership : undefined
    const onParked = (run: Run): void => {
      this.#timers.note(run)
      forgetOldest(this.#launchOptions)
    }
    this.#runs = new RunTable(onParked, ownership)
    this.#launchOptions = {
      registry: this.registry,
      flowRegistry: this.#flowRegistry,
      blueprints: this.#blueprints,
      middleware: this.middleware,
      dependencies: Object.freeze({ ...this.dependencies, logger: this.logger }),
      logger: quietly(this.logger),
      eventBus: this.eventBus,
      evaluator: this.evaluator,
      serializer: this.serializer,
      isolation: options.isolation ?? 'clone',
      valueTypes,
      strict: options.strict ?? false,
      clock: options.clock ?? systemClock,
      idGenerator: options.idGenerator ?? randomId,
      maxRecoveries: wholeNumber('maxRecoveries', options.maxRecoveries ?? 100),
      warned: new WeakSet(),
      warnedCycles: new WeakSet(),
      runs: this.#runs,
    }
    const stored = new StoredTimers(this.#launchOptions, () => this.#timers.stop())
    this.#timers = new Timers(this.#launchOptions.clock, this.#runs, stored)
  }

  /**
   * Runs a blueprint to its end. A node's failure is part of the result.
   * @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED before anything is recorded; EVENT_STORE_FAILED or
   * CONCURRENCY_CONFLICT when the log cannot be written.
   */
  async run<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    initialState: object | string = {},
    options: RunCallOptions = {},
  ): Promise<WorkflowResult<TContext>> {
    return await this.start(blueprint, initialState, options).result()
  }

  /** Starts a run and gives a handle on it. @throws what `run` rejects with before anything is recorded. */
  start<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    initialState: object | string = {},
    options: StartOptions = {},
  ): ExecutionHandle<TContext> {
    requireRunOptions(options)
    const { executionId } = options
    if (executionId !== undefined) {
      return new NamedHandle(this.#launchOptions, { blueprint, initialState, options: { ...options, executionId } })
    }
    return new LiveHandle(launch(this.#launchOptions, blueprint, initialState, options))
  }

  /**
   * Lets a parked run go on, and gives what it comes to: where it ends, or parks again. A node is resumed once.
   * @param serializedContext Of the parked run's result, or its execution id. Where the run is in memory, or its log in the
   * event store, that counts and no more than the execution id is read from it.
   * @param nodeId The waiting node; `subflow/node` for one in a subflow. Default the first that waits.
   * @throws NOT_AWAITING for what does not wait; INPUT_INVALID for what is no answer; BLUEPRINT_MISMATCH;
   * EXECUTION_UNKNOWN; SERIALIZATION_FAILED.
   */
  resume<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    serializedContext: string,
    data?: ResumeData,
    nodeId?: string,
    options?: ResumeOptions,
  ): Promise<WorkflowResult<TContext>>
  /** The same for an execution id: from memory or from the log. */
  resume<TContext = Record<string, unknown>>(
    executionId: string,
    data?: ResumeData & { readonly nodeId?: string | undefined },
    options?: ResumeOptions,
  ): Promise<WorkflowResult<TContext>>
  async resume(
    what: WorkflowBlueprint | string,
    contextOrData: string | (ResumeData & { readonly nodeId?: string | undefined }) = {},
    dataOrOptions: ResumeData | ResumeOptions = {},
    nodeId?: string,
    options: ResumeOptions = {},
  ): Promise<WorkflowResult> {
    if (typeof what === 'string') {
      // The overloads say what comes second and third after an execution id.
      const data = contextOrData as ResumeData & { readonly nodeId?: string | undefined }
      const given = dataOrOptions as ResumeOptions
      const target = { executionId: what, blueprint: given.blueprint, context: undefined, nodeId: data?.nodeId }
      return await resume(this.#launchOptions, target, data, given)
    }
    const target = targetOf(what, contextOrData, nodeId, this.serializer)
    return await resume(this.#launchOptions, target, dataOrOptions as ResumeData, options)
  }

  /**
   * What a run has come to: of one that is live in this runtime where it ends or parks, of any other what its log says.
   * `wait: true` waits for the end of a run of this runtime, also of a parked one that goes on by an answer or a timer.
   * @throws EXECUTION_UNKNOWN for what is neither in memory nor in the event store.
   */
  async result<TContext = Record<string, unknown>>(
    executionId: string,
    options: { readonly wait?: boolean | undefined } = {},
  ): Promise<WorkflowResult<TContext>> {
    requireCall(executionId, options)
    // What the flow of a run promises of it is known to the caller only.
    return (await pastResult(this.#launchOptions, executionId, options.wait === true)) as WorkflowResult<TContext>
  }

  /**
   * Cancels a run of this runtime, or one in the event store that is parked or was cut off. Resolves when the run has
   * ended, and that is durable.
   * @throws EXECUTION_UNKNOWN when there is none of that id; EXECUTION_CONFLICT when it is live in another process;
   * EVENT_STORE_FAILED.
   */
  async cancel(executionId: string, reason?: unknown): Promise<void> {
    requireCall(executionId)
    await cancel(this.#launchOptions, executionId, reason)
  }

  /**
   * Lets a run go on that was cut off, from its log alone and under its id, and gives what it comes to. Finished nodes do
   * not run again; those that had started and not finished do. One that has ended or is parked has its result already.
   * @throws EXECUTION_UNKNOWN; EXECUTION_CONFLICT when it is live in another process; CONCURRENCY_CONFLICT when another
   * process was faster; BLUEPRINT_INVALID, BLUEPRINT_MISMATCH before anything has happened; EVENT_STORE_FAILED.
   */
  async recover<TContext = Record<string, unknown>>(
    executionId: string,
    options: RecoverOptions = {},
  ): Promise<WorkflowResult<TContext>> {
    requireCall(executionId, options)
    // What the flow of a run promises of it is known to the caller only.
    return (await recover(this.#launchOptions, executionId, options)) as WorkflowResult<TContext>
  }

  /**
   * Takes every run whose process is gone, and lets it go on here; those of subflows come with their roots.
   * @throws EVENT_STORE_FAILED also where the event store cannot list its executions.
   */
  async recoverAll(filter: RecoverFilter = {}, options: ResumeOptions = {}): Promise<Recovered> {
    return await recoverAll(this.#launchOptions, filter, options)
  }

  /**
   * Parks a run as soon as no attempt is running; `resume` runs exactly what was left.
   * @throws EXECUTION_UNKNOWN when no run of that id is live or parked; EXECUTION_CONFLICT when it is live in another process.
   */
  async requestPause(executionId: string): Promise<void> {
    requireCall(executionId)
    await pauseRun(this.#launchOptions, executionId)
  }

  /**
   * Wakes parked runs when the time of what they wait for has come: those of this runtime, and those in its event store,
   * whichever process they were parked by. Recovers runs whose process is gone, where there is code for them.
   * @param intervalMs How often to look at least. Default 1000.
   */
  startScheduler(intervalMs: number = 1000): void {
    this.#timers.start(wholeNumber('intervalMs', intervalMs))
  }

  /** Wakes no more runs, and leaves no timer behind. */
  stopScheduler(): void {
    this.#timers.stop()
  }

  /**
   * Begins a new execution with the history of another one up to an event, and lets it go on from there as if the rest had
   * not been: finished nodes keep their results, what ran there starts again. The other one is never touched.
   * @param source A recording, or the id of an execution in the event store.
   * @throws INPUT_INVALID, POSITION_NOT_FOUND, EXECUTION_UNKNOWN, BLUEPRINT_INVALID, BLUEPRINT_MISMATCH,
   * CONTEXT_KEY_RESERVED, SERIALIZATION_FAILED, EXECUTION_CONFLICT for an `executionId` that there is already: then nothing
   * has happened; EVENT_STORE_FAILED.
   */
  async fork<TContext = Record<string, unknown>>(
    source: ForkSource | string,
    options: ForkOptions,
  ): Promise<ExecutionHandle<TContext>> {
    // What the flow of a run promises of it is known to the caller only.
    return (await fork(this.#launchOptions, source, options)) as ExecutionHandle<TContext>
  }

  /** Lets subflows run a flow by its id, and every run use its implementations. */
  register(flow: RegisteredFlow): this {
    const blueprint = flow.toBlueprint()
    this.#blueprints.set(blueprint.id, blueprint)
    for (const [key, implementation] of flow.getFunctionRegistry()) this.#flowRegistry.set(key, implementation)
    return this
  }

  /** A blueprint that the runtime was given or that was registered. */
  getBlueprint(id: string): WorkflowBlueprint | undefined {
    return this.#blueprints.get(id)
  }

  /**
   * The exact state of a past run, folded from its events. No node runs, nothing is emitted or stored.
   * @param executionId Default that of the first `workflow:start`; events of other executions are left out.
   * @throws HISTORY_CORRUPT, POSITION_NOT_FOUND, EXECUTION_UNKNOWN; BLUEPRINT_MISMATCH under `strict`.
   */
  async replay<TContext = Record<string, unknown>>(
    blueprint: TypedBlueprint<TContext>,
    events: EventSource,
    executionId?: string,
    options: ReplayOptions = {},
  ): Promise<ReplayResult<TContext>> {
    const give = giverOf(this.#launchOptions.valueTypes)
    const result = await replay(blueprint, events, executionId, { ...options, serializer: this.serializer, give })
    // What a blueprint promises of its runs holds for their replay.
    return result as ReplayResult<TContext>
  }
}

function blueprintsOf(blueprints: BlueprintRegistry = {}): Iterable<readonly [string, WorkflowBlueprint]> {
  return blueprints instanceof Map ? blueprints : Object.entries(blueprints)
}
