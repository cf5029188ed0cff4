import { assertRequest, EventStoreError, statusesOf } from 'flowcraft'
import type { ExecutionFilter, ExecutionPage, ExecutionSummary, PageRequest, RunStatus } from 'flowcraft'
import type { Sql } from 'postgres'
import { Conditions } from './filters.ts'
import { joinOwner } from './leases.ts'
import { rowsOf } from './queries.ts'
import { isStorableText } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

type SummaryRow = readonly [
  key: string,
  executionId: string,
  blueprintId: string | null,
  blueprintVersion: string | null,
  blueprintHash: string | null,
  status: RunStatus,
  startedAt: number,
  updatedAt: number,
  finishedAt: number | null,
  lastSeq: number,
  errorCount: number,
  parent: string | null,
  wakeUpAt: number | null,
  forkedFrom: string | null,
  forkedSeq: number | null,
  tags: string,
  owner: string | null,
  isOwned: boolean,
]

const columns =
  'x.key::text, x.id, x.blueprint_id, x.blueprint_version, x.blueprint_hash, x.status, x.started_at, x.updated_at, ' +
  'x.finished_at, x.last_seq, x.error_count, x.parent, x.wake_up_at, x.forked_from, x.forked_seq, array_to_json(x.tags)::text, x.owner, o.owner IS NOT NULL'

/**
 * Executions, the one that started last first.
 *
 * @throws `EventStoreError` for a filter, a limit or a cursor that cannot be.
 */
export async function listExecutions(
  sql: Sql,
  names: TableNames,
  filter: ExecutionFilter,
  page: PageRequest,
): Promise<ExecutionPage> {
  assertRequest('list', filter)
  assertRequest('page', page)
  const { limit = 50, cursor } = page
  const conditions = conditionsOf(filter, names)
  if (conditions === undefined) return { items: [] }
  if (cursor !== undefined) {
    const { startedAt, key } = parseCursor(cursor)
    conditions.add(`(x.started_at, x.key) < (${conditions.bind(startedAt)}::float8, ${conditions.bind(key)}::bigint)`)
  }
  const text = `SELECT ${columns} FROM ${names.executions} x ${joinOwner(names)} WHERE ${conditions.text}
    ORDER BY x.started_at DESC, x.key DESC LIMIT ${conditions.bind(limit + 1)}`
  const rows = await rowsOf<SummaryRow>(sql, text, conditions.parameters)
  const items = rows.slice(0, limit).map(summaryOf)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return last === undefined ? { items } : { items, cursor: `${last[6]}/${last[0]}` }
}

/** `undefined` where nothing can fit, since no text of the store is like that. */
function conditionsOf(filter: ExecutionFilter, names: TableNames): Conditions | undefined {
  const { executionId, status, blueprintId, startedFrom, startedBefore, hasErrors, errorText, parent, tag } = filter
  if ([executionId, blueprintId, parent, tag].some((id) => id !== undefined && !isStorableText(id))) return undefined
  const conditions = new Conditions()
  if (executionId !== undefined) conditions.add(`x.id = ${conditions.bind(executionId)}`)
  if (parent !== undefined) conditions.add(`x.parent = ${conditions.bind(parent)}`)
  else if (executionId === undefined) conditions.add('x.parent IS NULL')
  if (typeof status === 'string') conditions.add(`x.status = ${conditions.bind(status)}`)
  else if (status !== undefined) conditions.addOneOf('x.status', statusesOf(status))
  if (blueprintId !== undefined) addBlueprint(conditions, blueprintId)
  if (startedFrom !== undefined) conditions.add(`x.started_at >= ${conditions.bind(startedFrom)}`)
  if (startedBefore !== undefined) conditions.add(`x.started_at < ${conditions.bind(startedBefore)}`)
  if (hasErrors !== undefined) conditions.add(hasErrors ? 'x.error_count > 0' : 'x.error_count = 0')
  if (tag !== undefined) addTag(conditions, tag, names)
  if (errorText !== undefined) addErrorText(conditions, errorText, names)
  return conditions
}

/** Through the index, whose text is cut. */
function addBlueprint(conditions: Conditions, blueprintId: string): void {
  const id = conditions.bind(blueprintId)
  conditions.add(`left(x.blueprint_id, 500) = left(${id}::text, 500) AND x.blueprint_id = ${id}::text`)
}

/** Through the table of tags, whose text is cut. */
function addTag(conditions: Conditions, given: string, { tags }: TableNames): void {
  const tag = conditions.bind(given)
  conditions.add(
    `EXISTS (SELECT FROM ${tags} t WHERE t.tag = left(${tag}::text, 500) AND t.started_at = x.started_at
      AND t.run = x.key) AND ${tag}::text = ANY (x.tags)`,
  )
}

/** In an error or one of its causes. In payloads, U+FFFD stands for what is not storable. */
function addErrorText(conditions: Conditions, errorText: string, { events }: TableNames): void {
  const wanted = conditions.bind(errorText.replaceAll(/\0|\p{Surrogate}/gu, '\ufffd'))
  const errors = `CASE json_typeof(e.payload->'errors') WHEN 'array' THEN e.payload->'errors' ELSE '[]'::json END`
  const chain = `WITH RECURSIVE chain(error) AS (
      (SELECT e.payload -> 'error' UNION ALL SELECT f FROM json_array_elements(${errors}) f)
      UNION ALL SELECT c.error -> 'cause' FROM chain c WHERE json_typeof(c.error) = 'object'
    ) SELECT c.error ->> 'message' FROM chain c WHERE json_typeof(c.error) = 'object'`
  conditions.add(
    `EXISTS (SELECT FROM ${events} e CROSS JOIN LATERAL (${chain}) m(message) WHERE e.run = x.key
      AND e.type IN ('node:error', 'node:retry', 'workflow:finish')
      AND strpos(lower(m.message), lower(${wanted}::text)) > 0)`,
  )
}

function parseCursor(cursor: string): { readonly startedAt: number; readonly key: string } {
  const [, time, key] = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\/(\d{1,18})$/.exec(cursor) ?? []
  if (time !== undefined && key !== undefined) return { startedAt: Number(time), key }
  throw new EventStoreError(`list: the cursor ${JSON.stringify(cursor)} is none: give the one of the page before`)
}

function summaryOf(row: SummaryRow): ExecutionSummary {
  const [, executionId, blueprintId, blueprintVersion, blueprintHash, status, startedAt, updatedAt, ...rest] = row
  const [finishedAt, lastSeq, errorCount, parent, wakeUpAt, forkedFrom, forkedSeq, tags, owner, isOwned] = rest
  return {
    executionId,
    ...(blueprintId !== null && { blueprintId }),
    ...(blueprintVersion !== null && { blueprintVersion }),
    ...(blueprintHash !== null && { blueprintHash }),
    status,
    startedAt,
    updatedAt,
    ...(finishedAt !== null && { finishedAt }),
    lastSeq,
    errorCount,
    ...(parent !== null && { parent }),
    ...(forkedFrom !== null && forkedSeq !== null && { forkedFrom: { executionId: forkedFrom, seq: forkedSeq } }),
    ...(wakeUpAt !== null && { wakeUpAt }),
    // Written from a list of strings.
    tags: JSON.parse(tags) as string[],
    ...(owner !== null && { owner }),
    isOwned,
  }
}
