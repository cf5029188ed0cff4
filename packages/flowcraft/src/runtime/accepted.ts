import type { WaitRequest } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import type { RecordedResult } from '../events/event.ts'
import type { WaitFact } from '../scheduler/outcome.ts'

/** What a node returned, as far as it counts: a result to be recorded, or the wish to wait. */
export interface Accepted extends RecordedResult {
  readonly wait?: AcceptedWait
}

/** What a node wants to wait for. */
export interface AcceptedWait {
  readonly event?: string
  /** Epoch milliseconds. */
  readonly until?: number
}

/** A wish to wait, checked. @throws INPUT_INVALID for anything but a {@link WaitRequest}. */
export function acceptWait(wait: WaitRequest, nodeId: string, executionId: string): AcceptedWait {
  const { event, until }: Readonly<Record<string, unknown>> =
    typeof wait === 'object' && wait !== null ? { ...wait } : {}
  const time = until instanceof Date ? until.getTime() : until
  const isEvent = event === undefined || typeof event === 'string'
  const isTime = time === undefined || (typeof time === 'number' && Number.isFinite(time))
  if (typeof wait === 'object' && wait !== null && isEvent && isTime) {
    return { ...(event !== undefined && { event }), ...(time !== undefined && { until: time }) }
  }
  throw new FlowcraftError(
    `Node '${nodeId}' (execution '${executionId}') returned a 'wait' that is none; it is an object with 'event', a text, and 'until', epoch milliseconds or a date, both optional`,
    { code: 'INPUT_INVALID', nodeId, executionId },
  )
}

/** The same as it is recorded. */
export function toWaitFact({ event, until }: AcceptedWait): WaitFact {
  return {
    reason: event === undefined && until !== undefined ? 'timer' : 'external_event',
    ...(until !== undefined && { wakeUpAt: until }),
    ...(event !== undefined && { event }),
  }
}
