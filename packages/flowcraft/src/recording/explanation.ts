import type { EdgeReason, ResumeReason, RunStatus, SkipReason, WaitReason } from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'
import type { Position } from '../state/position.ts'
import type { NodeStatus } from '../state/run-state.ts'

/** What to explain of a node. */
export interface ExplainOptions {
  /** Default the last one that came up. */
  readonly iteration?: number | undefined
  /** As seen from where. Default `'end'`. */
  readonly at?: Position | undefined
}

/** Why a node is what it is, as plain data. */
export interface Explanation {
  readonly nodeId: string
  /** The iteration that is explained; `undefined` for a node that has not come up. */
  readonly iteration: number | undefined
  /** What became of it by then. */
  readonly outcome: NodeStatus
  /** The facts behind it, in the order in which they explain it. */
  readonly because: readonly Because[]
  readonly attempts: readonly AttemptFacts[]
  /** The same for people, in one sentence. */
  readonly sentence: string
}

/** What became of one attempt of a node. Times are epoch milliseconds. */
export interface AttemptFacts {
  /** From 1. */
  readonly attempt: number
  /** Of its start; of its failure where a transform failed before it. */
  readonly seq: number
  readonly startedAt: number | undefined
  /** `'cut-off'`: its process ended without it, and another attempt began. */
  readonly outcome: 'running' | 'waiting' | 'completed' | 'failed' | 'cut-off' | 'cancelled'
  /** Of the event that tells the outcome. */
  readonly endSeq: number | undefined
  readonly endedAt: number | undefined
  readonly error: WorkflowError | undefined
  /** How long to wait for the next attempt. */
  readonly retryDelayMs: number | undefined
}

interface AtEvent {
  /** Of the event that says so. */
  readonly seq: number
}

interface OfEdge extends AtEvent {
  /** Index of the edge. */
  readonly edge: number
  readonly source: string
}

/** One fact about why a node is what it is. */
export type Because =
  /** Nothing leads to the node: the run begins there. */
  | ({ readonly kind: 'start-node' } & AtEvent)
  | ({ readonly kind: 'edge-taken'; readonly action?: string; readonly condition?: string } & OfEdge)
  /** The same for an edge that begins the next turn of a loop. */
  | ({ readonly kind: 'next-turn'; readonly action?: string; readonly condition?: string } & OfEdge)
  /** It stands in for a node that failed. */
  | ({ readonly kind: 'fallback-for'; readonly nodeId: string } & AtEvent)
  | ({ readonly kind: 'created'; readonly by: string } & AtEvent)
  | ({ readonly kind: 'worker'; readonly batchId: string; readonly by: string } & AtEvent)
  /** Its answer came, or the time for which it waited. */
  | ({ readonly kind: 'resumed'; readonly reason: ResumeReason } & AtEvent)
  /** Something stands in for it: a node, or an implementation by its registry key. */
  | ({ readonly kind: 'replaced-by'; readonly fallback: string } & AtEvent)
  | ({ readonly kind: 'skipped'; readonly reason: SkipReason } & AtEvent)
  | ({ readonly kind: 'edge-not-taken'; readonly reason: EdgeReason; readonly error?: WorkflowError } & OfEdge)
  /** A node on the way to it was skipped. */
  | ({ readonly kind: 'upstream-skipped'; readonly nodeId: string } & AtEvent)
  /** The failure from which it follows. */
  | ({ readonly kind: 'upstream-failed'; readonly nodeId: string; readonly error: WorkflowError } & AtEvent)
  | ({
      readonly kind: 'waits'
      readonly reason: WaitReason
      readonly wakeUpAt?: number
      readonly event?: string
    } & AtEvent)
  /** Nothing is decided about an edge that leads to it. */
  | {
      readonly kind: 'edge-open'
      readonly edge: number
      readonly source: string
      readonly sourceStatus: NodeStatus
    }
  /** Nothing keeps it from starting; it had not started yet. */
  | { readonly kind: 'ready' }
  /** Nodes that it stands in for, none of which has needed it. */
  | { readonly kind: 'fallback-not-called'; readonly for: readonly string[] }
  /** The run was to go no further than some nodes need. */
  | { readonly kind: 'targets'; readonly targets: readonly string[] }
  /** The run cannot go on with it. */
  | ({ readonly kind: 'stuck'; readonly reason: string } & AtEvent)
  /** The run is parked. */
  | ({ readonly kind: 'parked'; readonly status: RunStatus } & AtEvent)
  | ({ readonly kind: 'run-ended'; readonly status: RunStatus; readonly error?: WorkflowError } & AtEvent)
  | ({ readonly kind: 'run-cancelled'; readonly reason: unknown } & AtEvent)
