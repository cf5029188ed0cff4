import { SerializationError } from '../errors.ts'
import { customInCycle } from './custom-cycles.ts'
import { CustomValue } from './custom-value.ts'
import { errorNamed, partsOf, setErrorPart } from './error-parts.ts'
import { byteLengthOf, leafTypeOf } from './leaf-types.ts'
import { put } from './own-property.ts'
import { isPlainPrimitive, isPlainPrototype } from './plain.ts'
import { makeReadOnly } from './read-only.ts'
import { isRecorded, markPlainTree, markRecorded } from './recorded-mark.ts'
import type { PathStep } from './value-path.ts'
import { stepOfMapKey } from './value-path.ts'
import { failureAt, warnOf, type SnapshotOptions, type ValuePlace } from './value-place.ts'
import type { ValueType } from './value-type.ts'

/** How deep objects may be nested in a recorded value. */
export const maxDepth = 1000

const defaultMaxBytes = 64 * 1024 * 1024

/** Stands for an instance whose parts are being read. */
const notYet = {}

const partOfItself = 'is part of itself, which an instance of a value type cannot be'

/**
 * One walk over one value, for `snapshot` or `copyOf`. In it, `depth` is the number of steps from the value to the part
 * that is looked at.
 */
export class DeepCopy {
  readonly #options: SnapshotOptions
  readonly #isRecording: boolean
  readonly #passed: WeakSet<object> | undefined
  /** What is asked when a value is recorded. */
  readonly #types: readonly ValueType[] | undefined
  readonly #maxBytes: number
  readonly #path: PathStep[] = []
  readonly #copies = new Map<object, unknown>()
  #bytes = 0
  #isPlainTree = true
  #hasCustom = false
  #hasCycle = false
  #ownWarned: WeakSet<object> | undefined

  constructor(options: SnapshotOptions, purpose: 'recording' | { passed: WeakSet<object> | undefined }) {
    this.#options = options
    this.#isRecording = purpose === 'recording'
    this.#passed = purpose === 'recording' ? undefined : purpose.passed
    this.#types = this.#isRecording ? options.types?.all : undefined
    this.#maxBytes = options.maxBytes ?? (this.#isRecording ? defaultMaxBytes : Infinity)
  }

  /** The copy of `value`. */
  of(value: unknown): unknown {
    try {
      const copy = this.#value(value, 0)
      if (this.#hasCustom && this.#hasCycle) this.#refuseCycles(copy)
      if (this.#isRecording && this.#isPlainTree && typeof copy === 'object' && copy !== null) markPlainTree(copy)
      return copy
    } catch (error) {
      if (error instanceof SerializationError) throw error
      throw this.#failure(0, 'cannot be read', error)
    }
  }

  #value(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'object':
        return value === null ? null : this.#object(value, depth)
      case 'string':
        this.#count(value.length, depth)
        return value
      case 'function':
      case 'symbol':
        if (!this.#isRecording) return value
        throw this.#failure(depth, `is a ${typeof value}, and only data can be recorded`)
      default:
        this.#count(8, depth)
        if (!isPlainPrimitive(value)) this.#isPlainTree = false
        return value
    }
  }

  #object(source: object, depth: number): unknown {
    const known = this.#asItIs(source) ?? this.#copies.get(source)
    if (known !== undefined) {
      // It may be met in another place as well.
      this.#isPlainTree = false
      this.#meetAgain(known, depth)
      return known
    }
    if (depth > maxDepth) throw this.#failure(depth, `is nested deeper than ${maxDepth} levels`)
    if (this.#types !== undefined) {
      const type = this.#typeOf(source, this.#types, depth)
      if (type) return this.#custom(source, type.name, this.#call(type, 'encode', source, depth), '.encode()', depth)
    }
    if (Array.isArray(source)) return this.#array(source, depth)
    const prototype: unknown = Object.getPrototypeOf(source)
    if (prototype === Object.prototype || isPlainPrototype(prototype)) return this.#record(source, depth)
    return this.#instance(source, depth)
  }

  #asItIs(source: object): unknown {
    const isShared = this.#isRecording ? isRecorded(source) : this.#passed?.has(source)
    return isShared ? source : undefined
  }

  #array(source: readonly unknown[], depth: number): unknown {
    this.#count(8 * source.length, depth)
    const copy: unknown[] = []
    this.#copies.set(source, copy)
    for (let index = 0; index < source.length; index++) {
      this.#path[depth] = index
      copy.push(this.#value(this.#read(source, index, depth), depth + 1))
    }
    return this.#isRecording ? Object.freeze(markRecorded(copy)) : copy
  }

  #record(source: object, depth: number): unknown {
    const copy: Record<string, unknown> = {}
    this.#copies.set(source, copy)
    const keys = Object.keys(source)
    this.#count(8 * keys.length, depth)
    for (const key of keys) {
      this.#path[depth] = key
      const value = this.#value(this.#read(source, key, depth), depth + 1)
      if (key === '__proto__') put(copy, key, value)
      else copy[key] = value
    }
    return this.#isRecording ? Object.freeze(markRecorded(copy)) : copy
  }

  #instance(source: object, depth: number): unknown {
    this.#isPlainTree = false
    if (source instanceof Map) return this.#map(source, depth)
    if (source instanceof Set) return this.#set(source, depth)
    if (source instanceof Error) return this.#error(source, depth)
    const leaf = leafTypeOf(source)
    if (!leaf) return this.#ofOtherClass(source, depth)
    this.#count(byteLengthOf(source), depth)
    // `leafTypeOf` chose the type by the value.
    const copy = leaf.copy(source as never)
    this.#copies.set(source, copy)
    return this.#finish(copy)
  }

  #map(source: Map<unknown, unknown>, depth: number): unknown {
    const copy = new Map<unknown, unknown>()
    this.#copies.set(source, copy)
    for (const [key, value] of Map.prototype.entries.call(source)) {
      this.#path[depth] = { text: `.keys()[${copy.size}]` }
      const ownKey = this.#value(key, depth + 1)
      this.#path[depth] = stepOfMapKey(key, copy.size)
      copy.set(ownKey, this.#value(value, depth + 1))
    }
    return this.#finish(copy)
  }

  #set(source: Set<unknown>, depth: number): unknown {
    const copy = new Set<unknown>()
    this.#copies.set(source, copy)
    for (const item of Set.prototype.values.call(source)) {
      this.#path[depth] = { text: `.values()[${copy.size}]` }
      copy.add(this.#value(item, depth + 1))
    }
    return this.#finish(copy)
  }

  #error(source: Error, depth: number): unknown {
    const parts = partsOf(source)
    // `partsOf` gives both as strings.
    const copy = errorNamed(parts.get('name') as string, parts.get('message') as string)
    this.#copies.set(source, copy)
    for (const [key, part] of parts) {
      this.#path[depth] = key
      const value = this.#value(part, depth + 1)
      if (key !== 'name' && key !== 'message') setErrorPart(copy, key, value)
    }
    return this.#finish(copy)
  }

  #ofOtherClass(source: object, depth: number): unknown {
    if (source instanceof Number || source instanceof String || source instanceof Boolean || source instanceof BigInt) {
      return this.#value(source.valueOf(), depth)
    }
    if (source instanceof CustomValue) {
      return this.#custom(source, String(source.type), source.encoded, '.encoded', depth)
    }
    warnOf(source, this.#place(depth), this.#options.warned ?? (this.#ownWarned ??= new WeakSet()))
    const { toJSON } = source as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.#record(source, depth)
    this.#path[depth] = { text: '.toJSON()' }
    const copy = this.#value(toJSON.call(source), depth + 1)
    this.#copies.set(source, copy)
    return copy
  }

  /** The type that claims `source`, which is asked only of what is neither plain nor recorded in this way already. */
  #typeOf(source: object, types: readonly ValueType[], depth: number): ValueType | undefined {
    const prototype: unknown = Object.getPrototypeOf(source)
    if (isPlainPrototype(prototype) || prototype === Array.prototype || source instanceof CustomValue) return undefined
    return types.find((type) => this.#call(type, 'is', source, depth))
  }

  /** A custom value, from the name of its type and its parts; what it stands for, when a type of that name is read. */
  #custom(source: object, name: string, encoded: unknown, step: string, depth: number): unknown {
    const type = this.#isRecording ? undefined : this.#options.types?.named(name)
    const marker = new CustomValue(name, undefined)
    this.#hasCustom = true
    this.#isPlainTree = false
    this.#copies.set(source, type ? notYet : marker)
    this.#count(8 + name.length, depth)
    this.#path[depth] = { text: step }
    const parts = this.#value(encoded, depth + 1)
    if (!type) return this.#finish(Object.assign(marker, { encoded: parts }))
    const instance = this.#call(type, 'decode', parts, depth)
    this.#copies.set(source, instance)
    return instance
  }

  #call(type: ValueType, method: 'is' | 'encode' | 'decode', value: unknown, depth: number): unknown {
    try {
      return type[method](value)
    } catch (error) {
      throw this.#failure(depth, `made '${method}' of the value type '${type.name}' throw`, error)
    }
  }

  #meetAgain(known: unknown, depth: number): void {
    if (known === notYet) throw this.#failure(depth, partOfItself)
    if (this.#isRecording && typeof known === 'object' && known !== null && !isRecorded(known)) this.#hasCycle = true
  }

  /** What `decode` is given must be whole by then. */
  #refuseCycles(copy: unknown): void {
    if (!this.#isRecording || typeof copy !== 'object' || copy === null) return
    const found = customInCycle(copy)
    if (found === undefined) return
    const place = { options: this.#options, path: found.path, depth: found.path.length }
    const fault = `${partOfItself}: leave the way back out of what 'encode' of '${found.type}' gives`
    throw failureAt(place, 'record', fault, undefined)
  }

  #read(source: object, key: string | number, depth: number): unknown {
    try {
      return (source as Record<string | number, unknown>)[key]
    } catch (error) {
      throw this.#failure(depth + 1, 'cannot be read: its getter threw', error)
    }
  }

  #finish<T extends object>(copy: T): T {
    return this.#isRecording ? makeReadOnly(markRecorded(copy)) : copy
  }

  #count(bytes: number, depth: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes) {
      throw this.#failure(depth, `is where the value exceeds the limit of ${this.#maxBytes} bytes`)
    }
  }

  #failure(depth: number, fault: string, cause?: unknown): SerializationError {
    return failureAt(this.#place(depth), this.#isRecording ? 'record' : 'read', fault, cause)
  }

  #place(depth: number): ValuePlace {
    return { options: this.#options, path: this.#path, depth }
  }
}
