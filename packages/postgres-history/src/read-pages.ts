import { missingEvent, unbroken } from 'flowcraft'
import type { FlowcraftEvent, ReadRange } from 'flowcraft'
import { readHeads, type Head } from './heads.ts'
import type { Sql } from 'postgres'
import { rowsOf, type Queryable } from './queries.ts'
import { eventColumns, toEvent, toSharedEvent, type EventRow } from './rows.ts'
import type { TableNames } from './table-names.ts'

/** The number of events that are read at once. */
export const pageSize = 1000

/** Reads a page: `next` gives `undefined` behind the last one. */
export interface PageReader {
  /** @throws `HistoryCorruptError` at an event that is missing, once all before it have been given. */
  next(sql: Sql): Promise<FlowcraftEvent[] | undefined>
}

/** Reads the events of an execution up to the end that `head` says; these rows never change. */
export function pagesOf(names: TableNames, head: Head, range: ReadRange): PageReader {
  const types = range.types === undefined ? null : JSON.stringify(range.types)
  const end = Math.floor(Math.min(range.toSeq ?? Infinity, head.lastSeq))
  const history = historyOf(names, head)
  let from = Math.max(0, Math.ceil(range.fromSeq ?? 0))
  let left = Math.floor(range.limit ?? Infinity)
  return {
    async next(sql) {
      if (!(from <= end && left > 0)) return undefined
      const size = Math.min(pageSize, left)
      const rows = await history.page(sql, from, end, size, types)
      const whole = types === null ? unbroken(rows, from, head.executionId) : rows
      from = (whole.at(-1)?.[0] ?? from - 1) + 1
      left -= whole.length
      if (types === null && whole.length === 0) await assertRemoved(sql, names, head, from)
      if (whole.length === 0 || (types !== null && rows.length < size)) left = 0
      return whole.map(history.toEvent)
    },
  }
}

/** How to read the history of an execution. */
export interface StoredHistory {
  /** Events `from` to `to`, at most `limit`; of all types, or of those of a JSON array of types. */
  page(sql: Queryable, from: number, to: number, limit: number, types: string | null): Promise<readonly EventRow[]>
  readonly toEvent: (row: EventRow) => FlowcraftEvent
}

/** How to read the history of an execution with this head. */
export function historyOf(
  names: TableNames,
  head: Pick<Head, 'key' | 'executionId' | 'blueprintId' | 'forkedSeq'>,
): StoredHistory {
  const { key, executionId, forkedSeq = -1 } = head
  return {
    async page(sql, from, to, limit, types) {
      // There is no gap between events: with an end, no part of a fork is read for nothing.
      const end = types === null ? Math.min(to, from + limit - 1) : to
      const parameters = [key, from, end, limit, ...(types === null ? [] : [types])]
      const sqlOf = from > forkedSeq ? ownPageSql : forkPageSql
      return await rowsOf<EventRow>(sql, sqlOf(names, types !== null), parameters)
    },
    toEvent: (row) => (row[0] > forkedSeq ? toEvent(row, head) : toSharedEvent(row, executionId)),
  }
}

const ofTypes = 'AND e.type = ANY (ARRAY(SELECT json_array_elements_text($5::text::json)))'

function ownPageSql({ events }: TableNames, hasTypes: boolean): string {
  return `SELECT ${eventColumns} FROM ${events} e WHERE e.run = $1 AND e.seq BETWEEN $2 AND $3
    ${hasTypes ? ofTypes : ''} ORDER BY e.seq LIMIT $4`
}

/** Part by part. No run has events before its own part. */
function forkPageSql({ events, lineage }: TableNames, hasTypes: boolean): string {
  return `SELECT n.*, l.blueprint_id FROM ${lineage} l CROSS JOIN LATERAL (
      SELECT ${eventColumns} FROM ${events} e
      WHERE e.run = l.source AND e.seq BETWEEN $2 AND least(l.to_seq, $3)
        ${hasTypes ? ofTypes : ''} ORDER BY e.seq LIMIT $4
    ) n WHERE l.run = $1 AND l.to_seq >= $2 AND l.from_seq <= $3 ORDER BY l.to_seq, n.seq LIMIT $4`
}

/** @throws `HistoryCorruptError` when an execution without the event `seq` is still there. */
export async function assertRemoved(
  sql: Sql,
  names: TableNames,
  head: Pick<Head, 'executionId' | 'key'>,
  seq: number,
): Promise<void> {
  const { executionId, key } = head
  const now = (await readHeads(sql, names, [executionId])).get(executionId)
  if (now?.key === key) throw missingEvent(executionId, seq)
}
