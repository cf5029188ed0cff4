import type { Clock } from '../ports.ts'

/** The delays of a run that are going on, each under the number of its node. */
export class Delays {
  readonly #clock: Clock
  readonly #cancels = new Map<number, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(node: number): boolean {
    return this.#cancels.has(node)
  }

  /** Calls `onEnd` after so many milliseconds, unless all delays are cancelled before. */
  start(node: number, delayMs: number, onEnd: () => void): void {
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#cancels.delete(node)
      onEnd()
    })
    this.#cancels.set(node, cancel)
  }

  cancelAll(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }
}
