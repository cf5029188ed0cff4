import type { Database, Statement } from 'better-sqlite3'
import type { TableNames } from './table-names.ts'

/** An execution that may be removed. */
export interface Member {
  readonly key: number
  readonly id: string
  readonly started_at: number
  readonly tags: string | null
  readonly forked_seq: number | null
  readonly is_owned: 0 | 1
}

/** The statements of everything that removes, prepared once. */
export interface RemovalStatements {
  readonly keyOf: Statement<[executionId: string], number>
  /** The id of the parent, if it is in the store. */
  readonly parentOf: Statement<[key: number], string>
  /** An execution and its descendants. */
  readonly family: Statement<[key: number, now: number], Member>
  /** Roots, the one that started last first. `statuses` is a JSON array. */
  readonly candidates: Statement<
    [olderThan: number, statuses: string, now: number, startedAt: number, key: number, limit: number, offset: number],
    Pick<Member, 'key' | 'started_at'>
  >
  readonly lastPosition: Statement<[], number | null>
  readonly deleteTag: Statement<[tag: string, startedAt: number, key: number]>
  /** The runs that have stored the parts of a fork. */
  readonly sourcesOf: Statement<[key: number], number>
  readonly deleteParts: Statement<[key: number]>
  /** Deletes the events of a run that is gone, but for those that forks need. */
  readonly deleteEvents: Statement<[{ key: number }]>
  readonly deleteExecution: Statement<[key: number]>
  readonly deleteMark: Statement<[]>
  readonly insertMark: Statement<[{ last: number }]>
  readonly deleteAll: readonly Statement<[]>[]
}

/** Prepares the statements for the tables of `names`. */
export function prepareRemoval(db: Database, names: TableNames): RemovalStatements {
  const { events, executions, tags, blueprints, owners, lineage, byParent, byStart } = names
  const isOwned = `EXISTS (SELECT 1 FROM ${owners} o WHERE o.owner = x.owner AND o.lease_until > ?)`
  return {
    keyOf: db.prepare<[string], number>(`SELECT key FROM ${executions} WHERE id = ?`).pluck(),
    parentOf: db
      .prepare<[number], string>(
        `SELECT p.id FROM ${executions} x JOIN ${executions} p ON p.id = x.parent_id WHERE x.key = ? AND p.key <> x.key`,
      )
      .pluck(),
    family: db.prepare(
      `WITH RECURSIVE family (key, id) AS (
        SELECT key, id FROM ${executions} WHERE key = ?
        UNION SELECT c.key, c.id FROM family f CROSS JOIN ${executions} c INDEXED BY ${byParent} ON c.parent_id = f.id
      )
      SELECT x.key, x.id, x.started_at, x.tags, x.forked_seq, ${isOwned} AS is_owned
      FROM family f CROSS JOIN ${executions} x ON x.key = f.key`,
    ),
    candidates: db.prepare(
      `SELECT x.key, x.started_at FROM ${executions} x INDEXED BY ${byStart}
      WHERE x.parent_id IS NULL AND x.updated_at < ? AND x.status IN (SELECT value FROM json_each(?)) AND NOT ${isOwned}
        AND (x.started_at, x.key) < (?, ?)
      ORDER BY x.started_at DESC, x.key DESC LIMIT ? OFFSET ?`,
    ),
    lastPosition: db.prepare<[], number | null>(`SELECT max(position) FROM ${events}`).pluck(),
    deleteTag: db.prepare(`DELETE FROM ${tags} WHERE tag = ? AND started_at = ? AND run = ?`),
    sourcesOf: db.prepare<[number], number>(`SELECT source FROM ${lineage} WHERE run = ?`).pluck(),
    deleteParts: db.prepare(`DELETE FROM ${lineage} WHERE run = ?`),
    deleteEvents: db.prepare(
      `DELETE FROM ${events} WHERE run = @key AND NOT EXISTS (SELECT 1 FROM ${executions} WHERE key = @key)
        AND seq > coalesce((SELECT max(to_seq) FROM ${lineage} WHERE source = @key AND source <> run), -1)`,
    ),
    deleteExecution: db.prepare(`DELETE FROM ${executions} WHERE key = ?`),
    deleteMark: db.prepare(`DELETE FROM ${events} WHERE run = 0`),
    insertMark: db.prepare(
      `INSERT INTO ${events} (position, run, seq, type, timestamp, payload) VALUES (@last, 0, @last, 0, 0, '{}')`,
    ),
    deleteAll: [events, executions, tags, lineage, blueprints].map((table) => db.prepare<[]>(`DELETE FROM ${table}`)),
  }
}
