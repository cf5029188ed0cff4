import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import Database from 'better-sqlite3'
import { batch, change, event, run } from '../../flowcraft/test/history/events.ts'
import { decodeValue, encodeValue } from 'flowcraft'
import { SqliteHistoryAdapter, type SqliteHistoryOptions } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const opened: SqliteHistoryAdapter[] = []

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  removeFolders()
})

describe('what was stored', () => {
  it('is there after closing and opening again, and the same writer goes on', async () => {
    const databasePath = temporaryPath()
    const first = open({ databasePath })
    await first.append([{ executionId: 'done', writer: 'w', events: run('done', 2), expectedSeq: 0 }, batch('a', 0, 2)])
    await first.saveBlueprint('h', { id: 'flow', nodes: [], edges: [] })
    await first.close()
    const second = open({ databasePath })
    expect(await second.retrieve('done')).toEqual(run('done', 2))
    expect(await second.loadBlueprint('h')).toEqual({ id: 'flow', nodes: [], edges: [] })
    expect(await second.append([batch('a', 1, 2)])).toEqual([{ executionId: 'a' }])
    expect(await second.retrieve('a')).toEqual(batch('a', 0, 3).events)
  })

  it('comes back equal for values of every kind', async () => {
    const shared = { n: 1 }
    const cycle: Record<string, unknown> = { name: 'cycle' }
    cycle['self'] = cycle
    const plain = [null, undefined, NaN, Infinity, -Infinity, -0, 0.1, 2 ** 53 + 2, 10n ** 30n, true]
    const texts = ['', 'a\0b', '\ud800', '\u{1f389}', 'x'.repeat(1_000_000)]
    const values: readonly unknown[] = [
      ...plain,
      ...texts,
      new Date(0),
      new Date(NaN),
      /a\/b/giu,
      new URL('https://example.org/?q=1#h'),
      [1, undefined, [null]],
      new Map<unknown, unknown>([[{ key: 1 }, new Set([1, 'two'])]]),
      new Error('outer', { cause: new TypeError('inner') }),
      new Uint8Array([0, 1, 255]),
      new Float64Array([1.5, -0]),
      new Uint8Array([7, 8]).buffer,
      Buffer.from('bytes'),
      [shared, shared],
      cycle,
      JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'),
    ]
    const events = values.map((value, seq) => change('a', seq, recorded(value)))
    const store = open({ databasePath: temporaryPath() })
    expect(await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }])).toEqual([
      { executionId: 'a' },
    ])
    const stored = await store.retrieve('a')
    expect(stored).toStrictEqual(events)
    expect(Object.is(valueOf(stored[5]), -0)).toBe(true)
    expect({}).not.toHaveProperty('polluted')
  })

  it('leaves nothing of a batch behind whose value cannot be written, and keeps its neighbours', async () => {
    const store = open({ databasePath: ':memory:' })
    const unwritable = event('bad', 1, 'node:start', { input: () => 1 })
    const bad = { executionId: 'bad', writer: 'w', events: [change('bad', 0), unwritable], expectedSeq: 0 }
    const [good, outcome] = await store.append([batch('good', 0, 1), bad])
    expect(good?.error).toBeUndefined()
    expect(outcome?.error).toMatchObject({ code: 'SERIALIZATION_FAILED' })
    expect(await store.getStats()).toEqual({ totalEvents: 1, executions: 1 })
  })

  it('can be asked about in SQL', async () => {
    const databasePath = temporaryPath()
    const store = open({ databasePath })
    const error = { message: 'm', name: 'E', blueprintId: 'flow', executionId: 'a', isFatal: false, timestamp: 't' }
    const finish = event('a', 1, 'workflow:finish', { status: 'failed', durationMs: 1, errors: [error] })
    const events = [run('a')[0]!, finish, event('a', 2, 'signal:sent', {})]
    await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }, batch('b', 0, 2)])
    const db = new Database(databasePath, { readonly: true })
    const executions = db.prepare(
      'SELECT id, blueprint_id, blueprint_version, status, finished_at - started_at AS took, error_count, last_seq ' +
        'FROM flowcraft_events_executions',
    )
    expect(executions.raw().all()).toEqual([
      ['a', 'flow', '1.0', 'failed', 1, 1, 2],
      ['b', 'flow', null, 'running', null, 0, 1],
    ])
    const types = db.prepare(`SELECT type FROM flowcraft_events_view WHERE execution_id = 'a' ORDER BY seq`)
    expect(types.pluck().all()).toEqual(['workflow:start', 'workflow:finish', 'signal:sent'])
    expect(db.pragma('application_id', { simple: true })).toBe(0x666c6f77)
    expect(db.pragma('auto_vacuum', { simple: true })).toBe(2)
    db.close()
  })

  it('does not put the ids of an execution into each of its rows', async () => {
    const databasePath = temporaryPath()
    const id = 'a-rather-long-execution-id'
    await open({ databasePath }).append([batch(id, 0, 1)])
    const db = new Database(databasePath, { readonly: true })
    expect(db.prepare('SELECT payload FROM flowcraft_events').pluck().get()).not.toContain(id)
    db.close()
  })
})

describe('two connections to one file', () => {
  it('cannot both write an execution: one wins, the other gets a ConcurrencyError and changes nothing', async () => {
    const databasePath = temporaryPath()
    const [one, two] = [open({ databasePath }), open({ databasePath })]
    for (let round = 0; round < 20; round++) {
      const id = `run ${round}`
      const outcomes = await Promise.all([one.append([batch(id, 0, 2, 'one')]), two.append([batch(id, 0, 2, 'two')])])
      expect(outcomes.flat().filter(({ error }) => error === undefined)).toHaveLength(1)
      expect(outcomes.flat().find(({ error }) => error !== undefined)?.error?.code).toBe('CONCURRENCY_CONFLICT')
      expect(await two.retrieve(id)).toEqual(batch(id, 0, 2).events)
    }
  })

  it('see what the other has changed, whatever they remember themselves', async () => {
    const databasePath = temporaryPath()
    const [one, two] = [open({ databasePath }), open({ databasePath })]
    await one.append([batch('a', 0, 2)])
    await two.append([batch('a', 2, 2)])
    expect(await one.append([batch('a', 2, 3)])).toEqual([{ executionId: 'a' }])
    expect(await two.retrieve('a')).toEqual(batch('a', 0, 5).events)
    await two.clear()
    await two.append([batch('b', 0, 5)])
    expect((await one.append([batch('a', 5, 1)]))[0]?.error?.code).toBe('HISTORY_CORRUPT')
    expect(await one.retrieve('b')).toEqual(batch('b', 0, 5).events)
  })

  it('wait for each other no longer than busyTimeout, and say what to do', async () => {
    const databasePath = temporaryPath()
    const store = open({ databasePath, busyTimeout: 0 })
    const other = new Database(databasePath)
    other.exec('BEGIN IMMEDIATE')
    await expect(store.append([batch('a', 0, 1)])).rejects.toMatchObject({
      code: 'EVENT_STORE_FAILED',
      message: expect.stringContaining('raise busyTimeout'),
      cause: expect.objectContaining({ code: 'SQLITE_BUSY' }),
    })
    other.close()
    expect(await store.append([batch('a', 0, 1)])).toEqual([{ executionId: 'a' }])
  })

  it('keep two histories apart by tableName, even a hostile one', async () => {
    const databasePath = temporaryPath()
    const tableName = `x"; DROP TABLE flowcraft_events; --'.\u00e9`
    const [plain, hostile] = [open({ databasePath }), open({ databasePath, tableName })]
    await plain.append([batch('a', 0, 3)])
    await hostile.append([batch('a', 0, 1, 'other')])
    expect((await plain.retrieve('a')).length).toBe(3)
    expect(await open({ databasePath, tableName }).retrieve('a')).toEqual([change('a', 0)])
  })
})

it('makes the folder of the file', () => {
  const databasePath = temporaryPath('deep/er/history.db')
  open({ databasePath })
  expect(existsSync(databasePath)).toBe(true)
})

function open(options: SqliteHistoryOptions): SqliteHistoryAdapter {
  const store = new SqliteHistoryAdapter(options)
  opened.push(store)
  return store
}

function valueOf(stored: { payload: object } | undefined): unknown {
  return stored && Reflect.get(stored.payload, 'value')
}

/** A value as a run would record it. */
function recorded(value: unknown): unknown {
  const { json, notes } = encodeValue(value)
  return decodeValue(json, notes)
}
