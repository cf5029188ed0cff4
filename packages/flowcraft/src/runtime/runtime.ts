import type { TypedBlueprint } from '../blueprint/blueprint.ts'
import type { FlowRunner, RunCallOptions, WorkflowResult } from '../blueprint/flow-runner.ts'
import { FlowcraftError } from '../errors.ts'
import { ExpressionEvaluator } from '../expressions/expression-evaluator.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { ConsoleLogger, quietly, type ILogger } from '../extensions/logger.ts'
import { JsonSerializer, type ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { NodeRegistry } from '../blueprint/node.ts'
import { randomId, systemClock, type Clock, type IdGenerator } from '../ports.ts'
import { ExecutionHandle } from './execution-handle.ts'
import { launch, type LaunchOptions, type StartOptions } from './launch.ts'
import { replay, type EventSource, type ReplayOptions, type ReplayResult } from './replay.ts'
import type { Run } from './run.ts'
import type { Isolation } from './values.ts'

/** Options of a {@link FlowRuntime}. */
export interface RuntimeOptions<TDependencies extends object = Record<string, unknown>> {
  /** Implementations for every run of this runtime. */
  readonly registry?: NodeRegistry | undefined
  /** What nodes get as `dependencies`. */
  readonly dependencies?: TDependencies | undefined
  /** Default a `ConsoleLogger`. */
  readonly logger?: ILogger | undefined
  /** Where events go; without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined
  /** Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined
  /** Makes `serializedContext`, and reads an initial state given as text. Default a `JsonSerializer`. */
  readonly serializer?: ISerializer | undefined
  /** Whether values are copied between nodes, or shared; a recorded run copies. Default `'clone'`. */
  readonly isolation?: Isolation | undefined
  /** Whether a blueprint with a cycle is refused. Recorded with each run. Default `false`. */
  readonly strict?: boolean | undefined
  /** Default the machine's. */
  readonly clock?: Clock | undefined
  /** Makes execution ids and writer ids. Default random UUIDs. */
  readonly idGenerator?: IdGenerator | undefined
}

/** Runs blueprints, and replays what was recorded of their runs. */
export class FlowRuntime<TDependencies extends object = Record<string, unknown>> implements FlowRunner<TDependencies> {
  readonly options: RuntimeOptions<TDependencies>
  readonly registry: NodeRegistry
  readonly dependencies: TDependencies
  readonly logger: ILogger
  readonly eventBus: IEventBus | undefined
  readonly evaluator: IEvaluator
  readonly serializer: ISerializer
  readonly #live = new Map<string, Run>()
  readonly #launchOptions: LaunchOptions

  /** @throws INPUT_INVALID for `isolation: 'reference'` with an event bus: a log cannot hold what it does not own. */
  constructor(options: RuntimeOptions<TDependencies> = {}) {
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
    this.serializer = options.serializer ?? new JsonSerializer()
    this.#launchOptions = {
      registry: this.registry,
      dependencies: Object.freeze({ ...this.dependencies, logger: this.logger }),
      logger: quietly(this.logger),
      eventBus: this.eventBus,
      evaluator: this.evaluator,
      serializer: this.serializer,
      isolation: options.isolation ?? 'clone',
      strict: options.strict ?? false,
      clock: options.clock ?? systemClock,
      idGenerator: options.idGenerator ?? randomId,
      warned: new WeakSet(),
      live: this.#live,
    }
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
    return new ExecutionHandle(launch(this.#launchOptions, blueprint, initialState, options))
  }

  /** Cancels a run that is live in this runtime. @throws EXECUTION_UNKNOWN when there is none of that id. */
  async cancel(executionId: string, reason?: unknown): Promise<void> {
    const run = this.#live.get(executionId)
    if (run === undefined) {
      throw new FlowcraftError(`Execution '${executionId}' is not live in this runtime, so it cannot be cancelled`, {
        code: 'EXECUTION_UNKNOWN',
        executionId,
      })
    }
    run.cancel(reason)
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
    const result = await replay(blueprint, events, executionId, { ...options, serializer: this.serializer })
    // What a blueprint promises of its runs holds for their replay.
    return result as ReplayResult<TContext>
  }
}
