import { HistoryCorruptError } from '../errors.ts'
import type { FlowcraftEvent } from './event.ts'
import { upcast } from './upcast.ts'
import { encodeValue } from './value-codec.ts'

/**
 * The events of one execution in `seq` order, brought to today's schema. Others are left out, exact duplicates too;
 * events that all lack a `seq` keep their order.
 * @throws HISTORY_CORRUPT for a gap, a duplicate with other content, a newer schema.
 */
export function orderHistory(events: Iterable<FlowcraftEvent>, executionId: string): FlowcraftEvent[] {
  const own: FlowcraftEvent[] = []
  for (const event of events) if (event.executionId === executionId) own.push(upcast(event))
  // Histories of other systems may know no seq: the type says there is one, the data need not.
  if (own.length > 0 && own.every((event) => (event.seq as number | undefined) === undefined)) {
    return own.map((event, seq) => ({ ...event, seq, id: `${executionId}:${seq}` }))
  }
  if (own.every((event, index) => event.seq === index)) return own
  const ordered: FlowcraftEvent[] = []
  for (const event of own.sort((a, b) => a.seq - b.seq)) {
    const last = ordered.at(-1)
    if (last !== undefined && last.seq === event.seq) requireEqual(last, event)
    else ordered.push(requireNext(event, ordered.length))
  }
  return ordered
}

/**
 * The same over a stream, of which only what came too early is held.
 * @throws HISTORY_CORRUPT as above, and for an event that comes again after its successor.
 */
export async function* orderStream(
  events: AsyncIterable<FlowcraftEvent>,
  executionId: string,
): AsyncGenerator<FlowcraftEvent> {
  const early = new Map<number, FlowcraftEvent>()
  let last: FlowcraftEvent | undefined
  let next = 0
  for await (const event of events) {
    if (event.executionId !== executionId) continue
    const { seq } = event
    const twin = seq === last?.seq ? last : early.get(seq)
    if (twin !== undefined) requireEqual(twin, event)
    else if (seq < next) throw new HistoryCorruptError(`Event ${event.id} came again out of order`, { executionId })
    else early.set(seq, upcast(event))
    for (let due = early.get(next); due !== undefined; due = early.get(next)) {
      early.delete(next)
      next += 1
      last = due
      yield due
    }
  }
  for (const event of early.values()) requireNext(event, next)
}

function requireNext(event: FlowcraftEvent, seq: number): FlowcraftEvent {
  if (event.seq === seq) return event
  const { executionId } = event
  throw new HistoryCorruptError(
    `The history of execution '${executionId}' has no event ${seq}, but event ${String(event.seq)}. Read it again from its store; if the event is missing there, the log is damaged`,
    { executionId },
  )
}

function requireEqual(a: FlowcraftEvent, b: FlowcraftEvent): void {
  if (a === b || contentOf(a) === contentOf(b)) return
  throw new HistoryCorruptError(
    `The history of execution '${a.executionId}' has two events ${a.seq} with different content: ${a.type} and ${b.type}`,
    { executionId: a.executionId },
  )
}

function contentOf({ type, timestamp, payload }: FlowcraftEvent): string {
  const { json, notes } = encodeValue(payload)
  return `${type}\n${timestamp}\n${json}\n${notes ?? ''}`
}
