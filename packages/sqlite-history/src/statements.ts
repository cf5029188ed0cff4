import type { Database, Statement } from 'better-sqlite3'
import type { EventColumns, EventRow } from './rows.ts'
import type { TableNames } from './table-names.ts'

/** A row of the executions table, as far as those who write need it. */
export type HeadRow = readonly [
  key: number,
  blueprintId: string | null,
  lastSeq: number,
  forkedSeq: number | null,
  writer: string | null,
  ...ChangeColumns,
  parent: string | null,
  owner: string | null,
]

/** What changes now and then in the row of an execution. */
export type ChangeColumns = readonly [
  status: string,
  finishedAt: number | null,
  errorCount: number,
  wakeUpAt: number | null,
]

/** What is written of an execution with its first events. */
export type ExecutionColumns = readonly [
  id: string,
  blueprintId: string | null,
  blueprintVersion: string | null,
  blueprintHash: string | null,
  startedAt: number,
  updatedAt: number,
  lastSeq: number,
  writer: string | null,
  owner: string | null,
  parent: string | null,
  tags: string | null,
  ...ChangeColumns,
]

/** Reads events `from` to `to`, at most `limit`; of all types, or of those of a JSON array of types as stored. */
export type ReadPage = (executionId: string, from: number, to: number, limit: number, types?: string) => EventRow[]

/** The statements of appends and reads, prepared once. Those that read give rows as arrays. */
export interface Statements {
  readonly head: Statement<[executionId: string], HeadRow>
  readonly writerOf: Statement<[executionId: string], string | null>
  /** Reads what an execution has stored itself: all, unless it is a fork. */
  readonly page: ReadPage
  /** Reads the history of a fork, whoever has stored it. */
  readonly pageOfFork: ReadPage
  /** The part of a fork that holds an event. */
  readonly partOfFork: Statement<
    [executionId: string, seq: number],
    readonly [fromSeq: number, toSeq: number, blueprintId: string | null]
  >
  readonly stats: Statement<[], readonly [executions: number, events: number]>
  readonly insertExecution: Statement<[...ExecutionColumns]>
  readonly insertTag: Statement<[tag: string, startedAt: number, key: number]>
  /** Changes nothing unless the execution still ends at `lastSeq` and has the same writer. */
  readonly moveHead: Statement<
    [
      toSeq: number,
      updatedAt: number,
      toWriter: string | null,
      toOwner: string | null,
      key: number,
      id: string,
      lastSeq: number,
      writer: string | null,
    ]
  >
  readonly changeWriter: Statement<[writer: string, key: number]>
  readonly changeExecution: Statement<[...ChangeColumns, key: number]>
  readonly insertEvent: Statement<[key: number, seq: number, ...EventColumns]>
  readonly hasBlueprint: Statement<[hash: string]>
  readonly insertBlueprint: Statement<[hash: string, blueprint: string]>
  readonly blueprint: Statement<[hash: string], readonly [blueprint: string]>
}

/** Prepares the statements for the tables of `names`. */
export function prepareStatements(db: Database, names: TableNames): Statements {
  const { events, executions, blueprints, tags } = names
  return {
    head: db
      .prepare<[string], HeadRow>(
        `SELECT key, blueprint_id, last_seq, forked_seq, writer, status, finished_at, error_count, wake_up_at, parent_id,
          owner
        FROM ${executions} WHERE id = ?`,
      )
      .raw(),
    writerOf: db.prepare<[string], string | null>(`SELECT writer FROM ${executions} WHERE id = ?`).pluck(),
    page: prepareOwnPage(db, names),
    pageOfFork: prepareForkPage(db, names),
    partOfFork: db
      .prepare<[string, number], [number, number, string | null]>(
        `SELECT from_seq, to_seq, blueprint_id FROM ${names.lineage}
        WHERE run = (SELECT key FROM ${executions} WHERE id = ?) AND to_seq >= ? ORDER BY to_seq LIMIT 1`,
      )
      .raw(),
    stats: db
      .prepare<[], [number, number]>(
        `SELECT count(*), coalesce(sum(last_seq - coalesce(forked_seq, -1)), 0) FROM ${executions}`,
      )
      .raw(),
    insertExecution: db.prepare(
      `INSERT INTO ${executions}
        (id, blueprint_id, blueprint_version, blueprint_hash, started_at, updated_at, last_seq, writer, owner,
        parent_id, tags, status, finished_at, error_count, wake_up_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertTag: db.prepare(`INSERT INTO ${tags} (tag, started_at, run) VALUES (?, ?, ?)`),
    moveHead: db.prepare(
      `UPDATE ${executions} SET last_seq = ?, updated_at = ?, writer = ?, owner = ?
      WHERE key = ? AND id = ? AND last_seq = ? AND writer IS ?`,
    ),
    changeWriter: db.prepare(`UPDATE ${executions} SET writer = ? WHERE key = ?`),
    changeExecution: db.prepare(
      `UPDATE ${executions} SET status = ?, finished_at = ?, error_count = ?, wake_up_at = ? WHERE key = ?`,
    ),
    insertEvent: db.prepare(
      `INSERT INTO ${events} (run, seq, type, timestamp, payload, notes, schema_version) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    hasBlueprint: db.prepare(`SELECT 1 FROM ${blueprints} WHERE hash = ?`),
    insertBlueprint: db.prepare(`INSERT OR IGNORE INTO ${blueprints} (hash, blueprint) VALUES (?, ?)`),
    blueprint: db.prepare<[string], [string]>(`SELECT blueprint FROM ${blueprints} WHERE hash = ?`).raw(),
  }
}

function prepareOwnPage(db: Database, { events, executions }: TableNames): ReadPage {
  const sqlWith = (condition: string): string => `
    SELECT seq, type, timestamp, payload, notes, schema_version FROM ${events}
    WHERE run = (SELECT key FROM ${executions} WHERE id = ?) AND seq BETWEEN ? AND ? ${condition}
    ORDER BY seq LIMIT ?`
  const all = db.prepare<unknown[], EventRow>(sqlWith('')).raw()
  const ofTypes = db.prepare<unknown[], EventRow>(sqlWith('AND type IN (SELECT value FROM json_each(?))')).raw()
  return (executionId, from, to, limit, types) =>
    types === undefined ? all.all(executionId, from, to, limit) : ofTypes.all(executionId, from, to, types, limit)
}

function prepareForkPage(db: Database, names: TableNames): ReadPage {
  const all = db.prepare<[object], EventRow>(forkPageSql(names, '')).raw()
  const condition = 'AND e.type IN (SELECT value FROM json_each(@types))'
  const ofTypes = db.prepare<[object], EventRow>(forkPageSql(names, condition)).raw()
  return (executionId, from, to, limit, types) =>
    types === undefined
      ? all.all({ executionId, from, to, limit })
      : ofTypes.all({ executionId, from, to, limit, types })
}

/** The SQL of a page of a fork: part by part, so that nothing is sorted. No run has events before its own part. */
export function forkPageSql({ events, executions, lineage }: TableNames, condition: string): string {
  return `
    SELECT e.seq, e.type, e.timestamp, e.payload, e.notes, e.schema_version
    FROM ${lineage} l CROSS JOIN ${events} e
      ON e.run = l.source AND e.seq BETWEEN @from AND min(l.to_seq, @to) ${condition}
    WHERE l.run = (SELECT key FROM ${executions} WHERE id = @executionId) AND l.to_seq >= @from AND l.from_seq <= @to
    ORDER BY l.to_seq, e.seq LIMIT @limit`
}
