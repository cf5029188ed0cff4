import { FlowcraftError } from '../errors.ts'
import type { EventOf } from '../events/event.ts'
import type { Mentions } from './mentions.ts'
import type { Timeline } from './timeline.ts'

/** A run of a subflow that a run started. */
export interface ChildReference {
  readonly nodeId: string
  readonly iteration: number
  readonly attempt: number
  /** Of the child. */
  readonly executionId: string
  /** Of the event that started it. */
  readonly seq: number
}

/** The runs of subflows, in the order in which they were started. */
export function childrenOf(timeline: Timeline, mentions: Mentions): ChildReference[] {
  return mentions.children.map((seq) => {
    // The seqs are those of starts that name a child.
    const { payload } = timeline.events[seq] as EventOf<'node:start'>
    const { nodeId, iteration, attempt, childExecutionId } = payload
    return Object.freeze({ nodeId, iteration, attempt, executionId: childExecutionId!, seq })
  })
}

/**
 * The last run that a node started, in an iteration or at all.
 * @throws EXECUTION_UNKNOWN when it started none.
 */
export function childOf(
  children: readonly ChildReference[],
  { executionId, nodeId, iteration }: { executionId: string; nodeId: string; iteration: number | undefined },
): ChildReference {
  const child = children.findLast(
    (candidate) => candidate.nodeId === nodeId && (iteration === undefined || candidate.iteration === iteration),
  )
  if (child !== undefined) return child
  const which = iteration === undefined ? '' : ` in iteration ${iteration}`
  const known = [...new Set(children.map((candidate) => `'${candidate.nodeId}'`))].slice(0, 10).join(', ')
  throw new FlowcraftError(
    `Node '${nodeId}' of execution '${executionId}' started no subflow${which}; ${known === '' ? 'no node of it did' : `these nodes did: ${known}`}`,
    { code: 'EXECUTION_UNKNOWN', nodeId, executionId },
  )
}
