import type { ExecutionFilter, ExecutionSummary, RunStatus } from 'flowcraft'
import { isStorableText } from './rows.ts'
import type { TableNames } from './table-names.ts'
import { tagColumn } from './tag-column.ts'

/** A row of a list. */
export interface ListedRow {
  readonly key: number
  readonly id: string
  readonly blueprint_id: string | null
  readonly blueprint_version: string | null
  readonly blueprint_hash: string | null
  readonly status: RunStatus
  readonly started_at: number
  readonly updated_at: number
  readonly finished_at: number | null
  readonly last_seq: number
  readonly error_count: number
  readonly parent_id: string | null
  readonly forked_from: string | null
  readonly forked_seq: number | null
  readonly wake_up_at: number | null
  readonly tags: string | null
  readonly owner: string | null
  readonly is_owned: 0 | 1
}

/** What a query asks for. */
export interface ListRequest {
  readonly filter: Omit<ExecutionFilter, 'errorText' | 'status'>
  readonly status?: RunStatus | undefined
  /** The row behind which to go on. */
  readonly after?: readonly [startedAt: number, key: number] | undefined
  readonly limit: number
  /** What leases are compared with. */
  readonly now: number
}

/** A query and what its question marks stand for. */
export interface ListQuery {
  readonly sql: string
  readonly values: readonly unknown[]
}

const columns = `x.key, x.id, x.blueprint_id, x.blueprint_version, x.blueprint_hash, x.status, x.started_at, x.updated_at,
      x.finished_at, x.last_seq, x.error_count, x.parent_id, x.forked_from, x.forked_seq, x.wake_up_at, x.tags, x.owner`

/** The query for a part of a list. It names its index, as SQLite without statistics guesses badly between several. */
export function listSql(names: TableNames, { filter, status, after, limit, now }: ListRequest): ListQuery {
  const { executionId, blueprintId, startedFrom, startedBefore, hasErrors, parent, tag } = filter
  const conditions: string[] = []
  const values: unknown[] = [now]
  const where = (condition: string, ...parameters: unknown[]): void => {
    conditions.push(condition)
    values.push(...parameters)
  }
  const texts = [executionId, blueprintId, parent]
  if (texts.some((text) => text !== undefined && !isStorableText(text))) where('0')
  const [startedAt, key] =
    executionId === undefined && tag !== undefined ? ['t.started_at', 't.run'] : ['x.started_at', 'x.key']
  if (executionId !== undefined) where('x.id = ?', executionId)
  if (tag !== undefined) {
    if (executionId === undefined) where('t.tag = ?', tagColumn(tag))
    else
      where(
        `EXISTS (SELECT 1 FROM ${names.tags} t WHERE t.tag = ? AND t.started_at = x.started_at AND t.run = x.key)`,
        tagColumn(tag),
      )
  }
  if (parent !== undefined) where('x.parent_id = ?', parent)
  else if (executionId === undefined) where('x.parent_id IS NULL')
  if (status !== undefined) where('x.status = ?', status)
  if (blueprintId !== undefined) where('x.blueprint_id = ?', blueprintId)
  if (hasErrors !== undefined) where(hasErrors ? 'x.error_count > 0' : 'x.error_count = 0')
  if (startedFrom !== undefined) where(`${startedAt} >= ?`, startedFrom)
  if (startedBefore !== undefined) where(`${startedAt} < ?`, startedBefore)
  if (after !== undefined) where(`(${startedAt}, ${key}) < (?, ?)`, ...after)
  const sql = `
    SELECT ${columns}, EXISTS (SELECT 1 FROM ${names.owners} o WHERE o.owner = x.owner AND o.lease_until > ?) AS is_owned
    FROM ${sourceOf(names, filter, status)} WHERE ${conditions.join(' AND ')}
    ORDER BY ${startedAt} DESC, ${key} DESC LIMIT ?`
  return { sql, values: [...values, limit] }
}

/** The index that leaves the fewest rows, as far as one can tell. */
function sourceOf(names: TableNames, filter: ListRequest['filter'], status: RunStatus | undefined): string {
  const { executions, tags, byParent, withErrors, byStatus, byBlueprint, byStart } = names
  if (filter.executionId !== undefined) return `${executions} x`
  if (filter.tag !== undefined) return `${tags} t CROSS JOIN ${executions} x ON x.key = t.run`
  const by = (index: string): string => `${executions} x INDEXED BY ${index}`
  if (filter.parent !== undefined) return by(byParent)
  if (filter.hasErrors === true) return by(withErrors)
  if (status !== undefined && status !== 'completed') return by(byStatus)
  if (filter.blueprintId !== undefined) return by(byBlueprint)
  return by(status === undefined ? byStart : byStatus)
}

/** A row as a list gives it: what is absent has no key. */
export function summaryOf(row: ListedRow): ExecutionSummary {
  return {
    executionId: row.id,
    ...(row.blueprint_id !== null && { blueprintId: row.blueprint_id }),
    ...(row.blueprint_version !== null && { blueprintVersion: row.blueprint_version }),
    ...(row.blueprint_hash !== null && { blueprintHash: row.blueprint_hash }),
    status: row.status,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
    lastSeq: row.last_seq,
    errorCount: row.error_count,
    ...(row.parent_id !== null && { parent: row.parent_id }),
    ...(row.forked_from !== null &&
      row.forked_seq !== null && { forkedFrom: { executionId: row.forked_from, seq: row.forked_seq } }),
    ...(row.wake_up_at !== null && { wakeUpAt: row.wake_up_at }),
    // It was an array of strings when it was written.
    tags: row.tags === null ? [] : (JSON.parse(row.tags) as string[]),
    ...(row.owner !== null && { owner: row.owner }),
    isOwned: row.is_owned === 1,
  }
}
