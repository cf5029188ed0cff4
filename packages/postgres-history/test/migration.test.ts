import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { forkOf } from '../../sqlite-history/test/fork-of.ts'
import { dropSchemas, temporarySchema, type TemporarySchema } from './temporary-schema.ts'

const fixture = readFileSync(new URL('fixtures/tables-version-1.sql', import.meta.url), 'utf8')

afterEach(dropSchemas)

it('every row of version 1 is as it was when the tables were brought to version 2', async () => {
  const old = await oldTables()
  const before = await rowsOf(old)
  expect(before.map((rows) => rows.length)).toEqual([18, 7, 2, 1])
  const store = old.open()
  expect(await store.getStats()).toEqual({ executions: 7, totalEvents: 18 })
  expect(await rowsOf(old)).toEqual(before)
  expect((await store.list({}, { limit: 3 })).items.every((item) => !('forkedFrom' in item))).toBe(true)
  expect((await store.retrieve('values'))[0]).toMatchObject({
    payload: {
      value: new Map<string, unknown>([
        ['k', 2n],
        ['\0', -0],
      ]),
    },
  })
})

it('what version 1 stored is forked, and both go on', async () => {
  const store = (await oldTables()).open()
  const source = await store.retrieve('completed')
  await store.fork(forkOf('fork', 'completed', 2))
  const outcomes = await store.append([batch('fork', 4, 2, 'f'), batch('running', 2, 1)])
  expect(outcomes).toEqual([{ executionId: 'fork' }, { executionId: 'running' }])
  const types = [...source.slice(0, 3).map(({ type }) => type), 'workflow:fork', 'context:change', 'context:change']
  expect((await store.retrieve('fork')).map(({ type }) => type)).toEqual(types)
  expect((await store.list({ tag: 'nightly' })).items).toMatchObject([
    { executionId: 'fork', forkedFrom: { executionId: 'completed', seq: 2 }, tags: ['eu', 'nightly'] },
    { executionId: 'completed' },
  ])
})

it('eight that open tables of version 1 at once all succeed, and the tables have the columns and indexes of new ones', async () => {
  const old = await oldTables()
  const stores = Array.from({ length: 8 }, () => old.open({ max: 1 }))
  const stats = await Promise.all(stores.map((store) => store.getStats()))
  expect(stats).toEqual(stores.map(() => ({ executions: 7, totalEvents: 18 })))
  const fresh = temporarySchema()
  await fresh.open().getStats()
  expect(await shapeOf(old)).toEqual(await shapeOf(fresh))
})

it('without leave to change tables, those of version 1 are refused with what to do, and left as they are', async () => {
  const old = await oldTables()
  const before = await shapeOf(old)
  const refused = old.open({ autoCreateTables: false }).getStats()
  await expect(refused).rejects.toThrow(/have version 1, and autoCreateTables is false: bring them to version 2/)
  expect(await shapeOf(old)).toEqual(before)
})

it('a table of the same name that is of somebody else is left alone, and so is all the rest', async () => {
  const old = await oldTables()
  await old.sql.unsafe(`CREATE TABLE "${old.options.schema}".flowcraft_events_lineage (mine text)`)
  const before = await shapeOf(old)
  await expect(old.open().getStats()).rejects.toThrow('choose another tableName or schema')
  expect(await shapeOf(old)).toEqual(before)
})

/** A schema with tables as version 1 left them. */
async function oldTables(): Promise<TemporarySchema> {
  const temporary = temporarySchema()
  const { schema } = temporary.options
  await temporary.sql.begin((tx) =>
    tx.unsafe(`CREATE SCHEMA "${schema}"; SET LOCAL search_path TO "${schema}"; ${fixture}`).simple(),
  )
  return temporary
}

/** The rows of every table that version 1 had, but for what no row of it had. */
async function rowsOf({ sql, options }: TemporarySchema): Promise<unknown[][]> {
  const read = async (table: string): Promise<unknown[]> => [
    ...(await sql.unsafe(
      `SELECT to_jsonb(t) - 'payload' - 'forked_from' AS row, to_json(t) ->> 'payload' AS payload
       FROM "${options.schema}".flowcraft_events${table} t ORDER BY 1`,
    )),
  ]
  return await Promise.all(['', '_executions', '_tags', '_blueprints'].map(read))
}

/** Columns in the order of their names, as one that was added is the last; indexes without the names of their schema. */
async function shapeOf({ sql, options }: TemporarySchema): Promise<unknown> {
  const { schema } = options
  const columns = await sql`SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = ${schema} ORDER BY 1, 2`
  const indexes = await sql`SELECT tablename, replace(indexdef, ${schema}, '') AS made FROM pg_indexes
    WHERE schemaname = ${schema} ORDER BY 1, 2`
  const versions = await sql.unsafe(`SELECT version FROM "${schema}".flowcraft_events_schema`)
  return [[...columns], [...indexes], [...versions]]
}
