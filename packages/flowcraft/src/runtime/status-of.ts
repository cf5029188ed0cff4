import type { WorkflowStatus } from '../blueprint/flow-runner.ts'
import type { RunState } from '../state/run-state.ts'

/** How a run stands for whoever asked for it; `'stalled'` also for one that is going on, or was cut off. */
export function statusOf({ status }: RunState): WorkflowStatus {
  return status === 'running' ? 'stalled' : status
}

/** Whether a run has ended, and is not only parked. */
export function hasEnded({ status }: RunState): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Whether what parked a run was the wish of somebody. */
export function hasPause({ waiting }: RunState): boolean {
  return waiting.some(({ reason }) => reason === 'user_pause')
}
