import type { FlowcraftEvent } from '../events/event.ts'
import { differencesOf, type ValueDifference } from './value-differences.ts'

/** Something of one run, and of the other; absent where a run has none. */
export interface Sides<T> {
  readonly a?: T
  readonly b?: T
}

/** The first place at which two histories do not say the same. */
export interface Divergence {
  /** `'event'`: something else happened. `'payload'`: the same, with other data. `'end'`: one of them ends here. */
  readonly what: 'event' | 'payload' | 'end'
  /** Of the events that differ; absent for a run that has no more. */
  readonly seq: Sides<number>
  /** The type of each, and what it is about. */
  readonly event: Sides<string>
  /** In the payloads, for `'payload'`; else none. */
  readonly differences: readonly ValueDifference[]
}

/**
 * The first place at which two histories differ, besides ids of executions, times and stacks; `undefined` for none. That one
 * of them is a fork is no difference; what comes of it is.
 */
export function divergenceOf(one: readonly FlowcraftEvent[], other: readonly FlowcraftEvent[]): Divergence | undefined {
  const [a, b] = [withoutForks(one), withoutForks(other)]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left, right] = [a[index], b[index]]
    const seq = sidesOf(left?.seq, right?.seq)
    const event = sidesOf(left && eventText(left), right && eventText(right))
    if (left === undefined || right === undefined) return { what: 'end', seq, event, differences: [] }
    if (event.a !== event.b) return { what: 'event', seq, event, differences: [] }
    const differences = differencesOf(left.payload, right.payload, isOfThisRunOnly)
    if (differences.length > 0) return { what: 'payload', seq, event, differences }
  }
  return undefined
}

function withoutForks(events: readonly FlowcraftEvent[]): readonly FlowcraftEvent[] {
  return events.filter(({ type }) => type !== 'workflow:fork')
}

/** Both sides, without a key for what is not there. */
export function sidesOf<T>(a: T | undefined, b: T | undefined): Sides<T> {
  return { ...(a !== undefined && { a }), ...(b !== undefined && { b }) }
}

function eventText({ type, payload }: FlowcraftEvent): string {
  if ('nodeId' in payload) return `${type} ${JSON.stringify(payload.nodeId)}`
  if (type === 'edge:evaluate') return `${type} ${JSON.stringify(payload.source)} to ${JSON.stringify(payload.target)}`
  if (type === 'context:change') return `${type} ${JSON.stringify(payload.key)}`
  return type
}

const ownNames = ['executionId', 'childExecutionId', 'parent', 'durationMs', 'delayMs', 'wakeUpAt']
// Its hash tells as much, and not every store has it in the events.
const ownFields: ReadonlySet<unknown> = new Set([...ownNames, 'blueprint'])
const ownErrorFields: ReadonlySet<unknown> = new Set(['executionId', 'timestamp', 'stack'])

/** Whether a part of a payload is another one in every run. */
function isOfThisRunOnly(path: readonly (string | number)[]): boolean {
  const [first, last] = [path[0], path.at(-1)]
  if (path.length === 1) return ownFields.has(first)
  if (first === 'error' || first === 'errors') return ownErrorFields.has(last)
  return first === 'waiting' && last === 'wakeUpAt'
}
