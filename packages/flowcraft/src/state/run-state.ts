import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type {
  EdgeReason,
  EventPayloads,
  ParentLink,
  RecordedRunOptions,
  RunStatus,
  SkipReason,
  StuckNode,
  WaitReason,
  Waiting,
} from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'

/** The status of one node at a moment of a run. */
export type NodeStatus = 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'skipped' | 'cancelled'

/** What a waiting node waits for. */
export interface WaitState {
  readonly reason: WaitReason
  /** Epoch milliseconds. */
  readonly wakeUpAt: number | undefined
  readonly event: string | undefined
}

/** How far a batch is, in its last run. */
export interface BatchState {
  readonly iteration: number
  readonly onError: 'fail' | 'collect'
  /** Workers that have come into being, and how they ended. */
  readonly workers: number
  readonly completed: number
  readonly failed: number
}

/** What is known of a node at a moment of a run. Times are epoch milliseconds. */
export interface NodeState {
  readonly status: NodeStatus
  /** Of the last start, from 0. */
  readonly iteration: number
  /** How many iterations have started. */
  readonly starts: number
  /** Attempts of this iteration so far. */
  readonly attempts: number
  /** How many of them were cut off by crashes, as far as a later one has started. */
  readonly crashes: number
  readonly input: unknown
  readonly output: unknown
  readonly action: string | undefined
  /** Of the last attempt that failed in this iteration; gone once a later attempt or a fallback succeeded. */
  readonly error: WorkflowError | undefined
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly skipReason: SkipReason | undefined
  /** The node that this run stands in for. */
  readonly fallbackFor: string | undefined
  /** The fallback that stands in for this node. */
  readonly fallback: string | undefined
  /** The `seq` of each unrecovered `node:error` of this iteration: keys of {@link RunState.errors}. */
  readonly errorSeqs: readonly number[]
  /** When the next attempt is due, in epoch milliseconds; until it starts. */
  readonly retryAt: number | undefined
  /** While the status is `'waiting'`. */
  readonly wait: WaitState | undefined
  /** The run of a subflow node's last attempt. */
  readonly childExecutionId: string | undefined
  /** The batch of which this is a worker: workers are no keys of the context. */
  readonly batchId: string | undefined
}

/** How an edge was decided the last time. */
export interface EdgeState {
  readonly taken: boolean
  readonly reason: EdgeReason | undefined
  /** How often it was taken. */
  readonly takenCount: number
  /** What it delivers since it was last taken: what its transform gave, else its source's output at that moment. */
  readonly value: unknown
  /** What its transform threw when it was last taken. */
  readonly fault: WorkflowError | undefined
  /** What the condition or the transform threw. */
  readonly error: WorkflowError | undefined
}

/** A key of the context as nodes and the initial state set it; `deleted` also hides a node's output of that name. */
export type ContextEntry = { readonly deleted: false; readonly value: unknown } | { readonly deleted: true }

/** Writes of an attempt whose outcome has not come yet, the last one first. */
export interface HeldWrites {
  readonly change: EventPayloads['context:change']
  readonly earlier: HeldWrites | undefined
}

/** Where a forked run comes from. */
export interface ForkOrigin {
  readonly executionId: string
  /** Of the last event that both have. */
  readonly seq: number
}

/** All that a history says about a run, and all that a run knows of itself. */
export interface RunState {
  readonly executionId: string | undefined
  readonly blueprintId: string | undefined
  readonly blueprintHash: string | undefined
  readonly blueprintVersion: string | undefined
  readonly blueprint: WorkflowBlueprint | undefined
  readonly options: RecordedRunOptions | undefined
  readonly tags: readonly string[]
  readonly status: RunStatus
  /** Of the last event; -1 before the first. */
  readonly seq: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** The time of the last event. */
  readonly updatedAt: number | undefined
  readonly cancelReason: unknown
  /** What the start nodes of a subflow get. */
  readonly input: unknown
  readonly parent: ParentLink | undefined
  /** The run whose history this one shares. */
  readonly forkedFrom: ForkOrigin | undefined
  /** By node: what a fork gave it in place of attempts. */
  readonly givenOutputs: Readonly<Record<string, unknown>> | undefined
  /** What a parked run waits for. */
  readonly waiting: readonly Waiting[]
  /** Nodes of a parked run that should have run and cannot. */
  readonly stuck: readonly StuckNode[]
  readonly context: ReadonlyMap<string, ContextEntry>
  readonly nodes: ReadonlyMap<string, NodeState>
  /** By the index in `blueprint.edges`. */
  readonly edges: ReadonlyMap<number, EdgeState>
  /** Unrecovered errors, by the `seq` that recorded them, in that order. */
  readonly errors: ReadonlyMap<number, WorkflowError>
  /** By batch id. */
  readonly batches: ReadonlyMap<string, BatchState>
  readonly held: ReadonlyMap<string, HeldWrites>
}
