import { CustomValue } from './custom-value.ts'
import type { FlowcraftEvent } from './event.ts'
import { isKnownPlainTree, isRecorded } from './recorded-mark.ts'
import { copyOf, type SnapshotOptions } from './snapshot.ts'
import { decodeValue, encodeValue } from './value-codec.ts'

/**
 * A recorded value for somebody who may not change it: the value itself, which is frozen, or, where it holds bytes,
 * which cannot be frozen, a copy. With `types`, what holds a `CustomValue` is a copy with instances too.
 */
export function asReadOnly(recorded: unknown, options?: SnapshotOptions): unknown {
  const isShown = options?.types === undefined ? isBytes : isBytesOrCustom
  return holds(isShown, recorded, undefined) ? copyOf(recorded, undefined, options) : recorded
}

/** The same for an event, which stays deep-frozen but for its bytes. */
export function eventAsReadOnly(event: FlowcraftEvent): FlowcraftEvent {
  if (!holds(isBytes, event.payload, undefined)) return event
  const { json, notes } = encodeValue(event.payload)
  // What decodes is equal to what was encoded.
  return Object.freeze({ ...event, payload: decodeValue(json, notes) } as FlowcraftEvent)
}

function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
}

function isBytesOrCustom(value: object): boolean {
  return isBytes(value) || value instanceof CustomValue
}

/** Whether `isSought` is true of `value` or a part of it; what was `seen` does not count. */
function holds(isSought: (value: object) => boolean, value: unknown, seen: Set<object> | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (isRecorded(value) && isKnownPlainTree(value)) return false
  if (isSought(value)) return true
  const met = seen ?? new Set<object>()
  if (met.has(value)) return false
  met.add(value)
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value) if (holds(isSought, entry, met)) return true
    return false
  }
  for (const key of Object.getOwnPropertyNames(value)) if (holds(isSought, Reflect.get(value, key), met)) return true
  return false
}
