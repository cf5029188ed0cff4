import fc from 'fast-check'
import { it } from 'vitest'
import { expectExactFamily } from '../../../flowcraft/test/laws/families.ts'
import { randomFamily } from '../../../flowcraft/test/laws/generator/family.ts'
import { checkedWith } from '../../../flowcraft/test/laws/runs.ts'
import { SqliteHistoryAdapter } from '../../src/index.ts'

it('every log of a family of runs is exact at every event, as it comes back from SQLite', async () => {
  const store = new SqliteHistoryAdapter({ databasePath: ':memory:' })
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      await expectExactFamily(family, `family-${(count += 1)}`, store)
    }),
    checkedWith(400),
  )
  await store.close()
}, 600_000)
