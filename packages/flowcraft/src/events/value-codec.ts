import { SerializationError } from '../errors.ts'
import { isPlainPrimitive } from './plain.ts'
import { isKnownPlainTree, isRecorded, newVisit, visitedBy } from './recorded-mark.ts'
import { maxDepth } from './deep-copy.ts'
import { encodeWithNotes } from './value-notes.ts'
import { freezePlain, maxEncodedDepth, reviveWithNotes } from './value-revive.ts'

/** A value as JSON text, with type notes where plain JSON is not enough. */
export interface EncodedValue {
  readonly json: string
  readonly notes?: string
}

/**
 * The text of a recorded value, or of plain data around recorded values. Plain data gives exactly `JSON.stringify` and
 * no notes. Otherwise `json` stays readable, and `notes` is a JSON list of `[path, type, extra?]`, where `path` lists
 * the keys and indices that lead to a part of `json`:
 *
 * | type | in `json` | `extra` |
 * |---|---|---|
 * | `undefined` | `null` | |
 * | `number` | `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"` | |
 * | `bigint` | its digits | |
 * | `string` (with NUL or a lone surrogate) | U+FFFD in place of these | the string |
 * | `keys` (an object with such keys) | U+FFFD in place of these | a list of `[key in json, key]` |
 * | `Date` | ISO 8601, or `null` when invalid | |
 * | `URL` | its href | |
 * | `RegExp` | `/source/flags` | `[source, flags, lastIndex]` |
 * | `Map`, `Set` | a list of `[key, value]`, a list of items | |
 * | `Error` | an object of its parts | |
 * | `custom` (a `CustomValue`) | an object of its `type` and what is `encoded` | |
 * | `ArrayBuffer`, `Buffer`, `DataView`, typed arrays | base64, in the byte order of the machine (little-endian) | |
 * | `ref` (a shared reference or a cycle) | `null` | the path where the object was first met |
 *
 * So `json` holds no `\u0000` and no lone surrogate, which some databases refuse.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) for what `snapshot` would refuse too.
 */
export function encodeValue(recorded: unknown): EncodedValue {
  if (isPlainTree(recorded, new Visitor(true), 0) || isPlainTree(recorded, new Visitor(false), 0)) {
    const json = JSON.stringify(recorded)
    if (!json.includes('\\u') || !needsStringNotes.test(json)) return { json }
  }
  return encodeWithNotes(recorded)
}

/**
 * The value that `encodeValue` was given, deep-frozen.
 *
 * @throws SerializationError (`SERIALIZATION_FAILED`) for text that is damaged or nested too deep.
 */
export function decodeValue(json: string, notes?: string): unknown {
  const value = parse(json, 'value')
  if (notes === undefined) return freezePlain(value, 0)
  return reviveWithNotes(value, parse(notes, 'type notes'))
}

/** An escape for NUL or a lone surrogate, as `JSON.stringify` writes it, that is not itself an escaped backslash. */
const needsStringNotes = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/**
 * One walk over a value. It tells shared references: recorded objects carry a mark for it, the few others are kept in
 * a set. A hasty walk does not enter values that are known to be plain trees, and gives up where it might miss that a
 * part of one is shared.
 */
class Visitor {
  readonly isHasty: boolean
  readonly #visit = newVisit()
  #others: Set<object> | undefined

  constructor(isHasty: boolean) {
    this.isHasty = isHasty
  }

  hasMet(object: object): boolean {
    if (isRecorded(object)) return visitedBy(object, this.#visit)
    this.#others ??= new Set()
    if (this.#others.has(object)) return true
    this.#others.add(object)
    return false
  }
}

function isPlainTree(value: unknown, visitor: Visitor, depth: number): boolean {
  if (typeof value === 'string') return true
  return typeof value === 'object' && value !== null ? isPlainContainer(value, visitor, depth) : isPlainPrimitive(value)
}

function isPlainContainer(value: object, visitor: Visitor, depth: number): boolean {
  if (visitor.hasMet(value)) return false
  if (visitor.isHasty && isRecorded(value)) return isKnownPlainTree(value)
  if (depth > (visitor.isHasty ? maxEncodedDepth - maxDepth : maxEncodedDepth)) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!isPlainTree(value[index], visitor, depth + 1)) return false
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key of Object.keys(value)) {
    if (!isPlainTree((value as Record<string, unknown>)[key], visitor, depth + 1)) return false
  }
  return true
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SerializationError(`Recorded ${what} is not JSON`, { cause })
  }
}
