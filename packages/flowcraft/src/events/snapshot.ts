import { DeepCopy } from './deep-copy.ts'
import { isRecorded } from './recorded-mark.ts'
import type { SnapshotOptions } from './value-place.ts'

export type { SnapshotOptions } from './value-place.ts'

/**
 * A deep-frozen copy of `value`, equal to what `decodeValue` will give. What is recorded already is given back as it
 * is.
 *
 * Kept: plain data, `undefined` (array holes become it), NaN, ±Infinity, -0, BigInt, Date, RegExp, Map, Set, URL,
 * Error, ArrayBuffer, Buffer, typed arrays, DataView; shared references and cycles, except that each view of one
 * ArrayBuffer gets bytes of its own. An instance of one of the `types` becomes a `CustomValue`. Objects without a
 * prototype become plain ones, symbol keys and further properties of arrays are left out, and an instance of another
 * class becomes what its `toJSON` gives, else its own enumerable properties. Bytes cannot be frozen: do not write to
 * them.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) for a function or symbol, a getter or value type that throws, a
 * cycle through a `CustomValue`, nesting deeper than 1000, or more than `maxBytes`.
 */
export function snapshot(value: unknown, options: SnapshotOptions): unknown {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'object' && isRecorded(value)) return value
  return new DeepCopy(options, 'recording').of(value)
}

/**
 * A mutable deep copy of a recorded value, shared references and cycles included. Each `CustomValue` of one of the
 * `types` becomes an instance, one for all its places. Objects in `passed`, and functions, are not copied: these only
 * occur in a run that nothing records.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) for a `decode` that throws.
 */
export function copyOf(recorded: unknown, passed?: WeakSet<object>, options: SnapshotOptions = unnamed): unknown {
  if (typeof recorded !== 'object' || recorded === null) return recorded
  return new DeepCopy(options, { passed }).of(recorded)
}

const unnamed: SnapshotOptions = { where: 'a recorded value' }
