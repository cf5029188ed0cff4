import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowError } from '../errors.ts'

/** The version of the event schema that this package writes. An event without `schemaVersion` has version 1. */
export const schemaVersion = 1

/** Why a taken-or-not decision about an edge was "not". */
export type EdgeReason = 'action-mismatch' | 'condition-false' | 'condition-error' | 'default-not-needed'

/** Why a node will not run. */
export type SkipReason = 'not-chosen' | 'upstream-failed' | 'fallback-not-needed'

/** How a run can end. */
export type TerminalStatus = 'completed' | 'failed' | 'cancelled'

/** The options of a run that are part of its history. */
export interface RecordedRunOptions {
  readonly concurrency: number
  readonly maxIterations: number
  readonly strict: boolean
}

/** What a node finished with, as recorded. */
export interface RecordedResult {
  readonly output?: unknown
  readonly action?: string
}

interface InExecution {
  readonly executionId: string
  readonly blueprintId: string
}

interface OfNode extends InExecution {
  readonly nodeId: string
  /** Counts the starts of first attempts of this node in the run, from 0. */
  readonly iteration: number
}

interface OfAttempt extends OfNode {
  /** From 1. */
  readonly attempt: number
}

/** The payload of each event type. */
export interface EventPayloads {
  'workflow:start': InExecution & {
    readonly blueprintVersion?: string
    readonly blueprintHash: string
    /** The blueprint itself, when the store cannot keep blueprints by hash. */
    readonly blueprint?: WorkflowBlueprint
    readonly initialContext: Readonly<Record<string, unknown>>
    readonly options: RecordedRunOptions
    readonly tags?: readonly string[]
  }
  'workflow:cancel': InExecution & { readonly reason: unknown }
  'workflow:finish': InExecution & {
    readonly status: TerminalStatus
    readonly errors?: readonly WorkflowError[]
    readonly durationMs: number
  }
  'node:start': OfAttempt & {
    readonly input: unknown
    /** The node that failed and is replaced by this run; its own id for a fallback that is a registry key. */
    readonly fallbackFor?: string
  }
  'node:finish': OfAttempt & { readonly result: RecordedResult; readonly durationMs: number }
  /** The last attempt failed, or (without a `node:start`) a transform of an incoming edge did. */
  'node:error': OfAttempt & { readonly error: WorkflowError }
  /** Attempt number `attempt` failed, and another one follows after `delayMs`. */
  'node:retry': OfAttempt & { readonly error: WorkflowError; readonly delayMs: number }
  'node:fallback': OfNode & { readonly fallback: string; readonly error: WorkflowError }
  'node:skipped': OfNode & {
    readonly reason: SkipReason
    /** The incoming edge that decided it, if one did. */
    readonly edge?: number
  }
  'edge:evaluate': InExecution & {
    /** Index in `blueprint.edges`. */
    readonly edge: number
    readonly source: string
    readonly target: string
    readonly action?: string
    readonly condition?: string
    /** Whether the edge was taken. */
    readonly result: boolean
    readonly reason?: EdgeReason
    /** What the transform gave; only on a taken edge that has one. */
    readonly value?: unknown
    /** What the condition or the transform threw. */
    readonly error?: WorkflowError
  }
  'context:change': InExecution & {
    readonly sourceNode: string
    readonly iteration: number
    readonly attempt: number
    readonly key: string
    readonly op: 'set' | 'delete'
    readonly value?: unknown
  }
}

/** The name of an event type. */
export type EventType = keyof EventPayloads

/** One event of one type, with its envelope. */
export interface EventOf<T extends EventType> {
  /** `<executionId>:<seq>`; derived, not stored. */
  readonly id: string
  /** The order: from 0, without gaps within an execution. */
  readonly seq: number
  readonly executionId: string
  /** Epoch milliseconds by the runtime's clock. For people; `seq` is the order. */
  readonly timestamp: number
  readonly type: T
  readonly payload: EventPayloads[T]
  /** Absent means 1. */
  readonly schemaVersion?: number
}

/** Everything that can have happened in a run. Deep-frozen wherever this library hands one out. */
export type FlowcraftEvent = { [T in EventType]: EventOf<T> }[EventType]

/** A type and its payload, before the recorder gives it an envelope. */
export type Fact = { [T in EventType]: { readonly type: T; readonly payload: FactPayload<T> } }[EventType]

type FactPayload<T extends EventType> = Omit<EventPayloads[T], 'executionId' | 'blueprintId'>
