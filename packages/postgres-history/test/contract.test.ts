import { eventStoreContract } from '@flowcraft/testing'
import type { EventStore } from 'flowcraft'
import { afterAll, afterEach, describe, it } from 'vitest'
import type { PostgresHistoryAdapter } from '../src/index.ts'
import { dropSchemas, temporarySchema, type TemporarySchema } from './temporary-schema.ts'

const used: TemporarySchema[] = []
const empty: TemporarySchema[] = []
const schemaOf = new WeakMap<EventStore, TemporarySchema>()

// Tables are made once and emptied behind each case: to make and to drop them takes most of the time of a case.
afterEach(async () => {
  for (const schema of used.splice(0)) {
    const { sql, options } = schema
    const tables = ['', '_executions', '_tags', '_lineage', '_blueprints', '_owners'].map(
      (suffix) => `"${options.schema}"."flowcraft_events${suffix}"`,
    )
    const [made] = await sql`SELECT FROM pg_namespace WHERE nspname = ${options.schema}`
    if (made !== undefined) await sql.unsafe(`TRUNCATE ${tables.join(', ')}`)
    empty.push(schema)
  }
})
afterAll(dropSchemas)

describe('PostgresHistoryAdapter', () => {
  for (const { promise, check } of eventStoreContract) it(promise, () => check({ open, openAgain }))
})

function open(): PostgresHistoryAdapter {
  const schema = empty.pop() ?? temporarySchema()
  used.push(schema)
  return openOn(schema)
}

function openAgain(store: EventStore): PostgresHistoryAdapter {
  const schema = schemaOf.get(store)
  if (schema === undefined) throw new Error('the store was not opened here')
  return openOn(schema)
}

function openOn(schema: TemporarySchema): PostgresHistoryAdapter {
  const store = schema.open()
  schemaOf.set(store, schema)
  return store
}
