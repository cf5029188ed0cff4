// flowcraft: golden-files.d.mts
import { FlowcraftError, Recording } from "flowcraft";

//#region ../testing/src/golden-files.d.ts
/** Where a golden history is: a path from the working directory, or a URL, such as `new URL('order.jsonl', import.meta.url)`. */
type GoldenFile = string | URL;
//#endregion
export { GoldenFile as t };
// flowcraft: index.d.mts
import { $ as ExecutionFilter, $t as isFlowcraftError, A as ExplainOptions, At as TerminalStatus, B as NodeStatus, Bt as BlueprintMismatchError, C as openRecording, Ct as ParentLink, D as RecordingStore, Dt as RunStatus, E as FollowRecordingOptions, Et as ResumeReason, F as ChildReference, Ft as NodeDefinition, G as EventStoreStats, Gt as ExecutionConflictError, H as EventBatch, Ht as ErrorCause, I as ContextChange, It as TypedBlueprint, J as ReadRange, Jt as HistoryCorruptError, K as IEventReader, Kt as FlowcraftError, L as ContextWrite, Lt as WorkflowBlueprint, M as Cursor, Mt as Waiting, N as Snapshot, Nt as EdgeDefinition, O as AttemptFacts, Ot as SkipReason, P as NodeSnapshot, Pt as NodeConfig, Q as FollowedEvent, Qt as errorCodes, R as Position, Rt as WorkflowBlueprintMetadata, S as RecordingFromOptions, St as FlowcraftEvent, T as Recording, Tt as RecordedRunOptions, U as EventStore, Ut as ErrorCode, V as AppendOutcome, Vt as ConcurrencyError, W as EventStoreCapabilities, Wt as EventStoreError, X as FollowOptions, Xt as SerializationError, Y as FollowFilter, Yt as NodeTimeoutError, Z as FollowTarget, Zt as WorkflowError, _ as PathDifference, _t as IEvaluator, a as Verification, at as Fork, b as Sides, bt as EventPayloads, c as serializeRecording, ct as Claim, d as formatDiff, dt as DueExecution, et as ExecutionPage, f as ContextDifference, ft as admitClaim, g as EdgeDifference, gt as ExecutionHead, h as diffRecordings, ht as partsOf, i as DecisionSummary, it as terminalStatuses, j as Explanation, jt as WaitReason, k as Because, kt as StuckNode, l as parseRecording, lt as ClaimedHead, m as RecordingDiff, mt as isTerminal, n as VerifyOptions, nt as PageRequest, o as VerificationDivergence, ot as admitFork, p as NodeDifference, pt as dueOf, q as IEventStore, qt as FlowcraftErrorOptions, r as verifyRecording, rt as PruneOptions, s as SerializeRecordingOptions, st as sharedEvent, t as RecordedRun, tt as ExecutionSummary, u as FormatDiffOptions, ut as ClaimedPart, v as PathStep, vt as EdgeReason, w as recordingFrom, wt as RecordedResult, x as ValueDifference, xt as EventType, y as Divergence, yt as EventOf, z as ForkOrigin, zt as BlueprintError } from "./verify.mjs";

//#region src/extensions/logger.d.ts
/** Where the engine writes what people may want to read while it runs. The record of a run is its events, not this. */
interface ILogger {
  debug(message: string, meta?: Record<string, unknown>): void;
  info(message: string, meta?: Record<string, unknown>): void;
  warn(message: string, meta?: Record<string, unknown>): void;
  error(message: string, meta?: Record<string, unknown>): void;
}
/** Writes to the console, with the level in front: `[DEBUG] `, `[INFO] `, `[WARN] ` or `[ERROR] `. */
declare class ConsoleLogger implements ILogger {
  debug(message: string, meta?: Record<string, unknown>): void;
  info(message: string, meta?: Record<string, unknown>): void;
  warn(message: string, meta?: Record<string, unknown>): void;
  error(message: string, meta?: Record<string, unknown>): void;
}
/** Writes nothing. */
declare class NullLogger implements ILogger {
  debug(_message: string, _meta?: Record<string, unknown>): void;
  info(_message: string, _meta?: Record<string, unknown>): void;
  warn(_message: string, _meta?: Record<string, unknown>): void;
  error(_message: string, _meta?: Record<string, unknown>): void;
}
//#endregion
//#region src/blueprint/node.d.ts
/** What a node may give back. Whatever else it returns counts as no output. */
interface NodeResult<TOutput = unknown, TAction extends string = string> {
  output?: TOutput | undefined;
  /** Chooses among the outgoing edges: those of this action, else those without one. */
  action?: TAction | undefined;
  /**
  * Nodes that join this run. One without an incoming edge starts now, with its `inputs` or this node's output. Ids are
  * new ones. In a loop, they are forgotten with the turn.
  */
  dynamicNodes?: readonly NodeDefinition[] | undefined;
  /** Edges for them: each starts at this node or a new one, and ends at a new node or one that has not started. */
  dynamicEdges?: readonly EdgeDefinition[] | undefined;
  /** Makes the node wait instead of finish. What else is returned with it does not count. */
  wait?: WaitRequest | undefined;
}
/** What a node may wait for: whatever comes first. With neither, for any `resume`. */
interface WaitRequest {
  /** A name for what is awaited, for people and for `workflow:pause`. */
  event?: string | undefined;
  /** Epoch milliseconds, or a date, at which the node goes on by itself with the action `'timeout'`. */
  until?: number | Date | undefined;
}
/** A change of the context as data. */
type PatchOperation = {
  readonly op: "set";
  readonly key: string;
  readonly value: unknown;
} | {
  readonly op: "delete";
  readonly key: string;
};
/** A key that names itself, where the context's type lists its keys; any string where it does not. */
type KeyOf<TContext> = keyof TContext & string;
/**
* The context of a run as one attempt sees it: its own writes at once, those of others with their outcome. What it
* gives is the reader's own copy. After the attempt's end, writing rejects with `CONTEXT_CLOSED`.
*/
interface IAsyncContext<TContext = Record<string, unknown>> {
  readonly type: "async";
  /** `undefined` where there is nothing. */
  get<K extends KeyOf<TContext>>(key: K): Promise<TContext[K] | undefined>;
  get(key: string): Promise<unknown>;
  /**
  * Snapshots `value` at the call.
  * @throws SERIALIZATION_FAILED for what cannot be recorded, CONTEXT_KEY_RESERVED for a key of the engine.
  */
  set<K extends KeyOf<TContext>>(key: K, value: TContext[K]): Promise<void>;
  has(key: string): Promise<boolean>;
  /** Whether there was something to delete. Hides a node's output under its short name as well. */
  delete(key: string): Promise<boolean>;
  /** The same as {@link getAll}. */
  toJSON(): Promise<Record<string, unknown>>;
  /** Every key with its value. */
  getAll(): Promise<Record<string, unknown>>;
  /** All operations or, if one is refused, none. */
  patch(operations: readonly PatchOperation[]): Promise<void>;
}
/** What a node may know of what runs it. */
interface RuntimeFacade {
  readonly executionId: string;
  readonly blueprintId: string;
  /** A blueprint that the runtime was given or that was registered. */
  getBlueprint(id: string): WorkflowBlueprint | undefined;
}
/** What a node may know of its run, as it is recorded now. */
interface WorkflowStateFacade {
  /** `'pending'` for a node that has not come up. */
  nodeStatus(nodeId: string): "pending" | "running" | "waiting" | "completed" | "failed" | "skipped" | "cancelled";
  /** How often a node has begun to run, retries not counted. */
  runsOf(nodeId: string): number;
  /** Errors that nothing has recovered so far. */
  readonly errors: readonly WorkflowError[];
}
/** What every node gets besides the dependencies of the runtime. */
interface EngineDependencies {
  readonly logger: ILogger;
  readonly runtime: RuntimeFacade;
  readonly workflowState: WorkflowStateFacade;
}
/** What a node is called with. */
interface NodeContext<TContext = Record<string, unknown>, TDependencies = Record<string, unknown>, TInput = unknown> {
  readonly context: IAsyncContext<TContext>;
  /** The attempt's own copy. */
  readonly input: TInput;
  readonly params: Readonly<Record<string, unknown>>;
  /** The runtime's dependencies, its logger, and what may be known of the runtime and the run. */
  readonly dependencies: TDependencies & EngineDependencies;
  /** Aborts when the attempt times out or the run ends without it. Made on first use. */
  readonly signal: AbortSignal;
  readonly executionId: string;
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
  /** Counts the runs of this node, from 0. */
  readonly iteration: number;
  /** `<executionId>/<nodeId>/<iteration>`: the same on every attempt. A fallback by registry key has `/fallback` appended. */
  readonly idempotencyKey: string;
  readonly logger: ILogger;
}
/** A node as a function. */
type NodeFunction<TContext = Record<string, unknown>, TDependencies = Record<string, unknown>, TInput = unknown, TOutput = unknown, TAction extends string = string> = (context: NodeContext<TContext, TDependencies, TInput>) => Promise<NodeResult<TOutput, TAction> | void> | NodeResult<TOutput, TAction> | void;
/**
* A node as a class, for what has a set-up and a clean-up of its own. A new instance serves each execution:
* `prep` once → `exec`, which is what retries repeat → `fallback` when the last attempt failed → `post`; `recover` when
* anything failed.
*/
declare abstract class BaseNode<TContext = Record<string, unknown>, TDependencies = Record<string, unknown>, TInput = unknown, TOutput = unknown, TAction extends string = string> {
  protected readonly params: Readonly<Record<string, unknown>>;
  protected readonly nodeId: string | undefined;
  constructor(params?: Readonly<Record<string, unknown>>, nodeId?: string);
  /** Gathers what `exec` needs. Default: the input. */
  prep(context: NodeContext<TContext, TDependencies, TInput>): Promise<unknown>;
  /** The work. Called once for each attempt, with what `prep` gave. */
  abstract exec(prepResult: unknown, context: NodeContext<TContext, TDependencies, TInput>): Promise<NodeResult<TOutput, TAction> | void>;
  /** Stands in for `exec` when its last attempt failed. Default: throws the error again. */
  fallback(error: Error, _context: NodeContext<TContext, TDependencies, TInput>): Promise<NodeResult<TOutput, TAction> | void>;
  /** Turns the result of `exec` or `fallback` into that of the node. Default: unchanged. */
  post(result: NodeResult<TOutput, TAction> | void, _context: NodeContext<TContext, TDependencies, TInput>): Promise<NodeResult<TOutput, TAction> | void>;
  /** Cleans up after any error. What it throws itself is only logged. */
  recover(_error: Error, _context: NodeContext<TContext, TDependencies, TInput>): Promise<void>;
}
/** A class that extends {@link BaseNode}. */
type NodeClass = new (params?: Readonly<Record<string, unknown>>, nodeId?: string) => BaseNode<any, any, any, any, any>;
/** A node function with its own types forgotten. */
type AnyNodeFunction = NodeFunction<any, any, any, any, any>;
/** What a `uses` key stands for. */
type NodeImplementation = AnyNodeFunction | NodeClass;
/** Implementations by their `uses` key. */
type NodeRegistry = ReadonlyMap<string, NodeImplementation> | Readonly<Record<string, NodeImplementation>>;
/** Whether an implementation is a class with an `exec` method, and not a function. */
declare function isNodeClass(implementation: unknown): implementation is NodeClass;
//#endregion
//#region src/blueprint/analysis.d.ts
/** What the shape of a blueprint's graph says about it. Edges to or from nodes that do not exist count only as edges. */
interface BlueprintAnalysis {
  /** As {@link checkForCycles} gives them. */
  readonly cycles: string[][];
  /** Nodes without incoming edges, except those that only stand in as the fallback of another node. */
  readonly startNodeIds: string[];
  /** Nodes without outgoing edges. */
  readonly terminalNodeIds: string[];
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly isDag: boolean;
}
/** What can be told from the graph alone; ids come in blueprint order. O(V + E). */
declare function analyzeBlueprint(blueprint: WorkflowBlueprint): BlueprintAnalysis;
/**
* One cycle for each back edge of a depth-first search in blueprint order, closed: `['A', 'B', 'A']`. Empty exactly
* when there is no cycle. O(V + E), also in the size of what it gives: once the cycles together hold 10 000 ids, or as
* many as there are nodes and edges if that is more, the rest are left out.
*/
declare function checkForCycles(blueprint: WorkflowBlueprint): string[][];
//#endregion
//#region src/blueprint/flow-runner.d.ts
/** How a run stands for whoever asked for it: ended, waiting, or stopped with something left to do. */
type WorkflowStatus = "completed" | "failed" | "cancelled" | "awaiting" | "stalled";
/** What a run gives. `context` and `serializedContext` are made when they are first read. */
interface WorkflowResult<TContext = Record<string, unknown>> {
  readonly context: TContext & {
    readonly _executionId: string;
  };
  readonly serializedContext: string;
  readonly status: WorkflowStatus;
  /** Every error that nothing recovered, in the order of the log; `undefined` when there are none. */
  readonly errors: readonly WorkflowError[] | undefined;
  readonly executionId: string;
}
/** Options of one run. */
interface RunCallOptions {
  /** Implementations for this run; they win over the runtime's. */
  readonly functionRegistry?: NodeRegistry | undefined;
  /** Default that of the runtime. */
  readonly strict?: boolean | undefined;
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** How many nodes may run at a time. Default 64. */
  readonly concurrency?: number | undefined;
  /** How many node executions a run may have. Default 1 000 000. */
  readonly maxIterations?: number | undefined;
  /** Recorded with the run, for finding it again. */
  readonly tags?: readonly string[] | undefined;
  /**
  * The id of the run, which starts once: where it has ended or is parked, that is the result; where it is live, also in
  * another process, its result is waited for; where it was cut off, it is recovered. Default a new one.
  */
  readonly executionId?: string | undefined;
  /** What to do where a run of this `executionId` is live: wait for its result, or reject. Default `'wait'`. */
  readonly ifRunning?: "wait" | "error" | undefined;
}
/** What a waiting node goes on with. */
interface ResumeData {
  readonly output?: unknown;
  /** Chooses among the node's edges. */
  readonly action?: string | undefined;
}
/** Options of a resume. */
interface ResumeOptions {
  /** The blueprint that the run must have been recorded with, or with `allowChanged` goes on under. Default whatever it was. */
  readonly blueprint?: WorkflowBlueprint | undefined;
  /**
  * Whether a given blueprint may be another one than the recorded one, if it takes every decision that is recorded: the
  * run goes on under it. Where it is known from its log only, or parked. Default `false`.
  */
  readonly allowChanged?: boolean | undefined;
  /** Implementations, where the run is not in memory any more. */
  readonly functionRegistry?: NodeRegistry | undefined;
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal | undefined;
}
/** What runs a blueprint: the runtime, as far as a flow needs it. */
interface FlowRunner<TDependencies extends object = object> {
  readonly dependencies: TDependencies;
  run<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
  resume<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, serializedContext: string, data?: ResumeData, nodeId?: string, options?: ResumeOptions): Promise<WorkflowResult<TContext>>;
}
//#endregion
//#region src/blueprint/duration.d.ts
/** A span of time: milliseconds, or a number with a unit: `'5s'`, `'10m'`, `'2h'`, `'1d'`. */
type Duration = number | `${number}${"s" | "m" | "h" | "d"}`;
//#endregion
//#region src/blueprint/flow-types.d.ts
/** What one call adds to a flow, as the flow's type collects it. */
interface NodeEntry<TId extends string = string, TOutput = unknown, TNode extends string = string, TKey extends string = string> {
  /** What edges may name. */
  readonly id: TId;
  readonly output: TOutput;
  /** The node that has the output. */
  readonly node: TNode;
  /** Another key of the context that holds the output, if there is one. */
  readonly key: TKey;
}
/** What a call that adds one node adds to a flow. */
type SingleEntry<TId extends string, TOutput = unknown> = NodeEntry<TId, TOutput, TId, never>;
/** What a batch adds to a flow: its own id, for edges, and its two nodes. The gather has the results. */
type BatchEntry<TId extends string, TOutput, TOutputKey extends string, TOnError extends BatchErrorMode> = NodeEntry<TId | `${TId}_scatter` | `${TId}_gather`, BatchResults<TOutput, TOnError>, `${TId}_gather`, LiteralKey<TOutputKey>>;
/** What happens when a worker of a batch fails: the batch fails once all others have ended, or the failure is a result. */
type BatchErrorMode = "fail" | "collect";
/** The results of a batch, in the order of its items: outputs, or with `onError: 'collect'` settled ones. */
type BatchResults<TOutput, TOnError extends BatchErrorMode> = TOnError extends "collect" ? SettledResult<TOutput>[] : TOutput[];
/** How one worker of a batch with `onError: 'collect'` ended. */
type SettledResult<TOutput = unknown> = {
  readonly status: "fulfilled";
  readonly value: TOutput;
} | {
  readonly status: "rejected";
  readonly reason: WorkflowError;
};
/** Nothing for a key that is known at run time only: it would be any key. */
type LiteralKey<TKey extends string> = Record<never, never> extends Record<TKey, unknown> ? never : TKey;
/** The context that a run of a flow ends with: any part of it may be missing from a run that took another way. */
type FlowContext<TContext, TNodes extends NodeEntry> = Partial<TContext> & { readonly [N in TNodes as `_outputs.${N["node"]}` | N["key"]]?: N["output"] } & Record<string, unknown>;
/** Where a node's input may come from: any string where the context's type has no literal keys. */
type InputKey<TContext, TIds extends string> = string extends keyof TContext ? string : Paths<(keyof TContext & string) | TIds> | `_${string}`;
type Paths<TKey extends string> = TKey | `${TKey}.${string}`;
/** The ids that edges may name: any, where the builder's type has seen no node. */
type Ids<TNodes extends NodeEntry> = [TNodes] extends [never] ? string : TNodes["id"];
/** What `inputs` may name in a flow: keys of the context, nodes that have an output, output keys of batches. */
type Inputs<TContext, TNodes extends NodeEntry> = InputKey<TContext, TNodes["node"] | TNodes["key"]>;
/** What a runtime must bring: whatever it likes, where a flow names nothing. */
type Needed<TDependencies extends object> = string extends keyof TDependencies ? object : TDependencies;
/** A node's code: a function or a class, with the types that the flow gives it and the output that it gives. */
type Implementation<TContext, TDependencies, TInput, TOutput> = NodeFunction<TContext, TDependencies, TInput, TOutput> | (new (params?: Readonly<Record<string, unknown>>, nodeId?: string) => BaseNode<TContext, TDependencies, TInput, TOutput>);
/** What `.node` takes besides the implementation. */
interface NodeOptions<TInputs extends string = string> {
  readonly params?: Record<string, unknown> | undefined;
  readonly inputs?: TInputs | Record<string, TInputs> | undefined;
  readonly config?: NodeConfig | undefined;
}
/** What `.edge` takes besides the two ends. */
type EdgeOptions = Pick<EdgeDefinition, "action" | "condition" | "transform">;
/** What `.batch` takes besides the worker. */
interface BatchOptions<TInputs extends string = string, TOutputKey extends string = string, TOnError extends BatchErrorMode = BatchErrorMode> {
  /** Where the list of items comes from. */
  readonly inputKey: TInputs;
  /** The key of the context for the results. Default the id of the gather, `<id>_gather`. */
  readonly outputKey?: TOutputKey | undefined;
  /** How many workers may exist at a time. Default all. */
  readonly chunkSize?: number | undefined;
  /** How many workers may run at a time. Default as many as the run allows. */
  readonly concurrency?: number | undefined;
  /** Default `'fail'`. */
  readonly onError?: TOnError | undefined;
  /** How each worker is run. */
  readonly config?: NodeConfig | undefined;
}
/** What `.loop` takes. The two ends may be nodes, batches or loops, also ones that are added later. */
interface LoopOptions<TIds extends string = string> {
  readonly startNodeId: TIds | LaterId;
  readonly endNodeId: TIds | LaterId;
  /** An expression; the loop goes on while it is truthy. `input` is the output of the end node. */
  readonly condition: string;
}
/** Any string; written like this, editors still propose the ids that are known. */
type LaterId = string & Record<never, never>;
/** What `.sleep` takes. */
interface SleepOptions<TInputs extends string = string> extends NodeOptions<TInputs> {
  readonly duration: Duration;
}
/** What `.wait` takes. */
interface WaitOptions<TInputs extends string = string> extends NodeOptions<TInputs> {
  /** A name for what is awaited. */
  readonly event?: string | undefined;
  /** The time after which the node goes on by itself with the action `'timeout'`. Default never. */
  readonly timeout?: Duration | undefined;
}
/** What `.subflow` takes. */
interface SubflowOptions<TInputs extends string = string> {
  readonly blueprintId: string;
  /** By key of the child's context, where its value comes from. Default: the node's input goes to each start node. */
  readonly inputs?: Record<string, TInputs> | undefined;
  /**
  * By key of this flow's context, the key of the child's. Default: the output of the child's one terminal node is that
  * of this node; of several, an object by node id.
  */
  readonly outputs?: Record<string, string> | undefined;
  readonly config?: NodeConfig | undefined;
}
//#endregion
//#region src/blueprint/ui-graph.d.ts
/** A flow as people think of it, for a drawing: a loop is one edge back, a batch is one node. */
interface UIGraph {
  nodes: UINode[];
  edges: UIEdge[];
}
/** A node of a drawing. A batch has the type `'batch-worker'`, and its keys as `data`. */
type UINode = Partial<NodeDefinition> & {
  id: string;
  data?: Record<string, unknown>;
  type?: string;
};
/** An edge of a drawing. `data` is there on the way back of a loop, with `isLoopback`, `condition` and a `label`. */
type UIEdge = Partial<EdgeDefinition> & {
  source: string;
  target: string;
  data?: Record<string, unknown>;
};
//#endregion
//#region src/blueprint/builder.d.ts
/** A flow with no nodes yet. `TContext` are the keys that its nodes share, `TDependencies` what the runtime gives them. */
declare function createFlow<TContext extends object = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(id: string): FlowBuilder<TContext, TDependencies>;
/** Builds a blueprint and the registry that belongs to it. Every method that adds something returns the builder. */
declare class FlowBuilder<TContext extends object = Record<string, unknown>, TDependencies extends object = Record<string, unknown>, TNodes extends NodeEntry = never> {
  #private;
  readonly id: string;
  constructor(id: string);
  /**
  * Adds a node.
  * @throws INPUT_INVALID for an id that the flow has already.
  */
  node<const TId extends string, TInput = unknown, TOutput = unknown>(id: TId, implementation: Implementation<TContext, TDependencies, TInput, TOutput>, options?: NodeOptions<Inputs<TContext, TNodes>>): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId, TOutput>>;
  /**
  * Adds a worker that runs once for each item of a list, as two nodes: `<id>_scatter` reads the list, `<id>_gather` has
  * the results. Edges may name `<id>` for both.
  * @throws INPUT_INVALID for an id that the flow has already, a `chunkSize` or a `concurrency` that is no whole number
  * of at least 1.
  */
  batch<const TId extends string, TInput = unknown, TOutput = unknown, TOutputKey extends string = `${TId}_gather`, TOnError extends BatchErrorMode = "fail">(id: TId, worker: Implementation<TContext, TDependencies, TInput, TOutput>, options: BatchOptions<Inputs<TContext, TNodes>, TOutputKey, TOnError>): FlowBuilder<TContext, TDependencies, TNodes | BatchEntry<TId, TOutput, TOutputKey, TOnError>>;
  /**
  * Repeats what lies between two nodes while the condition is true: adds the node `<id>`, which decides it, behind the
  * end, and the way back to the start. Enter the loop at its start or at `<id>`, leave it from `<id>`.
  * @throws INPUT_INVALID for an id that the flow has already, an empty condition, or a loop that starts or ends with
  * itself.
  */
  loop<const TId extends string>(id: TId, options: LoopOptions<TNodes["id"]>): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>>;
  /**
  * Adds a node that gives its input after some time. The run may be parked meanwhile.
  * @throws INPUT_INVALID for an id that the flow has already, or a bad duration.
  */
  sleep<const TId extends string>(id: TId, options: SleepOptions<Inputs<TContext, TNodes>>): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>>;
  /**
  * Adds a node that waits until the run is resumed with its output, or its timeout is over.
  * @throws INPUT_INVALID for an id that the flow has already, or a bad timeout.
  */
  wait<const TId extends string>(id: TId, options?: WaitOptions<Inputs<TContext, TNodes>>): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>>;
  /**
  * Adds a node that runs another blueprint, which the runtime knows, in a run of its own.
  * @throws INPUT_INVALID for an id that the flow has already.
  */
  subflow<const TId extends string>(id: TId, options: SubflowOptions<Inputs<TContext, TNodes>>): FlowBuilder<TContext, TDependencies, TNodes | SingleEntry<TId>>;
  /** Adds an edge between two nodes that the flow has. */
  edge(source: Ids<TNodes>, target: Ids<TNodes>, options?: EdgeOptions): this;
  /** Names a node at which a flow without start nodes begins. Several calls name several. */
  setCycleEntryPoint(id: Ids<TNodes>): this;
  /**
  * The flow as plain data. The same object until the flow is changed.
  * @throws INPUT_INVALID for a flow without nodes.
  */
  toBlueprint(): TypedBlueprint<FlowContext<TContext, TNodes>>;
  /** The implementations of the flow's nodes by their `uses` keys, for `functionRegistry`. */
  getFunctionRegistry(): Map<string, NodeImplementation>;
  /**
  * The flow for a drawing: a loop is one edge back, a batch is one node.
  * @throws INPUT_INVALID for a flow without nodes.
  */
  toGraphRepresentation(): UIGraph;
  /** Runs the flow: `runtime.run` with its blueprint and its registry. */
  run(runtime: FlowRunner<Needed<TDependencies>>, initialState?: Partial<TContext> | string, options?: RunCallOptions): Promise<WorkflowResult<FlowContext<TContext, TNodes>>>;
  /**
  * Lets a parked run of the flow go on: `runtime.resume` with its blueprint and its registry.
  * @param run The `serializedContext` of its last result, or its execution id.
  * @param data The output of the node that waits, and the action by which its edges are chosen.
  * @param nodeId Which node goes on; `subflow/node` for one in a subflow. Default the first that waits.
  */
  resume(runtime: FlowRunner<Needed<TDependencies>>, run: string, data?: ResumeData, nodeId?: string, options?: ResumeOptions): Promise<WorkflowResult<FlowContext<TContext, TNodes>>>;
}
//#endregion
//#region src/lint/issue.d.ts
/** What the linter can find. */
type LintCode = "DUPLICATE_NODE_ID" | "INVALID_BATCH_WORKER_KEY" | "INVALID_EDGE_SOURCE" | "INVALID_EDGE_TARGET" | "INVALID_EXPRESSION" | "INVALID_FALLBACK" | "INVALID_INPUT" | "INVALID_SUBFLOW_BLUEPRINT_ID" | "MISSING_NODE_IMPLEMENTATION" | "ORPHAN_NODE" | "UNREACHABLE_ACTION";
/** One thing that is wrong with a blueprint. Branch on the `code`, never on the message. */
interface LintIssue {
  readonly code: LintCode;
  readonly message: string;
  /** The node that it is about; of an edge, what the edge names as its source. */
  readonly nodeId?: string;
  /** What the node names: a target, a `uses` key, a fallback, a gather node, a blueprint or a key of the context. */
  readonly relatedId?: string;
}
//#endregion
//#region src/lint/subject.d.ts
/** Blueprints by their id. */
type BlueprintsById = ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>>;
/** What reads the expressions; an evaluator of the runtime is one. */
interface ExpressionCheck {
  /** Why `expression` can never be evaluated, or `undefined`. */
  check?(expression: string): string | undefined;
}
//#endregion
//#region src/lint/lint-blueprint.d.ts
/** What the linter has found. */
interface LintResult {
  /** Whether there are no issues. */
  readonly isValid: boolean;
  /** All of them: of the shape, of nodes, of edges, and of the whole, each in blueprint order. */
  readonly issues: readonly LintIssue[];
}
/** What the linter may be given besides. */
interface LintOptions {
  /** What checks the expressions; one without a `check` lets every text pass. Default an `ExpressionEvaluator`. */
  readonly evaluator?: ExpressionCheck | undefined;
}
/**
* Everything that can be seen to be wrong with a blueprint before it runs. Nothing is executed, and nothing is thrown:
* any JSON can be given. O(V + E).
*
* Built-in `uses` keys need no registration; one that the registry has is an ordinary function here as well. Without
* `blueprints`, a subflow may name any blueprint; it may always name its own.
*
* - `MISSING_NODE_IMPLEMENTATION`, `INVALID_EDGE_SOURCE`, `INVALID_EDGE_TARGET`, `INVALID_SUBFLOW_BLUEPRINT_ID`: what
*   they say.
* - `DUPLICATE_NODE_ID`: also the id of a node that a worker of a batch will have.
* - `ORPHAN_NODE`: a node that no run can come to, or, where others have edges, one without edges, fallback or `inputs`.
* - `INVALID_BATCH_WORKER_KEY`: a batch that does not hold together: its worker, its gather node, the edge between.
* - `INVALID_EXPRESSION`: a condition or transform that can never be evaluated; a loop without a condition.
* - `INVALID_FALLBACK`: one that is neither a node nor a registry key, or that comes before the node itself.
* - `UNREACHABLE_ACTION`: an edge whose action its source never gives; a loop without exactly one edge to `'continue'`.
* - `INVALID_INPUT`: `inputs` that name the output or input of what is no node (nodes that are added at run time are
*   named without the `_outputs.`); and, having no code of its own, any value of the wrong type or range: of the
*   blueprint, its metadata, a node's `config`, the `params` of a built-in.
*/
declare function lintBlueprint(blueprint: unknown, registry: NodeRegistry, blueprints?: BlueprintsById, {
  evaluator
}?: LintOptions): LintResult;
//#endregion
//#region src/blueprint/fingerprint.d.ts
/**
* A stable hash of a blueprint: 64 hexadecimal digits, equal for blueprints that are equal as JSON. The order of keys
* does not matter, that of nodes and edges does. A property that is `undefined` counts as absent.
*
* @throws SerializationError (`SERIALIZATION_FAILED`) for a blueprint that is not JSON because it is cyclic or too
* deep.
*/
declare function fingerprint(blueprint: WorkflowBlueprint): string;
//#endregion
//#region src/blueprint/sanitize.d.ts
/**
* A blueprint from data of unknown origin, such as the JSON that a drawing tool saves: a copy with the properties that
* the engine knows, and nothing else. `nodes` and `edges` may be arrays, or objects whose values are taken. An optional
* property that is `null` counts as absent. `params` and `metadata` are copied whole; they hold plain data.
*
* @throws `BlueprintError` that lists every value of a wrong type. Whether the ids fit together is checked later.
*/
declare function sanitizeBlueprint(raw: unknown): WorkflowBlueprint;
//#endregion
//#region src/events/format-error.d.ts
/**
* An error and its chain of causes as text for people: what failed and where, each cause further in, and the stack of
* the innermost error that has one. Takes an entry of `result.errors`, or anything that was thrown.
*/
declare function formatError(error: unknown): string;
//#endregion
//#region src/events/value-codec.d.ts
/** A value as JSON text, with type notes where plain JSON is not enough. */
interface EncodedValue {
  readonly json: string;
  readonly notes?: string;
}
/**
* The text of a recorded value, or of plain data around recorded values. Plain data gives exactly `JSON.stringify` and
* no notes. Otherwise `json` stays readable, and `notes` is a JSON list of `[path, type, extra?]`, where `path` lists
* the keys and indices that lead to a part of `json`:
*
* | type | in `json` | `extra` |
* |---|---|---|
* | `undefined` | `null` | |
* | `number` | `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"` | |
* | `bigint` | its digits | |
* | `string` (with NUL or a lone surrogate) | U+FFFD in place of these | the string |
* | `keys` (an object with such keys) | U+FFFD in place of these | a list of `[key in json, key]` |
* | `Date` | ISO 8601, or `null` when invalid | |
* | `URL` | its href | |
* | `RegExp` | `/source/flags` | `[source, flags, lastIndex]` |
* | `Map`, `Set` | a list of `[key, value]`, a list of items | |
* | `Error` | an object of its parts | |
* | `custom` (a `CustomValue`) | an object of its `type` and what is `encoded` | |
* | `ArrayBuffer`, `Buffer`, `DataView`, typed arrays | base64, in the byte order of the machine (little-endian) | |
* | `ref` (a shared reference or a cycle) | `null` | the path where the object was first met |
*
* So `json` holds no `\u0000` and no lone surrogate, which some databases refuse.
*
* @throws SerializationError (`SERIALIZATION_FAILED`) for what `snapshot` would refuse too.
*/
declare function encodeValue(recorded: unknown): EncodedValue;
/**
* The value that `encodeValue` was given, deep-frozen.
*
* @throws SerializationError (`SERIALIZATION_FAILED`) for text that is damaged or nested too deep.
*/
declare function decodeValue(json: string, notes?: string): unknown;
//#endregion
//#region src/expressions/compile.d.ts
/** The values that an expression sees, by name. */
type Scope = Readonly<Record<string, unknown>>;
//#endregion
//#region src/expressions/expression-evaluator.d.ts
/**
* The default evaluator: expressions in JavaScript's own syntax and meaning, safe for blueprints from people who are
* not trusted.
*
* It knows names, paths (`a.b`, `a['b c']`, `a[0]`, `a?.b`), texts, numbers, `true`, `false`, `null`, `undefined`,
* `NaN`, `Infinity`, arrays, `== != === !== < <= > >= in`, `&& || ?? !`, `+ - * / % **`, `typeof` and `? :`. It has no
* calls, assignments, functions, objects, regular expressions or template literals.
*
* Where it is not JavaScript:
* - Only own properties are seen, of objects, arrays and texts, and the `size` of a Map or Set. So `a.constructor` is
*   `undefined`, and `key in a` asks for an own key (of an array: an index).
* - A name that the scope does not have is `undefined`. Reading a property of `undefined` or `null` throws, as ever.
* - No operator runs user code: in arithmetic and comparisons a Date counts as its time, also for `==`, and any other
*   object throws, unless it is compared by identity, or to `null`.
* - An expression has at most 10 000 characters, and `+` makes no text of more than 1 000 000.
*/
declare class ExpressionEvaluator implements IEvaluator {
  #private;
  readonly neverWrites = true;
  /**
  * @throws `FlowcraftError` with code `EXPRESSION_INVALID` when `expression` cannot be parsed, and `EXPRESSION_FAILED`
  * when it throws.
  */
  evaluate(expression: string, context: Scope): unknown;
  /** Why `expression` cannot be parsed, or `undefined`. */
  check(expression: string): string | undefined;
  /** The names that `expression` can read; none when it cannot be parsed. */
  names(expression: string): readonly string[];
}
//#endregion
//#region src/expressions/property-evaluator.d.ts
/**
* Reads dot paths, such as `result.output.status`, and nothing else. Only own properties are seen, and a path that
* leads nowhere is `undefined`. An expression with other characters than `[a-zA-Z0-9_$.]` is reported with
* `console.error` and is `undefined`.
*/
declare class PropertyEvaluator implements IEvaluator {
  readonly neverWrites = true;
  evaluate(expression: string, context: Scope): unknown;
  /** The first part of the path. */
  names(expression: string): readonly string[];
}
//#endregion
//#region src/expressions/unsafe-evaluator.d.ts
/**
* Evaluates any JavaScript expression with `new Function`.
*
* **Unsafe:** an expression can do whatever the process can: read files, secrets and globals, loop for ever. Use it
* only where every blueprint is as trusted as your own source code. `ExpressionEvaluator` needs no such trust.
*
* Names of the scope that are no JavaScript identifiers cannot be reached.
*/
declare class UnsafeEvaluator implements IEvaluator {
  #private;
  /** @throws `FlowcraftError` with code `EXPRESSION_INVALID` or `EXPRESSION_FAILED`; the original is the `cause`. */
  evaluate(expression: string, context: Scope): unknown;
  /** What JavaScript finds wrong with the syntax of `expression`, or `undefined`. */
  check(expression: string): string | undefined;
}
//#endregion
//#region src/events/custom-value.d.ts
/**
* The recorded form of an instance of a class that a runtime keeps by a `ValueType`: plain data, so that every store and
* every reader can hold it. A runtime that has the type gives an instance in its place; whoever reads without a runtime
* (a listener, a store, a `WorkflowError`), or without that type, gets this. Recorded again, it stays what it is.
*/
declare class CustomValue {
  /** The `name` of the type. */
  readonly type: string;
  /** What `encode` of the type gave. */
  readonly encoded: unknown;
  constructor(type: string, encoded: unknown);
}
//#endregion
//#region src/events/value-type.d.ts
/** A class whose instances are recorded as data, and read as instances again. */
interface ValueType<T = unknown> {
  /** Recorded with every instance: it must stay the same as long as there are histories with it. */
  readonly name: string;
  /** Whether `value` is an instance. Asked about objects that are neither plain objects nor plain arrays. */
  is(value: unknown): boolean;
  /** What an instance consists of: anything that can be recorded, and that does not lead back to the instance. */
  encode(value: T): unknown;
  /** An instance made of what `encode` gave: of a copy, which it may keep and change. */
  decode(encoded: unknown): T;
}
//#endregion
//#region src/extensions/container.d.ts
/** The name of a service in a {@link DIContainer}. */
type ServiceToken = string | symbol;
/** The tokens under which a runtime looks for its services. They are the same in every copy of this package. */
declare const ServiceTokens: {
  readonly Logger: symbol;
  readonly Serializer: symbol;
  readonly Evaluator: symbol;
  readonly EventBus: symbol;
  readonly Middleware: symbol;
  readonly NodeRegistry: symbol;
  readonly BlueprintRegistry: symbol;
  readonly Dependencies: symbol;
};
/** Services by their tokens. A later registration of a token replaces an earlier one. */
declare class DIContainer {
  #private;
  constructor(parent?: DIContainer);
  register<T>(token: ServiceToken, value: T): void;
  /**
  * Registers a service that is made when it is first asked for, and then kept. `factory` is given this container.
  * @throws INPUT_INVALID for a factory that is no function.
  */
  registerFactory<T>(token: ServiceToken, factory: (container: DIContainer) => T): void;
  /**
  * The service of this container or, if it has none of that token, of its parent. Its type is the caller's word.
  * @throws INPUT_INVALID for a token that nobody has registered, and for a factory that needs its own service.
  */
  resolve<T = unknown>(token: ServiceToken): T;
  has(token: ServiceToken): boolean;
  /** A container that has the services of this one, and may replace them for itself. */
  createChild(): DIContainer;
}
//#endregion
//#region src/extensions/middleware.d.ts
/**
* What is done around every node of a runtime. It wraps the whole node, its retries inside: what it writes is recorded
* with the node's outcome. What it throws fails the node without a retry; the node's fallback runs.
*
* Of `[m1, m2]` the order is: around1 > around2 > before1, before2, node, after1, after2 < around2 < around1.
*/
interface Middleware {
  /** Runs before the first attempt. */
  beforeNode?(context: IAsyncContext, nodeId: string): void | Promise<void>;
  /** Runs after the last attempt, or after a `beforeNode` that failed: with a result, or with an error. */
  afterNode?(context: IAsyncContext, nodeId: string, result: NodeResult | undefined, error: Error | undefined): void | Promise<void>;
  /**
  * Runs the node by calling `next` once, or not at all. What it returns counts as what the node returned, also where
  * `next` failed.
  */
  aroundNode?(context: IAsyncContext, nodeId: string, next: () => Promise<NodeResult>): NodeResult | Promise<NodeResult>;
}
//#endregion
//#region src/extensions/serializer.d.ts
/** How a context becomes the text of `serializedContext`, and back. */
interface ISerializer {
  serialize(object: Readonly<Record<string, unknown>>): string;
  deserialize(text: string): Record<string, unknown>;
}
/**
* The default serializer. A plain context gives exactly `JSON.stringify`. One with richer values (Date, Map, cycles, …)
* gives the same keys, and the key `_types` with the notes that bring its values back.
*/
declare class JsonSerializer implements ISerializer {
  /** @throws SerializationError (`SERIALIZATION_FAILED`) for a function, a symbol, or the key `_types`. */
  serialize(object: Readonly<Record<string, unknown>>): string;
  /** @throws SerializationError (`SERIALIZATION_FAILED`) for text that is not a context. */
  deserialize(text: string): Record<string, unknown>;
}
//#endregion
//#region src/history/event-bus.d.ts
/** Where a runtime sends what happens. Durable means that `emitBatch`, or each `emit` in `seq` order, has resolved. */
interface IEventBus {
  emit(event: FlowcraftEvent): void | Promise<void>;
  /** Events that belong together, in order. Without it, they are emitted one by one. */
  emitBatch?(events: readonly FlowcraftEvent[]): Promise<void>;
  /** Resolves when everything emitted so far has been dealt with. */
  flush?(): Promise<void>;
}
/** Is told of events of one type, or of every event (`'*'`). What it returns is not used; a promise may reject. */
type FlowEventListener<T extends EventType | "*"> = (event: T extends EventType ? EventOf<T> : FlowcraftEvent) => unknown;
/** Options of a {@link FlowEventBus}. */
interface FlowEventBusOptions {
  /** Is told what a listener threw or rejected with. Default `console.error`. */
  readonly onListenerError?: ((error: unknown, event: FlowcraftEvent) => void) | undefined;
}
/** Tells listeners in this process what happens. A listener that fails is reported and breaks nothing. */
declare class FlowEventBus implements IEventBus {
  #private;
  constructor(options?: FlowEventBusOptions);
  /** Calls `listener` at every event of `type`; `'*'` stands for every type. */
  on<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Calls `listener` at the next event of `type` only. */
  once<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Forgets a listener that was given to `on` or `once` for this `type`. */
  off<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Calls the listeners of the event's type, then those of `'*'`, each in the order in which they came. */
  emit(event: FlowcraftEvent): void;
  /** Emits one by one. */
  emitBatch(events: readonly FlowcraftEvent[]): Promise<void>;
}
//#endregion
//#region src/history/admit-batch.d.ts
/** A batch may be stored from its event number `skip` on (all done when that is its length), or it may not. */
type Admission = {
  readonly skip: number;
  readonly error?: never;
} | {
  readonly skip?: never;
  readonly error: FlowcraftError;
};
/**
* The rule of every append, to be asked under the store's lock: what the same writer stored before counts as done,
* another writer is a `ConcurrencyError`, a gap is a `HistoryCorruptError`. An execution without a writer takes the
* first that goes on exactly behind its last event; a parked one too, when that batch begins with `workflow:resume` or
* `workflow:cancel`. Whoever takes it over is its writer from then on, which the store has to remember.
*
* @param guardWriter The writer of the execution that {@link guardOf} names; `undefined` when it names none, or one that
* is unknown or has no writer.
*/
declare function admitBatch(batch: EventBatch, head: ExecutionHead, guardWriter?: string): Admission;
/**
* The execution that must have the same writer for a batch to be stored: the run of a subflow begins, and is taken over,
* only by whoever writes its parent. `undefined` where there is none to ask, as for every other batch.
*/
declare function guardOf({
  events: [first]
}: EventBatch, head: ExecutionHead): string | undefined;
/**
* The same rule for a single event without a writer, to be asked once the store has seen that it does not hold the very
* same event already: `undefined` when the event is the next one, else why it may not be stored. A parked execution that
* goes on in this way has no writer any more.
*/
declare function admitEvent(event: FlowcraftEvent, executionId: string, head: ExecutionHead): FlowcraftError | undefined;
//#endregion
//#region src/history/execution-change.d.ts
/** What a store notes of an execution besides its events, as far as later events change it. */
interface ExecutionChange {
  readonly status: RunStatus;
  readonly finishedAt: number | undefined;
  readonly errorCount: number;
  /** When the first of what it waits for goes on by itself; `undefined` while it is not parked, or for never. */
  readonly wakeUpAt: number | undefined;
}
/** What is noted of an execution before its first event. */
declare const unchanged: ExecutionChange;
/**
* What a store notes of an execution behind `events`, the same for every store. An execution keeps its owner only while
* its status is `'running'`.
*/
declare function changeAfter(events: readonly FlowcraftEvent[], before?: ExecutionChange): ExecutionChange;
/** Whether an execution of this status ends with a `workflow:pause` or a `workflow:stall`: then nobody owns it. */
declare function isParkedStatus(status: RunStatus): boolean;
//#endregion
//#region src/history/requests.d.ts
/** Who asks a store for something. */
type Request = "list" | "page" | "subscribe" | "prune" | "renew" | "due";
/**
* The same for every store: what a request may ask for.
*
* @throws `EventStoreError` naming the first key that is unknown, missing, or has a value of a wrong kind.
*/
declare function assertRequest(request: Request, given: object): void;
/** The statuses that a filter names. */
declare function statusesOf(given: RunStatus | readonly RunStatus[]): readonly RunStatus[];
//#endregion
//#region src/history/unbroken.d.ts
/**
* The rows before the first gap, of rows in the order of their `seq`, which is their first column. The first must have the
* seq `from`.
*
* @throws `HistoryCorruptError` when it has another.
*/
declare function unbroken<Row extends readonly [seq: number, ...rest: unknown[]]>(rows: readonly Row[], from: number, executionId: string): readonly Row[];
/** The error of an execution whose event `seq` is not there, although a later one is, or was. */
declare function missingEvent(executionId: string, seq: number): HistoryCorruptError;
//#endregion
//#region src/ports.d.ts
/** The time, and a way to wait for it. */
interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now. Gives a function that cancels it. */
  setTimer(ms: number, callback: () => void): () => void;
}
/** Gives an id that no one else has. */
type IdGenerator = () => string;
/** The clock of the machine. Waits longer than the 2^31-1 ms that `setTimeout` can hold as well. */
declare const systemClock: Clock;
//#endregion
//#region src/history/in-memory-event-store.d.ts
/** Options of an {@link InMemoryEventStore}. */
interface InMemoryEventStoreOptions {
  /**
  * Above this number, the executions that finished first are dropped, with those of their subflows. Those with
  * something unfinished stay, and so does what forks need of the dropped ones. Default no limit.
  */
  readonly maxExecutions?: number | undefined;
  /** What leases are measured by. Default the clock of the machine. */
  readonly clock?: Pick<Clock, "now"> | undefined;
}
/**
* An event store in the memory of this process. Keeps the very event objects that it is given, which must be frozen, and
* gives them back; of those that hold bytes, which cannot be frozen, it gives copies.
*/
declare class InMemoryEventStore implements IEventStore, EventStoreCapabilities {
  #private;
  constructor(options?: InMemoryEventStoreOptions);
  /**
  * Keeps one event. An event that is there already is left as it is.
  *
  * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
  * parked; `HistoryCorruptError` when it would leave a gap.
  */
  store(event: FlowcraftEvent, executionId: string): Promise<void>;
  append(batches: readonly EventBatch[]): Promise<AppendOutcome[]>;
  retrieve(executionId: string): Promise<FlowcraftEvent[]>;
  retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>>;
  read(executionId: string, range?: ReadRange): AsyncGenerator<FlowcraftEvent, void, undefined>;
  list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage>;
  subscribe(target: FollowTarget, options?: FollowOptions): AsyncIterableIterator<FollowedEvent>;
  getStats(): Promise<EventStoreStats>;
  delete(executionId: string): Promise<number>;
  prune(options: PruneOptions): Promise<number>;
  clear(): Promise<void>;
  close(): Promise<void>;
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
  claim(claim: Claim): Promise<void>;
  fork(fork: Fork): Promise<void>;
  renew(owner: string, leaseMs: number): Promise<void>;
  due(now: number, limit?: number): Promise<DueExecution[]>;
}
//#endregion
//#region src/history/ownership.d.ts
type LeasingStore = Pick<EventStoreCapabilities, "renew">;
/** How a lease is kept. */
interface OwnershipOptions {
  readonly leaseMs: number;
  /** Does something once more where a fault of the store may pass by itself. */
  retrying(action: () => Promise<void>): Promise<void>;
}
/**
* Who drives runs on a store, for other processes on it to see: an owner whose lease is renewed while one of its runs is
* live. All runtimes of a process on one store object are one owner.
*/
declare class Ownership {
  #private;
  readonly owner: string;
  constructor(store: LeasingStore, options: OwnershipOptions);
  /** Whether a run is live in this process. */
  isLive(executionId: string): boolean;
  /** Somebody drives a run from here on. */
  enter(executionId: string, driver: object): void;
  /** Does so no more. */
  leave(executionId: string, driver: object): void;
  /** A run could not be recorded any more: its store says that it is driven from here, and it is not. */
  lose(executionId: string): void;
  /** Runs that were lost since the last time, for whoever lets them go on. */
  takeLost(): readonly string[];
  /** Resolves when the lease goes on; `undefined` when it is known to. Rejects when the store cannot be written. */
  held(): Promise<void> | undefined;
  /** Resolves when no renewal is under way, whatever came of it. */
  settled(): Promise<void>;
}
//#endregion
//#region src/history/persistent-event-bus.d.ts
/**
* When a run may go on: `'step'` lets no effect happen before the events that it rests on are durable, `'relaxed'` only
* holds back the settling of the run.
*/
type Durability = "step" | "relaxed";
/** What a {@link PersistentEventBusAdapter} takes from outside. Default the machine's. */
interface PersistentEventBusPorts {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
  /** Calls back after what is due in this turn of the event loop. */
  macrotask(callback: () => void): void;
}
/** Options of a {@link PersistentEventBusAdapter}. */
interface PersistentEventBusOptions extends FlowEventBusOptions {
  /** Default `'step'`. */
  readonly durability?: Durability | undefined;
  /** Events in one commit, at most; a single larger batch is not divided. Default 1 000. */
  readonly maxBatchSize?: number | undefined;
  /** From so many events on that are not durable yet, `drained` waits. Default 100 000. */
  readonly maxBufferedEvents?: number | undefined;
  /** How long transient faults of the store are retried. Default 10 000 ms; 0 for not at all. */
  readonly retry?: {
    readonly deadlineMs?: number | undefined;
  } | undefined;
  /**
  * How long other processes leave the runs of this one alone after it was last heard of: they recover them then.
  * Default 30 000 ms; renewed several times in it. Of several buses on one store object, that of the first counts.
  */
  readonly leaseMs?: number | undefined;
  readonly ports?: Partial<PersistentEventBusPorts> | undefined;
}
/**
* An event bus that keeps every event in a store, by group commit: one commit is in flight, and what arrives meanwhile,
* from all runs, forms the next. Listeners are told after the commit.
*/
declare class PersistentEventBusAdapter implements IEventBus {
  #private;
  readonly store: EventStore;
  readonly durability: Durability;
  /** Who drives the runs of this process, where the store can tell processes apart. */
  readonly ownership: Ownership | undefined;
  /** @throws INPUT_INVALID for what is no event store. */
  constructor(store: EventStore, options?: PersistentEventBusOptions);
  /** The number of events that are not durable yet. */
  get buffered(): number;
  /**
  * Resolves when the batch is durable. Batches of one execution are committed in the order in which they are given;
  * once one has failed, the later ones of the same writer fail with the same error and are not written. `alone` says
  * that no other run is about to commit, so that this one does not wait for company. A rejection that nobody handles
  * does no harm.
  *
  * @throws `EventStoreError` with the store's error as `cause`; `ConcurrencyError` when another writer was there first.
  */
  commit(batch: EventBatch, hint?: {
    readonly alone: boolean;
  }): Promise<void>;
  /**
  * Takes a run over, of which a {@link Claim} says where it stands. Transient faults are retried: a claim that was made
  * counts as done.
  *
  * @throws `ExecutionConflictError`, `ConcurrencyError`, `EventStoreError`.
  */
  claim(claim: Claim): Promise<void>;
  /**
  * Begins an execution that shares a part of another one's history. Transient faults are retried: a fork that was made
  * counts as done.
  *
  * @throws `ConcurrencyError`, `EventStoreError`; `FlowcraftError` with the code `EXECUTION_UNKNOWN`.
  */
  fork(fork: Fork): Promise<void>;
  /** Does something with the store; while its faults may pass by themselves, it is tried again. */
  retrying<T>(action: () => Promise<T>): Promise<T>;
  /** Whether {@link keepBlueprint} has somewhere to keep one. */
  get keepsBlueprints(): boolean;
  /** Keeps a blueprint in the store. Transient faults are retried, as those of events are. */
  keepBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  /** Ends the memory of a failed commit of this execution and writer. To be called when a run has left memory. */
  release(executionId: string, writer: string): void;
  /** Resolves when fewer than `maxBufferedEvents` events are waiting to become durable. */
  drained(): Promise<void>;
  /** Resolves when the event is durable. For users of a plain bus: all that is emitted here counts as one writer. */
  emit(event: FlowcraftEvent): Promise<void>;
  /** The same for several events, of one execution or of many; consecutive ones of one execution are stored together. */
  emitBatch(events: readonly FlowcraftEvent[]): Promise<void>;
  /**
  * Resolves when everything given to this bus so far is durable. Rejects when a part of it fails meanwhile, or when
  * an event that was emitted since the last `flush` has failed.
  */
  flush(): Promise<void>;
  /** Makes everything given to this bus so far durable, and closes the store. Rejects as {@link flush} does; then it is closed as well. */
  close(): Promise<void>;
  /** Calls `listener` at every event of `type` that has become durable; `'*'` stands for every type. */
  on<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Calls `listener` at the next durable event of `type` only. */
  once<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Forgets a listener that was given to `on` or `once` for this `type`. */
  off<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
}
//#endregion
//#region src/render/mermaid-text.d.ts
/** What a Mermaid drawing may hold before Mermaid refuses it. */
interface MermaidLimits {
  /** The most edges. Default 500, Mermaid's own `maxEdges`. */
  readonly maxEdges?: number | undefined;
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined;
}
//#endregion
//#region src/render/flowchart.d.ts
/** What a drawing shows, and the limits of the Mermaid that will read it. Past them a drawing is collapsed. */
interface MermaidOptions extends MermaidLimits {
  /** Whether the `params` of nodes are shown in their labels. Default `false`. */
  readonly params?: boolean | undefined;
  /**
  * Whether a frame below the drawing tells what the marks, outlines and edges in it mean. Default `false`. It is left
  * out where the limits leave no room for it.
  */
  readonly legend?: boolean | undefined;
}
/** What a drawing of a run shows. */
interface MermaidRunOptions extends MermaidOptions {
  /** The `seq` of the last event that counts. Default: all events count. */
  readonly at?: number | undefined;
}
/** A blueprint as the text of a Mermaid flowchart. */
declare function generateMermaid(blueprint: WorkflowBlueprint, options?: MermaidOptions): string;
/**
* A run as the text of a Mermaid flowchart: what became of each node, and the edges that were taken.
* @throws FlowcraftError `POSITION_NOT_FOUND` if no event has the `seq` in `options.at`.
*/
declare function generateMermaidForRun(blueprint: WorkflowBlueprint, events: readonly FlowcraftEvent[], options?: MermaidRunOptions): string;
//#endregion
//#region src/render/gantt.d.ts
/** How much a Gantt chart may hold. Past it, the chart is collapsed and says what it leaves out. */
interface MermaidGanttOptions {
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined;
  /** The most bars. Default 500. */
  readonly maxBars?: number | undefined;
  /**
  * Whether a last section has a bar for each look that there is, which tells what it means. Default `false`. It is left
  * out where there is no room for it.
  */
  readonly legend?: boolean | undefined;
}
/**
* A run as the text of a Mermaid Gantt chart: a section for each node, and in it a bar for each attempt, wait and
* back-off. Where `events` has those of subflows too, their nodes have sections of their own.
*/
declare function generateMermaidGantt(events: Iterable<FlowcraftEvent>, options?: MermaidGanttOptions): string;
//#endregion
//#region src/render/sequence.d.ts
/** How much a sequence diagram may hold. Past it, the diagram is collapsed and says what it leaves out. */
interface MermaidSequenceOptions {
  /** The most UTF-16 units of text. Default 50 000, Mermaid's own `maxTextSize`. */
  readonly maxTextSize?: number | undefined;
  /** The most nodes that have a lifeline. Default 100. */
  readonly maxNodes?: number | undefined;
  /** The most arrows and notes. Default 500. */
  readonly maxSteps?: number | undefined;
  /** Whether a note at the end tells what the marks mean. Default `false`. It is left out where there is no room for it. */
  readonly legend?: boolean | undefined;
}
/**
* A run as the text of a Mermaid sequence diagram: what was started, and what became of it, in order. Where `events`
* has those of subflows too, their nodes are told of under the node that runs them.
*/
declare function generateMermaidSequence(events: Iterable<FlowcraftEvent>, options?: MermaidSequenceOptions): string;
//#endregion
//#region src/render/text-timeline.d.ts
/** How a timeline is printed. */
interface TimelineOptions {
  /** The columns of the terminal. Default 80, at least 40. */
  readonly width?: number | undefined;
  /** Whether there are ANSI colours in it. Default `false`. */
  readonly color?: boolean | undefined;
  /** Whether decisions about edges have lines too. Default `false`. */
  readonly showEdges?: boolean | undefined;
  /** The most lines below the title. Past it, what matters least is left out, and it is said how much. Default 500. */
  readonly maxLines?: number | undefined;
  /** Whether lines at the end tell what the bars and marks mean. Default `false`. */
  readonly legend?: boolean | undefined;
}
/**
* A run as text for a terminal: a title, then a line for each attempt, wait, back-off and skipped node in the order in
* which they began, each with its place in time as a bar. Where `events` has those of subflows too, they are among them.
*/
declare function formatTimeline(events: Iterable<FlowcraftEvent>, options?: TimelineOptions): string;
//#endregion
//#region src/runtime/values.d.ts
/** Whether what nodes hand over is copied, or shared with whoever reads it. */
type Isolation = "clone" | "reference";
//#endregion
//#region src/runtime/execution-handle.d.ts
/** Options of one turn. */
interface TurnOptions {
  /** How many of the turn's nodes may run at a time. Default, and at most, that of the run. */
  readonly concurrency?: number | undefined;
}
/** A hold on one execution. */
interface ExecutionHandle<TContext = Record<string, unknown>> {
  readonly executionId: string;
  /** Resolves when the start of the run is durable. Rejects as `result` does. */
  readonly begun: Promise<void>;
  /** The result, once it is durable. May be asked for any number of times. @throws EVENT_STORE_FAILED, CONCURRENCY_CONFLICT. */
  result(): Promise<WorkflowResult<TContext>>;
  /** Cancels the run, unless it has ended. Its result follows with status `cancelled`. */
  cancel(reason?: unknown): void;
  /** Parks the run as soon as no attempt is running; `resume` runs exactly what was left. */
  pause(): void;
  /**
  * Lets a waiting node go on, as `runtime.resume` does, without waiting for what comes of it.
  * @param nodeId `subflow/node` for one in a subflow. Default the first that waits.
  * @throws NOT_AWAITING, SERIALIZATION_FAILED; nothing has happened then.
  */
  resume(data?: ResumeData, nodeId?: string): void;
  /**
  * For runs that were started `byTurns`: starts what is ready now and waits for it to end, retries included. Gives the
  * result so far, `stalled` in the middle; `null` once it has given that of the end, or when nothing is left but what
  * waits. Calls that overlap are taken one after the other.
  */
  turn(options?: TurnOptions): Promise<WorkflowResult<TContext> | null>;
}
//#endregion
//#region src/runtime/fork-options.d.ts
/** The run that is forked, as far as it is needed: a `Recording` has all of it. */
interface ForkSource {
  readonly executionId: string;
  readonly events: readonly FlowcraftEvent[];
  /** Of the run at its end, if it is known. */
  readonly blueprint?: WorkflowBlueprint | undefined;
}
/** Where a fork begins, and what is different there. */
interface ForkOptions {
  /** The last event that both have. */
  readonly at: Position;
  /** Keys of the context that get another value. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Keys of the context that go. */
  readonly delete?: readonly string[] | undefined;
  /** By node: the output of each start from here on, in place of an attempt. */
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
  /**
  * Nodes that run again though they have come up, as if they had not, and with them all that stands behind them: the
  * whole loop of a node in a loop, the whole batch of a scatter. What they wrote to the context is taken back.
  */
  readonly rerun?: readonly string[] | undefined;
  /** The blueprint from here on. It must take the decisions that are recorded up to here. Default the recorded one. */
  readonly blueprint?: WorkflowBlueprint | undefined;
  readonly functionRegistry?: NodeRegistry | undefined;
  /** Of the fork. Default a new one. */
  readonly executionId?: string | undefined;
  /** Cancels the fork when it aborts. */
  readonly signal?: AbortSignal | undefined;
}
//#endregion
//#region src/runtime/replay.d.ts
/** Stored events, as a list or as a stream. */
type EventSource = Iterable<FlowcraftEvent> | AsyncIterable<FlowcraftEvent>;
/** Options of a replay. */
interface ReplayOptions {
  /** How far to go. Default `'end'`. */
  readonly until?: Position | undefined;
  /** Whether another blueprint than the recorded one is an error. Default `false`. */
  readonly strict?: boolean | undefined;
}
/** The exact state of a past run. */
interface ReplayResult<TContext = Record<string, unknown>> extends Omit<WorkflowResult<TContext>, "status" | "executionId"> {
  /** That of the replay, which completed. */
  readonly status: "completed";
  /** That of the run at this position; `'running'` also for a log that was cut off. */
  readonly recordedStatus: RunStatus;
  readonly executionId: string;
  /** Of the last event that counts; -1 for none. */
  readonly seq: number;
  /** Whether the blueprint given is the recorded one. */
  readonly blueprintMatches: boolean;
}
//#endregion
//#region src/runtime/launch.d.ts
/** Options of a run that is started. */
interface StartOptions extends RunCallOptions {
  /** Whether nodes start only by `turn()`. Default `false`. */
  readonly byTurns?: boolean | undefined;
}
//#endregion
//#region src/runtime/runtime-options.d.ts
/** Options of a `FlowRuntime`. */
interface RuntimeOptions<TDependencies extends object = Record<string, unknown>> {
  /** Implementations for every run of this runtime. */
  readonly registry?: NodeRegistry | undefined;
  /** What subflows may run, by id. */
  readonly blueprints?: BlueprintRegistry | undefined;
  /** Flows whose blueprints and implementations every run may use. */
  readonly flows?: readonly RegisteredFlow[] | undefined;
  /** What nodes get as `dependencies`. */
  readonly dependencies?: TDependencies | undefined;
  /** Default a `ConsoleLogger`. */
  readonly logger?: ILogger | undefined;
  /** Where events go; without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined;
  /** Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined;
  /** What is done around every node, the outermost first. Default nothing. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Makes `serializedContext`, and reads an initial state given as text. Default a `JsonSerializer`. */
  readonly serializer?: ISerializer | undefined;
  /** Whether values are copied between nodes, or shared; a recorded run copies. Default `'clone'`. */
  readonly isolation?: Isolation | undefined;
  /**
  * The classes whose instances are kept, in the order in which they are asked. An instance of any other that the
  * history does not know is recorded as plain data. Whoever does not know a type reads a `CustomValue`. Default none.
  */
  readonly valueTypes?: readonly ValueType[] | undefined;
  /** Whether a blueprint with a cycle is refused. Recorded with each run. Default `false`. */
  readonly strict?: boolean | undefined;
  /** Default the machine's. */
  readonly clock?: Clock | undefined;
  /** Makes execution ids. Default random UUIDs. */
  readonly idGenerator?: IdGenerator | undefined;
  /** After so many crashes in the middle of one iteration of a node, it fails with NODE_CRASHED. Default 100. */
  readonly maxRecoveries?: number | undefined;
}
/** What a runtime gives its nodes besides the engine's own. */
type RuntimeDependencies = Record<string, unknown>;
/** Blueprints by their ids. */
type BlueprintRegistry = ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>>;
/** A flow with its code, as a builder has it. */
interface RegisteredFlow {
  toBlueprint(): WorkflowBlueprint;
  getFunctionRegistry(): ReadonlyMap<string, NodeImplementation>;
}
//#endregion
//#region src/runtime/default-container.d.ts
/** What a runtime looks for in a container. */
interface RuntimeServices {
  readonly logger?: ILogger | undefined;
  readonly serializer?: ISerializer | undefined;
  readonly evaluator?: IEvaluator | undefined;
  /** Without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
  readonly registry?: NodeRegistry | undefined;
  readonly blueprints?: ReadonlyMap<string, WorkflowBlueprint> | Readonly<Record<string, WorkflowBlueprint>> | undefined;
  readonly dependencies?: Record<string, unknown> | undefined;
}
/**
* A container with a service for every token of `ServiceTokens`: the given ones, else those that a runtime has by
* itself. For the event bus there is none by itself.
*/
declare function createDefaultContainer(services?: RuntimeServices): DIContainer;
//#endregion
//#region src/runtime/recover.d.ts
/** Options of a recovery. */
type RecoverOptions = ResumeOptions;
/** Which runs to recover. */
type RecoverFilter = Pick<ExecutionFilter, "blueprintId" | "tag" | "startedFrom" | "startedBefore">;
/** What came of recovering many runs. */
interface Recovered {
  /** Of the runs that go on in this runtime now. */
  readonly handles: readonly ExecutionHandle[];
  /** Runs that could not be recovered, and why: mostly because there is no code for them here. */
  readonly failures: readonly {
    readonly executionId: string;
    readonly error: unknown;
  }[];
}
//#endregion
//#region src/runtime/runtime.d.ts
/** Runs blueprints, and replays what was recorded of their runs. */
declare class FlowRuntime<TDependencies extends object = Record<string, unknown>> implements FlowRunner<TDependencies> {
  #private;
  /** What the runtime was made with; the services of a container are among them. */
  readonly options: RuntimeOptions<TDependencies>;
  readonly registry: NodeRegistry;
  readonly dependencies: TDependencies;
  readonly logger: ILogger;
  readonly eventBus: IEventBus | undefined;
  readonly evaluator: IEvaluator;
  readonly middleware: readonly Middleware[];
  readonly serializer: ISerializer;
  /**
  * @throws INPUT_INVALID for `isolation: 'reference'` with an event bus: a log cannot hold what it does not own; for
  * middleware that is none, or value types without a name of their own.
  */
  constructor(options?: RuntimeOptions<TDependencies>);
  /** Takes its services from a container, as far as `options` does not give them. */
  constructor(container: DIContainer, options?: RuntimeOptions<TDependencies>);
  /**
  * Runs a blueprint to its end. A node's failure is part of the result.
  * @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED before anything is recorded; EVENT_STORE_FAILED or
  * CONCURRENCY_CONFLICT when the log cannot be written.
  */
  run<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
  /** Starts a run and gives a handle on it. @throws what `run` rejects with before anything is recorded. */
  start<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: StartOptions): ExecutionHandle<TContext>;
  /**
  * Lets a parked run go on, and gives what it comes to: where it ends, or parks again. A node is resumed once.
  * @param serializedContext Of the parked run's result, or its execution id. Where the run is in memory, or its log in the
  * event store, that counts and no more than the execution id is read from it.
  * @param nodeId The waiting node; `subflow/node` for one in a subflow. Default the first that waits.
  * @throws NOT_AWAITING for what does not wait; INPUT_INVALID for what is no answer; BLUEPRINT_MISMATCH;
  * EXECUTION_UNKNOWN; SERIALIZATION_FAILED.
  */
  resume<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, serializedContext: string, data?: ResumeData, nodeId?: string, options?: ResumeOptions): Promise<WorkflowResult<TContext>>;
  /** The same for an execution id: from memory or from the log. */
  resume<TContext = Record<string, unknown>>(executionId: string, data?: ResumeData & {
    readonly nodeId?: string | undefined;
  }, options?: ResumeOptions): Promise<WorkflowResult<TContext>>;
  /**
  * What a run has come to: of one that is live in this runtime where it ends or parks, of any other what its log says.
  * `wait: true` waits for the end of a run of this runtime, also of a parked one that goes on by an answer or a timer.
  * @throws EXECUTION_UNKNOWN for what is neither in memory nor in the event store.
  */
  result<TContext = Record<string, unknown>>(executionId: string, options?: {
    readonly wait?: boolean | undefined;
  }): Promise<WorkflowResult<TContext>>;
  /**
  * Cancels a run of this runtime, or one in the event store that is parked or was cut off. Resolves when the run has
  * ended, and that is durable.
  * @throws EXECUTION_UNKNOWN when there is none of that id; EXECUTION_CONFLICT when it is live in another process;
  * EVENT_STORE_FAILED.
  */
  cancel(executionId: string, reason?: unknown): Promise<void>;
  /**
  * Lets a run go on that was cut off, from its log alone and under its id, and gives what it comes to. Finished nodes do
  * not run again; those that had started and not finished do. One that has ended or is parked has its result already.
  * @throws EXECUTION_UNKNOWN; EXECUTION_CONFLICT when it is live in another process; CONCURRENCY_CONFLICT when another
  * process was faster; BLUEPRINT_INVALID, BLUEPRINT_MISMATCH before anything has happened; EVENT_STORE_FAILED.
  */
  recover<TContext = Record<string, unknown>>(executionId: string, options?: RecoverOptions): Promise<WorkflowResult<TContext>>;
  /**
  * Takes every run whose process is gone, and lets it go on here; those of subflows come with their roots.
  * @throws EVENT_STORE_FAILED also where the event store cannot list its executions.
  */
  recoverAll(filter?: RecoverFilter, options?: ResumeOptions): Promise<Recovered>;
  /**
  * Parks a run as soon as no attempt is running; `resume` runs exactly what was left.
  * @throws EXECUTION_UNKNOWN when no run of that id is live or parked; EXECUTION_CONFLICT when it is live in another process.
  */
  requestPause(executionId: string): Promise<void>;
  /**
  * Wakes parked runs when the time of what they wait for has come: those of this runtime, and those in its event store,
  * whichever process they were parked by. Recovers runs whose process is gone, where there is code for them.
  * @param intervalMs How often to look at least. Default 1000.
  */
  startScheduler(intervalMs?: number): void;
  /** Wakes no more runs, and leaves no timer behind. */
  stopScheduler(): void;
  /**
  * Begins a new execution with the history of another one up to an event, and lets it go on from there as if the rest had
  * not been: finished nodes keep their results, what ran there starts again. The other one is never touched.
  * @param source A recording, or the id of an execution in the event store.
  * @throws INPUT_INVALID, POSITION_NOT_FOUND, EXECUTION_UNKNOWN, BLUEPRINT_INVALID, BLUEPRINT_MISMATCH,
  * CONTEXT_KEY_RESERVED, SERIALIZATION_FAILED, EXECUTION_CONFLICT for an `executionId` that there is already: then nothing
  * has happened; EVENT_STORE_FAILED.
  */
  fork<TContext = Record<string, unknown>>(source: ForkSource | string, options: ForkOptions): Promise<ExecutionHandle<TContext>>;
  /** Lets subflows run a flow by its id, and every run use its implementations. */
  register(flow: RegisteredFlow): this;
  /** A blueprint that the runtime was given or that was registered. */
  getBlueprint(id: string): WorkflowBlueprint | undefined;
  /**
  * The exact state of a past run, folded from its events. No node runs, nothing is emitted or stored.
  * @param executionId Default that of the first `workflow:start`; events of other executions are left out.
  * @throws HISTORY_CORRUPT, POSITION_NOT_FOUND, EXECUTION_UNKNOWN; BLUEPRINT_MISMATCH under `strict`.
  */
  replay<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, events: EventSource, executionId?: string, options?: ReplayOptions): Promise<ReplayResult<TContext>>;
}
//#endregion
//#region src/simulate/simulation-divergence.d.ts
/** The first thing in which a simulated run (`b`) differs from the recorded one (`a`), besides times and the blueprint's own text. */
interface SimulationDivergence {
  /** Of the event that tells of it. */
  readonly type: EventType;
  /** Where each of them has it; absent for the run in which it did not happen. */
  readonly seq: Sides<number>;
  /** The node that it is about, if it is about one. */
  readonly nodeId?: string;
  /** The edge that it is about, if it is about one. */
  readonly edge?: {
    readonly source: string;
    readonly target: string;
    readonly action?: string;
  };
  /** In what it differs; `[]` for what happened in one of them only. */
  readonly differences: readonly ValueDifference[];
}
//#endregion
//#region src/simulate/simulated-run.d.ts
/** What becomes of a node of whose run nothing is recorded. */
type OnMissing = "fail" | "skip" | "run";
//#endregion
//#region src/simulate/options.d.ts
/** Options of a simulation. */
interface SimulateOptions {
  /**
  * By node id: what the node gives each time that it runs, whatever is recorded of it; a failure becomes a success. A node
  * that waits is answered with it.
  */
  readonly outputs?: Readonly<Record<string, unknown>> | undefined;
  /**
  * What becomes of a node that runs, and of whose run nothing is recorded: `'fail'`: it fails with `SIMULATION_MISSING`;
  * `'skip'`: it finishes without an output; `'run'`: its code in `functionRegistry` is executed, with all that it does.
  * Default `'fail'`.
  */
  readonly onMissing?: OnMissing | undefined;
  /** Code for `onMissing: 'run'`. Nothing else is executed. */
  readonly functionRegistry?: NodeRegistry | undefined;
  /** What nodes that are executed get besides the engine's own. Default none. */
  readonly dependencies?: (Readonly<Record<string, unknown>> & {
    readonly logger?: ILogger | undefined;
  }) | undefined;
  /**
  * How many node executions the simulated run may have. Default as many as the recorded one, but no more than ten for each
  * that it had, and a thousand: a loop that a change has made endless does not take all the memory.
  */
  readonly maxIterations?: number | undefined;
  /** What evaluates conditions and transforms: that of the runtime. Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined;
  /** Those of the runtime. Default none. */
  readonly valueTypes?: readonly ValueType[] | undefined;
}
//#endregion
//#region src/simulate/simulate.d.ts
/** What a run would have been under another blueprint. */
interface Simulation {
  /** What the run would have given. Its status is `'running'` where the recorded run was cut off and has nothing more to say. */
  readonly result: SimulationResult;
  /** Of the simulated run, in memory only; under the id of the recorded one, whose subflows' runs stand in for its own. */
  readonly recording: Recording;
  /** In what the simulated run (`b`) differs from the recorded one (`a`). Made when it is first read. */
  readonly diff: RecordingDiff;
  /**
  * The first decision that is another one: the edge that is taken or not, the node that starts or does not; absent when
  * every decision is the same. Made when it is first read.
  */
  readonly divergence: SimulationDivergence | undefined;
  /** Ids of nodes that ran or waited in the simulation, and of whose run nothing is recorded, in that order. */
  readonly missing: readonly string[];
}
/** What a simulated run gives. `context` and `serializedContext` are made when they are first read. */
interface SimulationResult extends Omit<WorkflowResult, "status"> {
  readonly status: RunStatus;
}
/**
* What a recorded run would have been under `blueprint`: its decisions are taken anew, and what nodes did is what they did
* then, in the same order. Nothing is executed, stored or sent, and no time passes; only `onMissing: 'run'` executes nodes.
* Linear in the events.
* @throws BLUEPRINT_INVALID for a blueprint that cannot run; INPUT_INVALID for what is no recording, or a bad option;
* HISTORY_CORRUPT for a recording without a start; SERIALIZATION_FAILED for an output that cannot be recorded.
*/
declare function simulate(blueprint: WorkflowBlueprint, recording: Recording, options?: SimulateOptions): Promise<Simulation>;
//#endregion
//#region src/simulate/summary.d.ts
/** What many recorded runs would have been under another blueprint, as plain JSON data but for the errors. */
interface SimulationSummary {
  readonly total: number;
  /** How many would have taken the same decisions. */
  readonly same: number;
  /** How many would not. */
  readonly diverged: number;
  /** How many could not be opened or simulated. */
  readonly failed: number;
  /** The runs that diverged, by where they did so first; the most frequent place first. */
  readonly divergences: readonly DivergenceGroup[];
  /** How many runs had which status, and would have had which; the most frequent first. */
  readonly statuses: readonly StatusChange[];
  /** In how many simulations which nodes ran or waited without anything recorded of them; the most frequent first. */
  readonly missing: readonly MissingNode[];
  /** Why recordings could not be simulated: the first of them. */
  readonly failures: readonly SimulationFailure[];
}
/** Runs that diverged first at the same place. */
interface DivergenceGroup extends Pick<SimulationDivergence, "nodeId" | "edge"> {
  /** What differs there. */
  readonly type: EventType;
  readonly count: number;
  /** Ids of the first of the executions. */
  readonly executionIds: readonly string[];
}
/** How often a status came of another one, or stayed. */
interface StatusChange {
  readonly before: RunStatus;
  readonly after: RunStatus;
  readonly count: number;
}
/** A node of whose runs nothing is recorded. */
interface MissingNode {
  readonly nodeId: string;
  readonly count: number;
  /** Ids of the first of the executions. */
  readonly executionIds: readonly string[];
}
/** A recording that could not be simulated. */
interface SimulationFailure {
  /** Its number in the stream, from 0. */
  readonly nth: number;
  /** Absent for a recording that could not be opened. */
  readonly executionId?: string;
  readonly error: unknown;
}
//#endregion
//#region src/simulate/simulate-all.d.ts
/** Recordings one after the other, or promises of them. */
type RecordingStream = Iterable<Recording | Promise<Recording>> | AsyncIterable<Recording>;
/** Options of a simulation over many recordings. */
interface SimulateAllOptions extends SimulateOptions {
  /** How many recordings are taken from the stream before they have been simulated. Default 1. */
  readonly concurrency?: number | undefined;
  /** How many examples the summary has of each kind. Default 10. */
  readonly maxExamples?: number | undefined;
  /** Gets each simulation as it is there, and is waited for: the summary itself keeps none of them. */
  readonly onSimulation?: ((simulation: Simulation, recording: Recording) => void | Promise<void>) | undefined;
}
/**
* What recorded runs would have been under `blueprint`, one after the other, and in how many of them something would have
* been different. A promise of a recording that rejects, and a recording that cannot be simulated, are counted, and the others
* go on. Memory does not grow with the number of recordings.
* @throws what `simulate` throws for the blueprint and the options; what the stream itself or `onSimulation` throws.
*/
declare function simulateAll(blueprint: WorkflowBlueprint, recordings: RecordingStream, options?: SimulateAllOptions): Promise<SimulationSummary>;
//#endregion
export { type Admission, type AppendOutcome, type AttemptFacts, BaseNode, type BatchEntry, type BatchErrorMode, type BatchOptions, type BatchResults, type Because, type BlueprintAnalysis, BlueprintError, BlueprintMismatchError, type BlueprintRegistry, type BlueprintsById, type ChildReference, type Claim, type ClaimedHead, type ClaimedPart, type Clock, ConcurrencyError, ConsoleLogger, type ContextChange, type ContextDifference, type ContextWrite, type Cursor, CustomValue, DIContainer, type DecisionSummary, type Divergence, type DivergenceGroup, type DueExecution, type Durability, type Duration, type EdgeDefinition, type EdgeDifference, type EdgeOptions, type EdgeReason, type EncodedValue, type EngineDependencies, type ErrorCause, type ErrorCode, type EventBatch, type EventOf, type EventPayloads, type EventSource, type EventStore, type EventStoreCapabilities, EventStoreError, type EventStoreStats, type EventType, type ExecutionChange, ExecutionConflictError, type ExecutionFilter, type ExecutionHandle, type ExecutionHead, type ExecutionPage, type ExecutionSummary, type ExplainOptions, type Explanation, type ExpressionCheck, ExpressionEvaluator, FlowBuilder, type FlowContext, FlowEventBus, type FlowEventBusOptions, type FlowEventListener, type FlowRunner, FlowRuntime, FlowcraftError, type FlowcraftErrorOptions, type FlowcraftEvent, type FollowFilter, type FollowOptions, type FollowRecordingOptions, type FollowTarget, type FollowedEvent, type Fork, type ForkOptions, type ForkOrigin, type ForkSource, type FormatDiffOptions, HistoryCorruptError, type IAsyncContext, type IEvaluator, type IEventBus, type IEventReader, type IEventStore, type ILogger, type ISerializer, type IdGenerator, type Ids, type Implementation, InMemoryEventStore, type InMemoryEventStoreOptions, type InputKey, type Inputs, type Isolation, JsonSerializer, type LintCode, type LintIssue, type LintOptions, type LintResult, type LoopOptions, type MermaidGanttOptions, type MermaidLimits, type MermaidOptions, type MermaidRunOptions, type MermaidSequenceOptions, type Middleware, type MissingNode, type Needed, type NodeClass, type NodeConfig, type NodeContext, type NodeDefinition, type NodeDifference, type NodeEntry, type NodeFunction, type NodeImplementation, type NodeOptions, type NodeRegistry, type NodeResult, type NodeSnapshot, type NodeStatus, NodeTimeoutError, NullLogger, type OnMissing, type PageRequest, type ParentLink, type PatchOperation, type PathDifference, type PathStep, PersistentEventBusAdapter, type PersistentEventBusOptions, type PersistentEventBusPorts, type Position, PropertyEvaluator, type PruneOptions, type ReadRange, type RecordedResult, type RecordedRun, type RecordedRunOptions, type Recording, type RecordingDiff, type RecordingFromOptions, type RecordingStore, type RecordingStream, type RecoverFilter, type RecoverOptions, type Recovered, type RegisteredFlow, type ReplayOptions, type ReplayResult, type Request, type ResumeData, type ResumeOptions, type ResumeReason, type RunCallOptions, type RunStatus, type RuntimeDependencies, type RuntimeFacade, type RuntimeOptions, type RuntimeServices, SerializationError, type SerializeRecordingOptions, type ServiceToken, ServiceTokens, type SettledResult, type Sides, type SimulateAllOptions, type SimulateOptions, type Simulation, type SimulationDivergence, type SimulationFailure, type SimulationResult, type SimulationSummary, type SingleEntry, type SkipReason, type SleepOptions, type Snapshot, type StartOptions, type StatusChange, type StuckNode, type SubflowOptions, type TerminalStatus, type TimelineOptions, type TurnOptions, type TypedBlueprint, type UIEdge, type UIGraph, type UINode, UnsafeEvaluator, type ValueDifference, type ValueType, type Verification, type VerificationDivergence, type VerifyOptions, type WaitOptions, type WaitReason, type WaitRequest, type Waiting, type WorkflowBlueprint, type WorkflowBlueprintMetadata, type WorkflowError, type WorkflowResult, type WorkflowStateFacade, type WorkflowStatus, admitBatch, admitClaim, admitEvent, admitFork, analyzeBlueprint, assertRequest, changeAfter, checkForCycles, createDefaultContainer, createFlow, decodeValue, diffRecordings, dueOf, encodeValue, errorCodes, fingerprint, formatDiff, formatError, formatTimeline, generateMermaid, generateMermaidForRun, generateMermaidGantt, generateMermaidSequence, guardOf, isFlowcraftError, isNodeClass, isParkedStatus, isTerminal, lintBlueprint, missingEvent, openRecording, parseRecording, partsOf, recordingFrom, sanitizeBlueprint, serializeRecording, sharedEvent, simulate, simulateAll, statusesOf, systemClock, terminalStatuses, unbroken, unchanged, verifyRecording };
// flowcraft: replay.d.mts
import { $t as isFlowcraftError, A as ExplainOptions, B as NodeStatus, C as openRecording, D as RecordingStore, Dt as RunStatus, E as FollowRecordingOptions, F as ChildReference, I as ContextChange, Jt as HistoryCorruptError, Kt as FlowcraftError, L as ContextWrite, Lt as WorkflowBlueprint, M as Cursor, Mt as Waiting, N as Snapshot, O as AttemptFacts, P as NodeSnapshot, R as Position, S as RecordingFromOptions, St as FlowcraftEvent, T as Recording, Ut as ErrorCode, Zt as WorkflowError, _ as PathDifference, a as Verification, b as Sides, c as serializeRecording, d as formatDiff, f as ContextDifference, g as EdgeDifference, h as diffRecordings, i as DecisionSummary, j as Explanation, k as Because, l as parseRecording, m as RecordingDiff, n as VerifyOptions, o as VerificationDivergence, p as NodeDifference, r as verifyRecording, s as SerializeRecordingOptions, t as RecordedRun, u as FormatDiffOptions, v as PathStep, w as recordingFrom, x as ValueDifference, y as Divergence, z as ForkOrigin } from "./verify.mjs";
export { type AttemptFacts, type Because, type ChildReference, type ContextChange, type ContextDifference, type ContextWrite, type Cursor, type DecisionSummary, type Divergence, type EdgeDifference, type ErrorCode, type ExplainOptions, type Explanation, FlowcraftError, type FlowcraftEvent, type FollowRecordingOptions, type ForkOrigin, type FormatDiffOptions, HistoryCorruptError, type NodeDifference, type NodeSnapshot, type NodeStatus, type PathDifference, type PathStep, type Position, type RecordedRun, type Recording, type RecordingDiff, type RecordingFromOptions, type RecordingStore, type RunStatus, type SerializeRecordingOptions, type Sides, type Snapshot, type ValueDifference, type Verification, type VerificationDivergence, type VerifyOptions, type Waiting, type WorkflowBlueprint, type WorkflowError, diffRecordings, formatDiff, isFlowcraftError, openRecording, parseRecording, recordingFrom, serializeRecording, verifyRecording };
// flowcraft: testing-vitest.d.mts
import { t as GoldenFile } from "./golden-files.mjs";
import { WorkflowBlueprint } from "flowcraft";
import { MatcherResult, MatcherState } from "vitest";

//#region ../testing/src/vitest-matcher-types.d.ts
/** The two nodes of an edge, and its action where there are several between them. */
interface EdgeEnds {
  readonly source: string;
  readonly target: string;
  readonly action?: string | undefined;
}
/**
* What importing `flowcraft/testing/vitest` adds to `expect`. Each takes a recording, a list of events, or what keeps one,
* such as an `InMemoryEventLogger` or a `Stepper`; the first two also the result of a run.
*/
interface FlowcraftMatchers {
  /** The run has ended, and well. */
  toHaveCompleted(): void;
  /** The run has failed, by this node among others. */
  toHaveFailedAt(nodeId: string): void;
  /** These nodes have started, in this order; others may have come between them. */
  toHaveRun(...nodeIds: string[]): void;
  /** The node was skipped, at least once. */
  toHaveSkipped(nodeId: string): void;
  /** An edge between these nodes was taken, at least once. */
  toHaveTaken(edge: EdgeEnds): void;
  /** Replay of the events gives this context, such as `result.context`. Takes asymmetric matchers. */
  toReplayTo(context: object): void;
  /**
  * The events are those of a golden history, whatever the order of parallel ones, and the blueprint (default that of the
  * run) would take every decision of it. A path is taken from the folder of the test. With `vitest -u` or UPDATE_GOLDEN=1
  * the history is recorded anew, as it is where it is missing and `CI` is not set. To be awaited.
  */
  toMatchGolden(file: GoldenFile, blueprint?: WorkflowBlueprint): Promise<void>;
}
/** What a matcher finds. */
type Verdict = Extract<MatcherResult, {
  readonly pass: boolean;
}>;
/** The matchers as `expect.extend` takes them. */
type MatcherFunctions = { readonly [K in keyof FlowcraftMatchers]: (this: MatcherState, received: unknown, ...expected: Parameters<FlowcraftMatchers[K]>) => ReturnType<FlowcraftMatchers[K]> extends Promise<void> ? Promise<Verdict> : Verdict };
//#endregion
//#region ../testing/src/vitest-matchers.d.ts
/** The matchers, for an `expect` of one's own: `expect.extend(flowcraftMatchers)`. */
declare const flowcraftMatchers: MatcherFunctions;
//#endregion
//#region ../testing/src/vitest-serializer.d.ts
/** What prints the logs of runs in snapshots. */
interface LogSerializer {
  /** Whether it prints a value: a recording, a list of events from the start of a run, or what keeps such a list. */
  test(value: unknown): boolean;
  /** Within another value, it stands further in, in brackets. */
  serialize(value: unknown, config?: unknown, indentation?: string): string;
}
/**
* Prints a run in snapshots as a log to be reviewed: a line for each event, without numbers, times and ids of executions; the
* events of a subflow's run below what started it. `expect.addSnapshotSerializer` takes it.
*/
declare const flowcraftSerializer: LogSerializer;
//#endregion
//#region ../testing/src/vitest.d.ts
declare module "vitest" {
  interface Matchers<T> extends FlowcraftMatchers {}
}
//#endregion
export { type EdgeEnds, type FlowcraftMatchers, type GoldenFile, type LogSerializer, type MatcherFunctions, type Verdict, flowcraftMatchers, flowcraftSerializer };
// flowcraft: testing.d.mts
import { t as GoldenFile } from "./golden-files.mjs";
import { Clock, EventOf, EventStore, EventStoreCapabilities, EventType, FlowRuntime, FlowcraftEvent, IAsyncContext, IEventBus, NodeRegistry, Recording, ResumeData, RunCallOptions, RuntimeOptions, Snapshot, TypedBlueprint, VerifyOptions, WorkflowBlueprint, WorkflowResult, WorkflowStatus } from "flowcraft";

//#region ../testing/src/event-logger.d.ts
/** An event bus that keeps every event in memory, for a test to look at. It is no store: nothing can be resumed from it. */
declare class InMemoryEventLogger implements IEventBus {
  #private;
  /** In the order in which they came, those of subflows' runs included. A copy. */
  get events(): readonly FlowcraftEvent[];
  emit(event: FlowcraftEvent): void;
  /** Forgets all events. */
  clear(): void;
  /** The first event of a type; `undefined` when there is none. */
  find<T extends EventType>(type: T): EventOf<T> | undefined;
  /** All events of a type. */
  filter<T extends EventType>(type: T): EventOf<T>[];
  /** Prints the events with `console.log`: a title, then a line for each, with the time since the first one. */
  printLog(title?: string): void;
}
//#endregion
//#region ../testing/src/faults.d.ts
/** `fn`, whose first call throws `error` instead, whoever makes it. Default an error that says so. */
declare function failOnce<TArgs extends readonly unknown[], TResult>(fn: (...args: TArgs) => TResult, error?: unknown): (...args: TArgs) => TResult;
/**
* `store`, whose `n`-th write of events (from 1) fails, and nothing of it is stored; all others work. A write is a call of
* `append`, of `fork`, or of `store` where there is no `append`.
* @throws INPUT_INVALID where `n` is no whole number from 1.
*/
declare function failingStore(store: EventStore, n: number): EventStore;
/**
* `store` as a process leaves it that dies: the first event behind `seq`, of whichever execution, is not stored, nor is
* anything after it; the run rejects with EVENT_STORE_FAILED. It has no leases (`claim`, `renew`, `due`): a runtime on
* `store` itself can recover the run at once.
* @throws INPUT_INVALID where `seq` is no whole number from -1.
*/
declare function crashAfter(store: EventStore, seq: number): EventStore;
//#endregion
//#region ../testing/src/golden-family.d.ts
/**
* A run by its events: a recording, a list of events, or what keeps a list of them, such as an `InMemoryEventLogger` or a
* `Stepper`. Events of subflows' runs may be among them.
*/
type RecordedRun = Iterable<FlowcraftEvent> | EventKeeper;
/** What keeps the events of a run; of the one that `executionId` names, where it names one. */
interface EventKeeper {
  readonly events: Iterable<FlowcraftEvent>;
  readonly executionId?: string | undefined;
}
//#endregion
//#region ../testing/src/golden.d.ts
/** Options of a check against a golden history. */
interface CheckGoldenOptions extends VerifyOptions {
  /** Runs the workflow and gives what it has recorded: for update mode, and for a history that is not there yet. */
  readonly record?: (() => RecordedRun | Promise<RecordedRun>) | undefined;
  /** Whether the history is recorded anew. Default what the environment variable `UPDATE_GOLDEN` says. */
  readonly update?: boolean | undefined;
  /** Today's blueprints of subflows, by their ids. The histories of subflows whose blueprint is not among them are not checked. */
  readonly blueprints?: Readonly<Record<string, WorkflowBlueprint>> | undefined;
}
/**
* Keeps a run, with the runs of its subflows, as a golden history: a file that `checkGolden` checks blueprints against.
* Execution ids, times, durations and stacks are made the same in every such file, and a file in which nothing but the
* order of parallel events would change stays as it is: so recording again changes it only when the behaviour has changed.
* A folder that is missing is made.
* @throws INPUT_INVALID for what holds no events or those of several runs, and for a file that cannot be written.
*/
declare function recordGolden(file: GoldenFile, recorded: RecordedRun): Promise<void>;
/**
* Checks that a blueprint would take every decision of a golden history, and gives that history. No code of nodes runs. In
* update mode, or where the file is missing and this is not CI (`CI` is not set), the history is recorded first, if
* `record` is given.
* @throws BLUEPRINT_MISMATCH where the blueprint decides otherwise: the message names file, event, node or edge;
* INPUT_INVALID where the file is missing; HISTORY_CORRUPT where it is damaged; BLUEPRINT_INVALID for a blueprint that cannot
* run; what `record` throws.
*/
declare function checkGolden(file: GoldenFile, blueprint: WorkflowBlueprint, options?: CheckGoldenOptions): Promise<Recording>;
//#endregion
//#region ../testing/src/run-with-trace.d.ts
/**
* The result of a run, whose events are printed with `console.log` when it fails or throws. Recorded on the given
* runtime's bus too, if it has one; as every recorded run, it copies values. It runs in a runtime with the options of the
* given one: what that has got by `register` is not known there.
*
* @throws as `runtime.run` rejects.
*/
declare function runWithTrace<TContext = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(runtime: FlowRuntime<TDependencies>, blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
//#endregion
//#region ../testing/src/stepper/interface.d.ts
/** Options of one step. */
interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined;
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined;
}
/** The context at the stepper's place, to be read only. */
type StepperContext<TContext> = Pick<IAsyncContext<TContext>, "type" | "get" | "has" | "getAll" | "toJSON">;
/** The state at the place where the stepper stood when it was asked for it. */
interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end, `'awaiting'` where everything that is left waits. */
  readonly status: WorkflowStatus;
  getContext(): StepperContext<TContext>;
}
/** A place to run to: the id of a node that is about to start, or what holds of the run there. */
type StepTarget = string | ((snapshot: Snapshot) => boolean);
/**
* Goes through a run turn by turn or event by event, forwards and backwards. The places between turns are the start of the
* run, where its nodes had not begun, and each event that was the last one of a turn. Calls that overlap are taken one after
* the other.
*/
interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string;
  /** The log so far, with those of subflows' runs; later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[];
  /**
  * The history of this execution so far, as `openRecording` gives it. It grows with every event; {@link reset} begins
  * another one. Before the first step has been awaited, it may be empty.
  */
  readonly recording: Recording;
  readonly state: StepperState<TContext>;
  /**
  * Goes on to the end of the present turn or, from the end of one, of the next, and gives the result so far; `null` when
  * nothing is left. What is recorded is not run again: nodes run only where the log ends.
  */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>;
  /** Goes back to the end of an earlier turn, the last one before this place, or to the start; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>;
  /**
  * Goes on by one event, and gives the run as it was after it; `null` when nothing is left. At the end of the log, the
  * whole next turn is run first, and its events are gone through one by one. From inside a turn, `next` goes to its end and
  * `prev` to where it began.
  */
  stepEvent(options?: StepOptions): Promise<Snapshot | null>;
  /**
  * Goes on turn by turn until a node is among those that start next, or until a predicate holds at the end of a turn; the
  * present place counts. Gives the run as it was there, or `null` when nothing is left before that, and the stepper stands
  * at the end then. In a live run, a node that is found has not run, and neither have those that start together with it;
  * `concurrency` holds for them too. From where it has been found, `next` goes on.
  * @throws INPUT_INVALID for a target that is neither the id of a node nor a function.
  */
  runTo(target: StepTarget, options?: StepOptions): Promise<Snapshot | null>;
  /**
  * Lets a node that waits go on, so that `next` has something to run again.
  * @throws NOT_AWAITING for a node that does not wait, and always for a stepper over a recording.
  */
  resume(nodeId: string, data?: ResumeData): void;
  /**
  * Begins anew: a live stepper with another execution that has a log of its own, and the old one is cancelled if it has not
  * ended; one over a recording at its start.
  */
  reset(): void;
  /**
  * Whether nothing is left: the stepper stands at the end of a run that has ended, or of a recording, or `next` has found
  * nothing but nodes that wait.
  */
  isDone(): boolean;
}
//#endregion
//#region ../testing/src/recorded-stepper.d.ts
/**
* A stepper over a past run: nothing is run, recorded or written. It stops where a stepper over the live run stopped, as far
* as the log tells; in a run that was not stepped through, where nothing was running. `events` are those of this execution
* only. A recording that is refreshed has more to step through.
* @param runtime Whose value types and serializer contexts are given with. Default one without options.
* @throws INPUT_INVALID for what is no recording.
*/
declare function createRecordedStepper<TContext = Record<string, unknown>>(recording: Recording, runtime?: {
  readonly options: Pick<RuntimeOptions, "serializer" | "valueTypes">;
}): Stepper<TContext>;
//#endregion
//#region ../testing/src/stepper.d.ts
/**
* A stepper over a new run of `blueprint`. The run is recorded on the given runtime's bus too, if it has one; its log is
* complete and holds the blueprint itself. As every recorded run, it copies values.
* @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED as `runtime.run` rejects.
*/
declare function createStepper<TContext = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(runtime: FlowRuntime<TDependencies>, blueprint: TypedBlueprint<TContext>, functionRegistry: NodeRegistry, initialState?: object | string): Stepper<TContext>;
//#endregion
//#region ../testing/src/store-contract/store-case.d.ts
/** What a store may offer besides its three methods; `'openAgain'`: a second connection to the same events. */
type StoreCapability = keyof EventStoreCapabilities | "openAgain";
/** How to open the store under test: fresh and empty at each call. */
type OpenStore = (() => EventStore | Promise<EventStore>) | OpenableStore;
/** The same for a store whose events can be reached by a second connection. */
interface OpenableStore {
  open(): EventStore | Promise<EventStore>;
  /** Another store on the events of the one that is given. */
  openAgain?(store: EventStore): EventStore | Promise<EventStore>;
}
/** A promise that every event store keeps, and how to check it. */
interface StoreCase {
  readonly promise: string;
  /** What the store must offer for this promise to concern it. */
  readonly needs: readonly StoreCapability[];
  /** Opens stores, closes them at the end, and rejects with an `Error` that says what was expected and what was found. */
  check(open: OpenStore): Promise<void>;
}
//#endregion
//#region ../testing/src/store-contract/store-contract.d.ts
/**
* Every promise of an event store, as cases for any test runner:
* `for (const { promise, check } of eventStoreContract) it(promise, () => check(openStore))`.
*/
declare const eventStoreContract: readonly StoreCase[];
/** The promises that remain for a store that lacks these capabilities, and one more: that it lacks no others, and these. */
declare function eventStoreContractWithout(lacks: readonly StoreCapability[]): readonly StoreCase[];
//#endregion
//#region ../testing/src/virtual-clock.d.ts
/**
* A clock that takes no time: once nothing else goes on, it jumps to the next timer. What a node waits for outside of the
* engine (a file, the network, a timer of the machine) is not seen to go on.
*/
interface VirtualClock extends Clock {
  /**
  * Moves on by `ms`, and fires what is due on the way, in order. Resolves when the work that this causes is done too.
  *
  * @throws INPUT_INVALID for anything but a number of at least 0.
  */
  advance(ms: number): Promise<void>;
}
//#endregion
//#region ../testing/src/test-runtime.d.ts
/** Options of a test runtime, besides those of every runtime. */
interface TestRuntimeOptions<TDependencies extends object = Record<string, unknown>> extends Omit<RuntimeOptions<TDependencies>, "clock" | "eventBus" | "idGenerator"> {
  /** The time at which its clock begins, in epoch milliseconds. Default that of 2025-01-01T00:00:00Z. */
  readonly now?: number | undefined;
  /** Execution ids are `test-<seed>-1`, `test-<seed>-2` and so on. Default 1. */
  readonly seed?: number | string | undefined;
  /** Where runs are recorded. Default a new `InMemoryEventStore` with the same clock. */
  readonly store?: EventStore | undefined;
}
/** A runtime for tests, and what it works with. */
interface TestRuntime<TDependencies extends object = Record<string, unknown>> {
  /** Its scheduler, once started, needs no interval: it looks into the store when it is started and when a node waits. */
  readonly runtime: FlowRuntime<TDependencies>;
  readonly clock: VirtualClock;
  readonly store: EventStore;
}
/**
* A runtime whose runs are recorded in a store and take no time: retries, timeouts and, after `runtime.startScheduler()`,
* sleeps are over as soon as nothing else goes on. The same runs get the same ids.
*/
declare function createTestRuntime<TDependencies extends object = Record<string, unknown>>(options?: TestRuntimeOptions<TDependencies>): TestRuntime<TDependencies>;
//#endregion
export { type CheckGoldenOptions, type EventKeeper, type GoldenFile, InMemoryEventLogger, type OpenStore, type OpenableStore, type RecordedRun, type StepOptions, type StepTarget, type Stepper, type StepperContext, type StepperState, type StoreCapability, type StoreCase, type TestRuntime, type TestRuntimeOptions, type VirtualClock, checkGolden, crashAfter, createRecordedStepper, createStepper, createTestRuntime, eventStoreContract, eventStoreContractWithout, failOnce, failingStore, recordGolden, runWithTrace };
// flowcraft: verify.d.mts
//#region src/errors.d.ts
/** Every `code` that a Flowcraft error can carry. `docs/errors.md` has a section for each. */
declare const errorCodes: readonly ["BATCH_FAILED", "BATCH_INPUT_INVALID", "BLUEPRINT_INVALID", "BLUEPRINT_MISMATCH", "CONCURRENCY_CONFLICT", "CONTEXT_CLOSED", "CONTEXT_KEY_RESERVED", "DYNAMIC_NODES_INVALID", "EVENT_STORE_FAILED", "EXECUTION_CONFLICT", "EXECUTION_UNKNOWN", "EXPRESSION_FAILED", "EXPRESSION_INVALID", "FLOWCRAFT", "HISTORY_CORRUPT", "INPUT_INVALID", "MAX_ITERATIONS_EXCEEDED", "NODE_CRASHED", "NODE_FAILED", "NODE_TIMEOUT", "NOT_AWAITING", "POSITION_NOT_FOUND", "SERIALIZATION_FAILED", "SIMULATION_MISSING", "STORE_CLOSED", "SUBFLOW_FAILED", "SUBFLOW_TOO_DEEP", "TRANSFORM_FAILED"];
/** A stable name for a kind of failure: branch on it, never on a message. */
type ErrorCode = (typeof errorCodes)[number];
/** What a Flowcraft error may say about where it happened. */
interface FlowcraftErrorOptions {
  cause?: unknown;
  nodeId?: string | undefined;
  blueprintId?: string | undefined;
  executionId?: string | undefined;
  /** `true` ends the whole run at once, without retry or fallback. Default `false`. */
  isFatal?: boolean | undefined;
  /** Default `'FLOWCRAFT'`. */
  code?: ErrorCode | undefined;
}
/**
* The error of this library, and the one for nodes to throw when the message should reach the result as it is.
* `isFatal` ends the run.
*/
declare class FlowcraftError extends Error {
  override readonly name: string;
  readonly code: ErrorCode;
  readonly nodeId: string | undefined;
  readonly blueprintId: string | undefined;
  readonly executionId: string | undefined;
  readonly isFatal: boolean;
  constructor(message: string, options?: FlowcraftErrorOptions);
}
type KindOptions = Omit<FlowcraftErrorOptions, "code" | "isFatal">;
/** A blueprint that cannot run. `issues` lists every fault that was found, not only the first. */
declare class BlueprintError extends FlowcraftError {
  override readonly name = "BlueprintError";
  readonly issues: readonly string[];
  constructor(blueprintId: string, issues: readonly string[], options?: KindOptions);
}
/** A blueprint other than the recorded one was given where the recorded one is required. */
declare class BlueprintMismatchError extends FlowcraftError {
  override readonly name = "BlueprintMismatchError";
  constructor(message: string, options?: KindOptions);
}
/** An attempt of a node took longer than its `timeout`. */
declare class NodeTimeoutError extends FlowcraftError {
  override readonly name = "NodeTimeoutError";
  constructor(nodeId: string, timeoutMs: number, options?: KindOptions);
}
/** A value that cannot be recorded, or recorded text that cannot be read. */
declare class SerializationError extends FlowcraftError {
  override readonly name = "SerializationError";
  constructor(message: string, options?: KindOptions);
}
/** The event store could not be written or read. The driver's error is the `cause`. */
declare class EventStoreError extends FlowcraftError {
  override readonly name = "EventStoreError";
  constructor(message: string, options?: KindOptions & {
    code?: ErrorCode;
  });
}
/** Two writers drove one execution; this one lost and has stopped. */
declare class ConcurrencyError extends FlowcraftError {
  override readonly name = "ConcurrencyError";
  constructor(message: string, options?: KindOptions);
}
/** The execution id is taken, or the execution is live elsewhere. */
declare class ExecutionConflictError extends FlowcraftError {
  override readonly name = "ExecutionConflictError";
  constructor(message: string, options?: KindOptions);
}
/** Stored events that cannot be a history: a gap, a duplicate with other content, a newer schema, damage. */
declare class HistoryCorruptError extends FlowcraftError {
  override readonly name = "HistoryCorruptError";
  constructor(message: string, options?: KindOptions);
}
/**
* Whether `value` is an error of this library, with the given `code` if one is named. Works across copies of the
* package, where `instanceof` does not.
*/
declare function isFlowcraftError(value: unknown, code?: ErrorCode): value is FlowcraftError;
/** What a node, a transform or the run itself failed with, as plain data. Equal after a round trip through any store. */
interface WorkflowError {
  /** The message of a `FlowcraftError` thrown by the node; else `Node '<id>' execution failed`, with the `cause`. */
  readonly message: string;
  readonly name: string;
  readonly code?: string;
  /** Absent when the run itself failed and no node. */
  readonly nodeId?: string;
  readonly blueprintId: string;
  readonly executionId: string;
  readonly isFatal: boolean;
  /** ISO 8601, by the runtime's clock. */
  readonly timestamp: string;
  readonly stack?: string;
  readonly cause?: ErrorCause;
}
/** A thrown value as data: an error with its own cause, or a thrown non-error as its `message`. */
interface ErrorCause {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: ErrorCause;
  /** The error's own further properties that can be recorded. */
  readonly properties?: Readonly<Record<string, unknown>>;
}
//#endregion
//#region src/blueprint/blueprint.d.ts
/** A workflow as plain data: nodes, and edges between them. JSON in, JSON out. */
interface WorkflowBlueprint {
  id: string;
  nodes: NodeDefinition[];
  edges: EdgeDefinition[];
  metadata?: WorkflowBlueprintMetadata | undefined;
}
/** Free-form facts about a blueprint; the two named ones have a meaning to the engine. */
interface WorkflowBlueprintMetadata {
  /** Recorded with every run as `blueprintVersion`. */
  version?: string | undefined;
  /** Node ids at which a graph without start nodes begins. */
  cycleEntryPoints?: string[] | undefined;
  [key: string]: unknown;
}
/** One node of a blueprint. */
interface NodeDefinition {
  id: string;
  /** The key of the implementation: a built-in, or an entry of a registry. */
  uses: string;
  params?: Record<string, unknown> | undefined;
  /** Where the input comes from; without it, from what the incoming edges deliver. */
  inputs?: string | Record<string, string> | undefined;
  config?: NodeConfig | undefined;
}
/** One edge of a blueprint. */
interface EdgeDefinition {
  source: string;
  target: string;
  /** Taken only when the source finished with this action. */
  action?: string | undefined;
  /** An expression; the edge is taken only when it is truthy. */
  condition?: string | undefined;
  /** An expression; its value is delivered in place of the source's output. */
  transform?: string | undefined;
}
/** How a node is run. */
interface NodeConfig {
  /** The number of attempts in all, at least 1. Default 1; 0 means 1 as well. */
  maxRetries?: number | undefined;
  /** Milliseconds between two attempts. Default 0. */
  retryDelay?: number | undefined;
  /** `'exponential'` doubles the delay after each failed attempt. Default `'fixed'`. */
  retryBackoff?: "fixed" | "exponential" | undefined;
  /** The longest delay between two attempts, in milliseconds. Default none. */
  retryMaxDelay?: number | undefined;
  /** Milliseconds that one attempt may take. Default no limit. */
  timeout?: number | undefined;
  /** The id of a node, or a registry key, that runs in place of this node when its last attempt has failed. */
  fallback?: string | undefined;
  /** `'all'` (default) waits for every incoming edge, `'any'` starts at the first taken one. */
  joinStrategy?: "all" | "any" | undefined;
}
declare const contextOfRuns: unique symbol;
/** A blueprint that knows, at compile time only, the type of the context that its runs end with. */
interface TypedBlueprint<TContext> extends WorkflowBlueprint {
  readonly [contextOfRuns]?: TContext;
}
//#endregion
//#region src/events/event.d.ts
/** Why a taken-or-not decision about an edge was "not". */
type EdgeReason = "action-mismatch" | "condition-false" | "condition-error" | "default-not-needed";
/** Why a node will not run. */
type SkipReason = "not-chosen" | "upstream-failed" | "fallback-not-needed";
/** How a run can end. */
type TerminalStatus = "completed" | "failed" | "cancelled";
/** The status of a run in the log: `'running'` also for a log that was cut off, `'awaiting'` and `'stalled'` when parked. */
type RunStatus = "running" | "awaiting" | "stalled" | TerminalStatus;
/** The options of a run that are part of its history. */
interface RecordedRunOptions {
  readonly concurrency: number;
  readonly maxIterations: number;
  readonly strict: boolean;
  /** Only nodes from which one of these can be reached start, until the run is resumed. */
  readonly targets?: readonly string[];
}
/** What a node finished with, as recorded. */
interface RecordedResult {
  readonly output?: unknown;
  readonly action?: string;
  /** Nodes that join the run's plan with this event. */
  readonly dynamicNodes?: readonly NodeDefinition[];
  /** Their edges; their indices go on counting after those of the blueprint and of earlier dynamic edges. */
  readonly dynamicEdges?: readonly EdgeDefinition[];
}
/** The node of another run that a run was started by. */
interface ParentLink {
  readonly executionId: string;
  readonly nodeId: string;
  readonly iteration: number;
}
/** What a waiting node waits for. */
type WaitReason = "timer" | "external_event";
/** What keeps a node of a parked run from going on. */
interface Waiting {
  readonly nodeId: string;
  /** `'user_pause'`: nothing but the pause that somebody asked for. */
  readonly reason: WaitReason | "user_pause";
  /** Epoch milliseconds at which it goes on by itself. */
  readonly wakeUpAt?: number;
  readonly event?: string;
}
/** A node that should have run and cannot. */
interface StuckNode {
  readonly nodeId: string;
  readonly reason: string;
}
/** Why a parked run goes on. */
type ResumeReason = "external" | "timer" | "recovery" | "user";
interface InExecution {
  readonly executionId: string;
  readonly blueprintId: string;
}
interface OfNode extends InExecution {
  readonly nodeId: string;
  /** Counts the starts of first attempts of this node in the run, from 0. */
  readonly iteration: number;
}
interface OfAttempt extends OfNode {
  /** From 1. */
  readonly attempt: number;
}
/** Keys of the context as they are without what some nodes wrote. */
interface RestoredKeys {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly delete?: readonly string[];
  /** Keys that nobody else had written. */
  readonly unset?: readonly string[];
}
/** The payload of each event type. */
interface EventPayloads {
  "workflow:start": InExecution & {
    readonly blueprintVersion?: string;
    readonly blueprintHash: string; /** The blueprint itself, when the store cannot keep blueprints by hash. */
    readonly blueprint?: WorkflowBlueprint;
    readonly initialContext: Readonly<Record<string, unknown>>; /** What the start nodes of a subflow get, where the parent's node maps no inputs. */
    readonly input?: unknown;
    readonly options: RecordedRunOptions;
    readonly parent?: ParentLink;
    readonly tags?: readonly string[];
  };
  /**
  * The first event of a forked run that is its own: what is before it is the history of another run, under this run's
  * id. The run goes on from there: what had ended it, or cut nodes off, is lifted.
  */
  "workflow:fork": InExecution & {
    /** The execution that it was forked from, and the last event of it that both have. */readonly from: string;
    readonly seq: number; /** Keys of the context that have another value from here on. */
    readonly set?: Readonly<Record<string, unknown>>; /** Keys of the context that are gone, also as the short name of an output. */
    readonly delete?: readonly string[]; /** By node: the output of every start from here on, in place of an attempt. */
    readonly outputs?: Readonly<Record<string, unknown>>; /** Nodes that begin anew, as if they had not come up: those that were asked for, and all that stand behind them. */
    readonly rerun?: readonly string[]; /** What keys that those nodes wrote come to without them; `set` and `delete` come on top of it. */
    readonly restored?: RestoredKeys; /** Of the blueprint from here on, where it is another one. */
    readonly blueprintHash?: string;
    readonly blueprintVersion?: string;
    readonly blueprint?: WorkflowBlueprint; /** By the index of an edge so far: its index from here on, -1 for one that is gone. Absent where none has moved. */
    readonly edges?: readonly number[];
  };
  /** The run is parked: it waits for timers only, or (`stuck`) something is left that cannot run. */
  "workflow:stall": InExecution & {
    /** How many nodes have not come up. */readonly remainingNodes: number;
    readonly waiting: readonly Waiting[];
    readonly stuck?: readonly StuckNode[];
  };
  /** The run is parked: it waits for something from outside. */
  "workflow:pause": InExecution & {
    readonly waiting: readonly Waiting[];
  };
  /**
  * A parked run goes on; with `nodeId`, by an answer to that node, whose `node:finish` follows. For `'recovery'`, another
  * process has taken the run over, and attempts that were running are made again; with `nodeId`, no more than the run of
  * that node's subflow goes on already.
  */
  "workflow:resume": InExecution & {
    readonly reason: ResumeReason;
    readonly nodeId?: string;
    readonly output?: unknown;
    readonly action?: string; /** Of the blueprint from here on, where it is another one. */
    readonly blueprintHash?: string;
    readonly blueprintVersion?: string;
    readonly blueprint?: WorkflowBlueprint; /** By the index of an edge so far: its index from here on, -1 for one that is gone. Absent where none has moved. */
    readonly edges?: readonly number[];
  };
  "workflow:cancel": InExecution & {
    readonly reason: unknown;
  };
  "workflow:finish": InExecution & {
    readonly status: TerminalStatus;
    readonly errors?: readonly WorkflowError[];
    readonly durationMs: number;
  };
  "node:start": OfAttempt & {
    readonly input: unknown; /** The node that failed and is replaced by this run; its own id for a fallback that is a registry key. */
    readonly fallbackFor?: string; /** The run of a subflow. */
    readonly childExecutionId?: string;
  };
  "node:finish": OfAttempt & {
    readonly result: RecordedResult;
    readonly durationMs: number;
  };
  /** The last attempt failed, or (without a `node:start`) a transform of an incoming edge did. */
  "node:error": OfAttempt & {
    readonly error: WorkflowError;
  };
  /** Attempt number `attempt` failed, and another one follows after `delayMs`. */
  "node:retry": OfAttempt & {
    readonly error: WorkflowError;
    readonly delayMs: number;
  };
  "node:fallback": OfNode & {
    readonly fallback: string;
    readonly error: WorkflowError;
  };
  "node:skipped": OfNode & {
    readonly reason: SkipReason; /** The incoming edge that decided it, if one did. */
    readonly edge?: number;
  };
  /** The node waits; it finishes when it is resumed or its time has come. */
  "node:wait": OfNode & {
    readonly reason: WaitReason;
    readonly wakeUpAt?: number;
    readonly event?: string;
  };
  "edge:evaluate": InExecution & {
    /** Index in `blueprint.edges`. */readonly edge: number;
    readonly source: string;
    readonly target: string;
    readonly action?: string;
    readonly condition?: string; /** Whether the edge was taken. */
    readonly result: boolean;
    readonly reason?: EdgeReason; /** What the transform gave; only on a taken edge that has one. */
    readonly value?: unknown; /** What the condition or the transform threw. */
    readonly error?: WorkflowError;
  };
  "context:change": InExecution & {
    readonly sourceNode: string;
    readonly iteration: number;
    readonly attempt: number;
    readonly key: string;
    readonly op: "set" | "delete";
    readonly value?: unknown;
  };
  /** A chunk of a batch's workers comes into being. */
  "batch:start": InExecution & {
    readonly batchId: string;
    readonly scatterNodeId: string;
    readonly iteration: number; /** `<batchId>[<index>]`, in the order of the items. */
    readonly workerNodeIds: readonly string[]; /** `'collect'`: what workers fail with is part of the results, and no error of the run. */
    readonly onError?: "fail" | "collect";
  };
  /** Every worker has ended. With `onError: 'collect'` the results are settled ones, else outputs. */
  "batch:finish": InExecution & {
    readonly batchId: string;
    readonly gatherNodeId: string;
    readonly iteration: number;
    readonly results: readonly unknown[];
  };
}
/** The name of an event type. */
type EventType = keyof EventPayloads;
/** One event of one type, with its envelope. */
interface EventOf<T extends EventType> {
  /** `<executionId>:<seq>`; derived, not stored. */
  readonly id: string;
  /** The order: from 0, without gaps within an execution. */
  readonly seq: number;
  readonly executionId: string;
  /** Epoch milliseconds by the runtime's clock. For people; `seq` is the order. */
  readonly timestamp: number;
  readonly type: T;
  readonly payload: EventPayloads[T];
  /** Absent means 1. */
  readonly schemaVersion?: number;
}
/** Everything that can have happened in a run. Deep-frozen wherever this library hands one out. */
type FlowcraftEvent = { [T in EventType]: EventOf<T> }[EventType];
//#endregion
//#region src/expressions/evaluator.d.ts
/** What reads the expressions of a blueprint: edge conditions, edge transforms and loop conditions. */
interface IEvaluator {
  /** The value of `expression`, whose names are own properties of `context`. What it throws is recorded. */
  evaluate(expression: string, context: Readonly<Record<string, unknown>>): unknown;
  /** Why `expression` can never be evaluated, or `undefined`. With it, a bad blueprint fails before its run starts. */
  check?(expression: string): string | undefined;
  /**
  * The names of `context` that `expression` can read; `undefined` when that is not known. With it, the engine builds
  * a scope of just those for each evaluation, instead of one that holds the whole context.
  */
  names?(expression: string): readonly string[] | undefined;
  /**
  * Whether no expression can change what it reads. Without it, an evaluator is shown copies of values that hold bytes,
  * which cannot be frozen.
  */
  readonly neverWrites?: boolean;
}
//#endregion
//#region src/history/execution-head.d.ts
/** What a store holds of an execution: the `seq` of its last event (-1 for none) and who appends to it, if known. */
interface ExecutionHead {
  readonly lastSeq: number;
  readonly writer: string | undefined;
  /** Whether its last event is a `workflow:pause` or a `workflow:stall`: then nobody owns it. */
  readonly isParked: boolean;
  /** The execution that started it, if one did. */
  readonly parent?: string | undefined;
}
//#endregion
//#region src/history/claim.d.ts
/** One run of a family that is claimed. */
interface ClaimedPart {
  readonly executionId: string;
  /** The `seq` behind its last event, which is that of `event` if there is one. */
  readonly expectedSeq: number;
  /**
  * Absent for the run of a subflow that is parked and stays so: it only gets a new writer. With `expectedSeq` 0, the
  * run must not have begun.
  */
  readonly event?: FlowcraftEvent | undefined;
}
/** A root and its unfinished runs, which somebody takes over. */
interface Claim extends ClaimedPart {
  readonly owner: string;
  /** The writer of all of them from here on. */
  readonly writer: string;
  /** A `workflow:resume` or a `workflow:cancel` of the root. */
  readonly event: FlowcraftEvent;
  /** The unfinished runs of its subflows. Default none. */
  readonly family?: readonly ClaimedPart[] | undefined;
}
/** A run that somebody should take care of. */
interface DueExecution {
  readonly executionId: string;
  /** `'timer'`: it is parked, and the time of what it waits for has come. `'abandoned'`: whoever drove it is gone. */
  readonly reason: "timer" | "abandoned";
}
/** What a claim is judged by. */
interface ClaimedHead extends ExecutionHead {
  readonly status: RunStatus;
  readonly owner: string | undefined;
  /** Whether the lease of `owner` goes on. */
  readonly isOwnerAlive: boolean;
}
/**
* Every part of a claim, the root first.
*
* @throws `EventStoreError` for one that names an execution twice, or has an event that does not belong where it should go.
*/
declare function partsOf(claim: Claim): readonly ClaimedPart[];
/**
* What `due` answers, by the ids of those whose time has come, in that order, and of those that nobody drives: at most
* `limit`, of which a quarter is left to the abandoned ones if there are so many.
*/
declare function dueOf(timers: readonly string[], abandoned: readonly string[], limit: number): DueExecution[];
/**
* The rule of every claim, to be asked under the store's lock for each part: `'done'` when the same writer has claimed
* it already, `'claim'` when it may, else why it may not. An execution that its own owner claims, or that nobody drives,
* may be claimed where it stands.
*/
declare function admitClaim({
  owner,
  writer
}: Pick<Claim, "owner" | "writer">, part: ClaimedPart, head: ClaimedHead | undefined): "done" | "claim" | FlowcraftError;
/** Whether a run of this status never goes on. */
declare function isTerminal(status: RunStatus): boolean;
//#endregion
//#region src/history/fork.d.ts
/** The beginning of an execution that shares a part of another one's history. */
interface Fork {
  /** Of the new execution. */
  readonly executionId: string;
  readonly from: string;
  /** Of the last event that both have. */
  readonly seq: number;
  readonly writer: string;
  /** Who drives it: the id under which a lease is renewed. */
  readonly owner?: string | undefined;
  /** Its first own event: the `seq` behind the last that both have. */
  readonly event: EventOf<"workflow:fork">;
}
/**
* The rule of every fork, to be asked under the store's lock: `'done'` when the same writer has made it already, `'fork'`
* when it may be made, else why it may not.
* @param head Of the execution with the new id.
* @param source Of the one that it comes from: of what was deleted and is only kept for other forks, as of one that never was.
*/
declare function admitFork(fork: Fork, head: ExecutionHead, source: ExecutionHead): "done" | "fork" | FlowcraftError;
/** An event of another execution as one of `executionId`, which shares it. Values are not copied. */
declare function sharedEvent(event: FlowcraftEvent, executionId: string): FlowcraftEvent;
//#endregion
//#region src/history/listing.d.ts
/** Which executions are meant: those for which all that is given holds. */
interface ExecutionFilter {
  readonly executionId?: string | undefined;
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  readonly blueprintId?: string | undefined;
  /** Those that started then or later, in epoch milliseconds. */
  readonly startedFrom?: number | undefined;
  /** Those that started before then, in epoch milliseconds. */
  readonly startedBefore?: number | undefined;
  /** Whether they ended with errors. */
  readonly hasErrors?: boolean | undefined;
  /**
  * Text in the message of an error of one of their nodes, upper and lower case alike. Read event by event; of a fork, its
  * own events only.
  */
  readonly errorText?: string | undefined;
  /** The execution by whose subflow nodes they were started. Without it, only roots are meant, or what `executionId` names. */
  readonly parent?: string | undefined;
  /** A tag that they were started with. */
  readonly tag?: string | undefined;
}
/** Which part of a list to give. */
interface PageRequest {
  /** At most so many: 1 to 1 000. Default 50. */
  readonly limit?: number | undefined;
  /** The `cursor` of the page before. */
  readonly cursor?: string | undefined;
}
/** A part of a list. */
interface ExecutionPage {
  /** The one that started last first. */
  readonly items: readonly ExecutionSummary[];
  /** Where the next page begins. Absent when nothing is left. */
  readonly cursor?: string;
}
/** What a list says of an execution. Times are epoch milliseconds. */
interface ExecutionSummary {
  readonly executionId: string;
  readonly blueprintId?: string;
  readonly blueprintVersion?: string;
  readonly blueprintHash?: string;
  /** `'running'` also for one that was cut off: see `isOwned`. */
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Absent until it has ended. */
  readonly finishedAt?: number;
  /** The `seq` of its last event. */
  readonly lastSeq: number;
  /** Of the errors that it ended with. */
  readonly errorCount: number;
  /** The execution that started it. */
  readonly parent?: string;
  /** The execution whose history it shares, up to the event `seq`; also when that has been deleted since. */
  readonly forkedFrom?: {
    readonly executionId: string;
    readonly seq: number;
  };
  /** When the first of what it waits for goes on by itself; only while it is parked. */
  readonly wakeUpAt?: number;
  readonly tags: readonly string[];
  /** Who drives it, or did when it was cut off. */
  readonly owner?: string;
  /** Whether the lease of `owner` goes on. */
  readonly isOwned: boolean;
}
/** What `prune` removes. */
interface PruneOptions {
  /** Those whose last event is older, in epoch milliseconds. */
  readonly olderThan: number;
  /** Default every terminal status. A run that somebody drives is never removed. */
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  /** So many of those that started last are kept, of all that would be removed. Default 0. */
  readonly keep?: number | undefined;
}
/** The statuses that never change again. */
declare const terminalStatuses: readonly TerminalStatus[];
//#endregion
//#region src/history/following.d.ts
/** What is followed: an execution, or all that fit a filter, those of subflows included. */
type FollowTarget = string | FollowFilter;
/** Which events to follow: those for which all that is given holds. */
interface FollowFilter {
  readonly blueprintId?: string | undefined;
  /** A tag of the execution. */
  readonly tag?: string | undefined;
  readonly types?: readonly FlowcraftEvent["type"][] | undefined;
}
/** How to follow. */
interface FollowOptions {
  /** The `cursor` of the event behind which to go on; `'end'` for what comes from now on. Default from the first event. */
  readonly cursor?: string | undefined;
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
}
/** An event that has become durable, and where to go on behind it. */
interface FollowedEvent {
  readonly event: FlowcraftEvent;
  /** Of one execution its `seq` as text; else what only the store understands. */
  readonly cursor: string;
}
//#endregion
//#region src/history/event-store.d.ts
/** Read access to stored histories. Replay and everything else that only looks gets no more than this. */
interface IEventReader {
  /** All events of an execution in `seq` order; `[]` when it is unknown. */
  retrieve(executionId: string): Promise<FlowcraftEvent[]>;
  /** The same for several; every id that was asked for is a key of the map. */
  retrieveMultiple(executionIds: string[]): Promise<Map<string, FlowcraftEvent[]>>;
}
/** What an event store must have, and all that a custom one needs. More is detected by presence: {@link EventStoreCapabilities}. */
interface IEventStore extends IEventReader {
  /** Keeps one event. Resolves when it is durable. Called in `seq` order, one call at a time for each execution. */
  store(event: FlowcraftEvent, executionId: string): Promise<void>;
}
/** Consecutive events of one execution, to be stored all or not at all. */
interface EventBatch {
  readonly executionId: string;
  /**
  * A random id of the live incarnation of the run that writes, the same for a run and those of its subflows: events of
  * the same writer that are already there count as done.
  */
  readonly writer: string;
  /** Who drives the run, while it does: the id under which a lease is renewed. Absent for events that nobody drives. */
  readonly owner?: string | undefined;
  readonly events: readonly FlowcraftEvent[];
  /** The `seq` of the first of `events`. */
  readonly expectedSeq: number;
}
/** What became of one batch of an `append`. */
interface AppendOutcome {
  readonly executionId: string;
  /**
  * Absent when the batch is durable. A `ConcurrencyError` when another writer was there first, unless the execution is
  * parked and the batch goes on with it: `admitBatch` is the rule.
  */
  readonly error?: FlowcraftError;
}
/** Which part of a history to read. Both ends are inclusive. */
interface ReadRange {
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
  readonly types?: readonly FlowcraftEvent["type"][] | undefined;
  /** The highest number of events to give. */
  readonly limit?: number | undefined;
}
/** How much a store holds. */
interface EventStoreStats {
  readonly totalEvents: number;
  readonly executions: number;
}
/** What a store may offer besides {@link IEventStore}. */
interface EventStoreCapabilities {
  /**
  * Appends several batches, each all or nothing; the fault of one never fails another. One outcome for each batch, in
  * order. Rejects only when the store as a whole cannot be written; then nothing of the call was stored.
  */
  append(batches: readonly EventBatch[]): Promise<AppendOutcome[]>;
  /** Events in `seq` order, in bounded memory. */
  read(executionId: string, range?: ReadRange): AsyncIterable<FlowcraftEvent>;
  /** Executions, the one that started last first. Those of subflows only where their parent is asked for. */
  list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage>;
  /**
  * Events as they become durable, without loss or repetition, behind those that are there already: of one execution,
  * until it has ended, or of all that fit. Ends when the iterator is returned or the signal aborts; throws with the
  * code `STORE_CLOSED` once the store is closed.
  */
  subscribe(target: FollowTarget, options?: FollowOptions): AsyncIterable<FollowedEvent>;
  getStats(): Promise<EventStoreStats>;
  /**
  * Removes an execution and those of its subflows. Gives how many executions were removed; 0 when it is unknown.
  *
  * @throws `ExecutionConflictError` for one that somebody drives, and for one of a subflow: its root is to be removed.
  */
  delete(executionId: string): Promise<number>;
  /** Removes old executions with those of their subflows, a slice at a time. Gives how many executions were removed. */
  prune(options: PruneOptions): Promise<number>;
  /** Removes every event, execution and blueprint. */
  clear(): Promise<void>;
  /** Releases what the store holds. Every later call rejects with the code `STORE_CLOSED`; closing again does nothing. */
  close(): Promise<void>;
  /** Keeps a blueprint under its hash; a hash that is already there is left as it is. */
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  /** `undefined` when the hash is unknown. */
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
  /**
  * Makes somebody the owner and the writer of a run and of the unfinished runs of its subflows, all or nothing.
  *
  * @throws `ExecutionConflictError` when somebody else drives it; `ConcurrencyError` when a part of it has gone on, has
  * ended or is unknown: `admitClaim` is the rule. Nothing is changed then.
  */
  claim(claim: Claim): Promise<void>;
  /**
  * Begins an execution whose history is that of another one up to `seq`, and then its own: what both have is read under
  * the id of each, and stored once. It is a root, with the blueprint and the tags of its source, and starts with `event`.
  * The source is not changed. One that is deleted later is gone for every reader, and its events are kept as far as a
  * fork needs them.
  *
  * @throws `ConcurrencyError` for an id that is there already, a `FlowcraftError` with the code `EXECUTION_UNKNOWN` for a
  * source without that event: `admitFork` is the rule. Nothing is changed then.
  */
  fork(fork: Fork): Promise<void>;
  /**
  * Says that `owner` is alive for the next `leaseMs` milliseconds, by the clock of the store; 0 gives the lease back.
  * `close` gives back what was renewed here.
  */
  renew(owner: string, leaseMs: number): Promise<void>;
  /** Runs that somebody should take care of, no runs of subflows: those whose time has come first. */
  due(now: number, limit?: number): Promise<DueExecution[]>;
}
/** A store with any of the optional capabilities. */
type EventStore = IEventStore & Partial<EventStoreCapabilities>;
//#endregion
//#region src/state/run-state.d.ts
/** The status of one node at a moment of a run. */
type NodeStatus = "pending" | "running" | "waiting" | "completed" | "failed" | "skipped" | "cancelled";
/** Where a forked run comes from. */
interface ForkOrigin {
  readonly executionId: string;
  /** Of the last event that both have. */
  readonly seq: number;
}
//#endregion
//#region src/state/position.d.ts
/**
* A place in a history: after the event with that `seq`; after the first or the last one; after the last event whose
* running maximum of timestamps is not later than `time` (epoch milliseconds); before a node's start, or after its
* outcome and what that decided. `iteration` is 0 by default.
*/
type Position = number | "start" | "end" | {
  readonly time: number;
} | {
  readonly before: string;
  readonly iteration?: number | undefined;
} | {
  readonly after: string;
  readonly iteration?: number | undefined;
};
//#endregion
//#region src/recording/changes.d.ts
/** What became of one key of the context between two places in a recording. */
interface ContextChange {
  readonly key: string;
  readonly kind: "added" | "changed" | "removed";
  /** `undefined` for a key that was added. */
  readonly before: unknown;
  /** `undefined` for a key that was removed. */
  readonly after: unknown;
}
/** Something that gave a key of the context its value. */
interface ContextWrite {
  readonly key: string;
  /** The event with which it counted: that which tells the outcome of the attempt that wrote. */
  readonly seq: number;
  /** Of that event, in epoch milliseconds. */
  readonly timestamp: number;
  /**
  * `'initial'`: the run began with it. `'set'` and `'delete'`: a node did that to its context, or a fork, which is no node;
  * of several times in one attempt, the last one. `'output'`: the key is the id of a node, or `_outputs.` and such an id, and that node's output
  * came; it does not show as long as the key itself was set or deleted.
  */
  readonly kind: "initial" | "set" | "delete" | "output";
  /** The node that wrote, or whose code gave the output: a fallback, where that stood in. */
  readonly nodeId: string | undefined;
  readonly iteration: number | undefined;
  readonly attempt: number | undefined;
  /** `undefined` for a key that was deleted. */
  readonly value: unknown;
}
//#endregion
//#region src/recording/children.d.ts
/** A run of a subflow that a run started. */
interface ChildReference {
  readonly nodeId: string;
  readonly iteration: number;
  readonly attempt: number;
  /** Of the child. */
  readonly executionId: string;
  /** Of the event that started it. */
  readonly seq: number;
}
//#endregion
//#region src/recording/node-snapshot.d.ts
/** A node as it was after an event of its run. Times are epoch milliseconds. */
interface NodeSnapshot {
  readonly status: NodeStatus;
  /** Attempts of this iteration so far; 0 before the first. */
  readonly attempts: number;
  /** Of the last start. */
  readonly input: unknown;
  /** Of the last time that the node, or a fallback in its place, completed. */
  readonly output: unknown;
  readonly action: string | undefined;
  /** Of the last attempt that failed in this iteration, if none succeeded after it. */
  readonly error: WorkflowError | undefined;
  /** When the first attempt of this iteration began. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** How often the node had started before this time: 0 the first time. */
  readonly iteration: number;
  /** From the start of the first attempt to the end; never less than 0. */
  readonly durationMs: number | undefined;
}
//#endregion
//#region src/recording/snapshot.d.ts
/**
* A run as it was after one of its events. Nothing can change it, and it does not change when its recording grows. Its
* fields are made when they are first read.
*/
interface Snapshot {
  /** Of the event after which this is; -1 for a history without events. */
  readonly seq: number;
  /** Of that event, in epoch milliseconds. */
  readonly timestamp: number | undefined;
  readonly event: FlowcraftEvent | undefined;
  readonly status: RunStatus;
  /** As {@link WorkflowResult.context} would have been, deep-frozen. Bytes in it are copies. */
  readonly context: Readonly<Record<string, unknown>>;
  /**
  * Every node that the run knew of by then, by its id: those of the blueprint, if that is known, and those that came up.
  * The object has no prototype.
  */
  readonly nodes: Readonly<Record<string, NodeSnapshot>>;
  /** What had failed by then and was not made good. */
  readonly errors: readonly WorkflowError[];
  /** What a parked run waited for. */
  readonly awaiting: readonly Waiting[];
  /** One of {@link nodes}, without making all of them; `undefined` where there is no such node. */
  node(id: string): NodeSnapshot | undefined;
}
//#endregion
//#region src/recording/cursor.d.ts
/** A place in a recording that moves. What it gives are snapshots, which do not. */
interface Cursor {
  /** The run as it was here. */
  readonly snapshot: Snapshot;
  /** One event on; `undefined` at the end, where the cursor stays. A recording that grows has another end then. */
  next(): Snapshot | undefined;
  /** One event back; `undefined` at the first one, where the cursor stays. */
  prev(): Snapshot | undefined;
  /**
  * To a position.
  * @throws POSITION_NOT_FOUND; the cursor stays then.
  */
  seek(position: Position): Snapshot;
  /** On to the next start of an attempt of any node; `undefined` when there is none, and the cursor stays. */
  nextNode(): Snapshot | undefined;
  /** Back to the last such start before this place; `undefined` when there is none, and the cursor stays. */
  prevNode(): Snapshot | undefined;
  /**
  * On to the next place that fits; `undefined` when there is none, and the cursor stays.
  * @throws INPUT_INVALID for what is no function.
  */
  runTo(predicate: (snapshot: Snapshot) => boolean): Snapshot | undefined;
}
//#endregion
//#region src/recording/explanation.d.ts
/** What to explain of a node. */
interface ExplainOptions {
  /** Default the last one that came up. */
  readonly iteration?: number | undefined;
  /** As seen from where. Default `'end'`. */
  readonly at?: Position | undefined;
}
/** Why a node is what it is, as plain data. */
interface Explanation {
  readonly nodeId: string;
  /** The iteration that is explained; `undefined` for a node that has not come up. */
  readonly iteration: number | undefined;
  /** What became of it by then. */
  readonly outcome: NodeStatus;
  /** The facts behind it, in the order in which they explain it. */
  readonly because: readonly Because[];
  readonly attempts: readonly AttemptFacts[];
  /** The same for people, in one sentence. */
  readonly sentence: string;
}
/** What became of one attempt of a node. Times are epoch milliseconds. */
interface AttemptFacts {
  /** From 1. */
  readonly attempt: number;
  /** Of its start; of its failure where a transform failed before it. */
  readonly seq: number;
  readonly startedAt: number | undefined;
  /** `'cut-off'`: its process ended without it, and another attempt began. */
  readonly outcome: "running" | "waiting" | "completed" | "failed" | "cut-off" | "cancelled";
  /** Of the event that tells the outcome. */
  readonly endSeq: number | undefined;
  readonly endedAt: number | undefined;
  readonly error: WorkflowError | undefined;
  /** How long to wait for the next attempt. */
  readonly retryDelayMs: number | undefined;
}
interface AtEvent {
  /** Of the event that says so. */
  readonly seq: number;
}
interface OfEdge extends AtEvent {
  /** Index of the edge. */
  readonly edge: number;
  readonly source: string;
}
/** One fact about why a node is what it is. */
type Because = ({
  readonly kind: "start-node";
} & AtEvent) | ({
  readonly kind: "edge-taken";
  readonly action?: string;
  readonly condition?: string;
} & OfEdge) | ({
  readonly kind: "next-turn";
  readonly action?: string;
  readonly condition?: string;
} & OfEdge) | ({
  readonly kind: "fallback-for";
  readonly nodeId: string;
} & AtEvent) | ({
  readonly kind: "created";
  readonly by: string;
} & AtEvent) | ({
  readonly kind: "worker";
  readonly batchId: string;
  readonly by: string;
} & AtEvent) | ({
  readonly kind: "resumed";
  readonly reason: ResumeReason;
} & AtEvent) | ({
  readonly kind: "replaced-by";
  readonly fallback: string;
} & AtEvent) | ({
  readonly kind: "skipped";
  readonly reason: SkipReason;
} & AtEvent) | ({
  readonly kind: "edge-not-taken";
  readonly reason: EdgeReason;
  readonly error?: WorkflowError;
} & OfEdge) | ({
  readonly kind: "upstream-skipped";
  readonly nodeId: string;
} & AtEvent) | ({
  readonly kind: "upstream-failed";
  readonly nodeId: string;
  readonly error: WorkflowError;
} & AtEvent) | ({
  readonly kind: "waits";
  readonly reason: WaitReason;
  readonly wakeUpAt?: number;
  readonly event?: string;
} & AtEvent) | {
  readonly kind: "edge-open";
  readonly edge: number;
  readonly source: string;
  readonly sourceStatus: NodeStatus;
} | {
  readonly kind: "ready";
} | {
  readonly kind: "fallback-not-called";
  readonly for: readonly string[];
} | {
  readonly kind: "targets";
  readonly targets: readonly string[];
} | ({
  readonly kind: "stuck";
  readonly reason: string;
} & AtEvent) | ({
  readonly kind: "parked";
  readonly status: RunStatus;
} & AtEvent) | ({
  readonly kind: "run-ended";
  readonly status: RunStatus;
  readonly error?: WorkflowError;
} & AtEvent) | ({
  readonly kind: "run-cancelled";
  readonly reason: unknown;
} & AtEvent);
//#endregion
//#region src/recording/source.d.ts
/** What a recording can be opened from: any event store, or whatever else reads histories. */
type RecordingStore = IEventReader & Partial<Pick<EventStoreCapabilities, "read" | "subscribe" | "loadBlueprint">>;
//#endregion
//#region src/recording/follow.d.ts
/** How to follow a recording. */
interface FollowRecordingOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
  /**
  * Resolves when a store that has no `subscribe` should be read again, such as by a timer: it is called whenever nothing
  * new was there. Other stores need none.
  */
  readonly wait?: (() => Promise<unknown>) | undefined;
}
//#endregion
//#region src/recording/recording.d.ts
/**
* The history of one run, at every event of which the whole run can be looked at. Looking never changes or writes
* anything. Iterates over its events, so that it can be given wherever events are.
*/
interface Recording extends Iterable<FlowcraftEvent> {
  readonly executionId: string;
  /** How many events it has: the last one has the `seq` `length - 1`. */
  readonly length: number;
  /** At the end; `'running'` also for a run that was cut off. */
  readonly status: RunStatus;
  /** The run whose history this one shares, if it is a fork. */
  readonly forkedFrom: ForkOrigin | undefined;
  /** Epoch milliseconds; `undefined` without a start event. Of a fork, when it was forked. */
  readonly startedAt: number | undefined;
  /** From the start to the end of the run, or to the last event while it has none; never less than 0. */
  readonly durationMs: number | undefined;
  /** The blueprint of the run as it was at the end; `undefined` if neither the events nor the store have it. */
  readonly blueprint: WorkflowBlueprint | undefined;
  /** In order, deep-frozen but for bytes, which cannot be frozen: do not write to them. */
  readonly events: readonly FlowcraftEvent[];
  /**
  * The run at a position. The end of a history without events has the `seq` -1.
  * @throws POSITION_NOT_FOUND for a place that the history does not have.
  */
  at(position: Position): Snapshot;
  /**
  * A place that moves. Default at `'start'`; in a history without events, at its end.
  * @throws POSITION_NOT_FOUND.
  */
  cursor(position?: Position): Cursor;
  /**
  * The keys whose values differ between the contexts at two positions, the engine's own keys included; `from` may be later.
  * @throws POSITION_NOT_FOUND.
  */
  changes(from: Position, to: Position): ContextChange[];
  /** Everything that gave a key of the context a value, in order; `[]` for a key that never had one. */
  writesTo(key: string): ContextWrite[];
  /**
  * Why a node ran, failed, was skipped or never came up, from the events alone.
  * @throws INPUT_INVALID for a node or an iteration that the run does not have; POSITION_NOT_FOUND.
  */
  explain(nodeId: string, options?: ExplainOptions): Explanation;
  /** The runs of subflows that the run started, in that order. */
  children(): ChildReference[];
  /**
  * The recording of the last run that a subflow node started, or of the last one in an iteration.
  * @throws EXECUTION_UNKNOWN when there is none; INPUT_INVALID when this recording has no store.
  */
  child(nodeId: string, options?: {
    readonly iteration?: number | undefined;
  }): Promise<Recording>;
  /**
  * Takes in what the store has got since. Gives how many events that were; 0 for a recording without a store. Snapshots
  * stay as they are.
  * @throws HISTORY_CORRUPT when that does not fit on.
  */
  refresh(): Promise<number>;
  /**
  * Takes in the events of a live run as they come, and gives the snapshot after each, until the run has ended. Nothing is
  * given of what is here already. Without a store, it ends at once.
  * @throws INPUT_INVALID when the store has no `subscribe` and no `wait` is given; HISTORY_CORRUPT.
  */
  follow(options?: FollowRecordingOptions): AsyncIterable<Snapshot>;
}
//#endregion
//#region src/recording/open.d.ts
/**
* The recording of a run as its store has it by now. Linear in the events.
* @throws EXECUTION_UNKNOWN when the store has no events of it; HISTORY_CORRUPT for a gap, a duplicate with other content,
* a newer schema, an event that cannot be read; what the store throws.
*/
declare function openRecording(store: RecordingStore, executionId: string): Promise<Recording>;
/** What `recordingFrom` is told besides the events. */
interface RecordingFromOptions {
  /** Which execution is meant. Default that of the first start event. */
  readonly executionId?: string | undefined;
}
/**
* A recording of events that are at hand. Those of other executions are left out, exact duplicates too; they need not be in
* order. Linear in the events.
* @throws EXECUTION_UNKNOWN without an id and a start event; HISTORY_CORRUPT as `openRecording` does.
*/
declare function recordingFrom(events: Iterable<FlowcraftEvent>, options?: RecordingFromOptions): Recording;
//#endregion
//#region src/recording/value-differences.d.ts
/** One place at which two recorded values differ. */
interface ValueDifference {
  /** The keys and indices that lead there; none for the whole value. */
  readonly path: readonly (string | number)[];
  /** The value as JSON, its type in front where JSON has no such type; cut when long. Absent where there is none. */
  readonly a?: string;
  readonly b?: string;
}
//#endregion
//#region src/recording/divergence.d.ts
/** Something of one run, and of the other; absent where a run has none. */
interface Sides<T> {
  readonly a?: T;
  readonly b?: T;
}
/** The first place at which two histories do not say the same. */
interface Divergence {
  /** `'event'`: something else happened. `'payload'`: the same, with other data. `'end'`: one of them ends here. */
  readonly what: "event" | "payload" | "end";
  /** Of the events that differ; absent for a run that has no more. */
  readonly seq: Sides<number>;
  /** The type of each, and what it is about. */
  readonly event: Sides<string>;
  /** In the payloads, for `'payload'`; else none. */
  readonly differences: readonly ValueDifference[];
}
//#endregion
//#region src/recording/path-difference.d.ts
/** A node that started, or stood in for another one. */
interface PathStep {
  readonly nodeId: string;
  readonly iteration: number;
}
/** In what the ways of two runs through their nodes differ. */
interface PathDifference {
  /** With how many steps, first attempts of nodes in the order in which they started, both begin. */
  readonly inCommon: number;
  /** The steps that follow on these. */
  readonly steps: Required<Sides<readonly PathStep[]>>;
  /** Edges that were not taken as often in both, by their nodes. */
  readonly edges: readonly EdgeDifference[];
}
/** How often the edges from one node to another were taken. */
interface EdgeDifference {
  readonly source: string;
  readonly target: string;
  readonly taken: Required<Sides<number>>;
}
//#endregion
//#region src/recording/diff.d.ts
/** In what two runs differ, as plain JSON data. Of what is the same in both, nothing is in it. */
interface RecordingDiff {
  /** Whether nothing differs but ids of executions, times, stacks and durations. */
  readonly isSame: boolean;
  readonly executionIds: Required<Sides<string>>;
  /** At the end of each, also when they are the same. */
  readonly statuses: Required<Sides<RunStatus>>;
  /** Also when they are the same; in milliseconds. */
  readonly durationMs: Sides<number>;
  /** Absent when the histories say the same from beginning to end. Parallel nodes may have come in another order. */
  readonly firstDivergence?: Divergence;
  /** Absent when the same nodes started in the same order, and the same edges were taken as often. */
  readonly path?: PathDifference;
  /** By node id. */
  readonly nodes: readonly NodeDifference[];
  /** By key; without the engine's own keys and nodes' outputs. */
  readonly context: readonly ContextDifference[];
}
/** In what a node differs between the ends of two runs. What is the same in both is absent. */
interface NodeDifference {
  readonly nodeId: string;
  /** The one run that knows of the node. */
  readonly onlyIn?: "a" | "b";
  readonly status?: Sides<NodeStatus>;
  /** Counts the times that it came up, from 0. */
  readonly iteration?: Sides<number>;
  /** Of the last iteration. */
  readonly attempts?: Sides<number>;
  readonly output?: readonly ValueDifference[];
  readonly action?: Sides<string>;
  /** Name, code and message of the error and of its causes. */
  readonly error?: Sides<string>;
  /** Of the last iteration, in milliseconds. */
  readonly durationMs?: Sides<number>;
}
/** In what a key of the context differs between the ends of two runs. */
interface ContextDifference {
  readonly key: string;
  /** The one run that has the key. */
  readonly onlyIn?: "a" | "b";
  readonly differences: readonly ValueDifference[];
}
/**
* In what two runs differ. `diffRecordings(b, a)` gives the same with the sides exchanged. Linear in the events and values.
* @throws INPUT_INVALID for what is no recording.
*/
declare function diffRecordings(a: Recording, b: Recording): RecordingDiff;
//#endregion
//#region src/recording/format-diff.d.ts
/** How a diff is printed. */
interface FormatDiffOptions {
  /** Whether there are ANSI colours in it: red for what only `a` has, green for `b`. Default `false`. */
  readonly color?: boolean | undefined;
}
/**
* A diff as text for a terminal: the two runs, where they part, and below that the path, the nodes and the context, `-` for
* what `a` has and `+` for what `b` has. Of more than 20 differences of one thing, the rest is only counted.
* @throws INPUT_INVALID for what is no diff.
*/
declare function formatDiff(diff: RecordingDiff, options?: FormatDiffOptions): string;
//#endregion
//#region src/recording/parse-recording.d.ts
/**
* The recording that `serializeRecording` gave the text of, or that the lines of such a text hold. Empty lines do not
* count. Nothing in it is run. Its `child` finds the recordings that were serialized with it.
* @throws HISTORY_CORRUPT with the number of the line, for damage, a newer format, a wrong count, a gap or a duplicate;
* INPUT_INVALID for what is neither text nor lines.
*/
declare function parseRecording(text: string | Iterable<string>): Recording;
//#endregion
//#region src/recording/serialize-recording.d.ts
/** What goes into the text of a recording besides itself. */
interface SerializeRecordingOptions {
  /** Recordings of subflows, to be found again by `child`; theirs are not taken by themselves. Default none. */
  readonly children?: Iterable<Recording> | undefined;
}
/**
* A recording as text that holds all that it shows: JSON Lines, in which a header with the blueprint comes first and then a
* line for each event, and the same again for each of the `children`. Every line ends in a newline.
* @throws INPUT_INVALID for what is no recording, or two of one execution.
*/
declare function serializeRecording(recording: Recording, options?: SerializeRecordingOptions): string;
//#endregion
//#region src/recording/verification.d.ts
/** Whether a blueprint would take the decisions that a recording holds; if not, the first one that it would not take. */
type Verification = {
  readonly ok: true;
} | {
  readonly ok: false;
  readonly divergence: VerificationDivergence;
};
/** A recorded decision that a blueprint would not take. Plain data. */
interface VerificationDivergence {
  /** Of the event that holds the decision. */
  readonly seq: number;
  /** What is recorded. */
  readonly expected: DecisionSummary;
  /** What the blueprint would do in its place. */
  readonly actual: DecisionSummary;
  /** One sentence for people: what differs, and what can be done. */
  readonly reason: string;
  /** The node that it is about; for an edge, the one where it begins. */
  readonly nodeId?: string;
  readonly edge?: {
    readonly source: string;
    readonly target: string;
  };
}
/** What was decided, or would be, in short. */
interface DecisionSummary {
  /** `'nothing'`: at that moment the run would wait for something else. */
  readonly type: EventType | "nothing";
  readonly nodeId?: string;
  /** Of an edge: its index in the blueprint that has it, the recorded or the given one. */
  readonly edge?: number;
  readonly source?: string;
  readonly target?: string;
  /** Of an edge: whether it is taken. */
  readonly result?: boolean;
  readonly iteration?: number;
  readonly attempt?: number;
  /** With what a loop controller ends a turn. */
  readonly action?: string;
  /** Why a node is skipped, or what it waits for. */
  readonly reason?: string;
  /** The name of the event that a node waits for. */
  readonly event?: string;
  readonly fallback?: string;
  readonly fallbackFor?: string;
  readonly workerNodeIds?: readonly string[];
  readonly onError?: string;
  readonly key?: string;
  readonly status?: string;
  /** The input of a start, or what an edge delivers, as text. */
  readonly value?: string;
}
//#endregion
//#region src/recording/verify.d.ts
/** How a recording is verified. */
interface VerifyOptions {
  /** Reads conditions and transforms that are not those of the recorded run. Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined;
  /** Kinds of the engine's own, as `'wait'`, that the runtime has an implementation for. Default none. */
  readonly overridden?: readonly string[] | undefined;
}
/** What of a run is verified: a `Recording` has all of it. */
interface RecordedRun {
  /** In order. */
  readonly events: readonly FlowcraftEvent[];
  /** Of the run as it was at the end, if it is known. */
  readonly blueprint?: WorkflowBlueprint | undefined;
}
/**
* Whether a blueprint would take the decisions that a recording holds: which nodes start and with what input, which edges
* are taken and what they deliver, who is skipped, tried again or replaced, how loops and batches go on, when the run parks
* and ends. The first one that it would not take is told, with its node or edge.
*
* What comes from outside is taken as it is: what nodes finish with, write and throw, what they create, answers, pauses,
* cancellation, crashes, forks. So are times and numbers of slots: delays, timeouts, `concurrency`. Nor does it matter
* what code a node `uses`, as long as the engine's own kinds stay what they are. Another order of what is independent, in
* the blueprint or in the recording, is no divergence; neither is what the recorded run does not know and nothing in it
* depends on: a node that comes last, another branch. An edge that was not taken and a node that was skipped may go.
* The runs of subflows are recordings of their own. Linear in the events.
* @param recording A recording; or the events of one run, in any order; or these in order, and what blueprint the run was
* one of. Where that is not known, less can be compared: not what a subflow runs, nor how often what failed was to be tried.
* @throws BLUEPRINT_INVALID for a blueprint that cannot run; INPUT_INVALID for what holds no events; what `recordingFrom`
* throws.
*/
declare function verifyRecording(blueprint: WorkflowBlueprint, recording: RecordedRun | Iterable<FlowcraftEvent>, {
  evaluator,
  overridden
}?: VerifyOptions): Verification;
//#endregion
export { ExecutionFilter as $, isFlowcraftError as $t, ExplainOptions as A, TerminalStatus as At, NodeStatus as B, BlueprintMismatchError as Bt, openRecording as C, ParentLink as Ct, RecordingStore as D, RunStatus as Dt, FollowRecordingOptions as E, ResumeReason as Et, ChildReference as F, NodeDefinition as Ft, EventStoreStats as G, ExecutionConflictError as Gt, EventBatch as H, ErrorCause as Ht, ContextChange as I, TypedBlueprint as It, ReadRange as J, HistoryCorruptError as Jt, IEventReader as K, FlowcraftError as Kt, ContextWrite as L, WorkflowBlueprint as Lt, Cursor as M, Waiting as Mt, Snapshot as N, EdgeDefinition as Nt, AttemptFacts as O, SkipReason as Ot, NodeSnapshot as P, NodeConfig as Pt, FollowedEvent as Q, errorCodes as Qt, Position as R, WorkflowBlueprintMetadata as Rt, RecordingFromOptions as S, FlowcraftEvent as St, Recording as T, RecordedRunOptions as Tt, EventStore as U, ErrorCode as Ut, AppendOutcome as V, ConcurrencyError as Vt, EventStoreCapabilities as W, EventStoreError as Wt, FollowOptions as X, SerializationError as Xt, FollowFilter as Y, NodeTimeoutError as Yt, FollowTarget as Z, WorkflowError as Zt, PathDifference as _, IEvaluator as _t, Verification as a, Fork as at, Sides as b, EventPayloads as bt, serializeRecording as c, Claim as ct, formatDiff as d, DueExecution as dt, ExecutionPage as et, ContextDifference as f, admitClaim as ft, EdgeDifference as g, ExecutionHead as gt, diffRecordings as h, partsOf as ht, DecisionSummary as i, terminalStatuses as it, Explanation as j, WaitReason as jt, Because as k, StuckNode as kt, parseRecording as l, ClaimedHead as lt, RecordingDiff as m, isTerminal as mt, VerifyOptions as n, PageRequest as nt, VerificationDivergence as o, admitFork as ot, NodeDifference as p, dueOf as pt, IEventStore as q, FlowcraftErrorOptions as qt, verifyRecording as r, PruneOptions as rt, SerializeRecordingOptions as s, sharedEvent as st, RecordedRun as t, ExecutionSummary as tt, FormatDiffOptions as u, ClaimedPart as ut, PathStep as v, EdgeReason as vt, recordingFrom as w, RecordedResult as wt, ValueDifference as x, EventType as xt, Divergence as y, EventOf as yt, ForkOrigin as z, BlueprintError as zt };
