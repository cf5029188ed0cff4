import type { Clock } from 'flowcraft'

/** The clock of the machine, put forward: three days need not take three days. */
export class ForwardClock implements Clock {
  #aheadMs = 0

  skip(ms: number): void {
    this.#aheadMs += ms
  }

  now(): number {
    return Date.now() + this.#aheadMs
  }

  setTimer(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  }
}
