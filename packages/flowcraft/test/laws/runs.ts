import type { Parameters } from 'fast-check'
import { expect } from 'vitest'

/** From this and the name of a test come the cases that it looks at. */
const usualSeed = 20_261_121

/**
 * How a property is checked: with `standard` random cases, the same ones each time. What decides whether a change may land
 * must give the same answer for the same code; looking for cases that nobody has seen yet is a command of its own,
 * `pnpm test:laws`. `FLOWCRAFT_SEED=random` takes other cases each time, and a failure tells their seed; a number repeats
 * those of that seed. `FLOWCRAFT_RUNS` stands for 2000 and scales the others. With `FLOWCRAFT_SHRINK=0`, the first case
 * that fails is shown as it is.
 * @throws if a variable is no number that it could be.
 */
export function checkedWith(standard: number): Pick<Parameters<unknown>, 'numRuns' | 'seed' | 'endOnFailure'> {
  const { FLOWCRAFT_RUNS: runs, FLOWCRAFT_SEED: seed, FLOWCRAFT_SHRINK: shrink } = process.env
  return {
    numRuns: runs === undefined ? standard : Math.ceil((runsFrom(runs) * standard) / 2000),
    // Without a seed, fast-check takes one by chance.
    ...(seed !== 'random' && { seed: seed === undefined ? ownSeed() : seedFrom(seed) }),
    endOnFailure: shrink === '0',
  }
}

/** The seed of the present test: two that draw from the same source look at different cases. */
function ownSeed(): number {
  const { currentTestName = '' } = expect.getState()
  let seed = usualSeed
  for (let at = 0; at < currentTestName.length; at += 1)
    seed = Math.imul(seed ^ currentTestName.charCodeAt(at), 16777619)
  return seed
}

function seedFrom(text: string): number {
  if (/^-?\d{1,10}$/.test(text)) return Number(text)
  throw new Error(`FLOWCRAFT_SEED is '${text}'; it takes a whole number, or 'random'`)
}

function runsFrom(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Error(`FLOWCRAFT_RUNS is '${text}'; it takes a whole number from 1`)
}
