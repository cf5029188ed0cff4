import { assertRequest, EventStoreError, type FollowFilter } from 'flowcraft'
import type { Sql } from 'postgres'
import { Conditions } from './filters.ts'
import type { Tail } from './follow.ts'
import { rowsOf } from './queries.ts'
import { pageSize } from './read-pages.ts'
import { eventColumns, toEvent, type EventRow } from './rows.ts'
import type { StallWatch } from './stall-watch.ts'
import { isStorableText } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

/** Behind which event to go on. */
interface Position {
  readonly xid: string
  readonly run: string
  readonly seq: number
  /** What was there when "from now on" was said, of transactions that may be followed again. */
  readonly seen: string | undefined
}

type Row = readonly [
  bound: string,
  until: string | null,
  xid: string | null,
  run: string,
  id: string,
  blueprintId: string | null,
  ...EventRow,
]

/** How many transactions are read at once, at most: the server may have to sort their events. */
const widestWindow = 1024

const beginning: Position = { xid: '0', run: '0', seq: -1, seen: undefined }

/**
 * The events of all executions that fit, in the order of (transaction, execution, seq). Transactions commit in another
 * order than they are numbered in, so only those are read that are older than every one that is still open: none of them
 * can be missed then. The events of one execution come in the order of their seq, since nobody appends to it with a
 * number below its last (see write-drafts.ts).
 *
 * @throws `EventStoreError` when the filter or the cursor is none.
 */
export function filterTail(
  names: TableNames,
  filter: FollowFilter,
  cursor: string | undefined,
  stallWatch: StallWatch,
): Tail {
  assertRequest('subscribe', filter)
  let position = cursor === undefined || cursor === 'end' ? beginning : parseCursor(cursor)
  let window = 64
  const tail: Tail = {
    async next(sql) {
      const [text, parameters] = pageOf(names, filter, position, window)
      const rows = await rowsOf<Row>(sql, text, parameters)
      const [bound, until] = rows[0]!
      const events = rows.flatMap(([, , xid, run, executionId, blueprintId, ...row]) => {
        if (xid === null) return []
        const event = toEvent(row, { executionId, blueprintId })
        position = { xid, run, seq: event.seq, seen: stillSeen(position.seen, xid) }
        return [{ event, cursor: cursorOf(position) }]
      })
      const isFull = events.length === pageSize
      window = isFull ? Math.ceil(window / 2) : Math.min(window * 2, widestWindow)
      // All up to the end has been looked at, whatever fitted.
      const end = until !== null && BigInt(until) < BigInt(bound) ? until : bound
      if (!isFull && BigInt(end) > BigInt(position.xid)) {
        position = { ...beginning, xid: end, seen: stillSeen(position.seen, end) }
      }
      await stallWatch.look(sql, names, bound)
      return { events, isFull: isFull || end !== bound, isEnd: false }
    },
  }
  if (cursor !== 'end') return tail
  return {
    ...tail,
    async begin(sql) {
      position = await presentPosition(sql)
    },
  }
}

async function presentPosition(sql: Sql): Promise<Position> {
  const text = 'SELECT pg_snapshot_xmin(s)::text, s::text FROM pg_current_snapshot() s'
  const [row] = await rowsOf<[string, string]>(sql, text)
  const [xid, seen] = row!
  return { ...beginning, xid, seen }
}

function pageOf(
  { events, executions }: TableNames,
  { blueprintId, tag, types }: FollowFilter,
  { xid, run, seq, seen }: Position,
  window: number,
): [text: string, parameters: Conditions['parameters']] {
  const conditions = new Conditions([xid, run, seq, window])
  if (seen !== undefined) conditions.add(`NOT pg_visible_in_snapshot(e.xid, ${conditions.bind(seen)}::pg_snapshot)`)
  if (types !== undefined) conditions.addOneOf('e.type', types.filter(isStorableText))
  if (blueprintId !== undefined) conditions.add(`x.blueprint_id = ${conditions.bind(storable(blueprintId))}`)
  if (tag !== undefined) {
    conditions.add(`${conditions.bind(storable(tag))}::text = ANY (x.tags)`)
  }
  const text = `SELECT b.bound::text, w.until::text, n.xid::text, n.run::text, n.id, n.blueprint_id, n.seq, n.type,
      n.timestamp, n.payload, n.notes, n.schema_version
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS bound) b LEFT JOIN LATERAL (
      SELECT (xid::text::bigint + $4::bigint)::text::xid8 AS until
      FROM ${events} WHERE xid >= $1::xid8 ORDER BY xid LIMIT 1
    ) w ON true LEFT JOIN LATERAL (
      SELECT e.xid, e.run, x.id, x.blueprint_id, ${eventColumns}
      FROM ${events} e JOIN ${executions} x ON x.key = e.run
      WHERE e.xid >= $1::xid8 AND e.xid < LEAST(b.bound, w.until)
        AND (e.xid, e.run, e.seq) > ($1::xid8, $2::bigint, $3::integer) AND ${conditions.text}
      ORDER BY e.xid, e.run, e.seq LIMIT ${pageSize}
    ) n ON true ORDER BY n.xid, n.run, n.seq`
  return [text, conditions.parameters]
}

/** What is no text of the store fits none of its texts, as NULL does. */
function storable(text: string): string | null {
  return isStorableText(text) ? text : null
}

/** A snapshot says nothing of transactions from its end on. */
function stillSeen(seen: string | undefined, xid: string): string | undefined {
  return seen !== undefined && BigInt(xid) < BigInt(seen.split(':')[1]!) ? seen : undefined
}

function cursorOf({ xid, run, seq, seen }: Position): string {
  const place = `${xid}-${run}-${seq}`
  return seen === undefined ? place : `${place}/${seen}`
}

function parseCursor(cursor: string): Position {
  const found =
    typeof cursor === 'string' ? /^(\d{1,19})-(\d{1,18})-(\d{1,9})(?:\/(\d+:\d+:[\d,]*))?$/.exec(cursor) : null
  const [, xid, run, seq, seen] = found ?? []
  if (xid !== undefined && run !== undefined) return { xid, run, seq: Number(seq), seen }
  const shown = JSON.stringify(cursor)
  throw new EventStoreError(`subscribe: the cursor ${shown} is none of a filter; expected one of an event, or 'end'`)
}
