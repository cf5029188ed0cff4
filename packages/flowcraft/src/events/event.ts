import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowError } from '../errors.ts'

/** The version of the event schema that this package writes. An event without `schemaVersion` has version 1. */
export const schemaVersion = 1

/** Why a taken-or-not decision about an edge was "not". */
export type EdgeReason = 'action-mismatch' | 'condition-false' | 'condition-error' | 'default-not-needed'

/** Why a node will not run. */
export type SkipReason = 'not-chosen' | 'upstream-failed' | 'fallback-not-needed'

/** How a run can end. */
export type TerminalStatus = 'completed' | 'failed' | 'cancelled'

/** The status of a run in the log: `'running'` also for a log that was cut off, `'awaiting'` and `'stalled'` when parked. */
export type RunStatus = 'running' | 'awaiting' | 'stalled' | TerminalStatus

/** The options of a run that are part of its history. */
export interface RecordedRunOptions {
  readonly concurrency: number
  readonly maxIterations: number
  readonly strict: boolean
  /** Only nodes from which one of these can be reached start, until the run is resumed. */
  readonly targets?: readonly string[]
}

/** What a node finished with, as recorded. */
export interface RecordedResult {
  readonly output?: unknown
  readonly action?: string
  /** Nodes that join the run's plan with this event. */
  readonly dynamicNodes?: readonly NodeDefinition[]
  /** Their edges; their indices go on counting after those of the blueprint and of earlier dynamic edges. */
  readonly dynamicEdges?: readonly EdgeDefinition[]
}

/** The node of another run that a run was started by. */
export interface ParentLink {
  readonly executionId: string
  readonly nodeId: string
  readonly iteration: number
}

/** What a waiting node waits for. */
export type WaitReason = 'timer' | 'external_event'

/** What keeps a node of a parked run from going on. */
export interface Waiting {
  readonly nodeId: string
  /** `'user_pause'`: nothing but the pause that somebody asked for. */
  readonly reason: WaitReason | 'user_pause'
  /** Epoch milliseconds at which it goes on by itself. */
  readonly wakeUpAt?: number
  readonly event?: string
}

/** A node that should have run and cannot. */
export interface StuckNode {
  readonly nodeId: string
  readonly reason: string
}

/** Why a parked run goes on. */
export type ResumeReason = 'external' | 'timer' | 'recovery' | 'user'

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

/** Keys of the context as they are without what some nodes wrote. */
export interface RestoredKeys {
  readonly set?: Readonly<Record<string, unknown>>
  readonly delete?: readonly string[]
  /** Keys that nobody else had written. */
  readonly unset?: readonly string[]
}

/** The payload of each event type. */
export interface EventPayloads {
  'workflow:start': InExecution & {
    readonly blueprintVersion?: string
    readonly blueprintHash: string
    /** The blueprint itself, when the store cannot keep blueprints by hash. */
    readonly blueprint?: WorkflowBlueprint
    readonly initialContext: Readonly<Record<string, unknown>>
    /** What the start nodes of a subflow get, where the parent's node maps no inputs. */
    readonly input?: unknown
    readonly options: RecordedRunOptions
    readonly parent?: ParentLink
    readonly tags?: readonly string[]
  }
  /**
   * The first event of a forked run that is its own: what is before it is the history of another run, under this run's
   * id. The run goes on from there: what had ended it, or cut nodes off, is lifted.
   */
  'workflow:fork': InExecution & {
    /** The execution that it was forked from, and the last event of it that both have. */
    readonly from: string
    readonly seq: number
    /** Keys of the context that have another value from here on. */
    readonly set?: Readonly<Record<string, unknown>>
    /** Keys of the context that are gone, also as the short name of an output. */
    readonly delete?: readonly string[]
    /** By node: the output of every start from here on, in place of an attempt. */
    readonly outputs?: Readonly<Record<string, unknown>>
    /** Nodes that begin anew, as if they had not come up: those that were asked for, and all that stand behind them. */
    readonly rerun?: readonly string[]
    /** What keys that those nodes wrote come to without them; `set` and `delete` come on top of it. */
    readonly restored?: RestoredKeys
    /** Of the blueprint from here on, where it is another one. */
    readonly blueprintHash?: string
    readonly blueprintVersion?: string
    readonly blueprint?: WorkflowBlueprint
    /** By the index of an edge so far: its index from here on, -1 for one that is gone. Absent where none has moved. */
    readonly edges?: readonly number[]
  }
  /** The run is parked: it waits for timers only, or (`stuck`) something is left that cannot run. */
  'workflow:stall': InExecution & {
    /** How many nodes have not come up. */
    readonly remainingNodes: number
    readonly waiting: readonly Waiting[]
    readonly stuck?: readonly StuckNode[]
  }
  /** The run is parked: it waits for something from outside. */
  'workflow:pause': InExecution & { readonly waiting: readonly Waiting[] }
  /**
   * A parked run goes on; with `nodeId`, by an answer to that node, whose `node:finish` follows. For `'recovery'`, another
   * process has taken the run over, and attempts that were running are made again; with `nodeId`, no more than the run of
   * that node's subflow goes on already.
   */
  'workflow:resume': InExecution & {
    readonly reason: ResumeReason
    readonly nodeId?: string
    readonly output?: unknown
    readonly action?: string
    /** Of the blueprint from here on, where it is another one. */
    readonly blueprintHash?: string
    readonly blueprintVersion?: string
    readonly blueprint?: WorkflowBlueprint
    /** By the index of an edge so far: its index from here on, -1 for one that is gone. Absent where none has moved. */
    readonly edges?: readonly number[]
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
    /** The run of a subflow. */
    readonly childExecutionId?: string
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
  /** The node waits; it finishes when it is resumed or its time has come. */
  'node:wait': OfNode & { readonly reason: WaitReason; readonly wakeUpAt?: number; readonly event?: string }
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
  /** A chunk of a batch's workers comes into being. */
  'batch:start': InExecution & {
    readonly batchId: string
    readonly scatterNodeId: string
    readonly iteration: number
    /** `<batchId>[<index>]`, in the order of the items. */
    readonly workerNodeIds: readonly string[]
    /** `'collect'`: what workers fail with is part of the results, and no error of the run. */
    readonly onError?: 'fail' | 'collect'
  }
  /** Every worker has ended. With `onError: 'collect'` the results are settled ones, else outputs. */
  'batch:finish': InExecution & {
    readonly batchId: string
    readonly gatherNodeId: string
    readonly iteration: number
    readonly results: readonly unknown[]
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
