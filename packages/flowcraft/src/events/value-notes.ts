import { SerializationError } from '../errors.ts'
import { CustomValue } from './custom-value.ts'
import { partsOf } from './error-parts.ts'
import { leafTypeOf, wellFormed } from './leaf-types.ts'
import { isPlainPrimitive } from './plain.ts'
import { put } from './own-property.ts'
import { formatPath } from './value-path.ts'
import { maxEncodedDepth } from './value-revive.ts'

type Path = readonly (string | number)[]

/** What JSON cannot say about the part at `path`: its type, and what reading it needs besides. */
export type Note = readonly [path: Path, type: string, extra?: unknown]

/** The readable JSON and the type notes of a value; the format is that of `encodeValue`. */
export function encodeWithNotes(value: unknown): { readonly json: string; readonly notes?: string } {
  const encoder = new Encoder()
  const json = JSON.stringify(encoder.encode(value))
  return encoder.notes.length === 0 ? { json } : { json, notes: JSON.stringify(encoder.notes) }
}

class Encoder {
  readonly notes: Note[] = []
  readonly #path: (string | number)[] = []
  #depth = 0
  readonly #firstPaths = new Map<object, Path>()

  encode(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return wellFormed(value) === value ? value : this.#note('string', wellFormed(value), value)
      case 'number':
        return isPlainPrimitive(value) ? value : this.#note('number', Object.is(value, -0) ? '-0' : String(value))
      case 'bigint':
        return this.#note('bigint', String(value))
      case 'undefined':
        return this.#note('undefined', null)
      case 'object':
        return value === null ? null : this.#object(value)
      case 'boolean':
        return value
      default:
        throw this.#failure(`a ${typeof value} cannot be written`)
    }
  }

  #object(value: object): unknown {
    const first = this.#firstPaths.get(value)
    if (first) return this.#note('ref', null, first)
    if (this.#depth > maxEncodedDepth) throw this.#failure('the value is nested too deep')
    this.#firstPaths.set(value, [...this.#path])
    if (Array.isArray(value)) return this.#list(value)
    if (value instanceof Map) return this.#map(value)
    if (value instanceof Set) return this.#set(value)
    if (value instanceof Error) return this.#record([...partsOf(value)], 'Error')
    const leaf = leafTypeOf(value)
    if (!leaf) return this.#other(value)
    // `leafTypeOf` chose the type by the value.
    const { json, extra } = leaf.encode(value as never)
    return this.#note(leaf.name, json, extra)
  }

  #other(value: object): unknown {
    if (!(value instanceof CustomValue)) return this.#record(Object.entries(value))
    const { type, encoded } = value
    return this.#record(Object.entries({ type, encoded }), 'custom')
  }

  #list(items: readonly unknown[]): unknown[] {
    const list: unknown[] = []
    for (const item of items) list.push(this.#part(list.length, item))
    return list
  }

  #set(items: ReadonlySet<unknown>): unknown[] {
    this.#note('Set', null)
    return this.#list([...items])
  }

  #map(entries: ReadonlyMap<unknown, unknown>): unknown[] {
    this.#note('Map', null)
    const list: unknown[] = []
    for (const [key, value] of entries) {
      this.#path.push(list.length)
      list.push([this.#part(0, key), this.#part(1, value)])
      this.#path.pop()
    }
    return list
  }

  #record(entries: readonly (readonly [string, unknown])[], type?: 'Error' | 'custom'): Record<string, unknown> {
    const names = standIns(entries.map(([key]) => key))
    if (names.size > 0)
      this.#note(
        type ?? 'keys',
        null,
        Array.from(names, ([key, name]) => [name, key]),
      )
    else if (type) this.#note(type, null)
    const record: Record<string, unknown> = {}
    for (const [key, value] of entries) {
      const name = names.get(key) ?? key
      put(record, name, this.#part(name, value))
    }
    return record
  }

  #part(step: string | number, value: unknown): unknown {
    this.#path.push(step)
    this.#depth++
    const json = this.encode(value)
    this.#depth--
    this.#path.pop()
    return json
  }

  #note<T>(type: string, json: T, extra?: unknown): T {
    const path = [...this.#path]
    this.notes.push(extra === undefined ? [path, type] : [path, type, extra])
    return json
  }

  #failure(fault: string): SerializationError {
    return new SerializationError(
      `Cannot write ${formatPath(this.#path) || 'a value'}: ${fault}. Take a snapshot first`,
    )
  }
}

/** A well-formed and unique name for each of `keys` that is not well-formed. */
function standIns(keys: readonly string[]): Map<string, string> {
  const names = new Map<string, string>()
  const taken = new Set(keys)
  for (const key of keys) {
    let name = wellFormed(key)
    if (name === key) continue
    while (taken.has(name)) name += '\ufffd'
    taken.add(name)
    names.set(key, name)
  }
  return names
}
