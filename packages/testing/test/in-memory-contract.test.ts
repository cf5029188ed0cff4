import { InMemoryEventStore } from 'flowcraft'
import { describe, it } from 'vitest'
import { eventStoreContractWithout } from '@flowcraft/testing'

describe('InMemoryEventStore', () => {
  for (const { promise, check } of eventStoreContractWithout(['openAgain'])) {
    it(promise, () => check(() => new InMemoryEventStore()))
  }
})
