import { FlowcraftError, type WorkflowError } from '../../src/errors.ts'

/** What a node can throw. */
export const errorKinds = ['error', 'chain', 'flowcraft', 'text', 'object', 'nothing'] as const

/** What ends the whole run when it is thrown. */
export const fatalKinds = ['fatal', 'wraps-fatal'] as const

/** One way to fail. */
export type ErrorKind = (typeof errorKinds)[number] | (typeof fatalKinds)[number]

/** A fresh thing to throw. */
export function toThrown(kind: ErrorKind, label: string): unknown {
  switch (kind) {
    case 'error':
      return new Error(label)
    case 'chain':
      return new TypeError(label, {
        cause: Object.assign(new RangeError('below', { cause: 'the root' }), { code: 'E_1' }),
      })
    case 'flowcraft':
      return new FlowcraftError(label)
    case 'text':
      return label
    case 'object':
      return { reason: label }
    case 'nothing':
      return undefined
    case 'fatal':
      return new FlowcraftError(label, { isFatal: true })
    case 'wraps-fatal':
      return new Error(label, { cause: new FlowcraftError('inside', { isFatal: true }) })
  }
}

/** How {@link describeError} describes what a node threw, written down by hand. */
export function expectedError(nodeId: string, kind: ErrorKind, label: string): string {
  const failed = `${nodeId} NODE_FAILED: Node '${nodeId}' execution failed`
  switch (kind) {
    case 'error':
      return `${failed} < Error: ${label}`
    case 'chain':
      return `${failed} < TypeError: ${label} < RangeError E_1: below < NonError: the root`
    case 'flowcraft':
      return `${nodeId} FLOWCRAFT: ${label}`
    case 'text':
      return `${failed} < NonError: ${label}`
    case 'object':
      return `${failed} < NonError: {"reason":"${label}"}`
    case 'nothing':
      return `${failed} < NonError: undefined`
    case 'fatal':
      return `${nodeId} FLOWCRAFT fatal: ${label}`
    case 'wraps-fatal':
      return `${nodeId} NODE_FAILED fatal: Node '${nodeId}' execution failed < Error: ${label} < FlowcraftError FLOWCRAFT: inside`
  }
}

/** How {@link describeError} describes an error that the engine itself raised for a node: by its code alone. */
export function expectedEngineError(
  nodeId: string,
  code:
    | 'BATCH_FAILED'
    | 'BATCH_INPUT_INVALID'
    | 'EXPRESSION_FAILED'
    | 'NODE_TIMEOUT'
    | 'SERIALIZATION_FAILED'
    | 'TRANSFORM_FAILED',
): string {
  return `${nodeId} ${code}`
}

/** A recorded error in one line: node, code, message and causes; of the engine's own ones node and code. */
export function describeError({ nodeId, code, isFatal, message, cause }: WorkflowError): string {
  const head = `${nodeId} ${code}`
  if (code !== 'NODE_FAILED' && code !== 'FLOWCRAFT') return head
  let text = `${head}${isFatal ? ' fatal' : ''}: ${message}`
  for (let at = cause; at !== undefined; at = at.cause) {
    text += ` < ${at.name}${at.code === undefined ? '' : ` ${at.code}`}: ${at.message}`
  }
  return text
}
