import fc from 'fast-check'
import { InMemoryEventStore } from 'flowcraft'
import { expect, it } from 'vitest'
import { checkedWith } from '../../flowcraft/test/laws/runs.ts'
import { playForks } from '../src/store-contract/fork-game.ts'

it('gives of forks what plain copies would, whatever is done', async () => {
  let forks = 0
  const draws = fc.array(fc.nat(), { minLength: 1, maxLength: 400, size: 'max' })
  const law = fc.asyncProperty(draws, async (given) => {
    let drawn = 0
    const store = new InMemoryEventStore()
    const fork = store.fork.bind(store)
    store.fork = async (asked) => {
      await fork(asked)
      forks++
    }
    await playForks(store, (count) => given[drawn++ % given.length]! % count, 60)
    await store.close()
  })
  const amount = checkedWith(100)
  await fc.assert(law, amount)
  expect(forks).toBeGreaterThan(5 * (amount.numRuns ?? 0))
})
