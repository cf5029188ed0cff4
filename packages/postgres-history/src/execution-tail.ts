import { EventStoreError, isTerminal, missingEvent, unbroken, type FollowedEvent, type RunStatus } from 'flowcraft'
import type { Sql } from 'postgres'
import type { Tail } from './follow.ts'
import { readHeads } from './heads.ts'
import { rowsOf } from './queries.ts'
import { assertRemoved, historyOf, pageSize } from './read-pages.ts'
import { eventColumns, toEvent, type EventRow } from './rows.ts'
import { isStorableId } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

type Row = readonly [
  key: string,
  blueprintId: string | null,
  lastSeq: number,
  forkedSeq: number | null,
  status: RunStatus,
  ...event: EventRow | NoEvent,
]
type NoEvent = readonly [null, null, null, null, null, null]

/**
 * The events of one execution behind the one whose `seq` is the cursor.
 *
 * @throws `EventStoreError` when the cursor is none.
 */
export function executionTail(names: TableNames, executionId: string, cursor: string | undefined): Tail {
  let seq = cursor === undefined || cursor === 'end' ? -1 : seqOf(cursor)
  const text = `SELECT x.key::text, x.blueprint_id, x.last_seq, x.forked_seq, x.status, n.*
    FROM ${names.executions} x LEFT JOIN LATERAL (
      SELECT ${eventColumns} FROM ${names.events} e
      WHERE e.run = x.key AND e.seq > $2 AND e.seq <= x.last_seq AND $2 >= coalesce(x.forked_seq, -1)
      ORDER BY e.seq LIMIT ${pageSize}
    ) n ON true WHERE x.id = $1 ORDER BY n.seq`
  const tail: Tail = {
    async next(sql) {
      const rows = isStorableId(executionId) ? await rowsOf<Row>(sql, text, [executionId, seq]) : []
      const [first] = rows
      if (first === undefined) return { events: [], isFull: false, isEnd: false }
      const [key, blueprintId, lastSeq, forkedSeq, status] = first
      if (forkedSeq !== null && seq < forkedSeq) {
        const head = { key: Number(key), executionId, blueprintId, forkedSeq }
        const shared = await readShared(sql, names, head, seq + 1)
        seq = shared.at(-1)?.event.seq ?? seq
        return { events: shared, isFull: shared.length > 0, isEnd: false }
      }
      // All columns of an event are there where its seq is.
      const found = rows.filter((row) => row[5] !== null).map(([, , , , , ...row]) => row as unknown as EventRow)
      if (found.length === 0 && seq < lastSeq) throw missingEvent(executionId, seq + 1)
      const events = unbroken(found, seq + 1, executionId).map((row) => {
        const event = toEvent(row, { executionId, blueprintId })
        return { event, cursor: String(event.seq) }
      })
      seq = events.at(-1)?.event.seq ?? seq
      return { events, isFull: seq < lastSeq, isEnd: isTerminal(status) && seq >= lastSeq }
    },
  }
  if (cursor !== 'end') return tail
  return {
    ...tail,
    async begin(sql) {
      seq = (await readHeads(sql, names, [executionId])).get(executionId)?.lastSeq ?? -1
    },
  }
}

/** What a fork shares, from an event on, a page at a time. */
async function readShared(
  sql: Sql,
  names: TableNames,
  head: Parameters<typeof historyOf>[1] & { readonly forkedSeq: number },
  from: number,
): Promise<readonly FollowedEvent[]> {
  const history = historyOf(names, head)
  const rows = await history.page(sql, from, head.forkedSeq, pageSize, null)
  if (rows.length === 0) await assertRemoved(sql, names, head, from)
  return unbroken(rows, from, head.executionId).map((row) => ({ event: history.toEvent(row), cursor: String(row[0]) }))
}

function seqOf(cursor: string): number {
  if (typeof cursor === 'string' && /^\d{1,9}$/.test(cursor)) return Number(cursor)
  const found = JSON.stringify(cursor)
  throw new EventStoreError(`subscribe: the cursor ${found} is none of an execution; expected a seq, or 'end'`)
}
