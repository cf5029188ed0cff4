import { typeNames } from './event-types.ts'
import type { TableNames } from './table-names.ts'

/** The SQL that makes every table of version 3, empty. */
export function tablesSql(names: TableNames): string {
  const { executions, blueprints } = names
  return `
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
      writer TEXT,
      ${addedColumns.join(',\n      ')}
    );
    CREATE TABLE ${blueprints} (hash TEXT PRIMARY KEY, blueprint TEXT NOT NULL);
    ${eventsSql(names)}
    ${addedTablesSql(names)}
    ${lineageSql(names)}
    ${indexesSql(names)}
    ${viewSql(names)}
  `
}

/**
 * What version 2 added to an execution. `tags` is a JSON array, null for none; `wake_up_at` is null while it is not
 * parked, `owner` while it is not running. `forked_from` is an id as it was given: what it names may be gone.
 */
export const addedColumns: readonly string[] = [
  'owner TEXT',
  'parent_id TEXT',
  'wake_up_at INTEGER',
  'tags TEXT',
  'forked_from TEXT',
  'forked_seq INTEGER',
]

/**
 * The SQL that makes the events table. `position` is the order of commits. It is not `AUTOINCREMENT`, which costs a
 * fifth of a small append: whoever removes events keeps the highest position in a row of the run 0, which is none.
 */
export function eventsSql({ events }: TableNames): string {
  return `
    -- type has no affinity: a number for the types known to this version (see the view), the name itself for others.
    CREATE TABLE ${events} (
      position INTEGER PRIMARY KEY,
      run INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      type NOT NULL,
      timestamp INTEGER NOT NULL,
      payload TEXT NOT NULL,
      notes TEXT,
      schema_version INTEGER,
      UNIQUE (run, seq)
    );`
}

/** The SQL that makes the tables that version 1 did not have. */
export function addedTablesSql({ tags, owners }: TableNames): string {
  return `
    CREATE TABLE ${tags} (
      tag TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      run INTEGER NOT NULL,
      PRIMARY KEY (tag, started_at, run)
    ) WITHOUT ROWID;
    CREATE TABLE ${owners} (owner TEXT PRIMARY KEY, lease_until INTEGER NOT NULL) WITHOUT ROWID;`
}

/**
 * The SQL that makes the table that version 2 did not have: of a fork, which run holds which part of its history, the
 * last part, which has no end, being its own. An execution that is removed while forks need its events leaves them behind
 * under its key. No other execution gets that key: SQLite gives the one behind the highest, and a fork has a higher one
 * than every run that it shares.
 */
export function lineageSql({ lineage, bySource }: TableNames): string {
  return `
    CREATE TABLE ${lineage} (
      run INTEGER NOT NULL,
      to_seq INTEGER NOT NULL,
      from_seq INTEGER NOT NULL,
      source INTEGER NOT NULL,
      blueprint_id TEXT,
      PRIMARY KEY (run, to_seq)
    ) WITHOUT ROWID;
    CREATE INDEX ${bySource} ON ${lineage} (source, to_seq) WHERE source <> run;`
}

/** The \`to_seq\` of a part that has no end. */
export const noEnd: number = 2 ** 53 - 1

/** The SQL that makes the indexes. Each is in the order of a list, of roots only where their children are never asked for. */
export function indexesSql(names: TableNames): string {
  const { executions, byStart, byStatus, byBlueprint, withErrors, byParent, byWakeUp } = names
  return `
    CREATE INDEX ${byStart} ON ${executions} (started_at) WHERE parent_id IS NULL;
    CREATE INDEX ${byStatus} ON ${executions} (status, started_at) WHERE parent_id IS NULL;
    CREATE INDEX ${byBlueprint} ON ${executions} (blueprint_id, started_at) WHERE parent_id IS NULL;
    CREATE INDEX ${withErrors} ON ${executions} (started_at) WHERE parent_id IS NULL AND error_count > 0;
    CREATE INDEX ${byParent} ON ${executions} (parent_id, started_at) WHERE parent_id IS NOT NULL;
    CREATE INDEX ${byWakeUp} ON ${executions} (wake_up_at) WHERE parent_id IS NULL AND wake_up_at IS NOT NULL;`
}

/** The SQL that makes the view, which gives events with text ids: of a fork, only its own. */
export function viewSql({ events, executions, view }: TableNames): string {
  return `
    CREATE VIEW ${view} AS
      SELECT x.id AS execution_id, e.seq, ${typeNameSql('e.type')} AS type, e.timestamp, x.blueprint_id, e.payload, e.notes
      FROM ${events} e JOIN ${executions} x ON x.key = e.run;`
}

function typeNameSql(column: string): string {
  const cases = [...typeNames].map(([id, name]) => `WHEN ${id} THEN '${name}'`)
  return `CASE ${column} ${cases.join(' ')} ELSE ${column} END`
}
