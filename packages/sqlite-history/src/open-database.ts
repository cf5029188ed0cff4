import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import { assertReadable, createTables } from './schema.ts'
import { storeError } from './store-error.ts'
import type { TableNames } from './table-names.ts'

/** Options of a `SqliteHistoryAdapter`. */
export interface SqliteHistoryOptions {
  /** The file; made with its folder when it is missing. `':memory:'` keeps everything in memory. */
  readonly databasePath: string
  /** Write-ahead log: readers do not wait for writers. `false` leaves the file's journal mode as it is. Default `true`. */
  readonly walMode?: boolean | undefined
  /**
   * `'FULL'` (default): what was reported as stored survives a power cut. `'NORMAL'`: it survives a crash of the process;
   * a power cut may take the latest commits.
   */
  readonly synchronous?: 'FULL' | 'NORMAL' | undefined
  /** How long a call waits for other connections to let go of the file. Default 5 000 ms. */
  readonly busyTimeout?: number | undefined
  /** Only read; the file must be there. Default `false`. */
  readonly readonly?: boolean | undefined
  /** The name of the events table, and the beginning of the other names. Default `'flowcraft_events'`. */
  readonly tableName?: string | undefined
}

const inMemory = ':memory:'
const walSizeLimit = 64 * 1024 * 1024
const pauseMs = 5

/**
 * Opens the file and sees to its tables.
 *
 * @throws `EventStoreError` when there is no history in the file and none can be made; nothing is changed then.
 */
export function openDatabase(options: SqliteHistoryOptions, names: TableNames): Database.Database {
  const { databasePath, busyTimeout = 5000 } = options
  let db: Database.Database | undefined
  try {
    assertFile(databasePath, options.readonly === true)
    db = new Database(databasePath, { readonly: options.readonly === true, timeout: busyTimeout })
    if (options.readonly === true) assertReadable(db, names)
    else prepareForWriting(db, options, names)
    return db
  } catch (error) {
    db?.close()
    throw storeError(databasePath, 'be opened', error)
  }
}

/** @throws `EventStoreError` that names the option which cannot be. */
export function assertOptions(options: SqliteHistoryOptions): void {
  if (typeof options !== 'object' || options === null) refuse('the argument', options, 'an object of options')
  for (const name of Object.keys(options)) if (!Object.hasOwn(optionNames, name)) refuseUnknown(name)
  const { databasePath, synchronous, busyTimeout = 0 } = options
  if (typeof databasePath !== 'string' || databasePath.trim() === '' || databasePath.includes('\0')) {
    refuse('databasePath', databasePath, `the path of a file, or '${inMemory}'`)
  }
  if (synchronous !== undefined && synchronous !== 'FULL' && synchronous !== 'NORMAL') {
    refuse('synchronous', synchronous, `'FULL' or 'NORMAL'`)
  }
  if (!Number.isInteger(busyTimeout) || busyTimeout < 0) refuse('busyTimeout', busyTimeout, 'whole milliseconds')
  for (const flag of ['walMode', 'readonly'] as const) {
    const value: unknown = options[flag]
    if (value !== undefined && typeof value !== 'boolean') refuse(flag, value, 'true or false')
  }
}

// A record, so that the compiler sees to it that no name is missing.
const optionNames: Readonly<Record<keyof SqliteHistoryOptions, true>> = {
  databasePath: true,
  walMode: true,
  synchronous: true,
  busyTimeout: true,
  readonly: true,
  tableName: true,
}

function refuseUnknown(name: string): never {
  const known = Object.keys(optionNames)
  const meant = known.find((each) => each.toLowerCase() === name.toLowerCase())
  const advice = meant === undefined ? `the options are ${known.join(', ')}` : `did you mean ${meant}?`
  throw new EventStoreError(`SQLite history: there is no option ${JSON.stringify(name)}: ${advice}`)
}

function refuse(option: string, value: unknown, expected: string): never {
  throw new EventStoreError(`SQLite history: ${option} is ${JSON.stringify(value)}; expected ${expected}`)
}

function assertFile(path: string, readonly: boolean): void {
  if (path === inMemory) {
    if (readonly) throw new EventStoreError(`SQLite history '${path}' could not be opened: readonly needs a file`)
    return
  }
  const found = statSync(path, { throwIfNoEntry: false })
  const problem = found?.isDirectory() === true ? 'it is a folder: name a file in it' : undefined
  const missing = readonly && found === undefined ? 'there is no such file, and readonly makes none' : undefined
  const reason = problem ?? missing
  if (reason !== undefined) throw new EventStoreError(`SQLite history '${path}' could not be opened: ${reason}`)
  if (found === undefined) makeFolder(dirname(path))
}

/** One at a time: with `recursive`, Node 20 to 24 tries for ever where no folder can be made, as below /proc. */
function makeFolder(path: string): void {
  if (dirname(path) === path || statSync(path, { throwIfNoEntry: false }) !== undefined) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have been faster.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}

function prepareForWriting(db: Database.Database, options: SqliteHistoryOptions, names: TableNames): void {
  const { walMode = true, synchronous = 'FULL', busyTimeout = 5000 } = options
  // Only takes effect before the first table.
  if (db.pragma('page_count', { simple: true }) === 0) db.pragma('auto_vacuum = INCREMENTAL')
  db.pragma(`synchronous = ${synchronous}`)
  db.pragma(`journal_size_limit = ${walSizeLimit}`)
  createTables(db, names)
  if (walMode) switchToWal(db, busyTimeout)
}

/** SQLite does not always wait its busy timeout before it refuses this one when several processes open a new file. */
function switchToWal(db: Database.Database, busyTimeout: number): void {
  for (let leftMs = busyTimeout; ; leftMs -= pauseMs) {
    try {
      if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
      if (!busy || leftMs <= 0) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}
