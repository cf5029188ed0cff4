import { missingEvent, unbroken } from 'flowcraft'
import type { FlowcraftEvent, ReadRange } from 'flowcraft'
import { readHeads, type Head } from './heads.ts'
import type { Sql } from 'postgres'
import { rowsOf } from './queries.ts'
import { eventColumns, toEvent, type EventRow } from './rows.ts'
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
  let from = Math.max(0, Math.ceil(range.fromSeq ?? 0))
  let left = Math.floor(range.limit ?? Infinity)
  const text = `SELECT ${eventColumns} FROM ${names.events} e WHERE e.run = $1 AND e.seq BETWEEN $2 AND $3
    ${types === null ? '' : 'AND e.type = ANY (ARRAY(SELECT json_array_elements_text($5::text::json)))'}
    ORDER BY e.seq LIMIT $4`
  return {
    async next(sql) {
      if (!(from <= end && left > 0)) return undefined
      const size = Math.min(pageSize, left)
      const parameters = [head.key, from, end, size]
      const rows = await rowsOf<EventRow>(sql, text, types === null ? parameters : [...parameters, types])
      const whole = types === null ? unbroken(rows, from, head.executionId) : rows
      from = (whole.at(-1)?.[0] ?? from - 1) + 1
      left -= whole.length
      if (types === null && whole.length === 0) await assertRemoved(sql, names, head, from)
      if (whole.length === 0 || (types !== null && rows.length < size)) left = 0
      return whole.map((row) => toEvent(row, head))
    },
  }
}

/** @throws `HistoryCorruptError` when an execution without the event `seq` is still there. */
async function assertRemoved(sql: Sql, names: TableNames, head: Head, seq: number): Promise<void> {
  const { executionId, key } = head
  const now = (await readHeads(sql, names, [executionId])).get(executionId)
  if (now?.key === key) throw missingEvent(executionId, seq)
}
