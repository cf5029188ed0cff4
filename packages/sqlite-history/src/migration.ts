import type { Database } from 'better-sqlite3'
import { changeAfter, isFlowcraftError, type FlowcraftEvent } from 'flowcraft'
import { typeToColumn } from './event-types.ts'
import { startOf } from './execution-start.ts'
import { isStorableText, toEvent, type EventRow } from './rows.ts'
import type { TableNames } from './table-names.ts'
import { addedColumns, addedTablesSql, eventsSql, indexesSql, lineageSql, viewSql } from './tables.ts'
import { tagColumn } from './tag-column.ts'

type ExecutionRow = readonly [
  key: number,
  executionId: string,
  blueprintId: string | null,
  startedAt: number,
  lastSeq: number,
]

const pageSize = 1000
/** The types that {@link changeAfter} heeds. Of all others only the last event of an execution matters to it. */
const telling = (['workflow:pause', 'workflow:stall', 'workflow:finish'] as const).map(typeToColumn).join(', ')

/** Brings tables of version 1 to version 2, inside a transaction of the caller. */
export function migrateFrom1(db: Database, names: TableNames): void {
  const { events, executions, view } = names
  const old = `${events.slice(0, -1)}_version_1"`
  db.exec(`DROP VIEW IF EXISTS ${view}; ALTER TABLE ${events} RENAME TO ${old}; ${eventsSql(names)}
    INSERT INTO ${events} (position, run, seq, type, timestamp, payload, notes, schema_version)
      SELECT rowid, run, seq, type, timestamp, payload, notes, schema_version FROM ${old} ORDER BY rowid;
    DROP TABLE ${old};
    ${addedColumns.map((column) => `ALTER TABLE ${executions} ADD COLUMN ${column};`).join('\n')}
    ${addedTablesSql(names)}`)
  fillColumns(db, names)
  db.exec(indexesSql(names))
}

/** Brings tables of version 2 to version 3, inside a transaction of the caller. The view knows types that it did not. */
export function migrateFrom2(db: Database, names: TableNames): void {
  db.exec(`DROP VIEW IF EXISTS ${names.view}; ${viewSql(names)} ${lineageSql(names)}`)
}

/** Version 1 did not note what is computed here from the events. */
function fillColumns(db: Database, names: TableNames): void {
  const { events, executions, tags } = names
  const page = db
    .prepare<[number, number], ExecutionRow>(
      `SELECT key, id, blueprint_id, started_at, last_seq FROM ${executions} WHERE key > ? ORDER BY key LIMIT ?`,
    )
    .raw()
  const tellingEvents = db
    .prepare<[number, number], EventRow>(
      `SELECT seq, type, timestamp, payload, notes, schema_version FROM ${events}
      WHERE run = ? AND (seq = 0 OR seq = ? OR type IN (${telling})) ORDER BY seq`,
    )
    .raw()
  const update = db.prepare(
    `UPDATE ${executions} SET status = ?, finished_at = ?, error_count = ?, wake_up_at = ?, parent_id = ?, tags = ?
    WHERE key = ?`,
  )
  const insertTag = db.prepare(`INSERT INTO ${tags} (tag, started_at, run) VALUES (?, ?, ?)`)
  for (let rows = page.all(0, pageSize); rows.length > 0; rows = page.all(rows.at(-1)![0], pageSize)) {
    for (const [key, executionId, blueprintId, startedAt, lastSeq] of rows) {
      const found = readable(tellingEvents.all(key, lastSeq), { executionId, blueprintId })
      if (found === undefined) continue
      const { status, finishedAt, errorCount, wakeUpAt } = changeAfter(found)
      const { parent, tags: own } = startOf(found[0])
      const parentId = parent !== undefined && isStorableText(parent) ? parent : null
      const columns = [status, finishedAt ?? null, errorCount, wakeUpAt ?? null, parentId]
      update.run(...columns, own.length === 0 ? null : JSON.stringify(own), key)
      for (const tag of own) insertTag.run(tagColumn(tag), startedAt, key)
    }
  }
}

/** `undefined` for an execution with damaged events: what is noted of it stays, and whoever reads it is told. */
function readable(
  rows: readonly EventRow[],
  shared: { executionId: string; blueprintId: string | null },
): FlowcraftEvent[] | undefined {
  try {
    return rows.map((row) => toEvent(row, shared))
  } catch (error) {
    if (isFlowcraftError(error, 'HISTORY_CORRUPT')) return undefined
    throw error
  }
}
