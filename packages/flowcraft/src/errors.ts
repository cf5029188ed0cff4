/** Every `code` that a Flowcraft error can carry. `docs/errors.md` has a section for each. */
export const errorCodes = [
  'BATCH_FAILED',
  'BATCH_INPUT_INVALID',
  'BLUEPRINT_INVALID',
  'BLUEPRINT_MISMATCH',
  'CONCURRENCY_CONFLICT',
  'CONTEXT_CLOSED',
  'CONTEXT_KEY_RESERVED',
  'DYNAMIC_NODES_INVALID',
  'EVENT_STORE_FAILED',
  'EXECUTION_CONFLICT',
  'EXECUTION_UNKNOWN',
  'EXPRESSION_FAILED',
  'EXPRESSION_INVALID',
  'FLOWCRAFT',
  'HISTORY_CORRUPT',
  'INPUT_INVALID',
  'MAX_ITERATIONS_EXCEEDED',
  'NODE_CRASHED',
  'NODE_FAILED',
  'NODE_TIMEOUT',
  'NOT_AWAITING',
  'POSITION_NOT_FOUND',
  'SERIALIZATION_FAILED',
  'SIMULATION_MISSING',
  'STORE_CLOSED',
  'SUBFLOW_FAILED',
  'SUBFLOW_TOO_DEEP',
  'TRANSFORM_FAILED',
] as const

/** A stable name for a kind of failure: branch on it, never on a message. */
export type ErrorCode = (typeof errorCodes)[number]

/** What a Flowcraft error may say about where it happened. */
export interface FlowcraftErrorOptions {
  cause?: unknown
  nodeId?: string | undefined
  blueprintId?: string | undefined
  executionId?: string | undefined
  /** `true` ends the whole run at once, without retry or fallback. Default `false`. */
  isFatal?: boolean | undefined
  /** Default `'FLOWCRAFT'`. */
  code?: ErrorCode | undefined
}

const brand = Symbol.for('flowcraft:error')

/**
 * The error of this library, and the one for nodes to throw when the message should reach the result as it is.
 * `isFatal` ends the run.
 */
export class FlowcraftError extends Error {
  override readonly name: string = 'FlowcraftError'
  readonly code: ErrorCode
  readonly nodeId: string | undefined
  readonly blueprintId: string | undefined
  readonly executionId: string | undefined
  readonly isFatal: boolean

  constructor(message: string, options: FlowcraftErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? 'FLOWCRAFT'
    this.nodeId = options.nodeId
    this.blueprintId = options.blueprintId
    this.executionId = options.executionId
    this.isFatal = options.isFatal ?? false
    Object.defineProperty(this, brand, { value: true })
  }
}

type KindOptions = Omit<FlowcraftErrorOptions, 'code' | 'isFatal'>

/** A blueprint that cannot run. `issues` lists every fault that was found, not only the first. */
export class BlueprintError extends FlowcraftError {
  override readonly name = 'BlueprintError'
  readonly issues: readonly string[]

  constructor(blueprintId: string, issues: readonly string[], options: KindOptions = {}) {
    const faults = issues.length === 1 ? issues[0] : `${issues.length} faults:\n- ${issues.join('\n- ')}`
    super(`Blueprint '${blueprintId}' cannot run: ${faults}`, { ...options, blueprintId, code: 'BLUEPRINT_INVALID' })
    this.issues = issues
  }
}

/** A blueprint other than the recorded one was given where the recorded one is required. */
export class BlueprintMismatchError extends FlowcraftError {
  override readonly name = 'BlueprintMismatchError'

  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'BLUEPRINT_MISMATCH' })
  }
}

/** An attempt of a node took longer than its `timeout`. */
export class NodeTimeoutError extends FlowcraftError {
  override readonly name = 'NodeTimeoutError'

  constructor(nodeId: string, timeoutMs: number, options: KindOptions = {}) {
    super(`Node '${nodeId}' did not finish within ${timeoutMs} ms`, { ...options, nodeId, code: 'NODE_TIMEOUT' })
  }
}

/** A value that cannot be recorded, or recorded text that cannot be read. */
export class SerializationError extends FlowcraftError {
  override readonly name = 'SerializationError'

  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'SERIALIZATION_FAILED' })
  }
}

/** The event store could not be written or read. The driver's error is the `cause`. */
export class EventStoreError extends FlowcraftError {
  override readonly name = 'EventStoreError'

  constructor(message: string, options: KindOptions & { code?: ErrorCode } = {}) {
    super(message, { code: 'EVENT_STORE_FAILED', ...options })
  }
}

/** Two writers drove one execution; this one lost and has stopped. */
export class ConcurrencyError extends FlowcraftError {
  override readonly name = 'ConcurrencyError'

  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'CONCURRENCY_CONFLICT' })
  }
}

/** The execution id is taken, or the execution is live elsewhere. */
export class ExecutionConflictError extends FlowcraftError {
  override readonly name = 'ExecutionConflictError'

  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'EXECUTION_CONFLICT' })
  }
}

/** Stored events that cannot be a history: a gap, a duplicate with other content, a newer schema, damage. */
export class HistoryCorruptError extends FlowcraftError {
  override readonly name = 'HistoryCorruptError'

  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'HISTORY_CORRUPT' })
  }
}

/**
 * Whether `value` is an error of this library, with the given `code` if one is named. Works across copies of the
 * package, where `instanceof` does not.
 */
export function isFlowcraftError(value: unknown, code?: ErrorCode): value is FlowcraftError {
  if (typeof value !== 'object' || value === null || !(brand in value)) return false
  return code === undefined || ('code' in value && value.code === code)
}

/** What a node, a transform or the run itself failed with, as plain data. Equal after a round trip through any store. */
export interface WorkflowError {
  /** The message of a `FlowcraftError` thrown by the node; else `Node '<id>' execution failed`, with the `cause`. */
  readonly message: string
  readonly name: string
  readonly code?: string
  /** Absent when the run itself failed and no node. */
  readonly nodeId?: string
  readonly blueprintId: string
  readonly executionId: string
  readonly isFatal: boolean
  /** ISO 8601, by the runtime's clock. */
  readonly timestamp: string
  readonly stack?: string
  readonly cause?: ErrorCause
}

/** A thrown value as data: an error with its own cause, or a thrown non-error as its `message`. */
export interface ErrorCause {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string | number
  readonly cause?: ErrorCause
  /** The error's own further properties that can be recorded. */
  readonly properties?: Readonly<Record<string, unknown>>
}
