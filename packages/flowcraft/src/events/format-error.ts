import type { ErrorCause, WorkflowError } from '../errors.ts'
import { describeThrown } from './failure.ts'

/**
 * An error and its chain of causes as text for people: what failed and where, each cause further in, and the stack of
 * the innermost error that has one. Takes an entry of `result.errors`, or anything that was thrown.
 */
export function formatError(error: unknown): string {
  const chain = chainOf(isRecordedError(error) ? error : describeThrown(error))
  const lines = chain.map((part, depth) => {
    const title = `${'  '.repeat(depth)}${depth === 0 ? '' : 'caused by '}${titleOf(part)}`
    return indentRest(title, depth + 1)
  })
  const place = placeOf(error)
  if (place !== '') lines.splice(1, 0, `  ${place}`)
  const stack = chain.findLast((part) => part.stack !== undefined)?.stack
  if (stack !== undefined) lines.push(...framesOf(stack).map((frame) => `${'  '.repeat(chain.length)}${frame}`))
  return lines.join('\n')
}

type Described = ErrorCause | WorkflowError

function isRecordedError(error: unknown): error is WorkflowError {
  return (
    typeof error === 'object' && error !== null && !(error instanceof Error) && 'message' in error && 'isFatal' in error
  )
}

function chainOf(error: Described): Described[] {
  const chain: Described[] = []
  for (let part: Described | undefined = error; part; part = part.cause) chain.push(part)
  return chain
}

function titleOf({ name, code, message }: Described): string {
  return `${name}${code === undefined ? '' : ` [${code}]`}: ${message}`
}

function placeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { nodeId, blueprintId, executionId } = error as Partial<WorkflowError>
  const parts = [nodeId && `node '${nodeId}'`, blueprintId && `blueprint '${blueprintId}'`]
  const place = [...parts, executionId && `execution '${executionId}'`].filter(Boolean).join(', ')
  return place && `in ${place}`
}

/** The lines of a stack that are frames: the message above them is printed already. */
function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at |@/.test(line))
}

function indentRest(text: string, depth: number): string {
  return text.replaceAll('\n', `\n${'  '.repeat(depth)}`)
}
