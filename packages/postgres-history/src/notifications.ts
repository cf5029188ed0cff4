import type { Sql } from 'postgres'
import type { Waker } from './waker.ts'

/** Listens to the appends of other processes. */
export class Notifications {
  readonly #sql: Sql
  readonly #channel: string
  readonly #waker: Waker
  readonly #warn: (message: string) => void
  #listening: Promise<(() => Promise<void>) | undefined> | undefined

  constructor(sql: Sql, channel: string, waker: Waker, warn: (message: string) => void) {
    this.#sql = sql
    this.#channel = channel
    this.#waker = waker
    this.#warn = warn
  }

  /** Listens, if it does not yet. Never rejects: without notifications, followers look by themselves. */
  async listen(): Promise<void> {
    this.#listening ??= this.#listen()
    await this.#listening
  }

  /** Ends listening. */
  async close(): Promise<void> {
    const unlisten = await this.#listening
    await unlisten?.().catch(() => {})
  }

  async #listen(): Promise<(() => Promise<void>) | undefined> {
    try {
      const { unlisten } = await this.#sql.listen(this.#channel, () => this.#waker.wake())
      return unlisten
    } catch (error) {
      this.#warn(`PostgreSQL history does not hear of appends by NOTIFY, and looks by itself: ${String(error)}`)
      return undefined
    }
  }
}
