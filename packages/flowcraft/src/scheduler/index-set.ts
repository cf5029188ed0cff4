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

/** An {@link IndexSet} that knows which member has been in it longest. Meant to be emptied before long. */
export class IndexQueue {
  readonly #members = new IndexSet()
  readonly #order: number[] = []
  #head = 0

  get size(): number {
    return this.#members.size
  }

  add(index: number): void {
    if (this.#members.add(index)) this.#order.push(index)
  }

  delete(index: number): void {
    if (!this.#members.delete(index) || this.#members.size > 0) return
    this.#order.length = 0
    this.#head = 0
  }

  first(): number | undefined {
    if (this.#members.size === 0) return undefined
    while (!this.#members.has(this.#order[this.#head]!)) this.#head += 1
    return this.#order[this.#head]
  }
}
