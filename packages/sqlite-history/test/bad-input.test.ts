import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import { afterEach, describe, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { EventWriter } from '../src/event-writer.ts'
import { SqliteHistoryAdapter, type SqliteHistoryOptions } from '../src/index.ts'
import { createTables, tableNamesOf } from '../src/schema.ts'
import { prepareStatements } from '../src/statements.ts'
import { storeError } from '../src/store-error.ts'
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
    change(path, 'UPDATE flowcraft_events_schema SET version = 99')
    const before = readFileSync(path)
    expect(refusal({ databasePath: path })).toContain('version 99')
    expect(refusal({ databasePath: path, readonly: true })).toContain('install the one that fits')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('tables of the same name that belong to something else', () => {
    const path = temporaryPath()
    change(path, 'CREATE TABLE Flowcraft_Events (id TEXT)')
    const before = readFileSync(path)
    expect(refusal({ databasePath: path })).toContain('choose another tableName')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('a missing file or folder, or no history, when it may only be read', () => {
    const path = temporaryPath('missing/history.db')
    expect(refusal({ databasePath: path, readonly: true })).toContain('there is no such file')
    expect(existsSync(dirname(path))).toBe(false)
    const empty = temporaryPath()
    change(empty, 'CREATE TABLE other (id TEXT)')
    expect(refusal({ databasePath: empty, readonly: true })).toContain('it has no table "flowcraft_events_schema"')
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
  const db = new Database(':memory:')
  const names = tableNamesOf('events')
  createTables(db, names)
  const writer = new EventWriter(db, prepareStatements(db, names))
  writer.append([batch('a', 0, 10)])
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)
  const full = thrownBy(() => writer.append([batch('b', 0, 5), batch('a', 10, 2000)]))
  expect(storeError('file.db', 'append events', full).message).toContain(
    `'file.db' could not append events: database or disk is full; no room is left`,
  )
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(10)
  db.pragma('max_page_count = 100000')
  expect(writer.append([batch('b', 0, 5), batch('a', 10, 2000)])).toEqual([{ executionId: 'b' }, { executionId: 'a' }])
})

it('fails only the execution whose rows are damaged', async () => {
  const path = await history()
  change(path, `INSERT INTO flowcraft_events (run, seq, type, timestamp, payload) VALUES (1, 1, 40, 0, '{}')`)
  const store = new SqliteHistoryAdapter({ databasePath: path })
  const outcomes = await store.append([batch('b', 0, 2), batch('a', 1, 1), batch('c', 0, 1)])
  expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, 'HISTORY_CORRUPT', undefined])
  expect(await store.retrieve('b')).toHaveLength(2)
  await store.close()
})

it('says which event cannot be read', async () => {
  const path = await history()
  change(path, `UPDATE flowcraft_events SET payload = '{"x":'`)
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

function change(path: string, sql: string): void {
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
