import type { WorkflowError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import type { NodeState, NodeStatus } from '../state/run-state.ts'
import { unknownNode } from '../state/draft.ts'

/** A node as it was after an event of its run. Times are epoch milliseconds. */
export interface NodeSnapshot {
  readonly status: NodeStatus
  /** Attempts of this iteration so far; 0 before the first. */
  readonly attempts: number
  /** Of the last start. */
  readonly input: unknown
  /** Of the last time that the node, or a fallback in its place, completed. */
  readonly output: unknown
  readonly action: string | undefined
  /** Of the last attempt that failed in this iteration, if none succeeded after it. */
  readonly error: WorkflowError | undefined
  /** When the first attempt of this iteration began. */
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** How often the node had started before this time: 0 the first time. */
  readonly iteration: number
  /** From the start of the first attempt to the end; never less than 0. */
  readonly durationMs: number | undefined
}

/** What users see of a node's state; without one, a node that has not come up. */
export function nodeSnapshot(node: NodeState | undefined): NodeSnapshot {
  if (node === undefined) return pending
  const { status, attempts, action, error, startedAt, finishedAt, iteration } = node
  const hasTimes = startedAt !== undefined && finishedAt !== undefined
  return Object.freeze({
    status,
    attempts,
    input: asReadOnly(node.input),
    output: asReadOnly(node.output),
    action,
    error,
    startedAt,
    finishedAt,
    iteration,
    durationMs: hasTimes ? Math.max(0, finishedAt - startedAt) : undefined,
  })
}

const pending: NodeSnapshot = nodeSnapshot(unknownNode)
