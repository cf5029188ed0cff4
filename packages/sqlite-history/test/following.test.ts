import Database from 'better-sqlite3'
import type { FollowedEvent } from 'flowcraft'
import { afterEach, expect, it } from 'vitest'
import { batch, run } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const opened: SqliteHistoryAdapter[] = []

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  removeFolders()
})

it('what another connection commits is followed, each event once and in the order of the commits', async () => {
  const databasePath = temporaryPath()
  const [one, two, reader] = [open(databasePath), open(databasePath), open(databasePath)]
  const followed = take(reader.subscribe({}), 400)
  for (let seq = 0; seq < 100; seq++) {
    await Promise.all([one.append([batch('a', seq * 2, 2)]), two.append([batch('b', seq * 2, 2)])])
  }
  const events = await followed
  for (const id of ['a', 'b']) {
    const seqs = events.filter(({ event }) => event.executionId === id).map(({ event }) => event.seq)
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, seq) => seq))
  }
})

it('what is committed late, by a transaction that was open for long, is not lost', async () => {
  const databasePath = temporaryPath()
  const [store, reader] = [open(databasePath), open(databasePath)]
  await store.append([batch('a', 0, 1)])
  const followed = reader.subscribe({}, { cursor: 'end' })[Symbol.asyncIterator]()
  const next = followed.next()
  const late = new Database(databasePath)
  late.exec(`BEGIN IMMEDIATE;
    INSERT INTO flowcraft_events (run, seq, type, timestamp, payload) VALUES (1, 1, 3, 0, '{}');
    UPDATE flowcraft_events_executions SET last_seq = 1`)
  // Its events are not to be seen, and nobody else can commit before it.
  expect((await reader.retrieve('a')).length).toBe(1)
  late.exec('COMMIT')
  late.close()
  expect((await next).value?.event).toMatchObject({ executionId: 'a', seq: 1, type: 'workflow:cancel' })
  await followed.return?.()
})

it('a slow follower keeps no statement open: the write-ahead log can be emptied while it waits', async () => {
  const databasePath = temporaryPath()
  const [store, reader] = [open(databasePath), open(databasePath)]
  await store.append([batch('a', 0, 1200)])
  for (const target of ['a', {}]) {
    const followed = reader.subscribe(target)[Symbol.asyncIterator]()
    await followed.next()
    const db = new Database(databasePath)
    expect(db.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }])
    db.close()
    await followed.return?.()
  }
})

it('whoever follows a rare event reads on through many others, a part at a time', async () => {
  const store = open(':memory:')
  await store.append([batch('a', 0, 12_000), { executionId: 'b', writer: 'w', events: run('b', 1), expectedSeq: 0 }])
  const [found] = await take(store.subscribe({ types: ['workflow:finish'] }), 1)
  expect(found?.event).toMatchObject({ executionId: 'b', seq: 2 })
  expect(found?.cursor).toBe('12003')
})

it('a run that is removed while it is followed is over', async () => {
  const databasePath = temporaryPath()
  const [store, other] = [open(databasePath), open(databasePath)]
  await store.append([batch('a', 0, 2)])
  for (const remover of [store, other]) {
    const followed = take(store.subscribe('a'), Infinity)
    await remover.delete('a')
    expect((await followed).length).toBeLessThanOrEqual(2)
    await store.append([batch('a', 0, 2)])
  }
})

it('nothing is looked for when nobody waits any more', async () => {
  const store = open(temporaryPath())
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const stop = new AbortController()
  const waiting = [
    store.subscribe('a', { signal: stop.signal }),
    store.subscribe({ tag: 'eu' }, { signal: stop.signal }),
  ].map((each) => take(each, 1))
  await Promise.resolve()
  expect(timers()).toBe(before + 1)
  stop.abort()
  expect(await Promise.all(waiting)).toEqual([[], []])
  expect(timers()).toBe(before)
})

async function take(followed: AsyncIterable<FollowedEvent>, count: number): Promise<FollowedEvent[]> {
  const taken: FollowedEvent[] = []
  for await (const each of followed) if (taken.push(each) === count) break
  return taken
}

function open(databasePath: string): SqliteHistoryAdapter {
  const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  opened.push(store)
  return store
}
