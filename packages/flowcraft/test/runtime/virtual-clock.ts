import type { Clock } from 'flowcraft'

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, and fires what is due on the way, in order; work that this causes is done before it resolves. */
  advance(ms: number): Promise<void>
  /** Delays that are waiting, in milliseconds from now. */
  readonly waiting: readonly number[]
}

/** A {@link VirtualClock} that begins at `now` (epoch milliseconds). */
export function virtualClock(now = 1_000_000): VirtualClock {
  let time = now
  const timers = new Set<{ readonly due: number; readonly callback: () => void }>()
  return {
    now: () => time,
    setTimer(ms, callback) {
      const timer = { due: time + ms, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    get waiting() {
      return [...timers].map((timer) => timer.due - time).sort((a, b) => a - b)
    },
    async advance(ms) {
      const end = time + ms
      await idle()
      for (;;) {
        const next = [...timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        timers.delete(next)
        time = next.due
        next.callback()
        await idle()
      }
      time = end
    },
  }
}

/** Resolves when everything that needs no timer is done. */
export async function idle(): Promise<void> {
  for (let hop = 0; hop < 10; hop += 1) await new Promise((resolve) => setImmediate(resolve))
}
