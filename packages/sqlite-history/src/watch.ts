import type { Database, Statement } from 'better-sqlite3'

/** A state of the file, to be compared with a later one. */
export interface Seen {
  readonly byOthers: number
  readonly byThis: number
}

/** Commits of other connections are seen so many milliseconds later. */
const pollMs = 2

/** Says when a file has changed. Looks for changes of other connections only while somebody waits. */
export class Watch {
  readonly #dataVersion: Statement<[], number>
  readonly #waiting = new Set<{ readonly seen: Seen; readonly wake: () => void }>()
  #writes = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(db: Database) {
    this.#dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  }

  /** To be taken before the file is read. */
  seen(): Seen {
    return { byOthers: this.#dataVersion.get() ?? 0, byThis: this.#writes }
  }

  /** This connection has written. */
  wrote(): void {
    this.#writes++
    this.#wakeIf(() => true)
  }

  /** Resolves when something was committed since `seen`, when the file was closed, or when the signal aborts. */
  async changed(seen: Seen, signal: AbortSignal): Promise<void> {
    if (signal.aborted || seen.byThis !== this.#writes) return
    await new Promise<void>((resolve) => {
      const entry = {
        seen,
        wake: () => {
          this.#waiting.delete(entry)
          signal.removeEventListener('abort', entry.wake)
          if (this.#waiting.size === 0) this.#stop()
          resolve()
        },
      }
      this.#waiting.add(entry)
      signal.addEventListener('abort', entry.wake)
      this.#timer ??= setInterval(() => this.#look(), pollMs)
    })
  }

  #look(): void {
    try {
      const version = this.#dataVersion.get()
      this.#wakeIf(({ byOthers }) => byOthers !== version)
    } catch {
      // Whoever waits gets the fault when it reads.
      this.#wakeIf(() => true)
    }
  }

  #wakeIf(isMeant: (seen: Seen) => boolean): void {
    // An entry that is removed meanwhile does not disturb the iteration of a set.
    for (const { seen, wake } of this.#waiting) if (isMeant(seen)) wake()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
