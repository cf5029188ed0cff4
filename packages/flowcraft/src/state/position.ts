import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { draftOf, initialState } from './draft.ts'
import { apply } from './fold.ts'
import type { RunState } from './run-state.ts'

/**
 * A place in a history: after the event with that `seq`; after the first or the last one; after the last event whose
 * running maximum of timestamps is not later than `time` (epoch milliseconds); before a node's start, or after its
 * outcome and what that decided. `iteration` is 0 by default.
 */
export type Position =
  | number
  | 'start'
  | 'end'
  | { readonly time: number }
  | { readonly before: string; readonly iteration?: number | undefined }
  | { readonly after: string; readonly iteration?: number | undefined }

/**
 * The state at a position of an ordered history, which is read no further than needed and never held as a whole.
 * @throws POSITION_NOT_FOUND when the history has no such place.
 */
export async function foldUntil(
  events: Iterable<FlowcraftEvent> | AsyncIterable<FlowcraftEvent>,
  until: Position = 'end',
): Promise<RunState> {
  const draft = draftOf(initialState)
  const search = new Search(until, -1)
  const goesOn = (event: FlowcraftEvent): boolean => {
    if (search.takes(event)) apply(draft, event)
    return !search.isOver
  }
  // An await for each event of a list would cost more than the fold.
  if (Symbol.iterator in events) for (const event of events) if (!goesOn(event)) break
  if (Symbol.asyncIterator in events) for await (const event of events) if (!goesOn(event)) break
  search.seq()
  return draft
}

/**
 * The `seq` of the event after which a position of a whole and ordered history stands; -1 for the end of an empty one.
 * Looks at the events from number `from` on: for a node's position, nothing may be said of the node before that.
 * @throws POSITION_NOT_FOUND when the history has no such place.
 */
export function seqAt(events: readonly FlowcraftEvent[], until: Position, from = 0): number {
  if (until === 'end') return events.length - 1
  const search = new Search(until, from - 1)
  for (let index = from; index < events.length && !search.isOver; index += 1) search.takes(events[index]!)
  return search.seq()
}

/** The way to a position, event by event. */
class Search {
  readonly #until: Position
  readonly #gate: Gate
  #reach: Reach = 'open'
  #seq: number

  /** @param seq Of the event before the first one that will be shown. */
  constructor(until: Position, seq: number) {
    this.#until = until
    this.#gate = gateAt(until)
    this.#seq = seq
  }

  /** Whether the event is not behind the position. */
  takes(event: FlowcraftEvent): boolean {
    this.#reach = this.#gate(event)
    if (this.#reach === 'passed') return false
    this.#seq = event.seq
    return true
  }

  /** Whether no further event can be before the position. */
  get isOver(): boolean {
    return this.#reach === 'last' || this.#reach === 'passed'
  }

  /** Where the position is, once every event that matters was shown. */
  seq(): number {
    if (this.#until !== 'end' && (this.#reach === 'open' || this.#seq < 0)) throw positionNotFound(this.#until)
    return this.#seq
  }
}

/** What an event is to a position: before it, the last one before it, after it, or not known to be either yet. */
type Reach = 'open' | 'within' | 'last' | 'passed'

type Gate = (event: FlowcraftEvent) => Reach

function gateAt(until: Position): Gate {
  if (until === 'end') return () => 'open'
  if (until === 'start') return gateAt(0)
  if (typeof until === 'number' && Number.isInteger(until)) {
    return ({ seq }) => (seq < until ? 'open' : seq === until ? 'last' : 'passed')
  }
  if (typeof until !== 'object' || until === null) throw positionNotFound(until)
  if ('time' in until && isTime(until.time)) return gateAtTime(until.time)
  if ('before' in until) return gateBefore(until.before, until.iteration ?? 0)
  if ('after' in until) return gateAfter(until.after, until.iteration ?? 0)
  throw positionNotFound(until)
}

function isTime(time: unknown): boolean {
  return typeof time === 'number' && !Number.isNaN(time)
}

function gateAtTime(time: number): Gate {
  const latestAfter = runningLatest()
  return (event) => (latestAfter(event) > time ? 'passed' : 'within')
}

/** Gives the latest of the timestamps so far, for one event after the other: a clock may jump back. */
export function runningLatest(): (event: FlowcraftEvent) => number {
  let latest = Number.NEGATIVE_INFINITY
  return ({ timestamp }) => (latest = Math.max(latest, timestamp))
}

function gateBefore(nodeId: string, iteration: number): Gate {
  return (event) => {
    const comesUp = event.type === 'node:start' || event.type === 'node:error' || event.type === 'node:skipped'
    return comesUp && event.payload.nodeId === nodeId && event.payload.iteration === iteration ? 'passed' : 'open'
  }
}

function gateAfter(nodeId: string, iteration: number): Gate {
  let hasEnded = false
  // Whose run decides the outcome: the node's own, or, once it has failed, that of its fallback, and so on.
  let decisive = { nodeId, iteration }
  let awaitsFallback = false
  return (event) => {
    if (event.type === 'node:fallback' && isOf(event.payload, decisive)) {
      hasEnded = false
      awaitsFallback = true
    } else if (hasEnded) {
      return belongsToStep(event) ? 'within' : 'passed'
    } else if (event.type === 'node:start' && awaitsFallback && event.payload.fallbackFor === decisive.nodeId) {
      decisive = event.payload
      awaitsFallback = false
    } else if (event.type === 'node:finish' || event.type === 'node:error' || event.type === 'node:skipped') {
      hasEnded = isOf(event.payload, decisive)
    }
    return hasEnded ? 'within' : 'open'
  }
}

type Iteration = { readonly nodeId: string; readonly iteration: number }

function isOf(a: Iteration, b: Iteration): boolean {
  return a.nodeId === b.nodeId && a.iteration === b.iteration
}

/** Whether an event follows from the outcome before it. */
function belongsToStep({ type }: FlowcraftEvent): boolean {
  return type === 'edge:evaluate' || type === 'node:skipped' || type === 'node:fallback'
}

/** What is thrown for a place that a history does not have. */
export function positionNotFound(until: Position): FlowcraftError {
  return new FlowcraftError(
    `The history has no position ${typeof until === 'object' ? JSON.stringify(until) : String(until)}; it takes a seq of one of its events, 'start', 'end', { time }, or { before } or { after } with the id and iteration of a node that came up`,
    { code: 'POSITION_NOT_FOUND' },
  )
}
