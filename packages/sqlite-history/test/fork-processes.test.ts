import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { forked, forkOf } from './fork-of.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const script = fileURLToPath(new URL('fixtures/fork-runs.ts', import.meta.url))
const options = ['--import', 'tsx', '--conditions', 'flowcraft-src', script]

afterEach(removeFolders)

it('of processes that fork a source as the same ids at once one wins each, while another appends to the source', async () => {
  const databasePath = temporaryPath()
  const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  await store.append([batch('source', 0, 60)])
  const fork = promisify(execFile)
  let isDone = false
  const forking = Promise.all(
    ['one', 'two'].map((writer) => fork(process.execPath, [...options, databasePath, writer])),
  )
  const ended = forking.finally(() => void (isDone = true))
  let length = 60
  for (; !isDone; length++) {
    expect(await store.append([batch('source', length, 1)])).toEqual([{ executionId: 'source' }])
    // SQLite gives the write lock to nobody in turn: whoever took it all the time would keep the others from it.
    await setTimeout(5)
  }
  const ids = Array.from({ length: 50 }, (_, n) => `shared ${n}`)
  const won = (await ended).map(({ stdout }) => JSON.parse(stdout) as string[])
  expect(won.flat().toSorted()).toEqual(ids.toSorted())
  const source = batch('source', 0, length).events
  expect(await store.retrieve('source')).toEqual(source)
  for (const [n, id] of ids.entries()) {
    expect(await store.retrieve(id)).toEqual(forked(forkOf(id, 'source', n), source))
    const winner = won[0]?.includes(id) === true ? 'one' : 'two'
    expect(await store.append([batch(id, n + 2, 1, winner)])).toEqual([{ executionId: id }])
  }
  await store.close()
}, 60_000)

describe('a process that is killed while it forks', () => {
  it.each([1, 2, 7, 40])(
    'leaves every fork whole or not at all, when killed at number %i',
    async (count) => {
      const databasePath = temporaryPath()
      const before = new SqliteHistoryAdapter({ databasePath })
      await before.append([batch('source', 0, 3)])
      await before.close()
      const child = spawn(process.execPath, [...options, databasePath], { stdio: ['ignore', 'pipe', 'inherit'] })
      const told: string[] = []
      for await (const line of createInterface(child.stdout)) if (told.push(line) === count) child.kill('SIGKILL')

      const store = new SqliteHistoryAdapter({ databasePath })
      const { items } = await store.list({}, { limit: 1000 })
      const forks = items.filter(({ executionId }) => executionId !== 'source')
      // One more may have been stored and not told.
      expect(forks.length - told.length).toBeOneOf([0, 1])
      expect(await store.getStats()).toEqual({ executions: forks.length + 1, totalEvents: forks.length + 3 })
      for (const n of forks.keys()) {
        const events = await store.retrieve(`fork ${n}`)
        expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: n + 3 }, (_, seq) => seq))
        expect(events.slice(2).every(({ type }) => type === 'workflow:fork')).toBe(true)
      }
      const next = `fork ${forks.length}`
      await store.fork(forkOf(next, `fork ${forks.length - 1}`, forks.length + 1))
      expect(await store.retrieve(next)).toHaveLength(forks.length + 3)
      await store.close()
      const db = new Database(databasePath, { readonly: true })
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      const strays = db.prepare(
        'SELECT count(*) FROM flowcraft_events_lineage WHERE run NOT IN (SELECT key FROM flowcraft_events_executions)',
      )
      expect(strays.pluck().get()).toBe(0)
      db.close()
    },
    30_000,
  )
})
