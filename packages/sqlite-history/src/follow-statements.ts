import type { Database, Statement } from 'better-sqlite3'
import type { FollowFilter } from 'flowcraft'
import { typeToJson } from './read-pages.ts'
import type { EventRow } from './rows.ts'
import type { TableNames } from './table-names.ts'
import { tagColumn } from './tag-column.ts'

/** A stored event of any execution as it is read. */
export type FollowedRow = readonly [position: number, executionId: string, blueprintId: string | null, ...EventRow]

/** A query for events behind one position and up to another, and what its further conditions stand for. */
export interface FollowPage {
  readonly page: Statement<unknown[], FollowedRow>
  readonly values: readonly string[]
}

/** The statements of those who follow all executions. */
export interface FollowStatements {
  readonly lastPosition: Statement<[], number | null>
  readonly pageOf: (filter: FollowFilter) => FollowPage
}

/** Prepares the statements for the tables of `names`. */
export function prepareFollowing(db: Database, names: TableNames): FollowStatements {
  return {
    lastPosition: db.prepare<[], number | null>(`SELECT max(position) FROM ${names.events}`).pluck(),
    pageOf: (filter) => {
      const { sql, values } = followSql(names, filter)
      return { page: db.prepare<unknown[], FollowedRow>(sql).raw(), values }
    },
  }
}

/** The SQL of a page: position, position, the values, limit. */
export function followSql(
  { events, executions, tags }: TableNames,
  { blueprintId, tag, types }: FollowFilter,
): { readonly sql: string; readonly values: readonly string[] } {
  const conditions: string[] = []
  const values: string[] = []
  const where = (condition: string, value: string): void => {
    conditions.push(`AND ${condition}`)
    values.push(value)
  }
  if (blueprintId !== undefined) where('x.blueprint_id = ?', blueprintId)
  if (types !== undefined) where('e.type IN (SELECT value FROM json_each(?))', JSON.stringify(types.map(typeToJson)))
  if (tag !== undefined) {
    const isTagged = `SELECT 1 FROM ${tags} t WHERE t.tag = ? AND t.started_at = x.started_at AND t.run = x.key`
    where(`EXISTS (${isTagged})`, tagColumn(tag))
  }
  const sql = `
    SELECT e.position, x.id, x.blueprint_id, e.seq, e.type, e.timestamp, e.payload, e.notes, e.schema_version
    FROM ${events} e CROSS JOIN ${executions} x ON x.key = e.run
    WHERE e.position > ? AND e.position <= ? ${conditions.join(' ')}
    ORDER BY e.position LIMIT ?`
  return { sql, values }
}
