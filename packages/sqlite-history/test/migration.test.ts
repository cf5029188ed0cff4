import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, expect, it } from 'vitest'
import { batch, change, event } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const fixture = new URL('fixtures/tables-version-1.sql', import.meta.url)
const t0 = 1_700_000_000_000

afterEach(removeFolders)

it('a file of version 1 is brought to the present one when it is opened, and knows of its runs what version 1 did not note', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: oldFile() })
  const { items } = await store.list({}, { limit: 100 })
  const about = items.map(({ executionId, status, errorCount, wakeUpAt, tags, isOwned }) => {
    return [executionId, status, errorCount, wakeUpAt, tags.join(), isOwned]
  })
  expect(about).toEqual([
    ['root', 'awaiting', 0, undefined, '', false],
    ['completed', 'completed', 0, undefined, '', false],
    ['failed', 'failed', 2, undefined, 'eu', false],
    ['woken', 'running', 0, undefined, '', false],
    ['stuck', 'stalled', 0, undefined, '', false],
    ['paused', 'awaiting', 0, undefined, '', false],
    ['sleeping', 'awaiting', 0, t0 + 5000, 'nightly,eu', false],
    ['running', 'running', 0, undefined, '', false],
  ])
  expect((await store.list({ parent: 'root' })).items).toMatchObject([{ executionId: 'root:inner#0', parent: 'root' }])
  expect((await store.list({ tag: 'eu' })).items.map(({ executionId }) => executionId)).toEqual(['failed', 'sleeping'])
  expect(items.find(({ executionId }) => executionId === 'failed')).toMatchObject({
    startedAt: t0,
    updatedAt: t0 + 2,
    finishedAt: t0 + 2,
    blueprintHash: 'hash',
  })
  expect(await store.due(t0 + 5000)).toEqual([
    { executionId: 'sleeping', reason: 'timer' },
    { executionId: 'running', reason: 'abandoned' },
    { executionId: 'woken', reason: 'abandoned' },
  ])
  await store.close()
})

it('the events of version 1 are there, in the order of their commits, and their runs go on', async () => {
  const databasePath = oldFile()
  const store = new SqliteHistoryAdapter({ databasePath })
  expect(await store.retrieve('running')).toMatchObject([{ type: 'workflow:start' }, change('running', 1)])
  expect((await store.retrieve('completed'))[1]).toEqual(change('completed', 1, new Map([['k', 2n]])))
  expect(await store.loadBlueprint('hash')).toEqual({ id: 'flow', nodes: [], edges: [] })
  const resume = event('sleeping', 3, 'workflow:resume', { reason: 'timer', nodeId: 'nap' })
  expect(
    await store.append([
      batch('running', 2, 2),
      { executionId: 'sleeping', writer: 'other', events: [resume], expectedSeq: 3 },
    ]),
  ).toEqual([{ executionId: 'running' }, { executionId: 'sleeping' }])
  expect(await store.retrieve('running')).toHaveLength(4)
  expect(await store.due(t0 + 9000)).not.toContainEqual({ executionId: 'sleeping', reason: 'timer' })
  await store.close()
  const db = new Database(databasePath, { readonly: true })
  const ordered = db.prepare('SELECT run, seq FROM flowcraft_events ORDER BY position').raw().all() as number[][]
  expect(ordered.slice(8, 11)).toEqual([
    [9, 0],
    [1, 1],
    [2, 1],
  ])
  expect(ordered.slice(-3)).toEqual([
    [1, 2],
    [1, 3],
    [2, 3],
  ])
  db.close()
})

it('the tables of a file that was brought to the present version are those of a new one', async () => {
  const migrated = oldFile()
  const fresh = temporaryPath()
  for (const databasePath of [migrated, fresh]) await new SqliteHistoryAdapter({ databasePath }).close()
  expect(shapeOf(migrated)).toEqual(shapeOf(fresh))
})

it('a run with a damaged event keeps what version 1 noted of it, and hinders no other', async () => {
  const databasePath = oldFile(`UPDATE flowcraft_events SET payload = '{"x":' WHERE run = 6 AND seq = 0`)
  const store = new SqliteHistoryAdapter({ databasePath })
  expect((await store.list({ executionId: 'failed' })).items).toMatchObject([
    { status: 'failed', errorCount: 2, tags: [] },
  ])
  expect((await store.list({ tag: 'eu' })).items).toMatchObject([{ executionId: 'sleeping' }])
  await expect(store.retrieve('failed')).rejects.toMatchObject({ code: 'HISTORY_CORRUPT' })
  await store.close()
})

it('a file of version 1 that may only be read is refused with what to do, and left as it is', () => {
  const databasePath = oldFile()
  const before = readFileSync(databasePath)
  expect(() => new SqliteHistoryAdapter({ databasePath, readonly: true })).toThrow(
    'open the file once without readonly',
  )
  expect(readFileSync(databasePath).equals(before)).toBe(true)
})

it('a migration that fails changes nothing', () => {
  const databasePath = oldFile('CREATE TABLE flowcraft_events_owners (mine TEXT)')
  const before = readFileSync(databasePath)
  expect(() => new SqliteHistoryAdapter({ databasePath })).toThrow('choose another tableName')
  expect(readFileSync(databasePath).equals(before)).toBe(true)
  const half = oldFile(`CREATE VIEW flowcraft_events_by_parent AS SELECT 1`)
  expect(() => new SqliteHistoryAdapter({ databasePath: half })).toThrow('could not be opened')
  const db = new Database(half)
  expect(db.prepare('SELECT version FROM flowcraft_events_schema').pluck().get()).toBe(1)
  expect(db.prepare('SELECT count(*) FROM flowcraft_events_view').pluck().get()).toBe(22)
  db.close()
})

it('several processes may open a file of version 1 at once', { timeout: 60_000 }, async () => {
  const databasePath = oldFile()
  const script = fileURLToPath(new URL('fixtures/work-on-runs.ts', import.meta.url))
  const task = JSON.stringify({ flow: 'approval' })
  const options = ['--import', 'tsx', '--conditions', 'flowcraft-src', script, databasePath, task]
  const processes = Array.from({ length: 4 }, () => spawn(process.execPath, options, { stdio: 'ignore' }))
  const ends = await Promise.all(processes.map((child) => once(child, 'exit')))
  expect(ends.map(([code]) => code as unknown)).toEqual([0, 0, 0, 0])
  const store = new SqliteHistoryAdapter({ databasePath })
  expect((await store.list({}, { limit: 100 })).items).toHaveLength(12)
  expect((await store.list({ blueprintId: 'approval', status: 'awaiting' })).items).toHaveLength(4)
  await store.close()
})

/** A file as version 1 left it. */
function oldFile(andThen = ''): string {
  const path = temporaryPath()
  const db = new Database(path)
  db.exec(readFileSync(fixture, 'utf8') + andThen)
  db.close()
  return path
}

function shapeOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  const names = db.prepare('SELECT type, name FROM sqlite_master ORDER BY name').all() as { name: string }[]
  const shape = names.map((each) => [
    each,
    db.pragma(`table_xinfo("${each.name}")`),
    db.pragma(`index_list("${each.name}")`),
    db.pragma(`index_xinfo("${each.name}")`),
  ])
  const version = db.prepare('SELECT version FROM flowcraft_events_schema').pluck().all()
  db.close()
  return [shape, version]
}
