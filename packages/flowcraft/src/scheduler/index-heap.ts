/** Numbers that come out smallest first, each once however often it was added. */
export class IndexHeap {
  readonly #heap: number[] = []
  readonly #members = new Set<number>()

  get size(): number {
    return this.#heap.length
  }

  /** The members, in no particular order. */
  members(): ReadonlySet<number> {
    return this.#members
  }

  add(index: number): void {
    if (this.#members.has(index)) return
    this.#members.add(index)
    const heap = this.#heap
    let at = heap.length
    heap.push(index)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]! <= index) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = index
  }

  smallest(): number | undefined {
    return this.#heap[0]
  }

  /** Removes a member; the smallest in O(log n), any other in O(n). */
  remove(index: number): void {
    if (!this.#members.delete(index)) return
    const heap = this.#heap
    let at = heap[0] === index ? 0 : heap.indexOf(index)
    const last = heap.pop()!
    if (at === heap.length) return
    while (at > 0 && heap[(at - 1) >> 1]! > last) {
      heap[at] = heap[(at - 1) >> 1]!
      at = (at - 1) >> 1
    }
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1
      if (heap[child]! >= last) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
