// flowcraft: index.d.mts
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
/** Writes nothing. The default. */
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
  output?: TOutput;
  /** Chooses among the outgoing edges: those of this action, else those without one. */
  action?: TAction;
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
/** What a node is called with. */
interface NodeContext<TContext = Record<string, unknown>, TDependencies = Record<string, unknown>, TInput = unknown> {
  readonly context: IAsyncContext<TContext>;
  /** The attempt's own copy. */
  readonly input: TInput;
  readonly params: Readonly<Record<string, unknown>>;
  /** The runtime's dependencies and its logger. */
  readonly dependencies: TDependencies & {
    readonly logger: ILogger;
  };
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
//#region src/errors.d.ts
/** Every `code` that a Flowcraft error can carry. `docs/errors.md` has a section for each. */
declare const errorCodes: readonly ["BLUEPRINT_INVALID", "BLUEPRINT_MISMATCH", "CONCURRENCY_CONFLICT", "CONTEXT_CLOSED", "CONTEXT_KEY_RESERVED", "EVENT_STORE_FAILED", "EXECUTION_CONFLICT", "EXECUTION_UNKNOWN", "EXPRESSION_FAILED", "EXPRESSION_INVALID", "FLOWCRAFT", "HISTORY_CORRUPT", "INPUT_INVALID", "MAX_ITERATIONS_EXCEEDED", "NODE_FAILED", "NODE_TIMEOUT", "POSITION_NOT_FOUND", "SERIALIZATION_FAILED", "STORE_CLOSED", "TRANSFORM_FAILED"];
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
//#region src/blueprint/flow-runner.d.ts
/** How a run stands for whoever asked for it: ended, or stopped with something left to do. */
type WorkflowStatus = "completed" | "failed" | "cancelled" | "stalled";
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
}
/** What runs a blueprint: the runtime, as far as a flow needs it. */
interface FlowRunner<TDependencies extends object = object> {
  readonly dependencies: TDependencies;
  run<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
}
//#endregion
//#region src/blueprint/builder.d.ts
/** A flow with no nodes yet. `TContext` are the keys that its nodes share, `TDependencies` what the runtime gives them. */
declare function createFlow<TContext extends object = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(id: string): FlowBuilder<TContext, TDependencies>;
/** The id of a node and the type of its output, as a flow's type collects them. */
interface NodeEntry<TId extends string = string, TOutput = unknown> {
  readonly id: TId;
  readonly output: TOutput;
}
/** The context that a run of a flow ends with: any part of it may be missing from a run that took another way. */
type FlowContext<TContext, TNodes extends NodeEntry> = Partial<TContext> & { readonly [N in TNodes as `_outputs.${N["id"]}`]?: N["output"] } & Record<string, unknown>;
/** Where a node's input may come from: any string where the context's type has no literal keys. */
type InputKey<TContext, TIds extends string> = string extends keyof TContext ? string : Paths<(keyof TContext & string) | TIds> | `_${string}`;
type Paths<TKey extends string> = TKey | `${TKey}.${string}`;
/** What `.node` takes besides the implementation. */
interface NodeOptions<TInputs extends string = string> {
  readonly params?: Record<string, unknown> | undefined;
  readonly inputs?: TInputs | Record<string, TInputs> | undefined;
  readonly config?: NodeConfig | undefined;
}
/** What `.edge` takes besides the two ends. */
type EdgeOptions = Pick<EdgeDefinition, "action" | "condition" | "transform">;
/** A node's code: a function or a class, with the types that the flow gives it and the output that it gives. */
type Implementation<TContext, TDependencies, TInput, TOutput> = NodeFunction<TContext, TDependencies, TInput, TOutput> | (new (params?: Readonly<Record<string, unknown>>, nodeId?: string) => BaseNode<TContext, TDependencies, TInput, TOutput>);
/** The ids that edges may name: any, where the builder's type has seen no node. */
type Ids<TNodes extends NodeEntry> = [TNodes] extends [never] ? string : TNodes["id"];
/** What a runtime must bring: whatever it likes, where a flow names nothing. */
type Needed<TDependencies extends object> = string extends keyof TDependencies ? object : TDependencies;
/** Builds a blueprint and the registry that belongs to it. Every method that adds something returns the builder. */
declare class FlowBuilder<TContext extends object = Record<string, unknown>, TDependencies extends object = Record<string, unknown>, TNodes extends NodeEntry = never> {
  #private;
  readonly id: string;
  constructor(id: string);
  /**
  * Adds a node.
  * @throws INPUT_INVALID for an id that the flow has already.
  */
  node<const TId extends string, TInput = unknown, TOutput = unknown>(id: TId, implementation: Implementation<TContext, TDependencies, TInput, TOutput>, options?: NodeOptions<InputKey<TContext, TNodes["id"]>>): FlowBuilder<TContext, TDependencies, TNodes | NodeEntry<TId, TOutput>>;
  /** Adds an edge between two nodes that the flow has. */
  edge(source: Ids<TNodes>, target: Ids<TNodes>, options?: EdgeOptions): this;
  /**
  * The flow as plain data. The same object until the flow is changed.
  * @throws INPUT_INVALID for a flow without nodes.
  */
  toBlueprint(): TypedBlueprint<FlowContext<TContext, TNodes>>;
  /** The implementations of the flow's nodes by their `uses` keys, for `functionRegistry`. */
  getFunctionRegistry(): Map<string, NodeImplementation>;
  /** Runs the flow: `runtime.run` with its blueprint and its registry. */
  run(runtime: FlowRunner<Needed<TDependencies>>, initialState?: Partial<TContext> | string, options?: RunCallOptions): Promise<WorkflowResult<FlowContext<TContext, TNodes>>>;
}
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
//#region src/events/event.d.ts
/** Why a taken-or-not decision about an edge was "not". */
type EdgeReason = "action-mismatch" | "condition-false" | "condition-error" | "default-not-needed";
/** Why a node will not run. */
type SkipReason = "not-chosen" | "upstream-failed" | "fallback-not-needed";
/** How a run can end. */
type TerminalStatus = "completed" | "failed" | "cancelled";
/** The options of a run that are part of its history. */
interface RecordedRunOptions {
  readonly concurrency: number;
  readonly maxIterations: number;
  readonly strict: boolean;
}
/** What a node finished with, as recorded. */
interface RecordedResult {
  readonly output?: unknown;
  readonly action?: string;
}
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
/** The payload of each event type. */
interface EventPayloads {
  "workflow:start": InExecution & {
    readonly blueprintVersion?: string;
    readonly blueprintHash: string; /** The blueprint itself, when the store cannot keep blueprints by hash. */
    readonly blueprint?: WorkflowBlueprint;
    readonly initialContext: Readonly<Record<string, unknown>>;
    readonly options: RecordedRunOptions;
    readonly tags?: readonly string[];
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
    readonly fallbackFor?: string;
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
  /** A random id of the live incarnation of the run that writes: events of the same writer that are already there count as done. */
  readonly writer: string;
  readonly events: readonly FlowcraftEvent[];
  /** The `seq` of the first of `events`. */
  readonly expectedSeq: number;
}
/** What became of one batch of an `append`. */
interface AppendOutcome {
  readonly executionId: string;
  /** Absent when the batch is durable. A `ConcurrencyError` when another writer was there first. */
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
  getStats(): Promise<EventStoreStats>;
  /** Removes every event, execution and blueprint. */
  clear(): Promise<void>;
  /** Releases what the store holds. Every later call rejects with the code `STORE_CLOSED`; closing again does nothing. */
  close(): Promise<void>;
  /** Keeps a blueprint under its hash; a hash that is already there is left as it is. */
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  /** `undefined` when the hash is unknown. */
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
}
/** A store with any of the optional capabilities. */
type EventStore = IEventStore & Partial<EventStoreCapabilities>;
//#endregion
//#region src/history/admit-batch.d.ts
/** What a store holds of an execution: the `seq` of its last event (-1 for none) and who appends to it, if known. */
interface ExecutionHead {
  readonly lastSeq: number;
  readonly writer: string | undefined;
}
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
* first that goes on exactly behind its last event.
*/
declare function admitBatch(batch: EventBatch, head: ExecutionHead): Admission;
/**
* The same rule for a single event without a writer, to be asked once the store has seen that it does not hold the very
* same event already: `undefined` when the event is the next one, else why it may not be stored.
*/
declare function admitEvent(event: FlowcraftEvent, executionId: string, head: ExecutionHead): FlowcraftError | undefined;
//#endregion
//#region src/history/in-memory-event-store.d.ts
/** Options of an {@link InMemoryEventStore}. */
interface InMemoryEventStoreOptions {
  /** Above this number, the executions that finished first are dropped. Unfinished ones stay. Default no limit. */
  readonly maxExecutions?: number | undefined;
}
type Capabilities = Pick<EventStoreCapabilities, "append" | "read" | "getStats" | "clear" | "close" | "saveBlueprint" | "loadBlueprint">;
/**
* An event store in the memory of this process. Keeps the very event objects that it is given, which must be frozen, and
* gives them back; of those that hold bytes, which cannot be frozen, it gives copies.
*/
declare class InMemoryEventStore implements IEventStore, Capabilities {
  #private;
  constructor(options?: InMemoryEventStoreOptions);
  /**
  * Keeps one event. An event that is there already is left as it is.
  *
  * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append`;
  * `HistoryCorruptError` when it would leave a gap.
  */
  store(event: FlowcraftEvent, executionId: string): Promise<void>;
  append(batches: readonly EventBatch[]): Promise<AppendOutcome[]>;
  retrieve(executionId: string): Promise<FlowcraftEvent[]>;
  retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>>;
  read(executionId: string, range?: ReadRange): AsyncGenerator<FlowcraftEvent, void, undefined>;
  getStats(): Promise<EventStoreStats>;
  clear(): Promise<void>;
  close(): Promise<void>;
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
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
  /** Calls `listener` at every event of `type` that has become durable; `'*'` stands for every type. */
  on<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Calls `listener` at the next durable event of `type` only. */
  once<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
  /** Forgets a listener that was given to `on` or `once` for this `type`. */
  off<T extends EventType | "*">(type: T, listener: FlowEventListener<T>): this;
}
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
//#endregion
//#region src/state/run-state.d.ts
/** The status of a run in the log; `'running'` also for a log that was cut off. */
type RunStatus = "running" | TerminalStatus;
/** The status of one node at a moment of a run. */
type NodeStatus = "pending" | "running" | "completed" | "failed" | "skipped" | "cancelled";
/** What is known of a node at a moment of a run. Times are epoch milliseconds. */
interface NodeState {
  readonly status: NodeStatus;
  /** Of the last start, from 0. */
  readonly iteration: number;
  /** How many iterations have started. */
  readonly starts: number;
  /** Attempts of this iteration so far. */
  readonly attempts: number;
  readonly input: unknown;
  readonly output: unknown;
  readonly action: string | undefined;
  /** Of the last attempt that failed in this iteration; gone once a later attempt or a fallback succeeded. */
  readonly error: WorkflowError | undefined;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly skipReason: SkipReason | undefined;
  /** The node that this run stands in for. */
  readonly fallbackFor: string | undefined;
  /** The fallback that stands in for this node. */
  readonly fallback: string | undefined;
  /** The `seq` of each unrecovered `node:error` of this iteration: keys of {@link RunState.errors}. */
  readonly errorSeqs: readonly number[];
}
/** How an edge was decided. */
interface EdgeState {
  readonly taken: boolean;
  readonly reason: EdgeReason | undefined;
  /** What it delivers: what its transform gave, else its source's output at that moment, which may run again. */
  readonly value: unknown;
  /** What the condition or the transform threw. */
  readonly error: WorkflowError | undefined;
}
/** A key of the context as nodes and the initial state set it; `deleted` also hides a node's output of that name. */
type ContextEntry = {
  readonly deleted: false;
  readonly value: unknown;
} | {
  readonly deleted: true;
};
/** Writes of an attempt whose outcome has not come yet, the last one first. */
interface HeldWrites {
  readonly change: EventPayloads["context:change"];
  readonly earlier: HeldWrites | undefined;
}
/** All that a history says about a run, and all that a run knows of itself. */
interface RunState {
  readonly executionId: string | undefined;
  readonly blueprintId: string | undefined;
  readonly blueprintHash: string | undefined;
  readonly blueprintVersion: string | undefined;
  readonly blueprint: WorkflowBlueprint | undefined;
  readonly options: RecordedRunOptions | undefined;
  readonly tags: readonly string[];
  readonly status: RunStatus;
  /** Of the last event; -1 before the first. */
  readonly seq: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly cancelReason: unknown;
  readonly context: ReadonlyMap<string, ContextEntry>;
  readonly nodes: ReadonlyMap<string, NodeState>;
  /** By the index in `blueprint.edges`. */
  readonly edges: ReadonlyMap<number, EdgeState>;
  /** Unrecovered errors, by the `seq` that recorded them, in that order. */
  readonly errors: ReadonlyMap<number, WorkflowError>;
  readonly held: ReadonlyMap<string, HeldWrites>;
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
//#region src/blueprint/plan.d.ts
/** A node as the scheduler sees it. Neighbours are indices into {@link Plan.nodes} and {@link Plan.edges}. */
interface PlanNode {
  readonly index: number;
  readonly id: string;
  readonly definition: NodeDefinition;
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
  /** Whether any outgoing edge has an action, a condition or a transform. */
  readonly isRouted: boolean;
  readonly join: "all" | "any";
  /** How many different nodes the incoming edges come from. */
  readonly sourceCount: number;
  /** At least 1. */
  readonly maxAttempts: number;
  readonly timeoutMs: number | undefined;
  /** The node that stands in when this one fails. */
  readonly fallbackNode: number | undefined;
  /** The registry key that stands in, when it names no node. */
  readonly fallbackKey: string | undefined;
  /** The nodes that this one stands in for. */
  readonly primaries: readonly number[];
}
/** An edge as the scheduler sees it. */
interface PlanEdge {
  readonly index: number;
  readonly source: number;
  readonly target: number;
  readonly definition: EdgeDefinition;
}
/** A valid blueprint, indexed for the scheduler. Made once for each blueprint object. */
interface Plan {
  readonly blueprint: WorkflowBlueprint;
  /** In blueprint order. */
  readonly nodes: readonly PlanNode[];
  /** In blueprint order. */
  readonly edges: readonly PlanEdge[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Where a run begins, in blueprint order. */
  readonly startNodes: readonly number[];
}
//#endregion
//#region src/runtime/values.d.ts
/** Whether what nodes hand over is copied, or shared with whoever reads it. */
type Isolation = "clone" | "reference";
/** How values go into a run and come out of it. */
interface Values {
  /** A value as it is recorded. @throws SERIALIZATION_FAILED for what cannot be recorded, if the run is. */
  take(value: unknown, where: string, nodeId?: string): unknown;
  /** A recorded value as somebody may have it: a copy of their own. */
  give(value: unknown): unknown;
}
//#endregion
//#region src/runtime/attempt-context.d.ts
/** What an {@link AttemptContext} needs of its run. */
interface AttemptScope {
  readonly blueprintId: string;
  readonly executionId: string;
  readonly values: Values;
  /** The engine's own, which never throws. */
  readonly logger: ILogger;
  state(): RunState;
  /** Resolves when what a reader sees is durable, where that matters. */
  untilSafe(): Promise<void>;
}
//#endregion
//#region src/runtime/node-call.d.ts
/** What a {@link NodeCall} needs of its run. */
interface CallScope extends AttemptScope {
  readonly dependencies: Record<string, unknown> & {
    readonly logger: ILogger;
  };
  /** A node's parameters, as nodes may have them. */
  paramsOf(node: PlanNode): Readonly<Record<string, unknown>>;
}
//#endregion
//#region src/runtime/attempts.d.ts
/** What a run's attempts are made with. */
interface AttemptsOptions extends CallScope {
  readonly clock: Clock;
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation;
}
//#endregion
//#region src/runtime/outbox.d.ts
/** The way of one execution's events out of the process. */
interface Outbox {
  readonly durability: Durability;
  /** Sends consecutive events on. Resolves when they are durable; rejects when they never will be. */
  push(events: readonly FlowcraftEvent[], isAlone: boolean): Promise<void>;
  /** Resolves when there is room for more events. Only where a run does not wait for durability. */
  room?(): Promise<void>;
  /** Ends the bus's memory of this execution. */
  close(): void;
}
//#endregion
//#region src/runtime/run.d.ts
/** What a {@link Run} is made of. */
interface RunOptions extends Pick<AttemptsOptions, "implementationOf" | "paramsOf"> {
  readonly plan: Plan;
  readonly executionId: string;
  readonly start: Omit<EventPayloads["workflow:start"], "executionId" | "blueprintId">;
  readonly outbox: Outbox | undefined;
  readonly values: Values;
  readonly evaluator: IEvaluator;
  readonly clock: Clock;
  readonly dependencies: Record<string, unknown> & {
    readonly logger: ILogger;
  };
  /** The engine's own, which never throws. */
  readonly logger: ILogger;
  /** Whether no other run of this process is about to record something. */
  isAlone(): boolean;
  /** Whether nodes start only by {@link Run.turn}. */
  readonly byTurns: boolean;
  /** Is told once when the run has left this process, whatever came of it. */
  onSettled(): unknown;
}
/** One live execution: it decides, records, executes and records again until nothing is left. */
declare class Run {
  #private;
  readonly executionId: string;
  constructor(options: RunOptions);
  get state(): RunState;
  /** Resolves when the start is durable; rejects when the log cannot be written. */
  get begun(): Promise<void>;
  /** Resolves with the final state when it is durable; rejects when the log cannot be written. */
  get settled(): Promise<RunState>;
  /** Records the start; the rest follows from it. */
  begin(): void;
  /** Ends the run as cancelled, unless it has ended already. */
  cancel(reason: unknown): void;
  /** Starts what is ready now, and resolves when it has ended. One turn at a time. */
  turn(concurrency: number): Promise<void>;
  /** Ends the run without a word in the log: it cannot be written any more. */
  fail(error: unknown): void;
}
//#endregion
//#region src/runtime/execution-handle.d.ts
/** A run that has been launched. */
interface Launched {
  readonly run: Run;
  /** Resolves when the start of the run is durable. */
  readonly begun: Promise<void>;
  toResult(status: WorkflowStatus): WorkflowResult;
}
/** Options of one turn. */
interface TurnOptions {
  /** How many of the turn's nodes may run at a time. Default, and at most, that of the run. */
  readonly concurrency?: number | undefined;
}
/** A hold on one execution. */
declare class ExecutionHandle<TContext = Record<string, unknown>> {
  #private;
  readonly executionId: string;
  /** Resolves when the start of the run is durable. Rejects as `result` does. */
  readonly begun: Promise<void>;
  constructor(launched: Launched);
  /** The result, once it is durable. May be asked for any number of times. @throws EVENT_STORE_FAILED, CONCURRENCY_CONFLICT. */
  result(): Promise<WorkflowResult<TContext>>;
  /** Cancels the run, unless it has ended. Its result follows with status `cancelled`. */
  cancel(reason?: unknown): void;
  /**
  * For runs that were started `byTurns`: starts what is ready now and waits for it to end, retries included. Gives the
  * result so far, `stalled` in the middle; `null` once it has given that of the end.
  * Calls that overlap are taken one after the other.
  */
  turn(options?: TurnOptions): Promise<WorkflowResult<TContext> | null>;
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
//#region src/runtime/runtime.d.ts
/** Options of a {@link FlowRuntime}. */
interface RuntimeOptions<TDependencies extends object = Record<string, unknown>> {
  /** Implementations for every run of this runtime. */
  readonly registry?: NodeRegistry | undefined;
  /** What nodes get as `dependencies`. */
  readonly dependencies?: TDependencies | undefined;
  /** Default a `ConsoleLogger`. */
  readonly logger?: ILogger | undefined;
  /** Where events go; without one, nothing is recorded. */
  readonly eventBus?: IEventBus | undefined;
  /** Default an `ExpressionEvaluator`. */
  readonly evaluator?: IEvaluator | undefined;
  /** Makes `serializedContext`, and reads an initial state given as text. Default a `JsonSerializer`. */
  readonly serializer?: ISerializer | undefined;
  /** Whether values are copied between nodes, or shared; a recorded run copies. Default `'clone'`. */
  readonly isolation?: Isolation | undefined;
  /** Whether a blueprint with a cycle is refused. Recorded with each run. Default `false`. */
  readonly strict?: boolean | undefined;
  /** Default the machine's. */
  readonly clock?: Clock | undefined;
  /** Makes execution ids and writer ids. Default random UUIDs. */
  readonly idGenerator?: IdGenerator | undefined;
}
/** Runs blueprints, and replays what was recorded of their runs. */
declare class FlowRuntime<TDependencies extends object = Record<string, unknown>> implements FlowRunner<TDependencies> {
  #private;
  readonly options: RuntimeOptions<TDependencies>;
  readonly registry: NodeRegistry;
  readonly dependencies: TDependencies;
  readonly logger: ILogger;
  readonly eventBus: IEventBus | undefined;
  readonly evaluator: IEvaluator;
  readonly serializer: ISerializer;
  /** @throws INPUT_INVALID for `isolation: 'reference'` with an event bus: a log cannot hold what it does not own. */
  constructor(options?: RuntimeOptions<TDependencies>);
  /**
  * Runs a blueprint to its end. A node's failure is part of the result.
  * @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED before anything is recorded; EVENT_STORE_FAILED or
  * CONCURRENCY_CONFLICT when the log cannot be written.
  */
  run<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: RunCallOptions): Promise<WorkflowResult<TContext>>;
  /** Starts a run and gives a handle on it. @throws what `run` rejects with before anything is recorded. */
  start<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, initialState?: object | string, options?: StartOptions): ExecutionHandle<TContext>;
  /** Cancels a run that is live in this runtime. @throws EXECUTION_UNKNOWN when there is none of that id. */
  cancel(executionId: string, reason?: unknown): Promise<void>;
  /**
  * The exact state of a past run, folded from its events. No node runs, nothing is emitted or stored.
  * @param executionId Default that of the first `workflow:start`; events of other executions are left out.
  * @throws HISTORY_CORRUPT, POSITION_NOT_FOUND, EXECUTION_UNKNOWN; BLUEPRINT_MISMATCH under `strict`.
  */
  replay<TContext = Record<string, unknown>>(blueprint: TypedBlueprint<TContext>, events: EventSource, executionId?: string, options?: ReplayOptions): Promise<ReplayResult<TContext>>;
}
//#endregion
export { type Admission, type AppendOutcome, BaseNode, type BlueprintAnalysis, BlueprintError, BlueprintMismatchError, type Clock, ConcurrencyError, ConsoleLogger, type Durability, type EdgeDefinition, type EdgeOptions, type EdgeReason, type EncodedValue, type ErrorCause, type ErrorCode, type EventBatch, type EventOf, type EventPayloads, type EventSource, type EventStore, type EventStoreCapabilities, EventStoreError, type EventStoreStats, type EventType, ExecutionConflictError, type ExecutionHandle, type ExecutionHead, ExpressionEvaluator, FlowBuilder, type FlowContext, FlowEventBus, type FlowEventBusOptions, type FlowEventListener, type FlowRunner, FlowRuntime, FlowcraftError, type FlowcraftErrorOptions, type FlowcraftEvent, HistoryCorruptError, type IAsyncContext, type IEvaluator, type IEventBus, type IEventReader, type IEventStore, type ILogger, type ISerializer, type IdGenerator, type Implementation, InMemoryEventStore, type InMemoryEventStoreOptions, type InputKey, type Isolation, JsonSerializer, type MermaidLimits, type MermaidOptions, type MermaidRunOptions, type NodeClass, type NodeConfig, type NodeContext, type NodeDefinition, type NodeEntry, type NodeFunction, type NodeImplementation, type NodeOptions, type NodeRegistry, type NodeResult, NodeTimeoutError, NullLogger, type PatchOperation, PersistentEventBusAdapter, type PersistentEventBusOptions, type PersistentEventBusPorts, type Position, PropertyEvaluator, type ReadRange, type RecordedResult, type RecordedRunOptions, type ReplayOptions, type ReplayResult, type RunCallOptions, type RunStatus, type RuntimeOptions, SerializationError, type SkipReason, type StartOptions, type TerminalStatus, type TurnOptions, type TypedBlueprint, UnsafeEvaluator, type WorkflowBlueprint, type WorkflowBlueprintMetadata, type WorkflowError, type WorkflowResult, type WorkflowStatus, admitBatch, admitEvent, analyzeBlueprint, checkForCycles, createFlow, decodeValue, encodeValue, errorCodes, fingerprint, formatError, generateMermaid, generateMermaidForRun, isFlowcraftError, isNodeClass, sanitizeBlueprint };
// flowcraft: testing.d.mts
import { FlowRuntime, FlowcraftEvent, IAsyncContext, NodeRegistry, TypedBlueprint, WorkflowResult, WorkflowStatus } from "flowcraft";

//#region ../testing/src/stepper.d.ts
/** Options of one step. */
interface StepOptions {
  /** Cancels the run when it aborts during the step. */
  readonly signal?: AbortSignal | undefined;
  /** How many nodes of the step may run at a time. Default that of the run. */
  readonly concurrency?: number | undefined;
}
/** The context at the stepper's place, to be read only. */
type StepperContext<TContext> = Pick<IAsyncContext<TContext>, "type" | "get" | "has" | "getAll" | "toJSON">;
/** The state at the stepper's place. */
interface StepperState<TContext = Record<string, unknown>> {
  /** `'stalled'` before the end. */
  readonly status: WorkflowStatus;
  getContext(): StepperContext<TContext>;
}
/** Goes through a run turn by turn, forwards and backwards. */
interface Stepper<TContext = Record<string, unknown>> {
  readonly executionId: string;
  /** The log so far, later turns included when the stepper has gone back. */
  readonly events: readonly FlowcraftEvent[];
  readonly state: StepperState<TContext>;
  /**
  * Runs what is ready now, and gives the result so far; `null` when nothing is left. After `prev`, it goes forward
  * over what is recorded and runs nothing.
  */
  next(options?: StepOptions): Promise<WorkflowResult<TContext> | null>;
  /** Goes back to the state before the last turn; `null` at the start. */
  prev(): Promise<WorkflowResult<TContext> | null>;
  /** Begins anew, as another execution with a log of its own. The old one is cancelled if it has not ended. */
  reset(): void;
  /** Whether the stepper stands at the end of a run that has ended. */
  isDone(): boolean;
}
/**
* A stepper over a new run of `blueprint`. The run is recorded on the given runtime's bus too, if it has one; its log is
* complete and holds the blueprint itself. As every recorded run, it copies values.
* @throws BLUEPRINT_INVALID, INPUT_INVALID, SERIALIZATION_FAILED as `runtime.run` rejects.
*/
declare function createStepper<TContext = Record<string, unknown>, TDependencies extends object = Record<string, unknown>>(runtime: FlowRuntime<TDependencies>, blueprint: TypedBlueprint<TContext>, functionRegistry: NodeRegistry, initialState?: object | string): Stepper<TContext>;
//#endregion
export { type StepOptions, type Stepper, type StepperContext, type StepperState, createStepper };
