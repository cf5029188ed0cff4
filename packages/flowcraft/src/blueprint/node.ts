import type { ILogger } from '../extensions/logger.ts'
import type { WorkflowError } from '../errors.ts'
import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'

/** What a node may give back. Whatever else it returns counts as no output. */
export interface NodeResult<TOutput = unknown, TAction extends string = string> {
  output?: TOutput | undefined
  /** Chooses among the outgoing edges: those of this action, else those without one. */
  action?: TAction | undefined
  /**
   * Nodes that join this run. One without an incoming edge starts now, with its `inputs` or this node's output. Ids are
   * new ones. In a loop, they are forgotten with the turn.
   */
  dynamicNodes?: readonly NodeDefinition[] | undefined
  /** Edges for them: each starts at this node or a new one, and ends at a new node or one that has not started. */
  dynamicEdges?: readonly EdgeDefinition[] | undefined
  /** Makes the node wait instead of finish. What else is returned with it does not count. */
  wait?: WaitRequest | undefined
}

/** What a node may wait for: whatever comes first. With neither, for any `resume`. */
export interface WaitRequest {
  /** A name for what is awaited, for people and for `workflow:pause`. */
  event?: string | undefined
  /** Epoch milliseconds, or a date, at which the node goes on by itself with the action `'timeout'`. */
  until?: number | Date | undefined
}

/** A change of the context as data. */
export type PatchOperation =
  | { readonly op: 'set'; readonly key: string; readonly value: unknown }
  | { readonly op: 'delete'; readonly key: string }

/** A key that names itself, where the context's type lists its keys; any string where it does not. */
type KeyOf<TContext> = keyof TContext & string

/**
 * The context of a run as one attempt sees it: its own writes at once, those of others with their outcome. What it
 * gives is the reader's own copy. After the attempt's end, writing rejects with `CONTEXT_CLOSED`.
 */
export interface IAsyncContext<TContext = Record<string, unknown>> {
  readonly type: 'async'
  /** `undefined` where there is nothing. */
  get<K extends KeyOf<TContext>>(key: K): Promise<TContext[K] | undefined>
  get(key: string): Promise<unknown>
  /**
   * Snapshots `value` at the call.
   * @throws SERIALIZATION_FAILED for what cannot be recorded, CONTEXT_KEY_RESERVED for a key of the engine.
   */
  set<K extends KeyOf<TContext>>(key: K, value: TContext[K]): Promise<void>
  has(key: string): Promise<boolean>
  /** Whether there was something to delete. Hides a node's output under its short name as well. */
  delete(key: string): Promise<boolean>
  /** The same as {@link getAll}. */
  toJSON(): Promise<Record<string, unknown>>
  /** Every key with its value. */
  getAll(): Promise<Record<string, unknown>>
  /** All operations or, if one is refused, none. */
  patch(operations: readonly PatchOperation[]): Promise<void>
}

/** What a node may know of what runs it. */
export interface RuntimeFacade {
  readonly executionId: string
  readonly blueprintId: string
  /** A blueprint that the runtime was given or that was registered. */
  getBlueprint(id: string): WorkflowBlueprint | undefined
}

/** What a node may know of its run, as it is recorded now. */
export interface WorkflowStateFacade {
  /** `'pending'` for a node that has not come up. */
  nodeStatus(nodeId: string): 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled'
  /** How often a node has begun to run, retries not counted. */
  runsOf(nodeId: string): number
  /** Errors that nothing has recovered so far. */
  readonly errors: readonly WorkflowError[]
}

/** What every node gets besides the dependencies of the runtime. */
export interface EngineDependencies {
  readonly logger: ILogger
  readonly runtime: RuntimeFacade
  readonly workflowState: WorkflowStateFacade
}

/** What a node is called with. */
export interface NodeContext<
  TContext = Record<string, unknown>,
  TDependencies = Record<string, unknown>,
  TInput = unknown,
> {
  readonly context: IAsyncContext<TContext>
  /** The attempt's own copy. */
  readonly input: TInput
  readonly params: Readonly<Record<string, unknown>>
  /** The runtime's dependencies, its logger, and what may be known of the runtime and the run. */
  readonly dependencies: TDependencies & EngineDependencies
  /** Aborts when the attempt times out or the run ends without it. Made on first use. */
  readonly signal: AbortSignal
  readonly executionId: string
  readonly nodeId: string
  /** From 1. */
  readonly attempt: number
  /** Counts the runs of this node, from 0. */
  readonly iteration: number
  /** `<executionId>/<nodeId>/<iteration>`: the same on every attempt. A fallback by registry key has `/fallback` appended. */
  readonly idempotencyKey: string
  readonly logger: ILogger
}

/** A node as a function. */
export type NodeFunction<
  TContext = Record<string, unknown>,
  TDependencies = Record<string, unknown>,
  TInput = unknown,
  TOutput = unknown,
  TAction extends string = string,
> = (
  context: NodeContext<TContext, TDependencies, TInput>,
) => Promise<NodeResult<TOutput, TAction> | void> | NodeResult<TOutput, TAction> | void

/**
 * A node as a class, for what has a set-up and a clean-up of its own. A new instance serves each execution:
 * `prep` once → `exec`, which is what retries repeat → `fallback` when the last attempt failed → `post`; `recover` when
 * anything failed.
 */
export abstract class BaseNode<
  TContext = Record<string, unknown>,
  TDependencies = Record<string, unknown>,
  TInput = unknown,
  TOutput = unknown,
  TAction extends string = string,
> {
  protected readonly params: Readonly<Record<string, unknown>>
  protected readonly nodeId: string | undefined

  constructor(params: Readonly<Record<string, unknown>> = {}, nodeId?: string) {
    this.params = params
    this.nodeId = nodeId
  }

  /** Gathers what `exec` needs. Default: the input. */
  async prep(context: NodeContext<TContext, TDependencies, TInput>): Promise<unknown> {
    return context.input
  }

  /** The work. Called once for each attempt, with what `prep` gave. */
  abstract exec(
    prepResult: unknown,
    context: NodeContext<TContext, TDependencies, TInput>,
  ): Promise<NodeResult<TOutput, TAction> | void>

  /** Stands in for `exec` when its last attempt failed. Default: throws the error again. */
  async fallback(
    error: Error,
    _context: NodeContext<TContext, TDependencies, TInput>,
  ): Promise<NodeResult<TOutput, TAction> | void> {
    throw error
  }

  /** Turns the result of `exec` or `fallback` into that of the node. Default: unchanged. */
  async post(
    result: NodeResult<TOutput, TAction> | void,
    _context: NodeContext<TContext, TDependencies, TInput>,
  ): Promise<NodeResult<TOutput, TAction> | void> {
    return result
  }

  /** Cleans up after any error. What it throws itself is only logged. */
  async recover(_error: Error, _context: NodeContext<TContext, TDependencies, TInput>): Promise<void> {}
}

// A registry holds implementations of every type. `unknown` in their place would refuse each that has types of its own,
// for parameters are matched the other way round.
/* oxlint-disable typescript/no-explicit-any */

/** A class that extends {@link BaseNode}. */
export type NodeClass = new (
  params?: Readonly<Record<string, unknown>>,
  nodeId?: string,
) => BaseNode<any, any, any, any, any>

/** A node function with its own types forgotten. */
export type AnyNodeFunction = NodeFunction<any, any, any, any, any>

/* oxlint-enable typescript/no-explicit-any */

/** What a `uses` key stands for. */
export type NodeImplementation = AnyNodeFunction | NodeClass

/** Implementations by their `uses` key. */
export type NodeRegistry = ReadonlyMap<string, NodeImplementation> | Readonly<Record<string, NodeImplementation>>

/** Whether an implementation is a class with an `exec` method, and not a function. */
export function isNodeClass(implementation: unknown): implementation is NodeClass {
  if (typeof implementation !== 'function') return false
  const prototype: unknown = implementation.prototype
  return typeof prototype === 'object' && prototype !== null && typeof Reflect.get(prototype, 'exec') === 'function'
}
