import { macrotask } from '../ports.ts'
import type { Outbox } from './outbox.ts'

/** When the next attempt of a run may begin: at once, unless there is no room for its events, or many came in a row. */
export class Pace {
  readonly #outbox: Outbox | undefined
  #count = 0

  constructor(outbox: Outbox | undefined) {
    this.#outbox = outbox
  }

  soon(work: () => void): void {
    this.#count += 1
    if (this.#outbox?.room !== undefined) void this.#outbox.room().then(work)
    // Nodes that never wait for anything must not keep timers and signals from their turn.
    else if (this.#count % inARow === 0) macrotask(work)
    else work()
  }
}

const inARow = 256
