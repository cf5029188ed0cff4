import { setTimeout } from 'node:timers/promises'
import postgres, { type Options, type PostgresType, type Sql } from 'postgres'
import { EventStoreError } from 'flowcraft'
import type { PostgresHistoryOptions, PostgresServerOptions, PostgresUrlOptions } from './options.ts'
import { connectSocket } from './told-at-once-socket.ts'
import { adoptRestoredRows, prepareTables } from './schema.ts'
import { codeOf, storeError } from './store-error.ts'
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
  readonly #isOwn: boolean
  readonly #mayCreate: boolean
  readonly #calls = new Set<Promise<unknown>>()
  #ready: Promise<void> | undefined
  #lastWrite: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @throws `EventStoreError` when the client cannot be made. Connects to nothing. */
  constructor(options: PostgresHistoryOptions, names: TableNames) {
    this.names = names
    this.#mayCreate = options.autoCreateTables !== false
    this.#isOwn = options.sql === undefined
    try {
      this.reader = options.sql ?? clientOf(options, options.max ?? 4)
      this.writer = options.sql ?? clientOf(options, 1)
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

  /** Waits for the calls that go on, does `last`, and ends the connections that are the store's own. */
  close(last: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(last)
    return this.#closing
  }

  async #close(last: () => Promise<void>): Promise<void> {
    await Promise.allSettled(this.#calls)
    await last()
    if (!this.#isOwn) return
    await Promise.all([this.reader, this.writer].map((sql) => sql.end({ timeout: secondsToClose })))
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
      if (codeOf(error) === 'CONNECTION_ENDED') this.assertOpen(task)
      throw storeError(task, error)
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
  }
}

type OwnServer = PostgresServerOptions | PostgresUrlOptions

function clientOf(options: PostgresHistoryOptions, max: number): Sql {
  // Without a client there are only the other two kinds.
  const { connectionString, connectTimeout, ssl, applicationName = 'flowcraft' } = options as OwnServer
  const settings: Settings = {
    max,
    // Arrays of types that only the server knows are not used.
    fetch_types: false,
    connection: { application_name: applicationName },
    // Whoever waits for a server that starts again waits for no more than a second in addition.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1),
    onnotice: () => {},
    ...(connectTimeout !== undefined && { connect_timeout: connectTimeout }),
    // As of postgres.js, whose type is narrower than what it takes.
    ...(ssl !== undefined && { ssl: ssl as 'require' }),
    ...(connectionString === undefined && serverOf(options as PostgresServerOptions)),
  }
  const make = (more: Settings): Sql =>
    connectionString === undefined
      ? postgres({ ...settings, ...more })
      : postgres(connectionString, { ...settings, ...more })
  // A client connects with its first statement: this one is only asked how it understands the options.
  const parsed = make({}).options
  const isPlain = parsed.ssl === false && parsed.host.length === 1
  // Its types do not know the option.
  return make(isPlain ? ({ socket: connectSocket } as Settings) : {})
}

type Settings = Options<Record<string, PostgresType>>

function serverOf({ host, port, database, user, password }: PostgresServerOptions): Settings {
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
  }
}
