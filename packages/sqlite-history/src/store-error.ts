import Database from 'better-sqlite3'
import { EventStoreError, isFlowcraftError, type FlowcraftError } from 'flowcraft'

const advice: readonly (readonly [code: RegExp, text: string])[] = [
  [/^SQLITE_BUSY/, 'another connection holds the file: try again, or raise busyTimeout'],
  [/^SQLITE_NOTADB/, 'this file is not an SQLite database: name another databasePath'],
  [/^SQLITE_CORRUPT/, 'the file is damaged: restore it from a backup'],
  [/^SQLITE_FULL/, 'no room is left: free disk space, or remove old executions'],
  [/^SQLITE_READONLY/, 'the file or its folder cannot be written: check their permissions'],
  [/^SQLITE_CANTOPEN/, 'the file cannot be opened: check the path and its permissions'],
  [/^SQLITE_ERROR no such (table|column|index)/, 'its tables are not whole: restore the file from a backup'],
  [/^SQLITE_IOERR/, 'the disk reports a fault: check it, and that the folder is on a local disk'],
]

/** What went wrong with the file at `path`, as an `EventStoreError`: what happened, where, what to do. */
export function storeError(path: string, task: string, fault: unknown): FlowcraftError {
  if (isFlowcraftError(fault)) return fault
  const code = fault instanceof Database.SqliteError ? fault.code : ''
  const reason = fault instanceof Error ? fault.message : String(fault)
  const remedy = advice.find(([pattern]) => pattern.test(`${code} ${reason}`))?.[1]
  const found = remedy === undefined ? reason : `${reason}; ${remedy}`
  return new EventStoreError(`SQLite history '${path}' could not ${task}: ${found}`, { cause: fault })
}
