import type { WorkflowError } from '../errors.ts'
import type { EdgeDefinition, NodeConfig } from './blueprint.ts'
import type { Duration } from './duration.ts'
import type { BaseNode, NodeFunction } from './node.ts'

/** What one call adds to a flow, as the flow's type collects it. */
export interface NodeEntry<
  TId extends string = string,
  TOutput = unknown,
  TNode extends string = string,
  TKey extends string = string,
> {
  /** What edges may name. */
  readonly id: TId
  readonly output: TOutput
  /** The node that has the output. */
  readonly node: TNode
  /** Another key of the context that holds the output, if there is one. */
  readonly key: TKey
}

/** What a call that adds one node adds to a flow. */
export type SingleEntry<TId extends string, TOutput = unknown> = NodeEntry<TId, TOutput, TId, never>

/** What a batch adds to a flow: its own id, for edges, and its two nodes. The gather has the results. */
export type BatchEntry<
  TId extends string,
  TOutput,
  TOutputKey extends string,
  TOnError extends BatchErrorMode,
> = NodeEntry<
  TId | `${TId}_scatter` | `${TId}_gather`,
  BatchResults<TOutput, TOnError>,
  `${TId}_gather`,
  LiteralKey<TOutputKey>
>

/** What happens when a worker of a batch fails: the batch fails once all others have ended, or the failure is a result. */
export type BatchErrorMode = 'fail' | 'collect'

/** The results of a batch, in the order of its items: outputs, or with `onError: 'collect'` settled ones. */
export type BatchResults<TOutput, TOnError extends BatchErrorMode> = TOnError extends 'collect'
  ? SettledResult<TOutput>[]
  : TOutput[]

/** How one worker of a batch with `onError: 'collect'` ended. */
export type SettledResult<TOutput = unknown> =
  | { readonly status: 'fulfilled'; readonly value: TOutput }
  | { readonly status: 'rejected'; readonly reason: WorkflowError }

/** Nothing for a key that is known at run time only: it would be any key. */
type LiteralKey<TKey extends string> = Record<never, never> extends Record<TKey, unknown> ? never : TKey

/** The context that a run of a flow ends with: any part of it may be missing from a run that took another way. */
export type FlowContext<TContext, TNodes extends NodeEntry> = Partial<TContext> & {
  readonly [N in TNodes as `_outputs.${N['node']}` | N['key']]?: N['output']
} & Record<string, unknown>

/** Where a node's input may come from: any string where the context's type has no literal keys. */
export type InputKey<TContext, TIds extends string> = string extends keyof TContext
  ? string
  : Paths<(keyof TContext & string) | TIds> | `_${string}`

type Paths<TKey extends string> = TKey | `${TKey}.${string}`

/** The ids that edges may name: any, where the builder's type has seen no node. */
export type Ids<TNodes extends NodeEntry> = [TNodes] extends [never] ? string : TNodes['id']

/** What `inputs` may name in a flow: keys of the context, nodes that have an output, output keys of batches. */
export type Inputs<TContext, TNodes extends NodeEntry> = InputKey<TContext, TNodes['node'] | TNodes['key']>

/** What a runtime must bring: whatever it likes, where a flow names nothing. */
export type Needed<TDependencies extends object> = string extends keyof TDependencies ? object : TDependencies

/** A node's code: a function or a class, with the types that the flow gives it and the output that it gives. */
export type Implementation<TContext, TDependencies, TInput, TOutput> =
  | NodeFunction<TContext, TDependencies, TInput, TOutput>
  | (new (
      params?: Readonly<Record<string, unknown>>,
      nodeId?: string,
    ) => BaseNode<TContext, TDependencies, TInput, TOutput>)

/** What `.node` takes besides the implementation. */
export interface NodeOptions<TInputs extends string = string> {
  readonly params?: Record<string, unknown> | undefined
  readonly inputs?: TInputs | Record<string, TInputs> | undefined
  readonly config?: NodeConfig | undefined
}

/** What `.edge` takes besides the two ends. */
export type EdgeOptions = Pick<EdgeDefinition, 'action' | 'condition' | 'transform'>

/** What `.batch` takes besides the worker. */
export interface BatchOptions<
  TInputs extends string = string,
  TOutputKey extends string = string,
  TOnError extends BatchErrorMode = BatchErrorMode,
> {
  /** Where the list of items comes from. */
  readonly inputKey: TInputs
  /** The key of the context for the results. Default the id of the gather, `<id>_gather`. */
  readonly outputKey?: TOutputKey | undefined
  /** How many workers may exist at a time. Default all. */
  readonly chunkSize?: number | undefined
  /** How many workers may run at a time. Default as many as the run allows. */
  readonly concurrency?: number | undefined
  /** Default `'fail'`. */
  readonly onError?: TOnError | undefined
  /** How each worker is run. */
  readonly config?: NodeConfig | undefined
}

/** What `.loop` takes. The two ends may be nodes, batches or loops, also ones that are added later. */
export interface LoopOptions<TIds extends string = string> {
  readonly startNodeId: TIds | LaterId
  readonly endNodeId: TIds | LaterId
  /** An expression; the loop goes on while it is truthy. `input` is the output of the end node. */
  readonly condition: string
}

/** Any string; written like this, editors still propose the ids that are known. */
type LaterId = string & Record<never, never>

/** What `.sleep` takes. */
export interface SleepOptions<TInputs extends string = string> extends NodeOptions<TInputs> {
  readonly duration: Duration
}

/** What `.wait` takes. */
export interface WaitOptions<TInputs extends string = string> extends NodeOptions<TInputs> {
  /** A name for what is awaited. */
  readonly event?: string | undefined
  /** The time after which the node goes on by itself with the action `'timeout'`. Default never. */
  readonly timeout?: Duration | undefined
}

/** What `.subflow` takes. */
export interface SubflowOptions<TInputs extends string = string> {
  readonly blueprintId: string
  /** By key of the child's context, where its value comes from. Default: the node's input goes to each start node. */
  readonly inputs?: Record<string, TInputs> | undefined
  /**
   * By key of this flow's context, the key of the child's. Default: the output of the child's one terminal node is that
   * of this node; of several, an object by node id.
   */
  readonly outputs?: Record<string, string> | undefined
  readonly config?: NodeConfig | undefined
}
