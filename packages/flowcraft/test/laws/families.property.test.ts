import fc from 'fast-check'
import { it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { expectExactFamily } from './families.ts'
import { randomFamily } from './generator/family.ts'
import { checkedWith } from './runs.ts'

it('subflows, created nodes, batches, loops and waits in each other: every log of a family is exact at every event', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      await expectExactFamily(family, `family-${(count += 1)}`, new InMemoryEventStore())
    }),
    checkedWith(1000),
  )
}, 600_000)
