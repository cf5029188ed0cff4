import type { FlowcraftEvent } from 'flowcraft'

/** The status of an execution that had `status` and now ends with `last`. What a finish says is known already. */
export function statusAfter(status: string, last: FlowcraftEvent): string {
  if (last.type === 'workflow:pause') return 'awaiting'
  if (last.type === 'workflow:stall') return (last.payload.stuck?.length ?? 0) > 0 ? 'stalled' : 'awaiting'
  return isParked(status) ? 'running' : status
}

/** Whether an execution of this status ends with a `workflow:pause` or a `workflow:stall`. */
export function isParked(status: string): boolean {
  return status === 'awaiting' || status === 'stalled'
}
