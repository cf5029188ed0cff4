import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import type { Mentions } from './mentions.ts'
import type { Timeline } from './timeline.ts'

/** A history as seen from one of its events: what comes later does not count. */
export interface View {
  readonly timeline: Timeline
  readonly mentions: Mentions
  readonly seq: number
}

/** One time that a node came up: its attempts in one iteration, or that it was skipped. */
export interface Visit {
  readonly iteration: number
  /** Of the event with which it began. */
  readonly seq: number
  /** Of the event with which the node's visit before this one began; -1 for none. */
  readonly since: number
  /** Of the last event before the next visit, or of the view. */
  readonly end: number
  /** The node's own, in order; none for a worker that has not started. */
  readonly events: readonly OwnEvent[]
}

/** An event that is about one node and what it does. */
export type OwnEvent = EventOf<
  'node:start' | 'node:finish' | 'node:error' | 'node:retry' | 'node:fallback' | 'node:skipped' | 'node:wait'
> &
  FlowcraftEvent

/** Every time that a node came up, in order, since a fork in which it began anew, if there is one. */
export function visitsOf({ timeline, mentions, seq: last }: View, nodeId: string): Visit[] {
  let visits: { iteration: number; seq: number; events: OwnEvent[] }[] = []
  for (const seq of mentions.of(nodeId)) {
    if (seq > last) break
    const event = timeline.events[seq]!
    // From there on, as if it had not come up.
    if (event.type === 'workflow:fork') visits = []
    if (event.type === 'batch:start') visits.push({ iteration: event.payload.iteration, seq, events: [] })
    if (!isOwn(event, nodeId)) continue
    const current = visits.at(-1)
    const goesOn = current !== undefined && (current.events.length === 0 || belongsTo(current, event))
    if (goesOn) current.events.push(event)
    else visits.push({ iteration: event.payload.iteration, seq, events: [event] })
  }
  return visits.map((visit, nth) => ({
    ...visit,
    since: visits[nth - 1]?.seq ?? -1,
    end: (visits[nth + 1]?.seq ?? last + 1) - 1,
  }))
}

function isOwn(event: FlowcraftEvent, nodeId: string): event is OwnEvent {
  switch (event.type) {
    case 'node:start':
    case 'node:finish':
    case 'node:error':
    case 'node:retry':
    case 'node:fallback':
    case 'node:skipped':
    case 'node:wait':
      return event.payload.nodeId === nodeId
    default:
      return false
  }
}

function belongsTo(
  { iteration, events }: { iteration: number; events: readonly OwnEvent[] },
  event: OwnEvent,
): boolean {
  if (event.payload.iteration !== iteration || event.type === 'node:skipped') return false
  if (event.type === 'node:start') return event.payload.attempt > 1
  return events[0]?.type !== 'node:skipped'
}
