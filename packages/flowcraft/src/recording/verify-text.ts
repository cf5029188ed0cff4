import type { FlowcraftEvent } from '../events/event.ts'
import { differencesOf } from './value-differences.ts'
import { summaryOf, type VerificationDivergence, type DecisionSummary } from './verification.ts'

/** What a divergence is made of, besides the event. */
export interface DivergenceParts {
  readonly actual: DecisionSummary
  /** Without a full stop. What can be done is added. */
  readonly reason: string
  readonly nodeId?: string | undefined
  readonly edge?: VerificationDivergence['edge']
}

/** That an event holds a decision which would not be taken. */
export function divergenceAt(event: FlowcraftEvent, parts: DivergenceParts): VerificationDivergence {
  const { actual, reason, nodeId, edge } = parts
  return {
    seq: event.seq,
    expected: summaryOf(event),
    actual,
    reason: `${reason}; take the change back if that is not meant`,
    ...(nodeId !== undefined && { nodeId }),
    ...(edge !== undefined && { edge }),
  }
}

/** So far down, values are compared without a memory of what was met. */
const shallow = 4

/** Whether two recorded values are equal. The order of the keys of objects does not count. */
export function sameValue(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (depth === shallow || !isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) {
    return differencesOf(a, b).length === 0
  }
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  const isSame = (name: string): boolean =>
    Object.hasOwn(b, name) && sameValue(Reflect.get(a, name), Reflect.get(b, name), depth + 1)
  return names.every(isSame)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}
