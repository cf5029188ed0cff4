import { setTimeout } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { EventStoreError } from 'flowcraft'
import { addressOf, clientOf, type Client } from './client.ts'
import type { PostgresHistoryOptions } from './options.ts'
import { adoptRestoredRows, prepareTables } from './schema.ts'
import { codeOf, connectError, storeError } from './store-error.ts'
import type { TableNames } from './table-names.ts'

const secondsToClose = 5

/**
 * The connections of a store: one that writes, one call after the other, and some that read. Opened with the first call,
 * and once more with the next one while that fails.
 */
export class Database {
  readonly names: TableNames
  readonly reader: Sql
  readonly writer: Sql
  /** The store's own: a client that was given is none of them. */
  readonly #clients: readonly Client[]
  readonly #mayCreate: boolean
  readonly #calls = new Set<Promise<unknown>>()
  #ready: Promise<void> | undefined
  #hasTables = false
  #lastWrite: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @throws `EventStoreError` when the client cannot be made. Connects to nothing. */
  constructor(options: PostgresHistoryOptions, names: TableNames) {
    this.names = names
    this.#mayCreate = options.autoCreateTables !== false
    try {
      this.#clients = options.sql === undefined ? [clientOf(options, options.max ?? 4), clientOf(options, 1)] : []
      const [reader, writer] = this.#clients
      // Without clients of its own there is the one that was given.
      this.reader = reader?.sql ?? options.sql!
      this.writer = writer?.sql ?? options.sql!
    } catch (error) {
      throw storeError('be opened', error)
    }
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** @throws `EventStoreError` with the code `STORE_CLOSED`. */
  assertOpen(task: string): void {
    if (!this.isClosed) return
    const message = `PostgreSQL history could not ${task}: it is closed. Open a new PostgresHistoryAdapter`
    throw new EventStoreError(message, { code: 'STORE_CLOSED' })
  }

  async read<T>(task: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return await this.#perform(task, () => work(this.reader))
  }

  /** Behind all earlier writes. */
  async write<T>(task: string, work: () => Promise<T>): Promise<T> {
    return await this.#perform(task, () => {
      const before = this.#lastWrite
      const done = before.then(work)
      this.#lastWrite = done.catch(() => {})
      return done
    })
  }

  /** Lets no write begin before `promise` has settled. */
  holdWritesFor(promise: Promise<unknown>): void {
    const before = this.#lastWrite
    this.#lastWrite = promise.then(
      () => before,
      () => before,
    )
  }

  /**
   * Waits for the calls that go on, does `last`, and ends the connections that are the store's own. Does not wait long for
   * a server that does not answer.
   */
  close(last: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(last)
    return this.#closing
  }

  async #close(last: () => Promise<void>): Promise<void> {
    const settled = Promise.allSettled(this.#calls)
    const refuse = (): void => this.#clients.forEach(({ dialer }) => dialer?.refuse())
    const isSettled = await within(secondsToClose, settled)
    if (!isSettled) refuse()
    // What has no tables yet has stored nothing.
    if (this.#hasTables) await settled
    const isDone = await within(secondsToClose, last())
    const timeout = isDone && (isSettled || this.#hasTables) ? secondsToClose : 0
    await Promise.all(this.#clients.map(({ sql }) => sql.end({ timeout })))
    for (const { dialer } of this.#clients) dialer?.close()
  }

  async #perform<T>(task: string, work: () => Promise<T>): Promise<T> {
    this.assertOpen(task)
    const call = this.#prepare().then(work)
    this.#calls.add(call)
    try {
      return await call
    } catch (error) {
      // A driver that has just lost a connection may not know yet: nobody asks it anything before it does.
      await setTimeout(0)
      if (/^CONNECTION_(ENDED|DESTROYED)$/.test(codeOf(error))) this.assertOpen(task)
      throw (
        connectError(addressOf(this.writer), error, !this.#hasTables) ??
        storeError(this.#hasTables ? task : 'see to its tables', error)
      )
    } finally {
      this.#calls.delete(call)
    }
  }

  #prepare(): Promise<void> {
    this.#ready ??= this.#open().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #open(): Promise<void> {
    await prepareTables(this.writer, this.names, this.#mayCreate)
    await adoptRestoredRows(this.writer, this.names)
    this.#hasTables = true
  }
}

/** Whether the promise settles in time. */
async function within(seconds: number, promise: Promise<unknown>): Promise<boolean> {
  const patience = new AbortController()
  const late = setTimeout(seconds * 1000, false, { signal: patience.signal }).catch(() => false)
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    patience.abort()
  }
}
