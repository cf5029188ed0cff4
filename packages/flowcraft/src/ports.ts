/** The time, and a way to wait for it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `callback` once, `ms` milliseconds from now. Gives a function that cancels it. */
  setTimer(ms: number, callback: () => void): () => void
}

/** Gives an id that no one else has. */
export type IdGenerator = () => string

const longestTimerMs = 2 ** 31 - 1

/** The clock of the machine. Waits longer than the 2^31-1 ms that `setTimeout` can hold as well. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, callback) {
    const due = Date.now() + ms
    let timer: ReturnType<typeof setTimeout>
    const arm = (leftMs: number): void => {
      timer = setTimeout(
        () => (leftMs > longestTimerMs ? arm(due - Date.now()) : callback()),
        Math.min(leftMs, longestTimerMs),
      )
    }
    arm(ms)
    return () => clearTimeout(timer)
  },
}

/** A random UUID. */
export const randomId: IdGenerator = () => crypto.randomUUID()

/** A number from 0 up to 1, for jitter. */
export function random(): number {
  return Math.random()
}

/** Resolves `ms` milliseconds from now, by the clock of the machine. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.setTimer(ms, resolve))
}

/** Calls `callback` after everything that is already due: `setImmediate`, else a message to oneself, else a timer of 0 ms. */
export function macrotask(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void }
  if (setImmediate !== undefined) setImmediate(callback)
  else if (typeof MessageChannel === 'function') postToSelf(callback)
  else setTimeout(callback, 0)
}

function postToSelf(callback: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    callback()
  }
  port2.postMessage(undefined)
}

/** Calls back every `ms` milliseconds, which keeps no process alive. Gives a function that ends it. */
export function pulse(ms: number, callback: () => void): () => void {
  const timer: unknown = setInterval(callback, Math.min(Math.max(1, ms), longestTimerMs))
  // A number in browsers, an object in Node and its like.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
  return () => clearInterval(timer as ReturnType<typeof setInterval>)
}
