import { Column, countWhile, noVersion, VersionLog } from './version-log.ts'

/** The event that is being folded. */
export interface FoldedNow {
  seq: number
}

const gone = Symbol('gone')

/**
 * A map that remembers what it was after every event. The values are those that were set, so what did not change is the
 * same object in all states.
 */
export class VersionedMap<K, V> extends Map<K, V> {
  readonly #now: FoldedNow
  readonly #log = new VersionLog<K, V | typeof gone>()
  /** The last version of each key, of deleted ones too. */
  readonly #last = new Map<K, number>()
  /** The versions with which a key came in, in the order of the map. */
  readonly #births = new Column()
  /** Of a version: which of the births it belongs to. */
  readonly #birthOf = new Column()
  #hasDeleted = false

  constructor(now: FoldedNow) {
    super()
    this.#now = now
  }

  override set(key: K, value: V): this {
    const isNew = !this.has(key)
    super.set(key, value)
    this.#note(key, value, isNew)
    return this
  }

  override delete(key: K): boolean {
    if (!super.delete(key)) return false
    this.#hasDeleted = true
    this.#note(key, gone, false)
    return true
  }

  override clear(): void {
    for (const key of this.keys()) this.delete(key)
  }

  /** The map as it was after the event `seq`. */
  at(seq: number): ReadonlyMap<K, V> {
    return new MapAt<K, V>({
      find: (key) => this.#valueAt(key, seq),
      entries: () => this.#entriesAt(seq),
      count: () => (this.#hasDeleted ? undefined : this.#birthsUntil(seq)),
    })
  }

  /** Every value that a key has had, the first one first; `undefined` where it was deleted. */
  versionsOf(key: K): { readonly seq: number; readonly value: V | undefined }[] {
    const versions: { seq: number; value: V | undefined }[] = []
    for (let at = this.#last.get(key) ?? noVersion; at !== noVersion; at = this.#log.previousOf(at)) {
      const value = this.#log.values[at]!
      versions.push({ seq: this.#log.seqOf(at), value: value === gone ? undefined : value })
    }
    return versions.reverse()
  }

  /** The keys that were set or deleted after the event `from`, up to the event `to`. */
  changedBetween(from: number, to: number): Set<K> {
    return new Set(this.#log.keys.slice(this.#log.countUntil(from), this.#log.countUntil(to)))
  }

  #note(key: K, value: V | typeof gone, isNew: boolean): void {
    const { seq } = this.#now
    const last = this.#last.get(key) ?? noVersion
    const isAgain = last !== noVersion && this.#log.seqOf(last) === seq
    const version = isAgain ? last : this.#log.add(seq, key, value, last)
    if (isAgain) this.#log.values[version] = value
    else this.#last.set(key, version)
    const birth = isNew ? this.#births.length : this.#birthOf.at(last)
    if (isNew) this.#births.push(version)
    if (isAgain) this.#birthOf.set(version, birth)
    else this.#birthOf.push(birth)
  }

  #valueAt(key: K, seq: number): Found<V> | undefined {
    const last = this.#last.get(key)
    if (last === undefined) return undefined
    const version = this.#log.find(last, seq)
    const value = version === noVersion ? gone : this.#log.values[version]!
    return value === gone ? undefined : { value }
  }

  *#entriesAt(seq: number): Generator<[K, V], undefined, undefined> {
    const count = this.#birthsUntil(seq)
    for (let birth = 0; birth < count; birth += 1) {
      const key = this.#log.keys[this.#births.at(birth)]!
      const version = this.#log.find(this.#last.get(key)!, seq)
      const value = this.#log.values[version]!
      // A key that went and came again has its place among the births where it came last.
      if (value !== gone && this.#birthOf.at(version) === birth) yield [key, value]
    }
  }

  #birthsUntil(seq: number): number {
    return countWhile(this.#births.length, (birth) => this.#log.seqOf(this.#births.at(birth)) <= seq)
  }
}

interface Found<V> {
  readonly value: V
}

interface MapSource<K, V> {
  find(key: K): Found<V> | undefined
  entries(): Generator<[K, V], undefined, undefined>
  /** `undefined` where the entries must be counted. */
  count(): number | undefined
}

/** A map at a moment, read from the versions of its keys when it is asked. */
class MapAt<K, V> implements ReadonlyMap<K, V> {
  readonly #source: MapSource<K, V>
  #size: number | undefined

  constructor(source: MapSource<K, V>) {
    this.#source = source
  }

  get size(): number {
    this.#size ??= this.#source.count() ?? [...this.entries()].length
    return this.#size
  }

  get(key: K): V | undefined {
    return this.#source.find(key)?.value
  }

  has(key: K): boolean {
    return this.#source.find(key) !== undefined
  }

  entries(): Generator<[K, V], undefined, undefined> {
    return this.#source.entries()
  }

  *keys(): Generator<K, undefined, undefined> {
    for (const [key] of this.entries()) yield key
  }

  *values(): Generator<V, undefined, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this)
  }

  [Symbol.iterator](): Generator<[K, V], undefined, undefined> {
    return this.entries()
  }
}
