import { afterEach, describe, it } from 'vitest'
import { eventStoreCases } from '../../flowcraft/test/history/event-store-cases.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

afterEach(removeFolders)

describe.each([
  ['in a file', () => temporaryPath()],
  ['in memory', () => ':memory:'],
])('SqliteHistoryAdapter %s', (_, pathOf) => {
  for (const { promise, check } of eventStoreCases) {
    it(promise, () => check(() => new SqliteHistoryAdapter({ databasePath: pathOf() })))
  }
})
