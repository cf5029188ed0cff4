import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { forkOf } from './fork-of.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const fixture = new URL('fixtures/tables-version-2.sql', import.meta.url)
const tables = ['', '_executions', '_tags', '_owners', '_blueprints'].map((suffix) => `flowcraft_events${suffix}`)

afterEach(removeFolders)

it('every row of a file of version 2 is as it was when it was brought to version 3', async () => {
  const databasePath = oldFile()
  const before = rowsOf(databasePath)
  expect(before.map((rows) => rows.length)).toEqual([18, 6, 2, 0, 1])
  await new SqliteHistoryAdapter({ databasePath }).close()
  expect(rowsOf(databasePath)).toEqual(before)
})

it('what version 2 stored is forked, and both go on', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: oldFile() })
  const source = await store.retrieve('completed')
  expect(source.map(({ type }) => type)).toEqual(['workflow:start', 'node:start', 'node:finish', 'workflow:finish'])
  await store.fork(forkOf('fork', 'completed', 2))
  expect(await store.append([batch('fork', 4, 2, 'f'), batch('running', 2, 1)])).toEqual([
    { executionId: 'fork' },
    { executionId: 'running' },
  ])
  const fork = await store.retrieve('fork')
  expect(fork.map(({ type }) => type)).toEqual([
    ...source.slice(0, 3).map(({ type }) => type),
    'workflow:fork',
    'context:change',
    'context:change',
  ])
  expect(fork.every(({ executionId, payload }) => executionId === 'fork' && payload.executionId === 'fork')).toBe(true)
  expect((await store.list({ tag: '"nightly"' })).items).toMatchObject([
    { executionId: 'fork', forkedFrom: { executionId: 'completed', seq: 2 }, tags: ['eu', '"nightly"'] },
    { executionId: 'completed' },
  ])
  await store.close()
})

it('the tables are those of a new file', async () => {
  const migrated = oldFile()
  const fresh = temporaryPath()
  for (const databasePath of [migrated, fresh]) await new SqliteHistoryAdapter({ databasePath }).close()
  expect(shapeOf(migrated)).toEqual(shapeOf(fresh))
})

it('a file of version 2 that may only be read is refused with what to do, and left as it is', () => {
  const databasePath = oldFile()
  const before = readFileSync(databasePath)
  const open = (): unknown => new SqliteHistoryAdapter({ databasePath, readonly: true })
  expect(open).toThrow('have version 2, which cannot be read as it is: open the file once without readonly')
  expect(readFileSync(databasePath).equals(before)).toBe(true)
})

it('a table of the same name that is of somebody else is left alone, and so is all the rest', () => {
  const databasePath = oldFile('CREATE TABLE flowcraft_events_lineage (mine TEXT)')
  const before = readFileSync(databasePath)
  expect(() => new SqliteHistoryAdapter({ databasePath })).toThrow('choose another tableName')
  expect(readFileSync(databasePath).equals(before)).toBe(true)
})

/** A file as version 2 left it. */
function oldFile(andThen = ''): string {
  const path = temporaryPath()
  const db = new Database(path)
  db.exec(readFileSync(fixture, 'utf8') + andThen)
  db.close()
  return path
}

function rowsOf(path: string): unknown[][] {
  const db = new Database(path, { readonly: true })
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all())
  db.close()
  return rows
}

/** Each table, index and view with what made it, whatever blanks are in it. */
function shapeOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  const made = db.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').raw().all() as [string, string | null][]
  const version = db.prepare('SELECT version FROM flowcraft_events_schema').pluck().all()
  db.close()
  return [made.map(([name, sql]) => [name, sql?.replaceAll(/\s+/g, ' ')]), version]
}
