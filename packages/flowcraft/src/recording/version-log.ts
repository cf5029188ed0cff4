/** What a {@link VersionLog} gives where there is no version. */
export const noVersion = -1

/**
 * Versions of the values of many keys, in the order in which they came: for each its `seq`, key and value, and the way to
 * earlier versions of the same key. About 40 bytes a version; the one that counted at a moment is found in a time that
 * grows with the logarithm of the versions of its key.
 */
export class VersionLog<K, V> {
  readonly keys: K[] = []
  readonly values: V[] = []
  /** Of a version: when it came; the one before it; one further back; how many are before it. */
  readonly #seqs = new Column()
  readonly #previous = new Column()
  readonly #jumps = new Column()
  readonly #depths = new Column()

  get length(): number {
    return this.keys.length
  }

  seqOf(version: number): number {
    return this.#seqs.at(version)
  }

  previousOf(version: number): number {
    return this.#previous.at(version)
  }

  /** Adds a version behind `previous`, the last one of its key or {@link noVersion}. Gives its number. */
  add(seq: number, key: K, value: V, previous: number): number {
    const version = this.keys.length
    this.keys.push(key)
    this.values.push(value)
    this.#seqs.push(seq)
    this.#previous.push(previous)
    this.#depths.push(previous === noVersion ? 0 : this.#depths.at(previous) + 1)
    this.#jumps.push(previous === noVersion ? version : this.#jumpFrom(previous))
    return version
  }

  /** The last version that is not later than `seq`, among `version` and those of its key before it. */
  find(version: number, seq: number): number {
    let found = version
    while (found !== noVersion && this.#seqs.at(found) > seq) {
      const jump = this.#jumps.at(found)
      found = jump !== found && this.#seqs.at(jump) > seq ? jump : this.#previous.at(found)
    }
    return found
  }

  /** How many versions are not later than `seq`. */
  countUntil(seq: number): number {
    return countWhile(this.length, (version) => this.#seqs.at(version) <= seq)
  }

  /** Jumps double in length where they can (a skew-binary list), so that few of them lead anywhere. */
  #jumpFrom(previous: number): number {
    const jump = this.#jumps.at(previous)
    const next = this.#jumps.at(jump)
    const isEven = this.#depths.at(previous) - this.#depths.at(jump) === this.#depths.at(jump) - this.#depths.at(next)
    return isEven ? next : previous
  }
}

/** How many of the numbers from 0 to `length` - 1 fit, where none fits behind one that does not. Takes log2(length) looks. */
export function countWhile(length: number, fits: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fits(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** A list of 32-bit numbers. */
export class Column {
  #numbers = new Int32Array(16)
  #length = 0

  get length(): number {
    return this.#length
  }

  at(index: number): number {
    return this.#numbers[index]!
  }

  set(index: number, value: number): void {
    this.#numbers[index] = value
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const longer = new Int32Array(this.#length + (this.#length >> 1))
      longer.set(this.#numbers)
      this.#numbers = longer
    }
    this.#numbers[this.#length++] = value
  }
}
