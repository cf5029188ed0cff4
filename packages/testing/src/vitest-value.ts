import { encodeValue, type ErrorCause, type WorkflowError } from 'flowcraft'

/** The longest text of a value that is shown as a whole. */
const longest = 100

/** A recorded value in one line. Of a long one the beginning, its length, and a checksum, so that every change shows. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  const { json, notes } = encodeValue(value)
  const types = notes === undefined ? [] : typesIn(notes)
  const text = types.length === 0 ? json : `${json} (with ${types.join(', ')})`
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters, ${checksum(text)})`
}

/** What failed and why, in one line: name, code and message of an error and of its causes. */
export function failureText(error: WorkflowError): string {
  const parts: string[] = []
  // That a node failed is told of with the node; why, by the cause.
  const first = error.code === 'NODE_FAILED' ? (error.cause ?? error) : error
  for (let part: WorkflowError | ErrorCause | undefined = first; part !== undefined; part = part.cause) {
    const code = part.code === undefined ? '' : ` [${part.code}]`
    parts.push(`${part.name}${code}: ${part.message.replaceAll(/\s*\n\s*/g, ' ')}`)
  }
  return parts.join(' <- ')
}

/** What plain JSON does not have, by the notes of a value: a list of `[path, type, extra?]`. */
function typesIn(notes: string): string[] {
  const list = JSON.parse(notes) as readonly (readonly [unknown, string])[]
  return [...new Set(list.map(([, type]) => type))].sort()
}

/** FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
