import { randomUUID } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
// What the shared server provides.
import type {} from '@flowcraft/pg-test/vitest-setup'
import { inject } from 'vitest'
import { PostgresHistoryAdapter, type PostgresUrlOptions } from '../src/index.ts'

/** Where a test keeps its tables: a schema of the shared server that nobody else uses. */
export interface TemporarySchema {
  readonly options: PostgresUrlOptions & { readonly schema: string }
  /** A client of its own, for what the store does not do. */
  readonly sql: Sql
  /** Opens a store, which is closed with the schema at the latest. */
  open(more?: Partial<PostgresUrlOptions>): PostgresHistoryAdapter
}

const schemas: TemporarySchema[] = []
const stores: PostgresHistoryAdapter[] = []

/** Names a schema, which the first store makes. */
export function temporarySchema(connectionString: string = inject('postgresUrl')): TemporarySchema {
  const schema = `test_${randomUUID()}`
  const sql = postgres(connectionString, { max: 2, onnotice: () => {} })
  const options = { connectionString, schema, max: 2 }
  const open = (more: Partial<PostgresUrlOptions> = {}): PostgresHistoryAdapter => {
    const store = new PostgresHistoryAdapter({ ...options, ...more, connectionString, sql: undefined })
    stores.push(store)
    return store
  }
  const temporary = { options, sql, open }
  schemas.push(temporary)
  return temporary
}

/** Closes the stores and drops the schemas. */
export async function dropSchemas(): Promise<void> {
  for (const store of stores.splice(0)) await store.close()
  for (const { sql, options } of schemas.splice(0)) {
    await sql.unsafe(`DROP SCHEMA IF EXISTS "${options.schema}" CASCADE`)
    await sql.end()
  }
}
