const shortestWaitMs = 5
const longestWaitMs = 100

/** Lets those wait who look for news: until there are some, or for a while that grows as long as there are none. */
export class Waker {
  readonly #waiting = new Set<() => void>()

  /** Ends every wait. */
  wake(): void {
    for (const end of this.#waiting) end()
  }

  /** Resolves when there may be news. `idleTurns`: how often in a row there were none. */
  wait(idleTurns: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        this.#waiting.delete(end)
        resolve()
      }
      const timer = setTimeout(end, Math.min(longestWaitMs, shortestWaitMs * 1.2 ** idleTurns))
      signal.addEventListener('abort', end)
      this.#waiting.add(end)
    })
  }
}
