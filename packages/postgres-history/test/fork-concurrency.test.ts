import { isFlowcraftError } from 'flowcraft'
import { afterEach, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { forked, forkOf } from '../../sqlite-history/test/fork-of.ts'
import { removalLockClass } from '../src/schema.ts'
import { tableNamesOf } from '../src/table-names.ts'
import { dropSchemas, temporarySchema, type TemporarySchema } from './temporary-schema.ts'

afterEach(dropSchemas)

const conflict = 'CONCURRENCY_CONFLICT'

it('of eight that fork the same ids at once one wins each, while another appends to the source', async () => {
  const { open } = temporarySchema()
  const appender = open({ max: 1 })
  await appender.append([batch('source', 0, 20)])
  const stores = Array.from({ length: 8 }, () => open({ max: 1 }))
  let isDone = false
  const appending = (async () => {
    let length = 20
    for (; !isDone; length++) expect((await appender.append([batch('source', length, 1)]))[0]?.error).toBe(undefined)
    return length
  })()
  const forks = Array.from({ length: 20 }, (_, n) => [`shared ${n}`, n] as const)
  const won = await Promise.all(
    stores.map(async (store, number) => {
      const codes: unknown[] = []
      for (const [id, n] of forks)
        codes.push(await codeOf(store.fork(forkOf(id, 'source', n, { writer: `w${number}` }))))
      return codes
    }),
  )
  isDone = true
  const source = batch('source', 0, await appending).events
  expect(await appender.retrieve('source')).toEqual(source)
  for (const [id, n] of forks) {
    const codes = won.map((each) => each[n])
    expect(codes.filter((code) => code !== conflict)).toEqual(['done'])
    expect(await appender.retrieve(id)).toEqual(forked(forkOf(id, 'source', n), source))
    const winner = `w${codes.indexOf('done')}`
    expect(await appender.append([batch(id, n + 2, 1, winner)])).toEqual([{ executionId: id }])
  }
})

it('a fork waits for a removal of its source that goes on, and then has none', async () => {
  const { open, sql, options } = temporarySchema()
  const store = open()
  await store.append([batch('a', 0, 3)])
  const executions = `"${options.schema}".flowcraft_events_executions`
  const forking = await sql.begin(async (tx) => {
    await tx.unsafe(`SELECT FROM ${executions} WHERE id = 'a' FOR UPDATE`)
    const code = codeOf(store.fork(forkOf('f', 'a', 1)))
    await expect.poll(() => waiters(sql, options.schema)).toBe(1)
    await tx.unsafe(`DELETE FROM ${executions} WHERE id = 'a'`)
    return { code }
  })
  expect(await forking.code).toBe('EXECUTION_UNKNOWN')
  expect(await store.getStats()).toEqual({ executions: 0, totalEvents: 0 })
})

it('a removal waits for a fork that goes on, and keeps what it needs', async () => {
  const { open, sql, options } = temporarySchema()
  const [forker, remover] = [open(), open()]
  await forker.append([batch('a', 0, 5)])
  await remover.getStats()
  // Whoever inserts a fork of this id waits for the end of this transaction.
  const { forking, removing } = await sql.begin(async (tx) => {
    await tx.unsafe(
      `INSERT INTO "${options.schema}".flowcraft_events_executions (id, status, started_at, updated_at, last_seq)
       VALUES ('f', 'running', 0, 0, 0)`,
    )
    const code = codeOf(forker.fork(forkOf('f', 'a', 2)))
    await expect.poll(() => waiters(sql, options.schema)).toBe(1)
    const removed = remover.delete('a')
    await expect.poll(() => waiters(sql, options.schema)).toBe(2)
    await tx.unsafe(`DELETE FROM "${options.schema}".flowcraft_events_executions WHERE id = 'f'`)
    return { forking: code, removing: removed }
  })
  expect([await forking, await removing]).toEqual(['done', 1])
  expect(await forker.retrieve('f')).toEqual(forked(forkOf('f', 'a', 2), batch('a', 0, 5).events))
  expect(await forker.retrieve('a')).toEqual([])
})

it('two that remove the last two forks of a removed source at once leave nothing of it behind', async () => {
  const { open, sql, options } = temporarySchema()
  const stores = [open(), open()] as const
  const [store] = stores
  for (let round = 0; round < 10; round++) {
    await store.append([batch('a', 0, 5)])
    for (const id of ['f', 'g']) await store.fork(forkOf(id, 'a', 3))
    await store.fork(forkOf('h', 'g', 4))
    await store.delete('a')
    const removed = await Promise.all(['f', 'g', 'h'].map((id, index) => stores[index % 2]!.delete(id)))
    expect(removed).toEqual([1, 1, 1])
    const left = await sql.unsafe(`SELECT run, seq FROM "${options.schema}".flowcraft_events`)
    expect([...left]).toEqual([])
  }
})

it('two removals of forks wait for each other, and for no append', async () => {
  const { open, sql, options } = temporarySchema()
  const [first, second] = [open(), open()]
  await first.append([batch('a', 0, 5), batch('b', 0, 1)])
  for (const id of ['f', 'g']) await first.fork(forkOf(id, 'a', 3))
  await first.delete('a')
  const removing = await sql.begin(async (tx) => {
    await tx.unsafe('SELECT pg_advisory_xact_lock($1, hashtext($2))', [removalLockClass, lineageOf(options.schema)])
    const removed = first.delete('f')
    await expect.poll(() => waiters(sql, options.schema)).toBe(1)
    expect(await second.append([batch('g', 5, 1, 'f'), batch('b', 1, 1)])).toEqual([
      { executionId: 'g' },
      { executionId: 'b' },
    ])
    // It has nothing to do with forks.
    expect(await second.delete('b')).toBe(1)
    return { removed }
  })
  expect(await removing.removed).toBe(1)
  expect(await second.retrieve('g')).toHaveLength(6)
})

async function codeOf(done: Promise<unknown>): Promise<unknown> {
  try {
    await done
    return 'done'
  } catch (error) {
    return isFlowcraftError(error) ? error.code : error
  }
}

/** How many connections wait for a lock on tables of the schema, or to remove forks from them. */
async function waiters(sql: TemporarySchema['sql'], schema: string): Promise<number> {
  const rows = await sql`SELECT FROM pg_stat_activity a WHERE wait_event_type = 'Lock' AND (query LIKE ${`%${schema}%`}
    OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted AND l.classid = ${removalLockClass}
      AND l.objid::bigint = hashtext(${lineageOf(schema)})::bigint & 4294967295))`
  return rows.length
}

function lineageOf(schema: string): string {
  return tableNamesOf('flowcraft_events', schema).lineage
}
