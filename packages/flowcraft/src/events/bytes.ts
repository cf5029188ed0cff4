import type { FlowcraftEvent } from './event.ts'
import { isKnownPlainTree, isRecorded } from './recorded-mark.ts'
import { copyOf } from './snapshot.ts'
import { decodeValue, encodeValue } from './value-codec.ts'

/**
 * A recorded value for somebody who may not change it: the value itself, which is frozen, or, where it holds bytes,
 * which cannot be frozen, a copy.
 */
export function asReadOnly(recorded: unknown): unknown {
  return holdsBytes(recorded, undefined) ? copyOf(recorded) : recorded
}

/** The same for an event, which stays deep-frozen but for its bytes. */
export function eventAsReadOnly(event: FlowcraftEvent): FlowcraftEvent {
  if (!holdsBytes(event.payload, undefined)) return event
  const { json, notes } = encodeValue(event.payload)
  // What decodes is equal to what was encoded.
  return Object.freeze({ ...event, payload: decodeValue(json, notes) } as FlowcraftEvent)
}

function holdsBytes(value: unknown, seen: Set<object> | undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (isRecorded(value) && isKnownPlainTree(value)) return false
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true
  const met = seen ?? new Set<object>()
  if (met.has(value)) return false
  met.add(value)
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value) if (holdsBytes(entry, met)) return true
    return false
  }
  for (const key of Object.getOwnPropertyNames(value)) if (holdsBytes(Reflect.get(value, key), met)) return true
  return false
}
