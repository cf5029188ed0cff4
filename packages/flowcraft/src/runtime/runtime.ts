import type { TypedBlueprint, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowRunner, RunCallOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError } from '../errors.ts'
import { valueTypesOf, type ValueType } from '../events/value-type.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { DIContainer } from '../extensions/container.ts'
import { ConsoleLogger, quietly, type ILogger } from '../extensions/logger.ts'
import { listOfMiddleware, type Middleware } from '../extensions/middleware.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import { randomId, systemClock, type Clock, type IdGenerator } from '../ports.ts'
import { servicesOf } from './default-container.ts'
import { LiveHandle, type ExecutionHandle } from './execution-handle.ts'
import { launch, type StartOptions } from './launch.ts'
import type { LaunchOptions } from './launch-options.ts'
import { wholeNumber } from './options.ts'
import { pastResult } from './past-result.ts'
import { replay, type EventSource, type ReplayOptions, type ReplayResult } from './replay.ts'
import { cancelRun, resume } from './resume.ts'
import type { ResumeOptions } from '../blueprint/flow-runner.ts'
import type { Run } from './run.ts'
import type { ResumeData } from '../blueprint/flow-runner.ts'
import { RunTable } from './run-table.ts'
import { forgetStale } from './stale-runs.ts'
import { targetOf } from './target-of.ts'
import { Timers } from './timers.ts'
import { giverOf, serializerOf, type Isolation } from './values.ts'

/** Options of a {@link FlowRuntime}. */
export interface RuntimeOptions<TDependencies extends object = Record<string, unknown>> {
  /** Implementations for every run of this runtime. */
  readonly registry?: NodeRegistry | undefined
  /** What subflows may run, by id. */
  readonly blueprints?: BlueprintRegistry | undefined
  /** Flows whose blueprints and implementations every run may use. */
  readonly flows?: readonly RegisteredFlow[] | undefined
  /** What nodes get as `dependencies`. */
  readonly dependencies?: TDependencies | undefined
  /** Default a `ConsoleLogger`. */
  readonly logger?: ILogger | undefined
  /** Where events go; without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined
  /** Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined
  /** What is done around every node, the outermost first. Default nothing. */
  readonly middleware?: readonly Middleware[] | undefined
  /** Makes `serializedContext`, and reads an initial state given as text. Default a `JsonSerializer`. */
  readonly serializer?: ISerializer | undefined
  /** Whether values are copied between nodes, or shared; a recorded run copies. Default `'clone'`. */
  readonly isolation?: Isolation | undefined
  /**
   * The classes whose instances are kept, in the order in which they are asked. An instance of any other that the
   * history does not know is recorded as plain data. Whoever does not know a type reads a `CustomValue`. Default none.
   */
  readonly valueTypes?: readonly ValueType[] | undefined
  /** Whether a blueprint with a cycle is refused. Recorded with each run. Default `false`. */
  readonly strict?: boolean | undefined
  /** Default the machine's. */
  readonly clock?: Clock | undefined
  /** Makes execution ids. Default random UUIDs. */
  readonly idGenerator?: IdGenerator | undefined
}

/** What a runtime gives its nodes besides the engine's own. */
export type RuntimeDependencies = Record<string, unknown>

/** Blueprints by their ids. */
export type BlueprintRegistry = ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>>

/** A flow with its code, as a builder has it. */
export interface RegisteredFlow {
  toBlueprint(): WorkflowBlueprint
  getFunctionRegistry(): ReadonlyMap<string, NodeImplementation>
}

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
  readonly #runs = new RunTable((run) => this.#timers.note(run))
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
      warned: new WeakSet(),
      warnedCycles: new WeakSet(),
      runs: this.#runs,
    }
    this.#timers = new Timers(this.#launchOptions.clock, this.#runs)
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
      const target = { executionId: what, blueprint: undefined, context: undefined, nodeId: data?.nodeId }
      return await resume(this.#launchOptions, target, data, dataOrOptions as ResumeOptions)
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
    // What the flow of a run promises of it is known to the caller only.
    return (await pastResult(this.#launchOptions, executionId, options.wait === true)) as WorkflowResult<TContext>
  }

  /**
   * Cancels a run that is live or parked in this runtime. Resolves when the run has ended, and that is durable.
   * @throws EXECUTION_UNKNOWN when there is none of that id; EVENT_STORE_FAILED.
   */
  async cancel(executionId: string, reason?: unknown): Promise<void> {
    await forgetStale(this.#launchOptions, executionId)
    const run = this.#runOf(executionId, 'cancelled')
    cancelRun(this.#runs, run, reason)
    await run.ended
  }

  /**
   * Parks a run as soon as no attempt is running; `resume` runs exactly what was left.
   * @throws EXECUTION_UNKNOWN when no run of that id is live or parked in this runtime.
   */
  async requestPause(executionId: string): Promise<void> {
    await forgetStale(this.#launchOptions, executionId)
    this.#runOf(executionId, 'paused').pause()
  }

  /**
   * Wakes parked runs of this runtime when the time of what they wait for has come.
   * @param intervalMs How often to look at least. Default 1000.
   */
  startScheduler(intervalMs: number = 1000): void {
    this.#timers.start(wholeNumber('intervalMs', intervalMs))
  }

  /** Wakes no more runs, and leaves no timer behind. */
  stopScheduler(): void {
    this.#timers.stop()
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

  #runOf(executionId: string, what: string): Run {
    const run = this.#runs.of(executionId)
    if (run !== undefined) return run
    throw new FlowcraftError(`Execution '${executionId}' is not live in this runtime, so it cannot be ${what}`, {
      code: 'EXECUTION_UNKNOWN',
      executionId,
    })
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

function withServices<TDependencies extends object>(
  container: DIContainer,
  options: RuntimeOptions<TDependencies>,
): RuntimeOptions<TDependencies> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  // Which dependencies a container holds is known to whoever made the runtime of it.
  return { ...servicesOf(container), ...Object.fromEntries(given) } as RuntimeOptions<TDependencies>
}
