import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { batch, change, event, run } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  removeFolders()
})

it('a file becomes smaller when runs are pruned, and holds nothing of them any more', async () => {
  const { store, databasePath, db } = open()
  const options = { concurrency: 1, maxIterations: 1, strict: false }
  for (const id of Array.from({ length: 30 }, (_, index) => `run ${index}`)) {
    const start = event(id, 0, 'workflow:start', {
      blueprintHash: 'h',
      initialContext: {},
      options,
      tags: ['a', '"b"'],
    })
    const big = change(id, 1, 'x'.repeat(50_000))
    const finish = event(id, 2, 'workflow:finish', { status: 'completed', durationMs: 1 })
    await store.append([{ executionId: id, writer: 'w', events: [start, big, finish], expectedSeq: 0 }])
  }
  db.pragma('wal_checkpoint(TRUNCATE)')
  expect(statSync(databasePath).size).toBeGreaterThan(1_500_000)
  expect(await store.prune({ olderThan: Date.now(), keep: 1 })).toBe(29)
  expect(statSync(databasePath).size).toBeLessThan(200_000)
  expect(await store.getStats()).toEqual({ executions: 1, totalEvents: 3 })
  expect(db.prepare('SELECT count(*) FROM flowcraft_events_tags').pluck().get()).toBe(2)
  expect(db.prepare('SELECT count(*) FROM flowcraft_events_view').pluck().get()).toBe(3)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
})

it('what is removed is removed also while another connection reads, which keeps the file large', async () => {
  const { store, db } = open()
  await store.append([{ executionId: 'a', writer: 'w', events: run('a', 100), expectedSeq: 0 }])
  const reading = db.prepare('SELECT seq FROM flowcraft_events').iterate()
  reading.next()
  expect(await store.delete('a')).toBe(1)
  reading.return?.()
  expect(await store.retrieve('a')).toEqual([])
})

describe('a position is never given twice:', () => {
  it.each<[string, (store: SqliteHistoryAdapter) => Promise<unknown>]>([
    ['the last run is deleted', async (store) => await store.delete('second')],
    ['all runs are pruned', async (store) => await store.prune({ olderThan: Date.now() })],
    ['everything is cleared, twice', async (store) => [await store.clear(), await store.clear()]],
  ])('%s, and whoever followed goes on behind it', async (_, remove) => {
    const { store, db } = open()
    for (const id of ['first', 'second']) {
      await store.append([{ executionId: id, writer: 'w', events: run(id, 1), expectedSeq: 0 }])
    }
    const followed = store.subscribe({})[Symbol.asyncIterator]()
    let cursor = ''
    for (let count = 0; count < 6; count++) cursor = (await followed.next()).value?.cursor ?? 'none'
    await followed.return?.()
    await remove(store)
    db.exec('VACUUM')
    await store.append([batch('third', 0, 2)])
    const behind = store.subscribe({}, { cursor })[Symbol.asyncIterator]()
    const next = [await behind.next(), await behind.next()].map(({ value }) => value?.event)
    await behind.return?.()
    expect(next).toEqual(batch('third', 0, 2).events)
  })
})

it('what another process drives is neither deleted nor pruned, until its lease is over', async () => {
  const { store, databasePath } = open()
  const other = connect(databasePath)
  await other.renew('other', 60_000)
  await other.append([{ ...batch('a', 0, 1), owner: 'other' }])
  await expect(store.delete('a')).rejects.toMatchObject({ code: 'EXECUTION_CONFLICT' })
  expect(await store.prune({ olderThan: Date.now(), status: 'running' })).toBe(0)
  await other.close()
  expect(await store.prune({ olderThan: Date.now(), status: 'running' })).toBe(1)
})

it('a family of which another process drives a part is not pruned', async () => {
  const { store, databasePath } = open()
  const other = connect(databasePath)
  await other.renew('other', 60_000)
  await store.append([{ executionId: 'root', writer: 'w', events: run('root', 1), expectedSeq: 0 }])
  const parent = { executionId: 'root', nodeId: 'a', iteration: 0 }
  const options = { concurrency: 1, maxIterations: 1, strict: false }
  const start = event('child', 0, 'workflow:start', { blueprintHash: 'h', initialContext: {}, options, parent })
  await other.append([{ executionId: 'child', writer: 'w', owner: 'other', events: [start], expectedSeq: 0 }])
  expect(await store.prune({ olderThan: Date.now() })).toBe(0)
  await other.renew('other', 0)
  expect(await store.prune({ olderThan: Date.now() })).toBe(2)
})

it('a family that is larger than a slice goes as a whole', async () => {
  const { store } = open()
  const options = { concurrency: 1, maxIterations: 1, strict: false }
  const ended = (id: string, parent?: object) => {
    const start = event(id, 0, 'workflow:start', { blueprintHash: 'h', initialContext: {}, options, parent })
    const events = [start, event(id, 1, 'workflow:finish', { status: 'completed', durationMs: 1 })]
    return { executionId: id, writer: 'w', events, expectedSeq: 0 }
  }
  const parent = { executionId: 'root', nodeId: 'a', iteration: 0 }
  const children = Array.from({ length: 1500 }, (_, index) => ended(`child ${index}`, parent))
  await store.append([ended('single'), ended('root'), ...children, ended('other')])
  expect(await store.prune({ olderThan: Date.now(), keep: 1 })).toBe(1502)
  expect((await store.list()).items.map(({ executionId }) => executionId)).toEqual(['other'])
})

interface Opened {
  readonly store: SqliteHistoryAdapter
  readonly databasePath: string
  /** Another connection to the file. */
  readonly db: Database.Database
}

function open(): Opened {
  const databasePath = temporaryPath()
  const store = connect(databasePath)
  const db = new Database(databasePath)
  opened.push(db)
  return { store, databasePath, db }
}

function connect(databasePath: string): SqliteHistoryAdapter {
  const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  opened.push(store)
  return store
}
