import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import type { FlowcraftEvent } from 'flowcraft'
import { batch, event, run } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { forked, forkOf } from './fork-of.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  removeFolders()
})

it('a fork of a long run adds one event and two parts, however long it is', async () => {
  const { store, count } = open()
  await store.append([batch('a', 0, 3000)])
  await store.fork(forkOf('f', 'a', 2999))
  expect(count('')).toBe(3001)
  expect(count('_lineage')).toBe(2)
  await store.fork(forkOf('g', 'f', 500))
  expect(count('')).toBe(3002)
  // Its source has none of its own events before that.
  expect(count('_lineage')).toBe(4)
})

it('any part of a fork of a fork of a fork is read, whatever its ends and its limit', async () => {
  const { store } = open()
  const { id, events } = await chain(store, 3)
  for (let fromSeq = 0; fromSeq <= events.length; fromSeq++) {
    for (let toSeq = fromSeq; toSeq <= events.length; toSeq++) {
      for (let limit = 1; limit <= events.length; limit++) {
        const found: FlowcraftEvent[] = []
        for await (const one of store.read(id, { fromSeq, toSeq, limit })) found.push(one)
        expect(found).toEqual(events.slice(fromSeq, toSeq + 1).slice(0, limit))
      }
    }
  }
})

describe('rows are freed:', () => {
  it('of a source that is deleted those behind the last that a fork needs, and the rest with its last fork', async () => {
    const { store, count, seqsOf } = open()
    await store.append([batch('a', 0, 10)])
    await store.fork(forkOf('early', 'a', 2))
    await store.fork(forkOf('late', 'a', 6))
    await store.fork(forkOf('latest', 'late', 4))
    expect(await store.delete('a')).toBe(1)
    expect(seqsOf(1)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await store.delete('late')).toBe(1)
    expect(seqsOf(1)).toEqual([0, 1, 2, 3, 4])
    expect(await store.delete('latest')).toBe(1)
    expect(seqsOf(1)).toEqual([0, 1, 2])
    expect(await store.retrieve('early')).toHaveLength(4)
    expect(await store.delete('early')).toBe(1)
    expect([count(' WHERE run > 0'), count('_executions'), count('_lineage'), count('_tags')]).toEqual([0, 0, 0, 0])
  })

  it('of a chain that was deleted from its beginning on all, with its last fork', async () => {
    const { store, count } = open()
    const { id, events } = await chain(store, 5)
    for (const each of ['run 0', 'run 1', 'run 2', 'run 3', 'run 4']) expect(await store.delete(each)).toBe(1)
    expect(await store.retrieve(id)).toEqual(events)
    expect(count(' WHERE run > 0')).toBe(events.length)
    expect(await store.delete(id)).toBe(1)
    expect([count(' WHERE run > 0'), count('_lineage')]).toEqual([0, 0])
  })

  it('with a slice of prune that has sources and forks, and none that another fork needs', async () => {
    const { store, count, seqsOf } = open()
    await store.append([{ executionId: 'a', writer: 'w', events: run('a', 8), expectedSeq: 0 }])
    for (const [id, seq] of [
      ['done', 7],
      ['open', 3],
    ] as const)
      await store.fork(forkOf(id, 'a', seq))
    const finish = event('done', 9, 'workflow:finish', { status: 'completed', durationMs: 1 })
    await store.append([{ executionId: 'done', writer: 'f', events: [finish], expectedSeq: 9 }])
    expect(await store.prune({ olderThan: Date.now() })).toBe(2)
    expect(seqsOf(1)).toEqual([0, 1, 2, 3])
    expect([count(' WHERE run > 0'), count('_executions'), count('_lineage')]).toEqual([5, 1, 2])
    expect(await store.retrieve('open')).toHaveLength(5)
  })

  it('all of them by clear', async () => {
    const { store, count } = open()
    await chain(store, 2)
    await store.delete('run 0')
    await store.clear()
    expect([count(' WHERE run > 0'), count('_executions'), count('_lineage')]).toEqual([0, 0, 0])
  })
})

it('a key whose events are kept for a fork is given to no other execution', async () => {
  const { store, db } = open()
  await store.append([batch('a', 0, 5)])
  await store.fork(forkOf('f', 'a', 3))
  await store.fork(forkOf('g', 'f', 4))
  const history = await store.retrieve('g')
  for (const id of ['a', 'f']) await store.delete(id)
  for (const id of ['a', 'f', 'new']) await store.append([batch(id, 0, 9)])
  const keys = db.prepare('SELECT key FROM flowcraft_events_executions ORDER BY key').pluck().all()
  expect(keys).toEqual([3, 4, 5, 6])
  expect(await store.retrieve('g')).toEqual(history)
  expect(await store.getStats()).toEqual({ executions: 4, totalEvents: 28 })
})

it('the view shows the own events of a fork with the name of their type, and nothing of a source that is gone', async () => {
  const { store, db } = open()
  await store.append([batch('a', 0, 2)])
  await store.fork(forkOf('f', 'a', 0, { payload: { blueprintId: 'other', blueprintHash: 'h' } }))
  await store.delete('a')
  const view = db.prepare('SELECT execution_id, seq, type, blueprint_id FROM flowcraft_events_view').raw().all()
  expect(view).toEqual([['f', 1, 'workflow:fork', 'other']])
  expect(await store.retrieve('f')).toMatchObject([
    { payload: { blueprintId: 'flow' } },
    { payload: { blueprintId: 'other' } },
  ])
})

it('each part of a history has the blueprint id of the run that stored it', async () => {
  const { store } = open()
  await store.append([batch('a', 0, 3)])
  await store.fork(forkOf('f', 'a', 1, { payload: { blueprintId: 'second', blueprintHash: 'h' } }))
  await store.fork(forkOf('g', 'f', 2, { payload: { blueprintId: 'third', blueprintHash: 'i' } }))
  await store.fork(forkOf('h', 'g', 3, { payload: { blueprintId: 'third' } }))
  const ids = (await store.retrieve('h')).map(({ payload }) => payload.blueprintId)
  expect(ids).toEqual(['flow', 'flow', 'second', 'third', 'third'])
  for (const id of ['g', 'f', 'a']) await store.delete(id)
  expect((await store.retrieve('h')).map(({ payload }) => payload.blueprintId)).toEqual(ids)
})

it('a shared event is one of the fork, whatever execution its payload names', async () => {
  const { store } = open()
  await store.append([{ ...batch('a', 0, 1), events: [event('a', 0, 'node:skipped', { executionId: 'another' })] }])
  await store.fork(forkOf('f', 'a', 0))
  expect((await store.retrieve('a'))[0]?.payload.executionId).toBe('another')
  expect((await store.retrieve('f'))[0]).toMatchObject({ id: 'f:0', executionId: 'f', payload: { executionId: 'f' } })
})

it('a batch that begins among the shared events is refused, also by the writer of the fork, and adds nothing', async () => {
  const { store } = open()
  await store.append([batch('a', 0, 3)])
  await store.fork(forkOf('f', 'a', 2))
  const [outcome] = await store.append([batch('f', 2, 4, 'f')])
  expect(outcome?.error).toMatchObject({
    code: 'CONCURRENCY_CONFLICT',
    message: expect.stringContaining('shares its events up to seq 2'),
  })
  expect(await store.retrieve('f')).toHaveLength(4)
})

it('a fork whose shared events are damaged is told of, and its source too', async () => {
  const { store, db } = open()
  await store.append([batch('a', 0, 4)])
  await store.fork(forkOf('f', 'a', 3))
  db.exec('DELETE FROM flowcraft_events WHERE run = 1 AND seq = 2')
  const message = `Event 2 of execution 'f' is missing`
  await expect(store.retrieve('f')).rejects.toMatchObject({
    code: 'HISTORY_CORRUPT',
    message: expect.stringContaining(message),
  })
  await expect(store.retrieve('a')).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
})

it('an id that SQLite would not give back is refused, and nothing is changed', async () => {
  const { store } = open()
  await store.append([batch('a', 0, 2)])
  for (const id of ['\0', '\ud800']) {
    const refused = { code: 'EVENT_STORE_FAILED', message: expect.stringContaining(JSON.stringify(id)) }
    await expect(store.fork(forkOf(id, 'a', 1))).rejects.toMatchObject(refused)
    await expect(store.fork(forkOf('f', 'a', 1, { writer: id }))).rejects.toMatchObject(refused)
    await expect(store.fork({ ...forkOf('f', 'a', 1), owner: id })).rejects.toMatchObject(refused)
    await expect(store.fork(forkOf('f', id, 1))).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  }
  expect(await store.getStats()).toEqual({ executions: 1, totalEvents: 2 })
})

it('a value that cannot be stored leaves nothing of its fork behind', async () => {
  const { store, count } = open()
  await store.append([batch('a', 0, 2)])
  await expect(store.fork(forkOf('f', 'a', 1, { payload: { set: { k: () => 1 } } }))).rejects.toMatchObject({
    code: 'SERIALIZATION_FAILED',
  })
  expect([count(''), count('_executions'), count('_lineage')]).toEqual([2, 1, 0])
  await store.fork(forkOf('f', 'a', 1))
  expect(await store.retrieve('f')).toHaveLength(3)
})

it('a file that may only be read is not forked in', async () => {
  const { store, databasePath } = open()
  await store.append([batch('a', 0, 2)])
  const reader = new SqliteHistoryAdapter({ databasePath, readonly: true })
  opened.push(reader)
  await expect(reader.fork(forkOf('f', 'a', 1))).rejects.toThrow('opened with readonly: true')
  await store.fork(forkOf('f', 'a', 1))
  expect(await reader.retrieve('f')).toHaveLength(3)
})

/** A run of four changes, and forks, each of the one before at its last event but one: the last of them. */
async function chain(store: SqliteHistoryAdapter, depth: number): Promise<{ id: string; events: FlowcraftEvent[] }> {
  let events = [...batch('run 0', 0, 4).events]
  await store.append([batch('run 0', 0, 4)])
  for (let n = 1; n <= depth; n++) {
    const [id, from, seq] = [`run ${n}`, `run ${n - 1}`, events.length - 2]
    const fork = forkOf(id, from, seq)
    await store.fork(fork)
    await store.append([batch(id, seq + 2, 2, 'f')])
    events = forked(fork, events, batch(id, seq + 2, 2))
  }
  return { id: `run ${depth}`, events }
}

interface Opened {
  readonly store: SqliteHistoryAdapter
  readonly databasePath: string
  /** Another connection to the file. */
  readonly db: Database.Database
  /** How many rows a table has, by the end of its name. */
  count(suffix: string): unknown
  seqsOf(key: number): unknown[]
}

function open(): Opened {
  const databasePath = temporaryPath()
  const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  const db = new Database(databasePath)
  opened.push(store, db)
  const count = (suffix: string): unknown => db.prepare(`SELECT count(*) FROM flowcraft_events${suffix}`).pluck().get()
  const seqsOf = (key: number): unknown[] =>
    db.prepare('SELECT seq FROM flowcraft_events WHERE run = ? ORDER BY seq').pluck().all(key)
  return { store, databasePath, db, count, seqsOf }
}
