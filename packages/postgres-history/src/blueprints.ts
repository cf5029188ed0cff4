import { EventStoreError, type WorkflowBlueprint } from 'flowcraft'
import type { Sql } from 'postgres'
import { rowsOf } from './queries.ts'
import { isStorableId, malformedIdMessage } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

/** Keeps a blueprint under its hash, unless there is one already. */
export async function saveBlueprint(
  sql: Sql,
  { blueprints }: TableNames,
  hash: string,
  blueprint: WorkflowBlueprint,
): Promise<void> {
  if (!isStorableId(hash)) throw new EventStoreError(malformedIdMessage('hash', hash))
  const text = `INSERT INTO ${blueprints} (hash, blueprint) VALUES ($1, $2::text::json) ON CONFLICT (hash) DO NOTHING`
  await rowsOf(sql, text, [hash, JSON.stringify(blueprint)])
}

/** The blueprint of a hash. */
export async function loadBlueprint(
  sql: Sql,
  { blueprints }: TableNames,
  hash: string,
): Promise<WorkflowBlueprint | undefined> {
  if (!isStorableId(hash)) return undefined
  const text = `SELECT blueprint::text FROM ${blueprints} WHERE hash = $1`
  const [row] = await rowsOf<[string]>(sql, text, [hash])
  // It was a WorkflowBlueprint when it was saved.
  return row === undefined ? undefined : (JSON.parse(row[0]) as WorkflowBlueprint)
}
