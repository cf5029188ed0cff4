import { admitFork, EventStoreError, isFlowcraftError, unchanged, type Fork } from 'flowcraft'
import type { Sql } from 'postgres'
import { noHead, textOrNull } from './drafts.ts'
import { mostTries } from './event-writer.ts'
import { readHeads, type Head } from './heads.ts'
import { rowsOf, type Parameter } from './queries.ts'
import { toColumns } from './rows.ts'
import { isStorableId, malformedIdMessage } from './storable-text.ts'
import type { TableNames } from './table-names.ts'
import { noEnd } from './tables.ts'
import { isTakenId } from './write-drafts.ts'

/**
 * Begins an execution that shares a part of the history of another one.
 *
 * @param channel Where to tell of it, if anywhere.
 * @throws as `admitFork` says; `EventStoreError` for ids that cannot be stored.
 */
export async function forkExecution(
  sql: Sql,
  names: TableNames,
  channel: string | undefined,
  fork: Fork,
): Promise<void> {
  const { executionId, from, writer, owner } = fork
  assertIds({ 'execution id': executionId, writer, owner })
  for (let tries = 0; tries < mostTries; tries++) {
    const heads = await readHeads(sql, names, [executionId, from])
    const source = heads.get(from)
    const verdict = admitFork(fork, heads.get(executionId) ?? noHead, source ?? noHead)
    if (isFlowcraftError(verdict)) throw verdict
    if (verdict === 'done' || source === undefined) return
    if (await isWritten(sql, names, channel, fork, source)) return
  }
  const message = `other connections made and removed executions of the same ids ${mostTries} times in a row`
  throw Object.assign(new Error(message), { code: '40001' })
}

function assertIds(ids: Readonly<Record<string, string | undefined>>): void {
  for (const [what, id] of Object.entries(ids)) {
    if (id !== undefined && !isStorableId(id)) throw new EventStoreError(malformedIdMessage(what, id))
  }
}

/** `false`, and nothing has changed, when the source has been removed since, or the id was taken. */
async function isWritten(
  sql: Sql,
  names: TableNames,
  channel: string | undefined,
  fork: Fork,
  source: Head,
): Promise<boolean> {
  const { executionId, from, seq, writer, owner, event } = fork
  const { blueprintHash, blueprintVersion, blueprintId } = event.payload
  const isChanged = blueprintHash !== undefined
  const shared = { executionId, blueprintId: isChanged ? textOrNull(blueprintId) : source.blueprintId }
  const [, type, timestamp, payload, notes, schemaVersion] = toColumns(event, shared)
  const blueprint = [isChanged, shared.blueprintId, textOrNull(blueprintVersion), textOrNull(blueprintHash)]
  const columns = [type, timestamp, payload, notes, schemaVersion]
  const parameters = [source.key, from, seq, executionId, writer, owner ?? null, ...blueprint, ...columns]
  try {
    const rows = await rowsOf(sql, forking(names), [...parameters, channel ?? null] as Parameter[])
    return rows.length > 0
  } catch (error) {
    if (isTakenId(error, names)) return false
    throw error
  }
}

/** The whole of a fork. The source cannot be removed meanwhile, and nothing else of it is touched. */
function forking({ executions, tags, lineage, events }: TableNames): string {
  return `
    WITH source AS MATERIALIZED (
      SELECT x.* FROM ${executions} x
      WHERE x.key = $1::bigint AND x.id = $2::text AND x.last_seq >= $3::integer FOR KEY SHARE
    ), created AS (
      INSERT INTO ${executions} (id, blueprint_id, blueprint_version, blueprint_hash, status, started_at, updated_at,
        last_seq, forked_from, forked_seq, tags, writer, owner)
      SELECT $4::text, CASE WHEN $7::boolean THEN $8::text ELSE s.blueprint_id END,
        CASE WHEN $7::boolean THEN $9::text ELSE s.blueprint_version END,
        CASE WHEN $7::boolean THEN $10::text ELSE s.blueprint_hash END, '${unchanged.status}', $12::float8, $12::float8,
        $3::integer + 1, $2::text, $3::integer, s.tags, $5::text, $6::text
      FROM source s RETURNING key, blueprint_id, tags
    ), tagged AS (
      INSERT INTO ${tags} (tag, started_at, run)
      SELECT DISTINCT left(t, 500), $12::float8, c.key FROM created c, unnest(c.tags) t
    ), shared AS (
      INSERT INTO ${lineage} (run, to_seq, from_seq, source, blueprint_id)
      SELECT c.key, least(l.to_seq, $3::integer), l.from_seq, l.source, l.blueprint_id
      FROM created c, source s JOIN ${lineage} l ON l.run = s.key AND l.from_seq <= $3::integer
      UNION ALL SELECT c.key, $3::integer, 0, s.key, s.blueprint_id FROM created c, source s WHERE s.forked_seq IS NULL
      UNION ALL SELECT c.key, ${noEnd}, $3::integer + 1, c.key, c.blueprint_id FROM created c
    ), added AS (
      INSERT INTO ${events} (run, seq, type, timestamp, payload, notes, schema_version)
      SELECT c.key, $3::integer + 1, $11::text, $12::float8, $13::text::json, $14::text, $15::integer FROM created c
    )
    SELECT CASE WHEN $16::text IS NOT NULL THEN pg_notify($16::text, '')::text END FROM created`
}
