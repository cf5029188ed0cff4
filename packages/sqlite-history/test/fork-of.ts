import type { EventBatch, FlowcraftEvent, Fork } from 'flowcraft'
import { event } from '../../flowcraft/test/history/events.ts'

/** How a fork begins, where it is not as usual. */
export interface ForkShape {
  readonly writer?: string
  readonly owner?: string
  /** What the payload of its first own event says besides where it comes from. */
  readonly payload?: object
}

/** A fork of `from` at `seq`, by the writer `'f'`. */
export function forkOf(executionId: string, from: string, seq: number, shape: ForkShape = {}): Fork {
  const { writer = 'f', owner, payload } = shape
  const first = event(executionId, seq + 1, 'workflow:fork', { ...payload, from, seq })
  if (first.type !== 'workflow:fork') throw new Error(`a fork begins with '${first.type}'`)
  return { executionId, from, seq, writer, owner, event: first }
}

/** The whole history of a fork whose source has these events, and which went on with those of `batches`. */
export function forked(
  { executionId, seq, event: first }: Fork,
  source: readonly FlowcraftEvent[],
  ...batches: readonly EventBatch[]
): FlowcraftEvent[] {
  const shared = source
    .slice(0, seq + 1)
    .map((one) => event(executionId, one.seq, one.type, { ...one.payload, executionId }))
  return [...shared, first, ...batches.flatMap(({ events }) => events)]
}
