import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import type { ValueType } from '../events/value-type.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { Clock, IdGenerator } from '../ports.ts'
import type { Isolation } from './values.ts'

/** Options of a `FlowRuntime`. */
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
  /** After so many crashes in the middle of one iteration of a node, it fails with NODE_CRASHED. Default 100. */
  readonly maxRecoveries?: number | undefined
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
