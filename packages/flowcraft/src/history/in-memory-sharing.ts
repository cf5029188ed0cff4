import { eventAsReadOnly } from '../events/bytes.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { sharedEvent } from './fork.ts'
import { firstOwnSeq, lastSeqOf, type MemoryExecution, type SharedEvents } from './in-memory-execution.ts'

/** Own events of one execution that stand in a row in the history of an execution. */
interface Stretch {
  readonly events: readonly FlowcraftEvent[]
  readonly firstSeq: number
  readonly fromSeq: number
  readonly toSeq: number
}

/** The events of an execution from `fromSeq` to `toSeq`, both included, as they are when the first is asked for. */
export function* eventsOf(
  execution: MemoryExecution | undefined,
  fromSeq = 0,
  toSeq: number = Infinity,
): Generator<FlowcraftEvent, undefined, undefined> {
  if (execution === undefined) return
  const { executionId } = execution
  for (const { events, firstSeq, ...stretch } of stretchesOf(execution, Math.max(0, Math.ceil(fromSeq)), toSeq)) {
    for (let seq = stretch.fromSeq; seq <= stretch.toSeq; seq++) yield asOf(executionId, events[seq - firstSeq]!)
  }
}

/** All events of an execution. */
export function allEventsOf(execution: MemoryExecution | undefined): FlowcraftEvent[] {
  // Most share nothing, and are read faster without a generator.
  return execution?.shared === undefined ? (execution?.events ?? []).map(eventAsReadOnly) : [...eventsOf(execution)]
}

/** One event of an execution. */
export function eventAt(execution: MemoryExecution | undefined, seq: number): FlowcraftEvent | undefined {
  let each = execution
  while (each?.shared !== undefined && seq <= each.shared.seq) each = each.shared.source
  const event = each?.events[seq - firstOwnSeq(each)]
  return event && asOf(execution!.executionId, event)
}

/** What a fork of `source` at `seq` shares: with that one, or with the one that `source` has this event of itself. */
export function sharedAt(source: MemoryExecution, seq: number): SharedEvents {
  let owner = source
  while (owner.shared !== undefined && seq <= owner.shared.seq) owner = owner.shared.source
  return { source: owner, seq }
}

/** Notes that `fork` needs what it shares. */
export function hold(fork: MemoryExecution): void {
  const { source } = fork.shared!
  source.forks ??= new Set()
  source.forks.add(fork)
}

/** Lets go of the events of a removed execution, as far as no fork needs them, and of what it shared once none does. */
export function release(removed: MemoryExecution): void {
  let each: MemoryExecution | undefined = removed
  while (each?.isRemoved === true) {
    cut(each)
    if (each.events.length > 0) return
    const source: MemoryExecution | undefined = each.shared?.source
    source?.forks?.delete(each)
    each = source
  }
}

/** Lets go of the events behind the last that a fork needs. Whoever is reading goes on with the array as it was. */
function cut(execution: MemoryExecution): void {
  const { forks = new Set<MemoryExecution>() } = execution
  const last = lastSeqOf(execution)
  let needed = -1
  for (const { shared } of forks) {
    needed = Math.max(needed, shared!.seq)
    if (needed === last) return
  }
  execution.events = execution.events.slice(0, Math.max(0, needed - firstOwnSeq(execution) + 1))
}

function asOf(executionId: string, event: FlowcraftEvent): FlowcraftEvent {
  const shown = eventAsReadOnly(event)
  return shown.executionId === executionId ? shown : sharedEvent(shown, executionId)
}

/** The first events first. */
function stretchesOf(execution: MemoryExecution, fromSeq: number, toSeq: number): Stretch[] {
  const stretches: Stretch[] = []
  let end = Math.min(toSeq, lastSeqOf(execution))
  for (
    let each: MemoryExecution | undefined = execution;
    each !== undefined && end >= fromSeq;
    each = each.shared?.source
  ) {
    const firstSeq = firstOwnSeq(each)
    if (end < firstSeq) continue
    stretches.push({ events: each.events, firstSeq, fromSeq: Math.max(firstSeq, fromSeq), toSeq: end })
    end = firstSeq - 1
  }
  return stretches.reverse()
}
