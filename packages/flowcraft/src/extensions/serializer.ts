import { SerializationError } from '../errors.ts'
import { copyOf, snapshot } from '../events/snapshot.ts'
import { encodeValue } from '../events/value-codec.ts'
import { reviveWithNotes } from '../events/value-revive.ts'

/** How a context becomes the text of `serializedContext`, and back. */
export interface ISerializer {
  serialize(object: Readonly<Record<string, unknown>>): string
  deserialize(text: string): Record<string, unknown>
}

const typesKey = '_types'

/**
 * The default serializer. A plain context gives exactly `JSON.stringify`. One with richer values (Date, Map, cycles, …)
 * gives the same keys, and the key `_types` with the notes that bring its values back.
 */
export class JsonSerializer implements ISerializer {
  /** @throws SerializationError (`SERIALIZATION_FAILED`) for a function, a symbol, or the key `_types`. */
  serialize(object: Readonly<Record<string, unknown>>): string {
    if (Object.hasOwn(object, typesKey)) {
      throw new SerializationError(`The context key '${typesKey}' is reserved for type notes: use another name`)
    }
    const { json, notes } = encodeValue(snapshot(object, { where: 'the context' }))
    if (notes === undefined) return json
    return `${json.slice(0, -1)}${json === '{}' ? '' : ','}"${typesKey}":${notes}}`
  }

  /** @throws SerializationError (`SERIALIZATION_FAILED`) for text that is not a context. */
  deserialize(text: string): Record<string, unknown> {
    const { [typesKey]: notes, ...context } = parseContext(text)
    if (notes === undefined) return context
    // Notes that fit leave the root an object; those for another root type are refused.
    const revived = copyOf(reviveWithNotes(context, notes))
    return isContext(revived) ? revived : refuse()
  }
}

function parseContext(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return refuse(cause)
  }
  return isContext(value) ? value : refuse()
}

function isContext(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function refuse(cause?: unknown): never {
  throw new SerializationError('The serialized context is not a JSON object', { cause })
}
