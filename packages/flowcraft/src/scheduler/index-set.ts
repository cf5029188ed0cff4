/** A set of small whole numbers that allocates nothing when it grows and shrinks again and again. */
export class IndexSet {
  readonly #isMember: boolean[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  has(index: number): boolean {
    return this.#isMember[index] === true
  }

  /** The members, smallest first. Linear in the largest number that was ever one. */
  members(): number[] {
    return [...this.#isMember.keys()].filter((index) => this.has(index))
  }

  /** Whether it was not a member before. */
  add(index: number): boolean {
    if (this.has(index)) return false
    this.#isMember[index] = true
    this.#size += 1
    return true
  }

  /** Whether it was a member before. */
  delete(index: number): boolean {
    if (!this.has(index)) return false
    this.#isMember[index] = false
    this.#size -= 1
    return true
  }
}

/** A set of such numbers that knows which member has been in it longest. Meant to be emptied before long. */
export class IndexQueue {
  /** Members in the order in which they came, among places that members have left. */
  readonly #order: (number | undefined)[] = []
  readonly #placeOf: (number | undefined)[] = []
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  has(index: number): boolean {
    return this.#placeOf[index] !== undefined
  }

  /** The members, the one that has been in it longest first. */
  members(): number[] {
    return this.#order.filter((index) => index !== undefined)
  }

  add(index: number): void {
    if (this.#placeOf[index] !== undefined) return
    this.#placeOf[index] = this.#order.push(index) - 1
    this.#size += 1
  }

  delete(index: number): void {
    const place = this.#placeOf[index]
    if (place === undefined) return
    this.#placeOf[index] = undefined
    this.#order[place] = undefined
    this.#size -= 1
    if (this.#size > 0) return
    this.#order.length = 0
    this.#head = 0
  }

  first(): number | undefined {
    if (this.#size === 0) return undefined
    while (this.#order[this.#head] === undefined) this.#head += 1
    return this.#order[this.#head]
  }
}
