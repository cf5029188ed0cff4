import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import { afterEach, describe, expect, it } from 'vitest'
import { batch, change, event } from '../../flowcraft/test/history/events.ts'
import { Claims } from '../src/claims.ts'
import { EventWriter } from '../src/event-writer.ts'
import { ExecutionTable } from '../src/execution-table.ts'
import { SqliteHistoryAdapter, type SqliteHistoryOptions } from '../src/index.ts'
import { createTables } from '../src/schema.ts'
import { prepareStatements } from '../src/statements.ts'
import { storeError } from '../src/store-error.ts'
import { tableNamesOf } from '../src/table-names.ts'
import { writeLockOf } from '../src/write-lock.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

afterEach(removeFolders)

describe('a file that cannot hold a history is refused by name, and left as it is:', () => {
  it('a folder', () => {
    const path = temporaryPath('folder')
    mkdirSync(path)
    expect(refusal({ databasePath: path })).toContain(`'${path}' could not be opened: it is a folder`)
  })

  it('a file that is not SQLite', () => {
    const path = temporaryPath('notes.txt')
    const text = 'My notes, which are dear to me. '.repeat(100)
    writeFileSync(path, text)
    expect(refusal({ databasePath: path })).toContain(`'${path}' could not be opened: file is not a database`)
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(readdirSync(dirname(path))).toEqual(['notes.txt'])
  })

  it('tables of a newer version', async () => {
    const path = await history()
    alter(path, 'UPDATE flowcraft_events_schema SET version = 99')
    const before = readFileSync(path)
    expect(refusal({ databasePath: path })).toContain('version 99')
    expect(refusal({ databasePath: path, readonly: true })).toContain('install the one that fits')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('tables of the same name that belong to something else', () => {
    const path = temporaryPath()
    alter(path, 'CREATE TABLE Flowcraft_Events (id TEXT)')
    const before = readFileSync(path)
    expect(refusal({ databasePath: path })).toContain('choose another tableName')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('a missing file or folder, or no history, when it may only be read', () => {
    const path = temporaryPath('missing/history.db')
    expect(refusal({ databasePath: path, readonly: true })).toContain('there is no such file')
    expect(existsSync(dirname(path))).toBe(false)
    const empty = temporaryPath()
    alter(empty, 'CREATE TABLE other (id TEXT)')
    expect(refusal({ databasePath: empty, readonly: true })).toContain('it has no table "flowcraft_events_schema"')
  })

  it.each(['', '_executions', '_tags', '_blueprints', '_owners'])(
    'tables of which flowcraft_events%s is gone',
    async (end) => {
      const path = await history()
      alter(path, `DROP TABLE flowcraft_events${end}`)
      const before = readFileSync(path)
      expect(refusal({ databasePath: path, walMode: false })).toMatch(/could not be opened: no such .*restore the file/)
      expect(readFileSync(path).equals(before)).toBe(true)
    },
  )

  it.runIf(process.platform === 'linux')('a folder in which none can be made', () => {
    expect(refusal({ databasePath: '/proc/history/x.db' })).toContain(`'/proc/history/x.db' could not be opened`)
  })

  it('a path below a file', () => {
    const path = temporaryPath('file')
    writeFileSync(path, '')
    expect(refusal({ databasePath: `${path}/history.db` })).toContain(path)
  })
})

it.each([
  [{ databasePath: '' }, 'databasePath'],
  [{ databasePath: 'a\0b' }, 'databasePath'],
  [{ databasePath: ':memory:', synchronous: 'OFF' }, 'synchronous'],
  [{ databasePath: ':memory:', busyTimeout: -1 }, 'busyTimeout'],
  [{ databasePath: ':memory:', readonly: true }, 'readonly needs a file'],
  [{ databasePath: ':memory:', tableName: '' }, 'tableName'],
  [{ databasePath: ':memory:', tableName: 'sqlite_x' }, 'tableName'],
  [{ databasePath: ':memory:', tableName: 'a\0b' }, 'tableName'],
  [{ databasePath: ':memory:', walMode: 'yes' }, 'walMode is "yes"; expected true or false'],
  [{ databasePath: ':memory:', readonly: 1 }, 'readonly'],
  [{ databasePath: ':memory:', walmode: false }, 'no option "walmode": did you mean walMode?'],
  [{ databasePath: ':memory:', path: 'x' }, 'no option "path": the options are databasePath, '],
  [undefined, 'the argument'],
  [null, 'the argument'],
])('refuses the options %j', (options, reason) => {
  // What a caller without types may pass.
  expect(refusal(options as SqliteHistoryOptions)).toContain(reason)
})

it('reads with readonly, and refuses to write', async () => {
  const path = await history()
  const store = new SqliteHistoryAdapter({ databasePath: path, readonly: true })
  const writes = [
    () => store.append([batch('a', 1, 1)]),
    () => store.store(batch('a', 1, 1).events[0]!, 'a'),
    () => store.clear(),
    () => store.saveBlueprint('h', { id: 'flow', nodes: [], edges: [] }),
    () => store.delete('a'),
    () => store.prune({ olderThan: 0 }),
    () => store.renew('me', 1000),
    () => store.claim({ executionId: 'a', expectedSeq: 1, event: change('a', 1), owner: 'me', writer: 'mine' }),
  ]
  for (const write of writes) await expect(write()).rejects.toThrow(`'${path}' could not`)
  expect(await store.retrieve('a')).toHaveLength(1)
  await store.close()
  await expect(store.clear()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
})

it.each(['a\0b', '\ud800'])('refuses the execution id %j, and knows nothing of it', async (id) => {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  const [outcome, neighbour] = await store.append([batch(id, 0, 1), batch('\ufffd', 0, 1)])
  expect(outcome?.error).toMatchObject({ code: 'EVENT_STORE_FAILED', executionId: id })
  expect(neighbour?.error).toBeUndefined()
  expect(await store.retrieve(id)).toEqual([])
})

it('keeps all that was stored when the disk is full, and goes on once there is room', () => {
  const { db, writer, setRoom } = smallDisk()
  writer.append([batch('a', 0, 10)])
  setRoom('none')
  const full = thrownBy(() => writer.append([batch('b', 0, 5), batch('a', 10, 2000)]))
  expect(storeError('file.db', 'append events', full).message).toContain(
    `'file.db' could not append events: database or disk is full; no room is left`,
  )
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(10)
  setRoom('plenty')
  expect(writer.append([batch('b', 0, 5), batch('a', 10, 2000)])).toEqual([{ executionId: 'b' }, { executionId: 'a' }])
})

it('changes nothing of a family when the disk is full in the middle of a claim, and can claim it later', () => {
  const { db, writer, claims, setRoom } = smallDisk()
  writer.append([batch('root', 0, 10), batch('child', 0, 10)])
  const heads = db.prepare('SELECT id, last_seq, writer, owner FROM events_executions').raw()
  const before = heads.all()
  const event = change('root', 10)
  const family = [{ executionId: 'child', expectedSeq: 10, event: change('child', 10, 'x'.repeat(100_000)) }]
  const claim = { executionId: 'root', expectedSeq: 10, event, family, owner: 'me', writer: 'mine' }
  setRoom('none')
  expect(thrownBy(() => claims.claim(claim))).toMatchObject({ code: 'SQLITE_FULL' })
  expect(heads.all()).toEqual(before)
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(20)
  setRoom('plenty')
  claims.claim(claim)
  expect(heads.all()).toEqual([
    ['root', 10, 'mine', 'me'],
    ['child', 10, 'mine', 'me'],
  ])
  expect(writer.append([batch('root', 10, 2), batch('root', 11, 2, 'mine')])[0]?.error?.code).toBe(
    'CONCURRENCY_CONFLICT',
  )
})

it('says so when another process holds the file, changes nothing, and goes on once it lets go', async () => {
  const path = await history()
  const store = new SqliteHistoryAdapter({ databasePath: path, busyTimeout: 0 })
  const claim = { executionId: 'a', expectedSeq: 1, event: change('a', 1), owner: 'me', writer: 'mine' }
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  const writes = [
    () => store.claim(claim),
    () => store.renew('me', 1000),
    () => store.delete('a'),
    () => store.prune({ olderThan: Date.now(), status: 'running' }),
  ]
  for (const write of writes) await expect(write()).rejects.toThrow('raise busyTimeout')
  expect((await store.list()).items).toMatchObject([{ executionId: 'a', lastSeq: 0, isOwned: false }])
  other.exec('COMMIT')
  other.close()
  for (const write of writes.slice(0, 2)) await write()
  expect((await store.list()).items).toMatchObject([{ executionId: 'a', lastSeq: 1, isOwned: true }])
  await store.close()
})

it('says so when the file is damaged', async () => {
  const path = await history()
  const db = new Database(path)
  const pages = db.prepare<[], number>(
    `SELECT rootpage FROM sqlite_master WHERE rootpage > 0 AND tbl_name <> 'flowcraft_events_schema'`,
  )
  const bytes = readFileSync(path)
  for (const page of pages.pluck().all()) bytes.fill(0x55, (page - 1) * 4096, page * 4096)
  db.close()
  writeFileSync(path, bytes)
  const store = new SqliteHistoryAdapter({ databasePath: path, walMode: false })
  const calls = [
    () => store.list(),
    () => store.due(Date.now()),
    () => store.claim({ executionId: 'a', expectedSeq: 1, event: change('a', 1), owner: 'me', writer: 'mine' }),
    () => store.prune({ olderThan: Date.now(), status: 'running' }),
    async () => await store.subscribe('a')[Symbol.asyncIterator]().next(),
  ]
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({
      code: 'EVENT_STORE_FAILED',
      message: expect.stringContaining('restore it'),
    })
  }
  await store.close()
})

it('fails only the execution whose events make no sense', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  const odd = {
    get reason(): never {
      throw new Error('no')
    },
  }
  const pause = event('a', 0, 'workflow:pause', { waiting: [odd] })
  const [bad, good] = await store.append([
    { executionId: 'a', writer: 'w', events: [pause], expectedSeq: 0 },
    batch('b', 0, 1),
  ])
  expect(bad?.error).toMatchObject({ code: 'EVENT_STORE_FAILED', executionId: 'a' })
  expect(good?.error).toBeUndefined()
  await store.close()
})

it('fails only the execution whose rows are damaged', async () => {
  const path = await history()
  alter(path, `INSERT INTO flowcraft_events (run, seq, type, timestamp, payload) VALUES (1, 1, 40, 0, '{}')`)
  const store = new SqliteHistoryAdapter({ databasePath: path })
  const outcomes = await store.append([batch('b', 0, 2), batch('a', 1, 1), batch('c', 0, 1)])
  expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, 'HISTORY_CORRUPT', undefined])
  expect(await store.retrieve('b')).toHaveLength(2)
  await store.close()
})

it('says which event cannot be read', async () => {
  const path = await history()
  alter(path, `UPDATE flowcraft_events SET payload = '{"x":'`)
  const store = new SqliteHistoryAdapter({ databasePath: path, readonly: true })
  await expect(store.retrieve('a')).rejects.toMatchObject({ code: 'HISTORY_CORRUPT', executionId: 'a' })
  await store.close()
})

/** A file with one execution, 'a', of one event. */
async function history(): Promise<string> {
  const databasePath = temporaryPath()
  const store = new SqliteHistoryAdapter({ databasePath, walMode: false })
  await store.append([batch('a', 0, 1)])
  await store.close()
  return databasePath
}

interface SmallDisk {
  readonly db: Database.Database
  readonly writer: EventWriter
  readonly claims: Claims
  readonly setRoom: (room: 'none' | 'plenty') => void
}

/** The parts of a store on a disk whose size can be changed. */
function smallDisk(): SmallDisk {
  const db = new Database(':memory:')
  const names = tableNamesOf('events')
  createTables(db, names)
  const statements = prepareStatements(db, names)
  const table = new ExecutionTable(statements)
  const lock = writeLockOf(db, table)
  const setRoom = (room: 'none' | 'plenty'): void => {
    const pages = room === 'none' ? db.pragma('page_count', { simple: true }) : 100_000
    db.pragma(`max_page_count = ${String(pages)}`)
  }
  return { db, writer: new EventWriter(lock, table), claims: new Claims(db, names, lock, table), setRoom }
}

function alter(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

function refusal(options: SqliteHistoryOptions): string {
  const error = thrownBy(() => new SqliteHistoryAdapter(options))
  expect(error).toBeInstanceOf(EventStoreError)
  return (error as EventStoreError).message
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('expected a throw')
}
