import { ConcurrencyError, EventStoreError, HistoryCorruptError, type FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { EventBatch } from './event-store.ts'
import type { ExecutionHead } from './execution-head.ts'

/** A batch may be stored from its event number `skip` on (all done when that is its length), or it may not. */
export type Admission =
  | { readonly skip: number; readonly error?: never }
  | { readonly skip?: never; readonly error: FlowcraftError }

/**
 * The rule of every append, to be asked under the store's lock: what the same writer stored before counts as done,
 * another writer is a `ConcurrencyError`, a gap is a `HistoryCorruptError`. An execution without a writer takes the
 * first that goes on exactly behind its last event; a parked one too, when that batch begins with `workflow:resume` or
 * `workflow:cancel`. Whoever takes it over is its writer from then on, which the store has to remember.
 *
 * @param guardWriter The writer of the execution that {@link guardOf} names; `undefined` when it names none, or one that
 * is unknown or has no writer.
 */
export function admitBatch(batch: EventBatch, head: ExecutionHead, guardWriter?: string): Admission {
  const malformed = faultOf(batch)
  if (malformed !== undefined) return { error: malformed }
  if (guardWriter !== undefined && guardWriter !== batch.writer) return { error: lostFamily(batch, guardWriter) }
  const { executionId, expectedSeq, writer } = batch
  const next = head.lastSeq + 1
  if (head.writer !== undefined && head.writer !== writer && !takesOver(batch.events[0], head)) {
    return { error: otherWriter(batch, head) }
  }
  if (expectedSeq > next) {
    const message =
      `Execution '${executionId}' is stored up to seq ${head.lastSeq}; a batch that begins at seq ${expectedSeq} ` +
      `would leave a gap. Append batches of an execution in order, from seq 0`
    return { error: new HistoryCorruptError(message, { executionId }) }
  }
  if (head.writer === undefined && expectedSeq < next) return { error: otherWriter(batch, head) }
  return { skip: Math.min(next - expectedSeq, batch.events.length) }
}

/**
 * The execution that must have the same writer for a batch to be stored: the run of a subflow begins, and is taken over,
 * only by whoever writes its parent. `undefined` where there is none to ask, as for every other batch.
 */
export function guardOf({ events: [first] }: EventBatch, head: ExecutionHead): string | undefined {
  if (first?.type === 'workflow:start' && head.lastSeq < 0) return first.payload.parent?.executionId
  return takesOver(first, head) ? head.parent : undefined
}

/**
 * The same rule for a single event without a writer, to be asked once the store has seen that it does not hold the very
 * same event already: `undefined` when the event is the next one, else why it may not be stored. A parked execution that
 * goes on in this way has no writer any more.
 */
export function admitEvent(
  event: FlowcraftEvent,
  executionId: string,
  head: ExecutionHead,
): FlowcraftError | undefined {
  const what = `Event ${event.seq} of execution '${executionId}'`
  const next = head.lastSeq + 1
  if (event.executionId !== executionId) {
    return new EventStoreError(`${what} says that it belongs to '${event.executionId}'`, { executionId })
  }
  if ((head.writer !== undefined && !takesOver(event, head)) || event.seq < next) {
    const message = `${what} cannot be stored: someone else has written this execution, up to seq ${head.lastSeq}. `
    return new ConcurrencyError(message + remedy(head), { executionId })
  }
  if (event.seq === next) return undefined
  const message = `${what} would leave a gap: store the events of an execution in order; seq ${next} is the next`
  return new HistoryCorruptError(message, { executionId })
}

/** Whether a parked execution goes on with `event`, whoever has written it so far. */
function takesOver(event: FlowcraftEvent | undefined, { isParked, lastSeq }: ExecutionHead): boolean {
  if (!isParked || event?.seq !== lastSeq + 1) return false
  return event.type === 'workflow:resume' || event.type === 'workflow:cancel'
}

function lostFamily({ executionId, writer }: EventBatch, guardWriter: string): ConcurrencyError {
  const message =
    `The execution that started '${executionId}' is written by '${guardWriter}' now; writer '${writer}' cannot go on ` +
    `with a part of it. Another process has taken the run over: ask for its result`
  return new ConcurrencyError(message, { executionId })
}

function otherWriter(batch: EventBatch, head: ExecutionHead): ConcurrencyError {
  const { executionId, expectedSeq, writer, events } = batch
  const owner = head.writer === undefined ? 'an unnamed writer' : `writer '${head.writer}'`
  const found = events[0] === undefined ? 'nothing' : `'${events[0].type}'`
  const message =
    `Execution '${executionId}' is written by ${owner} (last seq ${head.lastSeq}); writer '${writer}' cannot append ` +
    `${found} at seq ${expectedSeq}. `
  return new ConcurrencyError(message + remedy(head), { executionId })
}

function remedy({ isParked, lastSeq }: ExecutionHead): string {
  return isParked
    ? `It is parked: read its history, and go on at seq ${lastSeq + 1} with 'workflow:resume' or 'workflow:cancel'`
    : 'Another run, maybe in another process, drives the same execution: stop one of them'
}

function faultOf({ executionId, events, expectedSeq }: EventBatch): EventStoreError | undefined {
  for (const [index, event] of events.entries()) {
    if (event.executionId === executionId && event.seq === expectedSeq + index) continue
    const message =
      `A batch of execution '${executionId}' from seq ${expectedSeq} holds at index ${index} the event ` +
      `${event.seq} of '${event.executionId}'. A batch holds consecutive events of one execution`
    return new EventStoreError(message, { executionId })
  }
  return undefined
}
