import { FlowcraftError, type Clock } from 'flowcraft'

/**
 * A clock that takes no time: once nothing else goes on, it jumps to the next timer. What a node waits for outside of the
 * engine (a file, the network, a timer of the machine) is not seen to go on.
 */
export interface VirtualClock extends Clock {
  /**
   * Moves on by `ms`, and fires what is due on the way, in order. Resolves when the work that this causes is done too.
   *
   * @throws INPUT_INVALID for anything but a number of at least 0.
   */
  advance(ms: number): Promise<void>
}

/** A {@link VirtualClock} that begins at `now`, in epoch milliseconds. It does not jump while `isBusy` says so. */
export function virtualClock(now: number, isBusy: () => boolean): VirtualClock {
  return new JumpingClock(now, isBusy)
}

interface Timer {
  readonly due: number
  readonly callback: () => void
}

/** The last moment that a `Date` can be. Timers behind it are never due. */
const endOfTime = 8.64e15

/** The longest way from one step of the engine to the next, in turns of the event loop, and some more. */
const quietTurns = 10

class JumpingClock implements VirtualClock {
  readonly #isBusy: () => boolean
  readonly #timers = new Set<Timer>()
  #now: number
  /** Changes whenever the engine asks for the time or for a timer, which it does at every step. */
  #steps = 0
  #isJumping = false
  #advances = 0
  #lastAdvance: Promise<void> = Promise.resolve()

  constructor(now: number, isBusy: () => boolean) {
    this.#now = now
    this.#isBusy = isBusy
  }

  now(): number {
    this.#steps += 1
    return this.#now
  }

  setTimer(ms: number, callback: () => void): () => void {
    this.#steps += 1
    const timer = { due: this.#now + Math.max(0, ms), callback }
    this.#timers.add(timer)
    void this.#jump()
    return () => {
      this.#steps += 1
      this.#timers.delete(timer)
    }
  }

  async advance(ms: number): Promise<void> {
    if (!Number.isFinite(ms) || ms < 0) {
      const message = `clock.advance was given ${String(ms)}; expected milliseconds, at least 0`
      throw new FlowcraftError(message, { code: 'INPUT_INVALID' })
    }
    this.#advances += 1
    const done = this.#lastAdvance.then(async () => {
      const end = this.#now + ms
      do await this.#quiet()
      while (this.#fireNext(end))
      this.#now = end
    })
    this.#lastAdvance = done.catch(() => {})
    try {
      await done
    } finally {
      this.#advances -= 1
      void this.#jump()
    }
  }

  /** Goes from timer to timer, for as long as there are any and nobody advances. */
  async #jump(): Promise<void> {
    if (this.#isJumping) return
    this.#isJumping = true
    try {
      do await this.#quiet()
      while (this.#advances === 0 && this.#fireNext(endOfTime))
    } finally {
      this.#isJumping = false
    }
  }

  /** Whether there was a timer that is due until `end`. */
  #fireNext(end: number): boolean {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer
    if (next === undefined) return false
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.due)
    next.callback()
    return true
  }

  /** Resolves when the engine has done nothing for a while. */
  async #quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns += 1) {
      const steps = this.#steps
      await nextTurn()
      if (steps !== this.#steps || this.#isBusy()) turns = -1
    }
  }
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  const { setImmediate = (callback: () => void) => void setTimeout(callback, 0) } = globalThis as {
    setImmediate?: (callback: () => void) => unknown
  }
  return new Promise((resolve) => void setImmediate(resolve))
}
