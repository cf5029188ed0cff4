import { playForks, type Choose } from './fork-game.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const seeds = [1, 2, 3, 4, 5, 6]
const needs = ['append', 'fork', 'read', 'delete', 'prune', 'getStats', 'list'] as const

/** Choices that are the same for the same seed. */
function chooseBy(seed: number): Choose {
  let state = seed
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * count)
  }
}

/** What a store promises of forks, whatever is done in whatever order. */
export const forkGameCases: readonly StoreCase[] = seeds.map((seed) =>
  storeCase(`gives of forks what plain copies would, whatever is done: ${seed}`, needs, async ({ open }) => {
    await playForks(await open(), chooseBy(seed), 70)
  }),
)
