import { eventStoreContract, eventStoreContractWithout } from '@flowcraft/testing'
import type { EventStore } from 'flowcraft'
import { afterEach, describe, it } from 'vitest'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const paths = new WeakMap<EventStore, string>()

afterEach(removeFolders)

describe('SqliteHistoryAdapter in a file', () => {
  const open = (databasePath = temporaryPath()): EventStore => {
    const store = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
    paths.set(store, databasePath)
    return store
  }
  const openAgain = (store: EventStore): EventStore => open(paths.get(store))
  for (const { promise, check } of eventStoreContract) it(promise, () => check({ open: () => open(), openAgain }))
})

describe('SqliteHistoryAdapter in memory', () => {
  for (const { promise, check } of eventStoreContractWithout(['openAgain'])) {
    it(promise, () => check(() => new SqliteHistoryAdapter({ databasePath: ':memory:' })))
  }
})
