import { encodeValue } from '../events/value-codec.ts'
import { freezePlain, reviveWithNotes } from '../events/value-revive.ts'

/** The name by which the text of a recording is told from other text. */
export const bundleFormat = 'flowcraft-recording'

/** The fields of a line; type notes are kept beside them, as `notes`. */
export type LineFields = Readonly<Record<string, unknown>>

/** A line of JSON: plain fields stay plain, and what plain JSON cannot hold is told by a further field `notes`. */
export function lineFrom(fields: LineFields): string {
  const { json, notes } = encodeValue(fields)
  return notes === undefined ? json : `${json.slice(0, -1)},"notes":${notes}}`
}

/**
 * The fields of a line, deep-frozen; `undefined` for JSON that is no object.
 * @throws SyntaxError for what is not JSON; SERIALIZATION_FAILED for damaged notes.
 */
export function fieldsFrom(line: string): LineFields | undefined {
  const parsed: unknown = JSON.parse(line)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  if (!Object.hasOwn(parsed, 'notes')) return freezePlain(parsed, 0) as LineFields
  const { notes, ...fields } = parsed as LineFields
  return reviveWithNotes(fields, notes) as LineFields
}
