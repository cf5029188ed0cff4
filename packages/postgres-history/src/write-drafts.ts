import type { Sql, TransactionSql } from 'postgres'
import type { Draft, Drafts } from './drafts.ts'
import type { Head } from './heads.ts'
import { rowsOf, transact, type Queryable } from './queries.ts'
import { toJson } from './rows.ts'
import { codeOf } from './store-error.ts'
import type { TableNames } from './table-names.ts'

const mostEvents = 1000
const mostCharacters = 1_000_000

/**
 * Writes all of it in one transaction, which is one statement unless there is much. Gives `false`, and has changed
 * nothing, when an execution is not as it was judged any more.
 */
export async function writeDrafts(
  sql: Sql,
  names: TableNames,
  drafts: Drafts,
  channel: string | undefined,
): Promise<boolean> {
  const heads = `[${[...drafts.all.map(toHeadJson), ...drafts.guards.map(toGuardJson)].join(',')}]`
  const pieces = piecesOf(drafts.all.flatMap(({ after, rows }) => rows.map((row) => toJson(row, after.key))))
  const write = async (to: Queryable, events: string): Promise<boolean> => {
    const [row] = await rowsOf<[boolean]>(to, writing(names), [heads, events, channel ?? null])
    return row?.[0] === true
  }
  try {
    if (pieces.length <= 1) return await write(sql, pieces[0] ?? '[]')
    return await transact(sql, async (tx: TransactionSql) => {
      if (!(await write(tx, pieces[0]!))) return false
      for (const piece of pieces.slice(1)) await rowsOf(tx, adding(names), [piece])
      return true
    })
  } catch (error) {
    if (isTakenId(error, names)) return false
    throw error
  }
}

/** Whether another connection has stored an execution of the same id first. */
export function isTakenId(error: unknown, { executions }: TableNames): boolean {
  if (codeOf(error) !== '23505') return false
  const table: unknown = Reflect.get(error as object, 'table_name')
  return typeof table === 'string' && executions.endsWith(`"${table.replaceAll('"', '""')}"`)
}

function piecesOf(events: readonly string[]): string[] {
  const pieces: string[] = []
  let piece: string[] = []
  let size = 0
  const close = (): void => {
    if (piece.length > 0) pieces.push(`[${piece.join(',')}]`)
    piece = []
    size = 0
  }
  for (const event of events) {
    if (piece.length === mostEvents || size + event.length > mostCharacters) close()
    piece.push(event)
    size += event.length
  }
  close()
  return pieces
}

function toHeadJson({ before, after, updatedAt, start }: Draft): string {
  const { change } = after
  return JSON.stringify({
    key: after.key,
    id: after.executionId,
    is_new: before === undefined,
    was_seq: before?.lastSeq,
    was_writer: before?.writer,
    last_seq: after.lastSeq,
    writer: after.writer,
    owner: after.owner,
    status: change.status,
    updated_at: updatedAt,
    finished_at: change.finishedAt,
    error_count: change.errorCount,
    wake_up_at: change.wakeUpAt,
    ...(before === undefined && {
      parent: after.parent,
      blueprint_id: after.blueprintId,
      blueprint_version: start?.blueprintVersion,
      blueprint_hash: start?.blueprintHash,
      started_at: start?.startedAt,
      tags: start?.tags,
    }),
  })
}

/** Of a guard only the writer must be the same. */
function toGuardJson({ key, executionId, writer }: Head): string {
  return JSON.stringify({ key, id: executionId, is_new: false, was_writer: writer })
}

const columnsOfHead =
  'key bigint, id text, is_new boolean, was_seq integer, was_writer text, last_seq integer, writer text, owner text, ' +
  'status text, updated_at float8, finished_at float8, error_count integer, wake_up_at float8, parent text, ' +
  'blueprint_id text, blueprint_version text, blueprint_hash text, started_at float8, tags json'

const columnsOfEvent =
  'run bigint, seq integer, type text, timestamp float8, payload json, notes text, schema_version integer'

function inserting({ events }: TableNames, from: string): string {
  const columns = 'run, seq, type, timestamp, payload, notes, schema_version'
  return `INSERT INTO ${events} (${columns}) SELECT ${columns.replaceAll(/(\w+)/g, 'e.$1')} FROM ${from}`
}

function adding(names: TableNames): string {
  return inserting(names, `json_to_recordset($1::text::json) AS e(${columnsOfEvent})`)
}

/**
 * The whole of an append. `mod(…) = 0` holds for every row and makes the planner count on very few of them, so that it
 * looks executions up by their key however small the table was when the statement was prepared.
 *
 * `xid`: events are followed in the order of the transactions that wrote them. One that got its number before the last
 * change of an execution and its lock after it would come out of order: it writes nothing, and the next one has a higher
 * number.
 */
function writing(names: TableNames): string {
  const { executions, tags } = names
  return `
    WITH given AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::text::json) AS g(${columnsOfHead}) WHERE mod(g.key, 1) = 0
    ), locked AS MATERIALIZED (
      SELECT x.key FROM given g JOIN ${executions} x ON x.key = g.key
      WHERE NOT g.is_new AND x.id = g.id AND (g.was_seq IS NULL OR x.last_seq = g.was_seq)
        AND x.writer IS NOT DISTINCT FROM g.was_writer
        AND (g.was_seq IS NULL OR x.xid <= pg_current_xact_id())
      ORDER BY x.key FOR UPDATE OF x
    ), judged AS MATERIALIZED (
      SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM given WHERE NOT is_new) AS holds
    ), moved AS (
      UPDATE ${executions} x SET last_seq = g.last_seq, writer = g.writer, owner = g.owner, status = g.status,
        updated_at = coalesce(g.updated_at, x.updated_at), finished_at = g.finished_at, error_count = g.error_count,
        wake_up_at = g.wake_up_at, xid = pg_current_xact_id()
      FROM given g, judged j WHERE j.holds AND x.key = g.key AND NOT g.is_new AND g.status IS NOT NULL
    ), created AS (
      INSERT INTO ${executions} (key, id, blueprint_id, blueprint_version, blueprint_hash, status, started_at, updated_at,
        finished_at, last_seq, error_count, parent, wake_up_at, tags, writer, owner)
      SELECT g.key, g.id, g.blueprint_id, g.blueprint_version, g.blueprint_hash, g.status, g.started_at, g.updated_at,
        g.finished_at, g.last_seq, g.error_count, g.parent, g.wake_up_at,
        ARRAY(SELECT json_array_elements_text(g.tags)), g.writer, g.owner
      FROM given g, judged j WHERE j.holds AND g.is_new
    ), tagged AS (
      INSERT INTO ${tags} (tag, started_at, run)
      SELECT DISTINCT left(t, 500), g.started_at, g.key
      FROM given g, judged j, json_array_elements_text(g.tags) t WHERE j.holds AND g.is_new
    ), added AS (
      ${inserting(names, `json_to_recordset($2::text::json) AS e(${columnsOfEvent}), judged j WHERE j.holds`)}
    )
    SELECT j.holds, CASE WHEN j.holds AND $3::text IS NOT NULL THEN pg_notify($3::text, '')::text END FROM judged j`
}
