import { FlowcraftError } from '../errors.ts'

/** The error of a resume for what does not wait. */
export function notAwaiting(executionId: string | undefined): FlowcraftError {
  return new FlowcraftError('Cannot resume: The provided context is not in an awaiting state.', {
    code: 'NOT_AWAITING',
    executionId,
  })
}

/** The error of a resume for a node that does not wait. */
export function nodeNotAwaiting(nodeId: string, executionId: string): FlowcraftError {
  return new FlowcraftError(`Cannot resume: Node '${nodeId}' is not in an awaiting state.`, {
    code: 'NOT_AWAITING',
    nodeId,
    executionId,
  })
}

/** The error of a resume for an execution of which nothing is left. */
export function unknownExecution(executionId: string): FlowcraftError {
  return new FlowcraftError(
    `Execution '${executionId}' is neither in the memory of this runtime nor in its event store, so it cannot be resumed`,
    { code: 'EXECUTION_UNKNOWN', executionId },
  )
}
