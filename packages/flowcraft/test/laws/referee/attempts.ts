import { copyOf } from '../../../src/events/snapshot.ts'
import { portrait } from '../../events/values.ts'
import { expectedEngineError, expectedError } from '../errors.ts'
import { echoOf } from '../node-calls.ts'
import { attemptOf, labelOf, type Moment, type Program } from '../program.ts'

/** How an attempt must end. */
export type AttemptEnd =
  | { readonly kind: 'gives'; readonly output: unknown; readonly action: string | undefined }
  /** What it gives depends on what it saw of others at some moment. */
  | { readonly kind: 'gives-something'; readonly action: string | undefined }
  | { readonly kind: 'waits'; readonly event: string | undefined; readonly isTimed: boolean }
  /** With an error that `describeError` describes like this. */
  | { readonly kind: 'fails'; readonly error: string }

/** What user code does by its program. */
export function endOfAttempt(
  { key, program }: { readonly key: string; readonly program: Program },
  moment: Moment,
  input: unknown,
  timeoutMs: number | undefined,
): AttemptEnd {
  const { nodeId } = moment
  const { delayMs, ending } = attemptOf(program, moment)
  if (timeoutMs !== undefined && delayMs > timeoutMs) {
    return { kind: 'fails', error: expectedEngineError(nodeId, 'NODE_TIMEOUT') }
  }
  switch (ending.kind) {
    case 'throw':
      return { kind: 'fails', error: expectedError(nodeId, ending.error, labelOf(key, moment)) }
    case 'wait':
      return { kind: 'waits', event: ending.event, isTimed: ending.afterMs !== undefined }
    case 'unrecordable':
      return { kind: 'fails', error: expectedEngineError(nodeId, 'SERIALIZATION_FAILED') }
    case 'return': {
      const { output, action } = ending
      if (output.kind === 'shared') return { kind: 'gives-something', action }
      if (output.kind === 'echo') return { kind: 'gives', output: echoOf(nodeId, portrait(input)), action }
      // Two runs give two objects, though they are equal.
      return { kind: 'gives', output: 'value' in output ? copyOf(output.value) : undefined, action }
    }
  }
}

/** The value as a node gets it. */
export function asGiven(value: unknown): string {
  return portrait(copyOf(value))
}
