import type { FlowcraftEvent } from '../events/event.ts'

/** What is followed: an execution, or all that fit a filter, those of subflows included. */
export type FollowTarget = string | FollowFilter

/** Which events to follow: those for which all that is given holds. */
export interface FollowFilter {
  readonly blueprintId?: string | undefined
  /** A tag of the execution. */
  readonly tag?: string | undefined
  readonly types?: readonly FlowcraftEvent['type'][] | undefined
}

/** How to follow. */
export interface FollowOptions {
  /** The `cursor` of the event behind which to go on; `'end'` for what comes from now on. Default from the first event. */
  readonly cursor?: string | undefined
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
}

/** An event that has become durable, and where to go on behind it. */
export interface FollowedEvent {
  readonly event: FlowcraftEvent
  /** Of one execution its `seq` as text; else what only the store understands. */
  readonly cursor: string
}
