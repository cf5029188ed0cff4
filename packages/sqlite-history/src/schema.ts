import type { Database } from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import { typeNames } from './event-types.ts'

/** The version of the tables that this package writes. */
const tablesVersion = 1

/** "flow" in ASCII: marks the file in its header, where it had no mark. */
const applicationId = 0x666c6f77

/** Quoted names of the tables and the view of one history. */
export interface TableNames {
  readonly events: string
  readonly executions: string
  readonly blueprints: string
  readonly schema: string
  readonly view: string
}

/**
 * The names that belong to `tableName`, quoted, so that any character is just a part of the name.
 *
 * @throws `EventStoreError` for what SQLite cannot take as a name.
 */
export function tableNamesOf(tableName: string): TableNames {
  if (typeof tableName !== 'string' || tableName.trim() === '' || /\0|\p{Surrogate}|^sqlite_/iu.test(tableName)) {
    const message =
      `tableName ${JSON.stringify(tableName)} cannot name a table: it must be a string that is not blank, ` +
      `does not begin with 'sqlite_' and has no NUL character or lone surrogate`
    throw new EventStoreError(message)
  }
  const quoted = (suffix: string): string => `"${(tableName + suffix).replaceAll('"', '""')}"`
  return {
    events: quoted(''),
    executions: quoted('_executions'),
    blueprints: quoted('_blueprints'),
    schema: quoted('_schema'),
    view: quoted('_view'),
  }
}

/**
 * Makes the tables where they are missing. Any number of processes may do so at once.
 *
 * @throws `Error` with the reason, for `storeError` to complete, when the tables cannot be used.
 */
export function createTables(db: Database, names: TableNames): void {
  if (versionOf(db, names) !== undefined) return assertReadable(db, names)
  db.transaction(() => {
    // Another process may have been faster.
    if (versionOf(db, names) !== undefined) return assertReadable(db, names)
    for (const name of Object.values(names)) {
      if (exists(db, name))
        throw new Error(`it has a table ${name} that is not of this package: choose another tableName`)
    }
    if (db.pragma('application_id', { simple: true }) === 0) db.pragma(`application_id = ${applicationId}`)
    db.exec(tables(names))
  }).immediate()
}

/** Like {@link createTables}, and makes none. */
export function assertReadable(db: Database, names: TableNames): void {
  const version = versionOf(db, names)
  if (version === tablesVersion) return
  throw new Error(
    version === undefined
      ? `it has no table ${names.schema}: name the file and the tableName of a history`
      : `its tables have version ${version}, and this version of @flowcraft/sqlite-history knows version ` +
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

function tables({ events, executions, blueprints, schema, view }: TableNames): string {
  return `
    CREATE TABLE ${schema} (version INTEGER NOT NULL);
    INSERT INTO ${schema} VALUES (${tablesVersion});
    CREATE TABLE ${executions} (
      key INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      blueprint_id TEXT,
      blueprint_version TEXT,
      blueprint_hash TEXT,
      status TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      finished_at INTEGER,
      error_count INTEGER NOT NULL DEFAULT 0,
      last_seq INTEGER NOT NULL,
      writer TEXT
    );
    -- type has no affinity: a number for the types known to this version (see the view), the name itself for others.
    CREATE TABLE ${events} (
      run INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      type NOT NULL,
      timestamp INTEGER NOT NULL,
      payload TEXT NOT NULL,
      notes TEXT,
      schema_version INTEGER,
      UNIQUE (run, seq)
    );
    CREATE TABLE ${blueprints} (hash TEXT PRIMARY KEY, blueprint TEXT NOT NULL);
    CREATE VIEW ${view} AS
      SELECT x.id AS execution_id, e.seq, ${typeNameSql('e.type')} AS type, e.timestamp, x.blueprint_id, e.payload, e.notes
      FROM ${events} e JOIN ${executions} x ON x.key = e.run;
  `
}

function typeNameSql(column: string): string {
  const cases = [...typeNames].map(([id, name]) => `WHEN ${id} THEN '${name}'`)
  return `CASE ${column} ${cases.join(' ')} ELSE ${column} END`
}
