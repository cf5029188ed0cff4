import type { Database } from 'better-sqlite3'
import type { ExecutionTable } from './execution-table.ts'

/** Does a task under the write lock of the file: all of it or, when it throws, nothing. */
export type WriteLock = <T>(task: () => T) => T

/** The write lock of a connection. When a task throws, nothing is taken for known of the file any more. */
export function writeLockOf(db: Database, table: ExecutionTable): WriteLock {
  const transaction = db.transaction((task: () => void) => task())
  return <T>(task: () => T): T => {
    const done: T[] = []
    try {
      transaction.immediate(() => void done.push(task()))
    } catch (error) {
      table.forget()
      throw error
    }
    return done[0]!
  }
}
