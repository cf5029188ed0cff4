import { EventStoreError, type FlowcraftEvent } from 'flowcraft'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { batch, event } from '../../flowcraft/test/history/events.ts'
import { PostgresHistoryAdapter, type PostgresHistoryOptions } from '../src/index.ts'
import { dropSchemas, temporarySchema } from './temporary-schema.ts'

afterEach(dropSchemas)

it.each([
  [{ host: '' }, 'host'],
  [{ port: 0 }, 'port'],
  [{ port: '5432' }, 'port'],
  [{ max: 0 }, 'max'],
  [{ password: 7 }, 'password'],
  [{ connectionString: 'mysql://localhost/x' }, 'connectionString'],
  [
    { connectionString: 'postgres://localhost/x', sql: Object.assign(() => {}, { unsafe: () => {} }) },
    'connectionString',
  ],
  [{ sql: {} }, 'sql'],
  [{ connectionString: 'postgres://localhost/x', host: 'y' }, 'host is "…"; expected none besides connectionString'],
  [{ connectionString: 'postgres://localhost/x', password: 'y' }, 'password'],
  [{ sql: Object.assign(() => {}, { unsafe: () => {} }), max: 2 }, 'max is "…"; expected none besides sql'],
  [{ tablename: 'x' }, 'no option "tablename": did you mean tableName?'],
  [{ hostname: 'x' }, 'no option "hostname": the options are host, '],
  [{ ssl: 'yes' }, 'ssl'],
  [{ autoCreateTables: 'no' }, 'autoCreateTables'],
  [{ notify: 1 }, 'notify'],
  [{ onWarning: 'log' }, 'onWarning'],
  [{ tableName: '' }, 'tableName'],
  [{ tableName: 7 }, 'tableName'],
  [{ tableName: 'a\0b' }, 'tableName'],
  [{ tableName: '\ud800' }, 'tableName'],
  [{ tableName: 'x'.repeat(53) }, 'at most 52 bytes'],
  [{ tableName: '\u00e9'.repeat(27) }, 'at most 52 bytes'],
  [{ schema: ' ' }, 'schema'],
  [{ schema: 'x'.repeat(64) }, 'at most 63 bytes'],
  [null, 'the argument'],
])('refuses the options %j', (options, reason) => {
  // What a caller without types may pass.
  const open = () => new PostgresHistoryAdapter(options as PostgresHistoryOptions)
  expect(open).toThrow(EventStoreError)
  expect(open).toThrow(reason)
})

it('says nothing of a password', () => {
  const options = { connectionString: 'http://user:secret@localhost' }
  expect(() => new PostgresHistoryAdapter(options)).toThrow(/^(?!.*secret)/)
})

describe('says what to do', () => {
  it('about a wrong password and a missing database', async () => {
    const { options } = temporarySchema()
    const [wrongPassword, noDatabase] = [new URL(options.connectionString), new URL(options.connectionString)]
    wrongPassword.password = 'wrong'
    noDatabase.pathname = '/nowhere'
    expect(await fault({ connectionString: wrongPassword.href })).toMatch(
      /password authentication failed.*; check user/,
    )
    expect(await fault({ connectionString: noDatabase.href })).toMatch(/"nowhere" does not exist; create the database/)
  })

  it('about a user who may not create tables', async () => {
    const { sql, options } = temporarySchema()
    const role = options.schema
    await sql.unsafe(`CREATE ROLE "${role}" LOGIN PASSWORD 'p'`)
    const url = new URL(options.connectionString)
    url.username = role
    url.password = 'p'
    expect(await fault({ connectionString: url.href, schema: 'not_mine' })).toMatch(
      /permission denied.*; grant the user/,
    )
    await sql.unsafe(`DROP ROLE "${role}"`)
  })

  it('about tables that are missing and may not be made', async () => {
    const { options, sql } = temporarySchema()
    expect(await fault({ ...options, autoCreateTables: false })).toContain('autoCreateTables is false')
    expect(await sql`SELECT 1 FROM pg_namespace WHERE nspname = ${options.schema}`).toHaveLength(0)
  })

  it('about tables of a newer version, and leaves them as they are', async () => {
    const { options, sql, open } = temporarySchema()
    await open().append([batch('a', 0, 1)])
    await sql.unsafe(`UPDATE "${options.schema}".flowcraft_events_schema SET version = 99`)
    expect(await fault(options)).toMatch(/version 99.*install the one that fits/)
    expect(await fault({ ...options, autoCreateTables: false })).toContain('version 99')
  })

  it('about a table that belongs to something else, and leaves it as it is', async () => {
    const { options, sql } = temporarySchema()
    await sql.unsafe(`CREATE SCHEMA "${options.schema}"`)
    await sql.unsafe(`CREATE TABLE "${options.schema}".flowcraft_events_owners (id text)`)
    expect(await fault(options)).toContain('choose another tableName')
    expect(await sql`SELECT 1 FROM pg_tables WHERE schemaname = ${options.schema}`).toHaveLength(1)
  })

  it('about tables that were dropped', async () => {
    const { options, sql, open } = temporarySchema()
    const store = open()
    await store.append([batch('a', 0, 1)])
    await sql.unsafe(`DROP SCHEMA "${options.schema}" CASCADE`)
    await expect(store.append([batch('a', 1, 1)])).rejects.toThrow('the tables are missing or were dropped')
    await expect(store.retrieve('a')).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED', cause: { code: '42P01' } })
  })
})

it('takes any characters in the names of schema and tables, and runs none of them', async () => {
  const { options, sql, open } = temporarySchema()
  const hostile = `x"; DROP SCHEMA "${options.schema.slice(0, 8)}"; --'.\u00e9`
  const [plain, odd] = [open(), open({ tableName: hostile })]
  await plain.append([batch('a', 0, 3)])
  await odd.append([batch('a', 0, 1, 'other')])
  expect((await plain.retrieve('a')).length).toBe(3)
  expect((await open({ tableName: hostile }).retrieve('a')).length).toBe(1)
  const schema = `t".x'; DROP TABLE y; --${options.schema.slice(0, 13)}`
  const elsewhere = open({ schema, notify: true })
  await elsewhere.append([batch('a', 0, 2)])
  expect((await elsewhere.retrieve('a')).length).toBe(2)
  await sql.unsafe(`DROP SCHEMA "${schema.replaceAll('"', '""')}" CASCADE`)
})

it.each(['a\0b', '\ud800', 'x'.repeat(2401)])('refuses the execution id %j, and knows nothing of it', async (id) => {
  const store = temporarySchema().open()
  const [outcome, neighbour] = await store.append([batch(id, 0, 1), batch('\ufffd', 0, 1)])
  expect(outcome?.error).toMatchObject({ code: 'EVENT_STORE_FAILED', executionId: id })
  expect(neighbour?.error).toBeUndefined()
  expect(await store.retrieve(id)).toEqual([])
  expect(await store.delete(id)).toBe(0)
})

it('fails only the execution that the server refuses: rows in the way, a time that is none', async () => {
  const { options, sql, open } = temporarySchema()
  const store = open()
  await store.append([batch('a', 0, 1)])
  await sql.unsafe(`INSERT INTO "${options.schema}".flowcraft_events (run, seq, type, timestamp, payload)
    SELECT run, 1, 'context:change', 0, '{}' FROM "${options.schema}".flowcraft_events`)
  const timeless = { ...event('d', 0, 'signal:sent', {}), timestamp: NaN }
  const outcomes = await store.append([
    batch('b', 0, 2),
    batch('a', 1, 1),
    { executionId: 'd', writer: 'w', events: [timeless], expectedSeq: 0 },
    batch('c', 0, 1),
  ])
  const codes = outcomes.map(({ error }) => error?.code)
  expect(codes).toEqual([undefined, 'HISTORY_CORRUPT', 'EVENT_STORE_FAILED', undefined])
  expect(await store.retrieve('b')).toHaveLength(2)
  expect(await store.retrieve('d')).toEqual([])
})

it('says which event cannot be read', async () => {
  const { options, sql, open } = temporarySchema()
  const store = open()
  await store.append([batch('a', 0, 1)])
  await sql.unsafe(`UPDATE "${options.schema}".flowcraft_events SET payload = '7'`)
  await expect(store.retrieve('a')).rejects.toMatchObject({ code: 'HISTORY_CORRUPT', executionId: 'a' })
})

it.each([
  ['in the middle', 'seq IN (1201, 1202)', 1201],
  ['at the beginning', 'seq = 0', 0],
  ['at the end', 'seq >= 1300', 1300],
])('names events that are missing %s, and gives nothing behind them', async (_, condition, missing) => {
  const { options, sql, open } = temporarySchema()
  const store = open()
  await store.append([batch('b', 0, 3)])
  await store.append([batch('a', 0, 1400)])
  await sql.unsafe(`DELETE FROM "${options.schema}".flowcraft_events e USING "${options.schema}".flowcraft_events_executions x
    WHERE x.key = e.run AND x.id = 'a' AND ${condition}`)
  const corrupt = { code: 'HISTORY_CORRUPT', executionId: 'a', message: expect.stringContaining(`Event ${missing} `) }
  await expect(store.retrieve('a')).rejects.toMatchObject(corrupt)
  await expect(store.retrieveMultiple(['b', 'a'])).rejects.toMatchObject(corrupt)
  const whole = Array.from({ length: missing }, (__, seq) => seq)
  expect(await seqsUntilFault(store.read('a'))).toEqual({ seqs: whole, found: expect.objectContaining(corrupt) })
  const followed = (async function* () {
    for await (const { event: followedEvent } of store.subscribe('a')) yield followedEvent
  })()
  expect(await seqsUntilFault(followed)).toEqual({ seqs: whole, found: expect.objectContaining(corrupt) })
  expect(await store.retrieve('b')).toEqual(batch('b', 0, 3).events)
})

async function seqsUntilFault(events: AsyncIterable<FlowcraftEvent>): Promise<{ seqs: number[]; found: unknown }> {
  const seqs: number[] = []
  try {
    for await (const { seq } of events) seqs.push(seq)
    return { seqs, found: undefined }
  } catch (found) {
    return { seqs, found }
  }
}

it('is not closed by, and does not close, the client that it is given', async () => {
  const { sql, options } = temporarySchema()
  const store = new PostgresHistoryAdapter({ sql, schema: options.schema })
  await store.append([batch('a', 0, 2)])
  expect(await store.retrieve('a')).toHaveLength(2)
  await store.close()
  await store.close()
  await expect(store.retrieve('a')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
})

/** What the first call says. */
async function fault(options: Partial<PostgresHistoryOptions>): Promise<string> {
  // Either options of a URL or parts of them.
  const store = new PostgresHistoryAdapter({
    connectionString: inject('postgresUrl'),
    ...options,
  } as PostgresHistoryOptions)
  try {
    await store.retrieve('a')
  } catch (error) {
    expect(error).toBeInstanceOf(EventStoreError)
    return (error as EventStoreError).message
  } finally {
    await store.close()
  }
  throw new Error('expected a fault')
}
