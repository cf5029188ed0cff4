import type { FlowcraftEvent, RunStatus } from '../events/event.ts'

/** What a store notes of an execution besides its events, as far as later events change it. */
export interface ExecutionChange {
  readonly status: RunStatus
  readonly finishedAt: number | undefined
  readonly errorCount: number
  /** When the first of what it waits for goes on by itself; `undefined` while it is not parked, or for never. */
  readonly wakeUpAt: number | undefined
}

/** What is noted of an execution before its first event. */
export const unchanged: ExecutionChange = Object.freeze({
  status: 'running',
  finishedAt: undefined,
  errorCount: 0,
  wakeUpAt: undefined,
})

/**
 * What a store notes of an execution behind `events`, the same for every store. An execution keeps its owner only while
 * its status is `'running'`.
 */
export function changeAfter(events: readonly FlowcraftEvent[], before: ExecutionChange = unchanged): ExecutionChange {
  let change = before
  for (const event of events) change = changeBy(event, change)
  return change
}

/** Whether an execution of this status ends with a `workflow:pause` or a `workflow:stall`: then nobody owns it. */
export function isParkedStatus(status: RunStatus): boolean {
  return status === 'awaiting' || status === 'stalled'
}

function changeBy(event: FlowcraftEvent, before: ExecutionChange): ExecutionChange {
  switch (event.type) {
    case 'workflow:pause':
      return { ...before, status: 'awaiting', wakeUpAt: wakeUpOf(event.payload.waiting) }
    case 'workflow:stall': {
      const status = (event.payload.stuck?.length ?? 0) > 0 ? 'stalled' : 'awaiting'
      return { ...before, status, wakeUpAt: wakeUpOf(event.payload.waiting) }
    }
    case 'workflow:fork':
      return unchanged
    case 'workflow:finish': {
      const { status, errors } = event.payload
      const errorCount = Array.isArray(errors) ? errors.length : 0
      return { status, finishedAt: event.timestamp, errorCount, wakeUpAt: undefined }
    }
    default:
      return isParkedStatus(before.status) ? { ...before, status: 'running', wakeUpAt: undefined } : before
  }
}

type Waits = readonly ({ readonly reason: string; readonly wakeUpAt?: number } | undefined | null)[]

/** No timer ends a pause that somebody asked for. What a store is given may be damaged. */
function wakeUpOf(waiting: unknown): number | undefined {
  const each: Waits = Array.isArray(waiting) ? waiting : []
  if (each.some((entry) => entry?.reason === 'user_pause')) return undefined
  const first = each.reduce(
    (least, entry) => (Number.isFinite(entry?.wakeUpAt) ? Math.min(least, Number(entry?.wakeUpAt)) : least),
    Infinity,
  )
  return first === Infinity ? undefined : first
}
