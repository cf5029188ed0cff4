import type { Clock } from '../../src/ports.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

const start = Date.UTC(2024, 0, 1)

/**
 * A clock that nobody has to wait for: whenever nothing else is left to do, it moves on to its next timer. One timer for
 * each macrotask, so that a run's order depends on nothing but its timers. What it shows may jump, also back.
 */
export class VirtualClock implements Clock {
  readonly #jumpsMs: readonly number[]
  readonly #timers: Timer[] = []
  #elapsedMs = 0
  #reads = 0
  #isArmed = false

  constructor(jumpsMs: readonly number[] = []) {
    this.#jumpsMs = jumpsMs
  }

  now(): number {
    const jump = this.#jumpsMs[this.#reads++ % Math.max(1, this.#jumpsMs.length)] ?? 0
    return start + this.#elapsedMs + jump
  }

  setTimer(ms: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + ms, callback }
    const at = this.#timers.findIndex((other) => other.dueMs > timer.dueMs)
    this.#timers.splice(at < 0 ? this.#timers.length : at, 0, timer)
    this.#arm()
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(ms, resolve))
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    setImmediate(() => {
      this.#isArmed = false
      const timer = this.#timers.shift()
      if (this.#timers.length > 0) this.#arm()
      if (timer === undefined) return
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs)
      timer.callback()
    })
  }
}
