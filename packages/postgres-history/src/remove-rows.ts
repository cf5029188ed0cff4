import type { Sql, TransactionSql } from 'postgres'
import { rowsOf, transact } from './queries.ts'
import { removalLockClass } from './schema.ts'
import type { TableNames } from './table-names.ts'

/** Removes these executions, which are locked, and of their events all that no fork needs. */
export async function removeRows(tx: TransactionSql, names: TableNames, members: readonly string[]): Promise<void> {
  if (members.length === 0) return
  const keys = JSON.stringify(members)
  const ofThese = '= ANY (ARRAY(SELECT json_array_elements_text($1::text::json)::bigint))'
  await rowsOf(
    tx,
    `DELETE FROM ${names.tags} t USING ${names.executions} x, unnest(x.tags) AS own(tag)
     WHERE x.key ${ofThese} AND t.tag = left(own.tag, 500) AND t.started_at = x.started_at AND t.run = x.key`,
    [keys],
  )
  const isShared = await lockShared(tx, names, keys)
  await rowsOf(tx, `DELETE FROM ${names.executions} WHERE key ${ofThese}`, [keys])
  if (isShared) await removeUnneeded(tx, names, keys)
  else await rowsOf(tx, `DELETE FROM ${names.events} WHERE run ${ofThese}`, [keys])
}

/**
 * Whether executions are forks, or forks need their events. If so, no other removal can see to events of forks until this
 * one has ended: of two at once, each would leave the events of a removed execution to the fork that the other removes.
 */
async function lockShared(tx: TransactionSql, { lineage }: TableNames, keys: string): Promise<boolean> {
  const text = `SELECT FROM json_array_elements_text($1::text::json) k
    WHERE EXISTS (SELECT FROM ${lineage} l WHERE l.run = k.value::bigint)
      OR EXISTS (SELECT FROM ${lineage} l WHERE l.source = k.value::bigint AND l.source <> l.run) LIMIT 1`
  if ((await rowsOf(tx, text, [keys])).length === 0) return false
  await rowsOf(tx, 'SELECT pg_advisory_xact_lock($1, hashtext($2))', [removalLockClass, lineage])
  return true
}

/** Removes the events of these executions, and of those removed before that they are forks of, but for what forks need. */
async function removeUnneeded(
  tx: TransactionSql,
  { executions, events, lineage }: TableNames,
  keys: string,
): Promise<void> {
  const given = 'SELECT json_array_elements_text($1::text::json)::bigint'
  const parts = `DELETE FROM ${lineage} WHERE run = ANY (ARRAY(${given})) RETURNING source::text`
  const sources = await rowsOf<[string]>(tx, parts, [keys])
  await rowsOf(
    tx,
    `DELETE FROM ${events} e USING (
       SELECT k.key, coalesce((SELECT max(l.to_seq) FROM ${lineage} l WHERE l.source = k.key AND l.source <> l.run), -1) AS seq
       FROM (${given} UNION SELECT json_array_elements_text($2::text::json)::bigint) k(key)
       WHERE NOT EXISTS (SELECT FROM ${executions} x WHERE x.key = k.key)
     ) needed WHERE e.run = needed.key AND e.seq > needed.seq`,
    [keys, JSON.stringify(sources.map(([source]) => source))],
  )
}

/** Removes everything but the owners, who are alive whatever is stored. */
export async function removeAll(
  sql: Sql,
  { executions, tags, events, lineage, blueprints }: TableNames,
): Promise<void> {
  await transact(sql, async (tx) => {
    // Waits for writes that go on, and lets none begin, so that none of their events is left behind.
    await tx.unsafe(`LOCK TABLE ${executions} IN EXCLUSIVE MODE`)
    for (const table of [executions, tags, events, lineage, blueprints]) await tx.unsafe(`DELETE FROM ${table}`)
  })
}
