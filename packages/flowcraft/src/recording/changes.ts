import { shown } from '../blueprint/shown.ts'
import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { encodeValue } from '../events/value-codec.ts'
import { asReadOnly } from '../events/bytes.ts'
import type { RunState } from '../state/run-state.ts'
import { contextOf } from '../state/select.ts'
import type { Timeline } from './timeline.ts'

/** What became of one key of the context between two places in a recording. */
export interface ContextChange {
  readonly key: string
  readonly kind: 'added' | 'changed' | 'removed'
  /** `undefined` for a key that was added. */
  readonly before: unknown
  /** `undefined` for a key that was removed. */
  readonly after: unknown
}

/**
 * The keys whose values are not equal in the contexts after the events `from` and `to`, in no particular order; `to` may be
 * the earlier one. Looks only at what was written in between.
 */
export function changesBetween(timeline: Timeline, from: number, to: number): ContextChange[] {
  const { context, nodes } = timeline.maps
  const [first, last] = [Math.min(from, to), Math.max(from, to)]
  const keys = new Set([...context.changedBetween(first, last), ...nodes.changedBetween(first, last)])
  const before = contextOf(partOf(timeline.stateAt(from), keys), asIs)
  const after = contextOf(partOf(timeline.stateAt(to), keys), asIs)
  const changes: ContextChange[] = []
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = Object.hasOwn(before, key)
    const is = Object.hasOwn(after, key)
    const [old, now] = [was ? before[key] : undefined, is ? after[key] : undefined]
    if (was && is && isEqual(old, now)) continue
    const kind = was ? (is ? 'changed' : 'removed') : 'added'
    changes.push(Object.freeze({ key, kind, before: asReadOnly(old), after: asReadOnly(now) }))
  }
  return changes
}

/** A state of which only what is named by `keys` is left: what else its context holds is not made. */
function partOf(state: RunState, keys: ReadonlySet<string>): RunState {
  return { ...state, context: pick(state.context, keys), nodes: pick(state.nodes, keys) }
}

function pick<V>(map: ReadonlyMap<string, V>, keys: ReadonlySet<string>): ReadonlyMap<string, V> {
  const picked = new Map<string, V>()
  for (const key of keys) {
    const value = map.get(key)
    if (value !== undefined) picked.set(key, value)
  }
  return picked
}

function asIs(value: unknown): unknown {
  return value
}

/** Whether two recorded values are equal, types and the order of keys included. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [one, other] = [encodeValue(a), encodeValue(b)]
  return one.json === other.json && one.notes === other.notes
}

/** Something that gave a key of the context its value. */
export interface ContextWrite {
  readonly key: string
  /** The event with which it counted: that which tells the outcome of the attempt that wrote. */
  readonly seq: number
  /** Of that event, in epoch milliseconds. */
  readonly timestamp: number
  /**
   * `'initial'`: the run began with it. `'set'` and `'delete'`: a node did that to its context, or a fork, which is no node;
   * of several times in one attempt, the last one. `'output'`: the key is the id of a node, or `_outputs.` and such an id, and that node's output
   * came; it does not show as long as the key itself was set or deleted.
   */
  readonly kind: 'initial' | 'set' | 'delete' | 'output'
  /** The node that wrote, or whose code gave the output: a fallback, where that stood in. */
  readonly nodeId: string | undefined
  readonly iteration: number | undefined
  readonly attempt: number | undefined
  /** `undefined` for a key that was deleted. */
  readonly value: unknown
}

/**
 * Everything that gave `key` a value in the whole recording, in order.
 * @throws INPUT_INVALID for a key that is no text.
 */
export function writesTo(timeline: Timeline, key: string): ContextWrite[] {
  if (typeof key !== 'string') {
    throw new FlowcraftError(`writesTo takes a key of the context; found ${shown(key)}`, { code: 'INPUT_INVALID' })
  }
  const { context, nodes } = timeline.maps
  const writes = context.versionsOf(key).map(({ seq, value: entry }): ContextWrite => {
    // Nothing but a fork leaves a key as if nobody had written it.
    if (entry === undefined || entry.deleted) return writeAt(timeline, seq, { key, kind: 'delete', value: undefined })
    const kind = timeline.events[seq]?.type === 'workflow:start' ? 'initial' : 'set'
    return writeAt(timeline, seq, { key, kind, value: entry.value })
  })
  const nodeId = key.startsWith('_outputs.') ? key.slice('_outputs.'.length) : key
  for (const { seq, value: node } of nodes.versionsOf(nodeId)) {
    if (timeline.events[seq]?.type !== 'node:finish' || node?.status !== 'completed') continue
    if (node.output === undefined || node.batchId !== undefined) continue
    writes.push(writeAt(timeline, seq, { key, kind: 'output', value: node.output }))
  }
  return writes.sort((a, b) => a.seq - b.seq)
}

function writeAt(
  { events }: Timeline,
  seq: number,
  { key, kind, value }: Pick<ContextWrite, 'key' | 'kind' | 'value'>,
): ContextWrite {
  const event = events[seq]!
  const { nodeId, iteration, attempt } = writerOf(event)
  return Object.freeze({
    key,
    seq,
    timestamp: event.timestamp,
    kind,
    nodeId,
    iteration,
    attempt,
    value: asReadOnly(value),
  })
}

function writerOf({ type, payload }: FlowcraftEvent): {
  nodeId: string | undefined
  iteration: number | undefined
  attempt: number | undefined
} {
  if (type === 'node:finish' || type === 'node:error' || type === 'node:retry') return payload
  if (type === 'node:wait') return { nodeId: payload.nodeId, iteration: payload.iteration, attempt: undefined }
  return { nodeId: undefined, iteration: undefined, attempt: undefined }
}
