import type { ErrorCause, ErrorCode, WorkflowError } from '../errors.ts'
import type { RunState } from '../state/run-state.ts'

/** An error that follows from what is recorded. Its time is that of the node's start, so that it is always the same. */
export function engineError(
  { executionId = '', blueprintId = '', nodes, startedAt = 0 }: RunState,
  code: ErrorCode,
  message: string,
  nodeId: string,
  cause?: WorkflowError,
): WorkflowError {
  return Object.freeze({
    message,
    name: 'FlowcraftError',
    code,
    nodeId,
    blueprintId,
    executionId,
    isFatal: false,
    timestamp: new Date(nodes.get(nodeId)?.startedAt ?? startedAt).toISOString(),
    ...(cause && { cause: toCause(cause) }),
  })
}

function toCause({ name, message, stack, code, cause }: WorkflowError): ErrorCause {
  return Object.freeze({
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause }),
  })
}
