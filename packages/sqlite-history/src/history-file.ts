import type { Database } from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import { storeError } from './store-error.ts'

/** An open file. Every use of it goes through here, so that its faults have names. */
export class HistoryFile {
  readonly db: Database
  readonly #path: string
  readonly #isReadonly: boolean

  constructor(db: Database, path: string, isReadonly: boolean) {
    this.db = db
    this.#path = path
    this.#isReadonly = isReadonly
  }

  /** @throws `EventStoreError` with the code `STORE_CLOSED`. */
  assertOpen(task: string): void {
    if (this.db.open) return
    const message = `SQLite history '${this.#path}' could not ${task}: it is closed. Open a new SqliteHistoryAdapter`
    throw new EventStoreError(message, { code: 'STORE_CLOSED' })
  }

  /** @throws `EventStoreError` that names the task, also when the file is closed. */
  read<T>(task: string, work: () => T): T {
    this.assertOpen(task)
    try {
      return work()
    } catch (error) {
      throw storeError(this.#path, task, error)
    }
  }

  /** @throws like {@link read}, and when the file may only be read. */
  write<T>(task: string, work: () => T): T {
    if (!this.#isReadonly || !this.db.open) return this.read(task, work)
    throw new EventStoreError(`SQLite history '${this.#path}' could not ${task}: it was opened with readonly: true`)
  }
}
