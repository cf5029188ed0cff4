import type { FollowedEvent } from 'flowcraft'
import type { Sql, TransactionSql } from 'postgres'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { StallWatch } from '../src/stall-watch.ts'
import { tableNamesOf } from '../src/table-names.ts'
import { dropSchemas, temporarySchema } from './temporary-schema.ts'

afterEach(dropSchemas)

describe('while a transaction that was numbered first commits last', () => {
  it('a naive tail, which reads what is behind the last it has seen, loses its events', async () => {
    const { open, sql, options } = temporarySchema()
    const store = open()
    await store.append([batch('before', 0, 1)])
    const seen: string[] = []
    let last = '0'
    const naive = async (): Promise<void> => {
      const rows = await sql.unsafe(
        `SELECT e.xid::text, x.id FROM "${options.schema}".flowcraft_events e
         JOIN "${options.schema}".flowcraft_events_executions x ON x.key = e.run WHERE e.xid > $1::xid8 ORDER BY e.xid`,
        [last],
      )
      for (const row of rows) seen.push(String(row['id']))
      last = String(rows.at(-1)?.['xid'] ?? last)
    }
    await committedLate(sql, options.schema, async () => {
      await store.append([batch('early', 0, 1)])
      await naive()
    })
    await naive()
    expect(seen).toEqual(['before', 'early'])
  })

  it('subscribe loses none of them, and gives each once', async () => {
    const { open, sql, options } = temporarySchema()
    const store = open()
    await store.append([batch('before', 0, 1)])
    const events = store.subscribe({})
    expect(await take(events, 1)).toEqual(['before:0'])
    const next = take(events, 3)
    await committedLate(sql, options.schema, () => store.append([batch('early', 0, 2)]))
    expect((await next).toSorted()).toEqual(['early:0', 'early:1', 'late:0'])
    await events.return?.()
  })

  it('"from now on" begins behind all that was there, and with what was not, also across a cursor', async () => {
    const { open, sql, options } = temporarySchema()
    const store = open()
    await store.append([batch('before', 0, 1)])
    let cursor = ''
    await committedLate(sql, options.schema, async () => {
      await store.append([batch('early', 0, 1)])
      const events = store.subscribe({}, { cursor: 'end' })
      const first = events.next()
      // Behind the place that is fixed by the call above.
      await store.append([batch('after', 0, 1)])
      return { events, first }
    }).then(async ({ events, first }) => {
      const { value } = await first
      expect((value as FollowedEvent).event.id).toBe('late:0')
      cursor = (value as FollowedEvent).cursor
      expect(await take(events, 1)).toEqual(['after:0'])
      await events.return?.()
    })
    const again = store.subscribe({}, { cursor })
    expect(await take(again, 1)).toEqual(['after:0'])
    await again.return?.()
  })

  it('somebody is told who keeps it open, once it has been for five seconds', async () => {
    const { open, sql, options } = temporarySchema()
    const store = open()
    await store.append([batch('before', 0, 1)])
    const warn = vi.fn<(message: string) => void>()
    let now = 0
    const watch = new StallWatch(warn, () => now)
    const names = tableNamesOf('flowcraft_events', options.schema)
    const look = async (): Promise<void> => {
      const [row] = await sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS bound`
      await watch.look(sql, names, String(row?.['bound']))
    }
    await committedLate(sql, options.schema, async (pid) => {
      await look()
      now = 6000
      await look()
      expect(warn).not.toHaveBeenCalled()
      await store.append([batch('early', 0, 1)])
      now = 12_000
      await look()
      await look()
      expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`pid ${pid} `))
    })
  })
})

it('with notify, an append is told to those who listen', async () => {
  const { open, sql } = temporarySchema()
  const told = vi.fn<() => void>()
  const tableName = `told ${crypto.randomUUID()}`
  await sql.listen(`flowcraft_${tableName}`, told)
  await open({ tableName }).append([batch('quiet', 0, 1)])
  const store = open({ tableName, notify: true })
  const events = store.subscribe('a')
  const next = take(events, 2)
  await store.append([batch('a', 0, 1), batch('b', 0, 1)])
  await store.append([batch('a', 1, 1)])
  expect(await next).toEqual(['a:0', 'a:1'])
  await expect.poll(() => told.mock.calls.length).toBe(2)
  await events.return?.()
})

it('tables that were restored on another server, whose transactions are not so far yet, go on and are followed', async () => {
  const { open, sql, options } = temporarySchema()
  const before = open()
  await before.append([batch('a', 0, 2)])
  await before.close()
  for (const table of ['flowcraft_events', 'flowcraft_events_executions']) {
    await sql.unsafe(`UPDATE "${options.schema}".${table} SET xid = '9000000000'::xid8`)
  }
  const store = open()
  const events = store.subscribe({})
  expect(await store.append([batch('a', 2, 1)])).toEqual([{ executionId: 'a' }])
  expect(await take(events, 3)).toEqual(['a:0', 'a:1', 'a:2'])
  await events.return?.()
})

it('follows in pages what is more than one page', async () => {
  const store = temporarySchema().open()
  await store.append([batch('a', 0, 2300), batch('b', 0, 10)])
  const events = store.subscribe({ types: ['context:change'] })
  const ids = await take(events, 2310)
  expect(new Set(ids).size).toBe(2310)
  await events.return?.()
})

async function take(events: AsyncIterableIterator<FollowedEvent>, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const { value, done } = await events.next()
    if (done === true) throw new Error(`the events ended behind ${ids.join(', ')}`)
    ids.push((value as FollowedEvent).event.id)
  }
  return ids
}

/** A transaction writes the run 'late', and commits when `meanwhile` is done. */
async function committedLate<T>(sql: Sql, schema: string, meanwhile: (pid: number) => Promise<T>): Promise<T> {
  let result: T
  await sql.begin(async (tx: TransactionSql) => {
    const [row] = await tx.unsafe(`INSERT INTO "${schema}".flowcraft_events_executions
      (id, blueprint_id, status, started_at, updated_at, last_seq) VALUES ('late', 'flow', 'running', 0, 0, 0)
      RETURNING key::text, pg_backend_pid() AS pid`)
    await tx.unsafe(
      `INSERT INTO "${schema}".flowcraft_events (run, seq, type, timestamp, payload)
       VALUES ($1, 0, 'context:change', 0, '{}')`,
      [String(row?.['key'])],
    )
    result = await meanwhile(Number(row?.['pid']))
  })
  return result!
}
