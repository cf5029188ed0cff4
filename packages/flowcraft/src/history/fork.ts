import { ConcurrencyError, EventStoreError, FlowcraftError } from '../errors.ts'
import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import type { ExecutionHead } from './execution-head.ts'

/** The beginning of an execution that shares a part of another one's history. */
export interface Fork {
  /** Of the new execution. */
  readonly executionId: string
  readonly from: string
  /** Of the last event that both have. */
  readonly seq: number
  readonly writer: string
  /** Who drives it: the id under which a lease is renewed. */
  readonly owner?: string | undefined
  /** Its first own event: the `seq` behind the last that both have. */
  readonly event: EventOf<'workflow:fork'>
}

/**
 * The rule of every fork, to be asked under the store's lock: `'done'` when the same writer has made it already, `'fork'`
 * when it may be made, else why it may not.
 * @param head Of the execution with the new id.
 * @param source Of the one that it comes from: of what was deleted and is only kept for other forks, as of one that never was.
 */
export function admitFork(fork: Fork, head: ExecutionHead, source: ExecutionHead): 'done' | 'fork' | FlowcraftError {
  const { executionId, from, seq, writer, event } = fork
  const isEvent = event.type === 'workflow:fork' && event.executionId === executionId && event.seq === seq + 1
  if (!isEvent || event.payload.from !== from || event.payload.seq !== seq) {
    const message = `A fork of '${from}' at seq ${seq} must begin with the 'workflow:fork' number ${seq + 1} of '${executionId}' that says so`
    return new EventStoreError(message, { executionId })
  }
  if (head.lastSeq >= 0) {
    if (head.writer === writer && head.lastSeq >= event.seq && executionId !== from) return 'done'
    const message = `Execution '${executionId}' is in the store already; a fork is a new execution: give it another id`
    return new ConcurrencyError(message, { executionId })
  }
  if (source.lastSeq >= seq && seq >= 0 && Number.isInteger(seq)) return 'fork'
  const found = source.lastSeq < 0 ? 'is not in the store' : `has the events 0 to ${source.lastSeq} only`
  const message = `Execution '${from}' ${found}, so '${executionId}' cannot be forked from it at seq ${seq}`
  return new FlowcraftError(message, { code: 'EXECUTION_UNKNOWN', executionId: from })
}

/** An event of another execution as one of `executionId`, which shares it. Values are not copied. */
export function sharedEvent(event: FlowcraftEvent, executionId: string): FlowcraftEvent {
  const payload = Object.freeze({ ...event.payload, executionId })
  // With another id it is of the same type.
  return Object.freeze({ ...event, id: `${executionId}:${event.seq}`, executionId, payload }) as FlowcraftEvent
}
