import { assertRequest, dueOf, EventStoreError, type DueExecution } from 'flowcraft'
import type { Sql } from 'postgres'
import { rowsOf } from './queries.ts'
import { isStorableId, malformedIdMessage } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

/** A join that gives `o.owner` where somebody whose lease goes on drives the execution `x`. */
export function joinOwner({ owners }: TableNames): string {
  return `LEFT JOIN ${owners} o ON o.owner = x.owner AND o.lease_until > clock_timestamp()`
}

/** Goes on with a lease, or ends it, by the clock of the server. */
export async function renewLease(sql: Sql, { owners }: TableNames, owner: string, leaseMs: number): Promise<void> {
  if (typeof owner !== 'string' || !isStorableId(owner)) throw new EventStoreError(malformedIdMessage('owner', owner))
  assertRequest('renew', { leaseMs })
  if (leaseMs === 0) {
    await rowsOf(sql, `DELETE FROM ${owners} WHERE owner = $1`, [owner])
    return
  }
  await rowsOf(
    sql,
    `INSERT INTO ${owners} (owner, lease_until)
     VALUES ($1, clock_timestamp() + $2::float8 * interval '1 millisecond')
     ON CONFLICT (owner) DO UPDATE SET lease_until = excluded.lease_until`,
    [owner, Math.min(leaseMs, longestLeaseMs)],
  )
  // Nobody else renews these rows any more; one that is locked all the same is left to the next call.
  await rowsOf(
    sql,
    `DELETE FROM ${owners} WHERE owner IN (
       SELECT owner FROM ${owners} WHERE lease_until < clock_timestamp() - interval '1 hour' FOR UPDATE SKIP LOCKED)`,
  )
}

/** A thousand years: later is no date that the server can always reckon with. */
const longestLeaseMs = 1000 * 365 * 24 * 3_600_000

/** Those whose lease goes on. */
export async function readLivingOwners(
  sql: Sql,
  { owners }: TableNames,
  asked: readonly string[],
): Promise<ReadonlySet<string>> {
  if (asked.length === 0) return new Set()
  const text = `SELECT owner FROM ${owners} WHERE lease_until > clock_timestamp()
    AND owner = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))`
  const rows = await rowsOf<[string]>(sql, text, [JSON.stringify(asked)])
  return new Set(rows.map(([owner]) => owner))
}

/** Roots whose time has come, then those whose owner is gone; of these at least a quarter, if there are so many. */
export async function readDue(sql: Sql, names: TableNames, now: number, limit: number): Promise<DueExecution[]> {
  assertRequest('due', { now, limit })
  const most = Math.min(limit, 100_000)
  const timers = await rowsOf<[string]>(
    sql,
    `SELECT id FROM ${names.executions} WHERE parent IS NULL AND wake_up_at <= $1 ORDER BY wake_up_at, key LIMIT $2`,
    [now, most],
  )
  const abandoned = await rowsOf<[string]>(
    sql,
    `SELECT x.id FROM ${names.executions} x ${joinOwner(names)}
     WHERE x.parent IS NULL AND x.status = 'running' AND o.owner IS NULL ORDER BY x.started_at, x.key LIMIT $1`,
    [most],
  )
  const idsOf = (rows: readonly [string][]): string[] => rows.map(([id]) => id)
  return dueOf(idsOf(timers), idsOf(abandoned), most)
}
