import type { Database } from 'better-sqlite3'
import { migrateFrom1, migrateFrom2 } from './migration.ts'
import type { TableNames } from './table-names.ts'
import { tablesSql } from './tables.ts'

/** The version of the tables that this package writes. */
const tablesVersion = 3

/** "flow" in ASCII: marks the file in its header, where it had no mark. */
const applicationId = 0x666c6f77

/**
 * Makes the tables where they are missing, and brings those of an older version to the present one, in one transaction.
 * Any number of processes may do so at once.
 *
 * @throws `Error` with the reason, for `storeError` to complete, when the tables cannot be used; they are as before then.
 */
export function createTables(db: Database, names: TableNames): void {
  if (versionOf(db, names) === tablesVersion) return
  db.transaction(() => {
    // Under the lock, as another process may have been faster.
    const version = versionOf(db, names)
    if (version === undefined) return createAll(db, names)
    if (version !== 1 && version !== 2) return assertVersion(version, names)
    assertFree(db, [names.lineage])
    if (version === 1) {
      assertFree(db, [names.tags, names.owners])
      migrateFrom1(db, names)
    }
    migrateFrom2(db, names)
    db.exec(`UPDATE ${names.schema} SET version = ${tablesVersion}`)
  }).immediate()
}

/**
 * Nothing when the tables are there in the present version.
 *
 * @throws `Error` with the reason, for `storeError` to complete.
 */
export function assertReadable(db: Database, names: TableNames): void {
  assertVersion(versionOf(db, names), names)
}

function createAll(db: Database, names: TableNames): void {
  assertFree(db, Object.values(names))
  if (db.pragma('application_id', { simple: true }) === 0) db.pragma(`application_id = ${applicationId}`)
  db.exec(`
    CREATE TABLE ${names.schema} (version INTEGER NOT NULL);
    INSERT INTO ${names.schema} VALUES (${tablesVersion});
    ${tablesSql(names)}`)
}

function assertFree(db: Database, quotedNames: readonly string[]): void {
  for (const name of quotedNames) {
    if (exists(db, name))
      throw new Error(`it has a table ${name} that is not of this package: choose another tableName`)
  }
}

function assertVersion(version: number | undefined, { schema }: TableNames): void {
  if (version === tablesVersion) return
  if (version === undefined) throw new Error(`it has no table ${schema}: name the file and the tableName of a history`)
  if (version === 1 || version === 2) {
    throw new Error(
      `its tables have version ${version}, which cannot be read as it is: open the file once without readonly, which brings them ` +
        `to version ${tablesVersion}`,
    )
  }
  throw new Error(
    `its tables have version ${version}, and this version of @flowcraft/sqlite-history knows version ` +
      `${tablesVersion}: install the one that fits`,
  )
}

function versionOf(db: Database, { schema }: TableNames): number | undefined {
  if (!exists(db, schema)) return undefined
  // The only row, which is as old as the table; 0 where somebody has removed it.
  return db.prepare<[], number>(`SELECT version FROM ${schema}`).pluck().get() ?? 0
}

function exists(db: Database, quotedName: string): boolean {
  const name = quotedName.slice(1, -1).replaceAll('""', '"')
  return db.prepare('SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE').get(name) !== undefined
}
