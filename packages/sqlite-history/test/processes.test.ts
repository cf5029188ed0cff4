import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const script = fileURLToPath(new URL('fixtures/write-runs.ts', import.meta.url))
const start = promisify(execFile)

afterEach(removeFolders)

it('lets processes that start at once share a new file: nothing is lost, and each run has one writer', async () => {
  const databasePath = temporaryPath()
  const writers = ['one', 'two', 'three']
  const child = (writer: string): Promise<{ stdout: string }> =>
    start(process.execPath, ['--import', 'tsx', '--conditions', 'flowcraft-src', script, databasePath, writer])
  const printed = await Promise.all(writers.map(child))
  const won = printed.flatMap(({ stdout }) => JSON.parse(stdout) as string[])
  expect(won.toSorted()).toEqual(Array.from({ length: 50 }, (_, n) => `shared ${n}`).toSorted())
  const store = new SqliteHistoryAdapter({ databasePath, readonly: true })
  expect(await store.getStats()).toEqual({ totalEvents: 4 * 50 * 3, executions: 4 * 50 })
  await store.close()
}, 60_000)
