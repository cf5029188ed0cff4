import { IndexSet } from './index-set.ts'

/** Numbers that come out smallest first, each once however often it was added. */
export class IndexHeap {
  readonly #heap: number[] = []
  readonly #isMember = new IndexSet()

  get size(): number {
    return this.#heap.length
  }

  /** The members, in no particular order. */
  members(): readonly number[] {
    return this.#heap
  }

  has(index: number): boolean {
    return this.#isMember.has(index)
  }

  add(index: number): void {
    if (!this.#isMember.add(index)) return
    this.#heap.push(index)
    this.#rise(this.#heap.length - 1, index)
  }

  smallest(): number | undefined {
    return this.#heap[0]
  }

  /** Removes a member; the smallest in O(log n), any other in O(n). */
  remove(index: number): void {
    if (!this.#isMember.delete(index)) return
    const at = this.#heap[0] === index ? 0 : this.#heap.indexOf(index)
    const last = this.#heap.pop()!
    if (at < this.#heap.length) this.#sink(this.#rise(at, last), last)
  }

  /** Puts `index` where it belongs at `at` or above, and gives that place. */
  #rise(at: number, index: number): number {
    const heap = this.#heap
    while (at > 0 && heap[(at - 1) >> 1]! > index) {
      heap[at] = heap[(at - 1) >> 1]!
      at = (at - 1) >> 1
    }
    heap[at] = index
    return at
  }

  /** The same at `at` or below. */
  #sink(at: number, index: number): void {
    const heap = this.#heap
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1
      if (heap[child]! >= index) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = index
  }
}
