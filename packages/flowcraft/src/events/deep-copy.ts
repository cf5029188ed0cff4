import { SerializationError } from '../errors.ts'
import { errorNamed, partsOf, setErrorPart } from './error-parts.ts'
import { byteLengthOf, leafTypeOf } from './leaf-types.ts'
import { put } from './own-property.ts'
import { isPlainPrimitive } from './plain.ts'
import { makeReadOnly } from './read-only.ts'
import { isRecorded, markPlainTree, markRecorded } from './recorded-mark.ts'
import type { PathStep } from './value-path.ts'
import { formatPath, stepOfMapKey } from './value-path.ts'

/** How deep objects may be nested in a recorded value. */
export const maxDepth = 1000

const defaultMaxBytes = 64 * 1024 * 1024

/** Where a value comes from, and what is done about what cannot be kept. */
export interface SnapshotOptions {
  /** A phrase for messages, such as `node 'a' (execution 'x'), output`. */
  readonly where: string
  readonly nodeId?: string | undefined
  readonly blueprintId?: string | undefined
  readonly executionId?: string | undefined
  /** The largest value, in bytes of memory, approximately. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /** Told once for each class whose instances are recorded without their class. */
  readonly onWarning?: ((message: string) => void) | undefined
  /** The prototypes of which `onWarning` has been told; share it between calls. Default a new one for each call. */
  readonly warned?: WeakSet<object> | undefined
}

/**
 * One walk over one value, for `snapshot` or `copyOf`. In it, `depth` is the number of steps from the value to the part
 * that is looked at.
 */
export class DeepCopy {
  readonly #options: SnapshotOptions
  readonly #isRecording: boolean
  readonly #passed: WeakSet<object> | undefined
  readonly #maxBytes: number
  readonly #path: PathStep[] = []
  readonly #copies = new Map<object, unknown>()
  #bytes = 0
  #isPlainTree = true

  constructor(options: SnapshotOptions, purpose: 'recording' | { passed: WeakSet<object> | undefined }) {
    this.#options = options
    this.#isRecording = purpose === 'recording'
    this.#passed = purpose === 'recording' ? undefined : purpose.passed
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes
  }

  /** The copy of `value`. */
  of(value: unknown): unknown {
    try {
      const copy = this.#value(value, 0)
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
      return known
    }
    if (depth > maxDepth) throw this.#failure(depth, `is nested deeper than ${maxDepth} levels`)
    if (Array.isArray(source)) return this.#array(source, depth)
    const prototype: unknown = Object.getPrototypeOf(source)
    if (prototype === Object.prototype || isRoot(prototype)) return this.#record(source, depth)
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
    this.#warn(source, depth)
    const { toJSON } = source as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.#record(source, depth)
    this.#path[depth] = { text: '.toJSON()' }
    const copy = this.#value(toJSON.call(source), depth + 1)
    this.#copies.set(source, copy)
    return copy
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

  #warn(source: object, depth: number): void {
    const { where, onWarning, warned = (this.#ownWarned ??= new WeakSet()) } = this.#options
    // Only objects with a prototype of a class come here.
    const prototype = Object.getPrototypeOf(source) as object
    if (!onWarning || warned.has(prototype)) return
    warned.add(prototype)
    const found = `${this.#name(where, depth)} is an instance of ${classNameOf(prototype)}`
    onWarning(`${found}: recorded as plain data, without its class`)
  }

  #ownWarned: WeakSet<object> | undefined

  #failure(depth: number, fault: string, cause?: unknown): SerializationError {
    const { where, nodeId, blueprintId, executionId } = this.#options
    return new SerializationError(`Cannot record ${this.#name(where, depth)} ${fault}`, {
      nodeId,
      blueprintId,
      executionId,
      cause,
    })
  }

  #name(where: string, depth: number): string {
    return `${where}: ${formatPath(this.#path.slice(0, depth)) || 'the value'}`
  }
}

/** Whether `prototype` ends a prototype chain: none, or the `Object.prototype` of another realm. */
function isRoot(prototype: unknown): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function classNameOf(prototype: object): string {
  const { constructor } = prototype
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class without a name'
}
