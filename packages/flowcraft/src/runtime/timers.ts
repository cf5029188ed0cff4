import type { Clock } from '../ports.ts'
import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import type { StoredTimers } from './stored-timers.ts'
import { nextWakeUp, wakeDue } from './wake.ts'

/** Wakes nodes when the time of what they wait for has come. */
export class Timers {
  readonly #clock: Clock
  readonly #runs: RunTable
  readonly #stored: StoredTimers
  #intervalMs: number | undefined
  #lookedAt = -Infinity
  #dueAt = Infinity
  #cancel: (() => void) | undefined

  constructor(clock: Clock, runs: RunTable, stored: StoredTimers) {
    this.#clock = clock
    this.#runs = runs
    this.#stored = stored
  }

  /** Looks at least every so many milliseconds, and when something is due. Starting again changes the interval. */
  start(intervalMs: number): void {
    this.#intervalMs = intervalMs
    this.#stored.start()
    this.#lookedAt = -Infinity
    this.#wake()
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#intervalMs = undefined
    this.#stored.stop()
    this.#disarm()
  }

  /** A run has been parked. Nodes of a run that goes on are looked for at the next interval. */
  note(run: Run): void {
    if (this.#intervalMs === undefined) return
    const wakeUpAt = nextWakeUp(run)
    if (wakeUpAt < this.#dueAt) this.#arm(wakeUpAt)
  }

  #wake(): void {
    this.#disarm()
    const now = this.#clock.now()
    let next = Infinity
    for (const run of this.#runs.roots()) {
      if (nextWakeUp(run) <= now) wakeDue(run, now)
      next = Math.min(next, nextWakeUp(run))
    }
    // What else is due is somebody else's: that is looked for at the interval.
    if (now - this.#lookedAt >= (this.#intervalMs ?? 0)) {
      this.#lookedAt = now
      void this.#stored.look()
    }
    this.#arm(next)
  }

  #arm(wakeUpAt: number): void {
    this.#disarm()
    const intervalMs = this.#intervalMs
    if (intervalMs === undefined) return
    this.#dueAt = wakeUpAt
    // However far away it is: the interval keeps the delay within what timers can do.
    const delayMs = Math.min(intervalMs, Math.max(0, wakeUpAt - this.#clock.now()))
    this.#cancel = this.#clock.setTimer(delayMs, () => this.#wake())
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#dueAt = Infinity
  }
}
