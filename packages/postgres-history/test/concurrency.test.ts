import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { afterEach, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { EventWriter } from '../src/event-writer.ts'
import { tableNamesOf } from '../src/table-names.ts'
import { dropSchemas, temporarySchema } from './temporary-schema.ts'

afterEach(dropSchemas)

it('eight that open a new history at once all succeed, and each run has one writer', async () => {
  const { open } = temporarySchema()
  const stores = Array.from({ length: 8 }, () => open({ max: 1 }))
  const won = await Promise.all(
    stores.map(async (store, number) => {
      const outcomes = await store.append([batch('shared', 0, 3, `w${number}`), batch(`own ${number}`, 0, 2)])
      return outcomes[0]?.error === undefined
    }),
  )
  expect(won.filter(Boolean)).toHaveLength(1)
  expect(await stores[0]!.getStats()).toEqual({ totalEvents: 3 + 8 * 2, executions: 9 })
})

it('eight that open histories of their own in one new schema at once all succeed', async () => {
  const { open } = temporarySchema()
  const stores = Array.from({ length: 8 }, (_, number) => open({ max: 1, tableName: `events_${number}` }))
  const stats = await Promise.all(stores.map((store) => store.getStats()))
  expect(stats).toEqual(stores.map(() => ({ totalEvents: 0, executions: 0 })))
})

it('eight that write many runs in opposite orders neither block nor lose each other', async () => {
  const { open } = temporarySchema()
  const stores = Array.from({ length: 8 }, () => open({ max: 1 }))
  const ids = Array.from({ length: 40 }, (_, number) => `run ${number}`)
  await stores[0]!.append(ids.map((id) => batch(id, 0, 1)))
  const winners = await Promise.all(
    stores.map(async (store, number) => {
      const order = number % 2 === 0 ? ids : ids.toReversed()
      const outcomes = await store.append(order.map((id) => ({ ...batch(id, 1, 2), writer: 'w' })))
      return outcomes.every(({ error }) => error === undefined)
    }),
  )
  expect(winners).toEqual(stores.map(() => true))
  expect(await stores[0]!.getStats()).toEqual({ totalEvents: 3 * 40, executions: 40 })
})

it('sees what another connection has changed, whatever it remembers itself', async () => {
  const { open } = temporarySchema()
  const [one, two] = [open(), open()]
  await one.append([batch('a', 0, 2)])
  await two.append([batch('a', 2, 2)])
  expect(await one.append([batch('a', 2, 3)])).toEqual([{ executionId: 'a' }])
  expect(await two.retrieve('a')).toEqual(batch('a', 0, 5).events)
  await two.clear()
  await two.append([batch('b', 0, 5)])
  expect((await one.append([batch('a', 5, 1)]))[0]?.error?.code).toBe('HISTORY_CORRUPT')
  expect(await one.append([batch('a', 0, 1, 'new')])).toEqual([{ executionId: 'a' }])
})

it('stores a call of many events all or not at all, and in one order with others', async () => {
  const { open } = temporarySchema()
  const [one, two] = [open(), open()]
  const large = { ...batch('large', 0, 3500), writer: 'w' }
  const [first, second] = await Promise.all([one.append([large, batch('b', 0, 1)]), two.append([large])])
  expect([first, second]).toEqual([[{ executionId: 'large' }, { executionId: 'b' }], [{ executionId: 'large' }]])
  expect(await one.retrieve('large')).toEqual(large.events)
  expect(await one.getStats()).toEqual({ totalEvents: 3501, executions: 2 })
})

it('calls of one store that are not waited for are stored in the order in which they were made', async () => {
  const store = temporarySchema().open()
  const calls = Array.from({ length: 20 }, (_, number) => store.append([batch('a', number * 2, 2)]))
  expect((await Promise.all(calls)).flat().filter(({ error }) => error !== undefined)).toEqual([])
  expect(await store.retrieve('a')).toEqual(batch('a', 0, 40).events)
})

it('a transaction that is older than the last change of an execution does not write it', async () => {
  const { open, sql, options } = temporarySchema()
  const store = open()
  await store.append([batch('a', 0, 1)])
  const names = tableNamesOf('flowcraft_events', options.schema)
  const old = sql.begin(async (tx: TransactionSql) => {
    await tx`SELECT pg_current_xact_id()`
    await store.append([batch('a', 1, 1)])
    // A transaction answers everything that the writer asks of a client here.
    const writer = new EventWriter(tx as unknown as typeof sql, names, undefined)
    return await writer.append([batch('a', 2, 1)])
  })
  await expect(old).rejects.toMatchObject({ code: '40001' })
  expect(await store.retrieve('a')).toHaveLength(2)
})

it('updates of executions are HOT: no index is touched by what every append changes', async () => {
  const { open, sql, options } = temporarySchema()
  const store = open()
  const id = randomUUID()
  for (let seq = 0; seq < 50; seq++) await store.append([{ ...batch(id, seq, 1), owner: 'o' }])
  await store.close()
  const hot = async (): Promise<unknown> => {
    const [row] = await sql`SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables
      WHERE schemaname = ${options.schema} AND relname = 'flowcraft_events_executions'`
    return row
  }
  await expect.poll(hot, { timeout: 15_000 }).toEqual({ updates: 49, hot: 49 })
})
