import Database from 'better-sqlite3'
import fc from 'fast-check'
import { InMemoryEventStore, type EventBatch } from 'flowcraft'
import { afterEach, describe, expect, it } from 'vitest'
import { batchOf, event, eventTypes } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'
import { checkedWith } from '../../flowcraft/test/laws/runs.ts'

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  removeFolders()
})

describe('the status of an execution', () => {
  it.each([
    ['running', ['workflow:start', 'node:wait']],
    ['awaiting', ['workflow:start', 'workflow:pause']],
    ['awaiting', ['workflow:start', 'workflow:stall']],
    ['running', ['workflow:start', 'workflow:pause', 'workflow:resume']],
    ['running', ['workflow:start', 'workflow:stall', 'workflow:resume', 'node:finish']],
    ['awaiting', ['workflow:start', 'workflow:pause', 'workflow:resume', 'node:finish', 'workflow:stall']],
    ['running', ['workflow:start', 'workflow:pause', 'workflow:cancel']],
    ['completed', ['workflow:start', 'workflow:pause', 'workflow:resume', 'workflow:finish']],
  ] as const)('is %s behind %j, in one batch or in several', async (status, types) => {
    const { store, db } = open()
    await store.append([batchOf('at once', 0, types)])
    await store.append([batchOf('in two', 0, types.slice(0, 2)), batchOf('in two', 2, types.slice(2))])
    for (const [seq, type] of types.entries()) await store.append([batchOf('bit by bit', seq, [type])])
    for (const [seq, type] of types.entries()) await store.store(batchOf('single', seq, [type]).events[0]!, 'single')
    expect(db.prepare('SELECT status FROM flowcraft_events_executions').pluck().all()).toEqual(Array(4).fill(status))
  })

  it('is stalled when something is left that cannot run', async () => {
    const { store, db } = open()
    const stuck = [{ nodeId: 'b', reason: 'no target of the run needs it' }]
    const stall = event('a', 0, 'workflow:stall', { remainingNodes: 1, waiting: [], stuck })
    const status = db.prepare('SELECT status FROM flowcraft_events_executions').pluck()
    await store.append([{ executionId: 'a', writer: 'first', events: [stall], expectedSeq: 0 }])
    expect(status.get()).toBe('stalled')
    expect(await appended(store, batchOf('a', 1, ['workflow:resume'], 'second'))).toBe('done')
    expect(status.get()).toBe('running')
  })

  it('is written only when it changes: an ordinary append is one update and its events', async () => {
    const { store, db } = open()
    db.exec(`
      CREATE TABLE counts (what TEXT);
      CREATE TRIGGER of_row AFTER UPDATE ON flowcraft_events_executions BEGIN INSERT INTO counts VALUES ('row'); END;
      CREATE TRIGGER of_status AFTER UPDATE OF status ON flowcraft_events_executions
        BEGIN INSERT INTO counts VALUES ('status'); END`)
    const takeCounts = db.prepare<[], { what: string }>('DELETE FROM counts RETURNING what')
    const written = async (batch: EventBatch): Promise<string[]> => {
      expect(await appended(store, batch)).toBe('done')
      return takeCounts
        .all()
        .map(({ what }) => what)
        .toSorted()
    }
    expect(await written(batchOf('a', 0, ['workflow:start', 'node:start']))).toEqual([])
    expect(await written(batchOf('a', 2, ['node:finish', 'node:wait']))).toEqual(['row'])
    expect(await written(batchOf('a', 4, ['workflow:pause']))).toEqual(['row', 'row', 'status'])
    expect(await written(batchOf('a', 5, ['workflow:pause']))).toEqual(['row'])
    // It wakes up by itself now.
    expect(await written(batchOf('a', 6, ['workflow:stall']))).toEqual(['row', 'row', 'status'])
    expect(await written(batchOf('a', 7, ['workflow:resume'], 'other'))).toEqual(['row', 'row', 'status'])
    expect(await written(batchOf('a', 8, ['node:finish'], 'other'))).toEqual(['row'])
  })

  it('is as before, like the rest, when the append fails', async () => {
    const { store, db } = open()
    await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'])])
    db.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON flowcraft_events WHEN NEW.seq = 3 BEGIN SELECT RAISE(ABORT, 'no'); END`,
    )
    const takeover = batchOf('a', 2, ['workflow:resume', 'node:finish'], 'other')
    expect(await appended(store, takeover)).toBe('HISTORY_CORRUPT')
    const row = db.prepare('SELECT status, writer, last_seq FROM flowcraft_events_executions').raw()
    expect(row.get()).toEqual(['awaiting', 'w', 1])
    db.exec('DROP TRIGGER refuse')
    expect(await appended(store, takeover)).toBe('done')
    expect(row.get()).toEqual(['running', 'other', 3])
  })
})

describe('two connections to a parked execution', () => {
  it('and a store in memory answer the same to any appends', async () => {
    const { store: one, databasePath } = open()
    const two = connect(databasePath)
    const types = ['workflow:pause', 'workflow:stall', 'workflow:resume', 'workflow:cancel', 'node:finish'] as const
    const call = fc.record({
      back: fc.constantFrom(0, 0, 0, 1, -1),
      types: fc.array(fc.constantFrom(...types), { minLength: 0, maxLength: 3 }),
      writer: fc.constantFrom('v', 'w'),
      through: fc.constantFrom(one, two),
      isSingle: fc.boolean(),
    })
    let runs = 0
    const law = fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 20 }), async (calls) => {
      const memory = new InMemoryEventStore()
      const id = `run ${(runs += 1)}`
      for (const { back, types: chosen, writer, through, isSingle } of calls) {
        const from = Math.max(0, (await memory.retrieve(id)).length - back)
        const batch = batchOf(id, from, chosen, writer)
        const [single] = batch.events
        const answers = [memory, through].map(async (store) =>
          isSingle && single ? await codeOf(store.store(single, id)) : (await store.append([batch]))[0]?.error?.code,
        )
        const [expected, found] = await Promise.all(answers)
        expect(found).toBe(expected)
      }
      expect(await one.retrieve(id)).toEqual(await memory.retrieve(id))
    })
    await fc.assert(law, checkedWith(200))
  })
})

it('the view names every type that there is', async () => {
  const { store, db } = open()
  await store.append([batchOf('a', 0, eventTypes)])
  expect(db.prepare('SELECT type FROM flowcraft_events_view ORDER BY seq').pluck().all()).toEqual(eventTypes)
  expect(db.prepare('SELECT DISTINCT typeof(type) FROM flowcraft_events').pluck().all()).toEqual(['integer'])
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

/** What a store says to one batch: the code of the error, `'done'` for none. */
async function appended(store: SqliteHistoryAdapter, batch: EventBatch): Promise<string> {
  return (await store.append([batch]))[0]?.error?.code ?? 'done'
}

async function codeOf(call: Promise<void>): Promise<unknown> {
  return await call.then(
    () => undefined,
    (error: unknown) => error instanceof Error && 'code' in error && error.code,
  )
}
