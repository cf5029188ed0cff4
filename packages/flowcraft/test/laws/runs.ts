import type { Parameters } from 'fast-check'

/**
 * How a law is checked: with `standard` random cases; `FLOWCRAFT_RUNS` stands for 2000 and scales the others; `FLOWCRAFT_SEED` repeats them. With
 * `FLOWCRAFT_SHRINK=0`, the first case that fails is shown as it is.
 */
export function checkedWith(standard: number): Pick<Parameters<unknown>, 'numRuns' | 'seed' | 'endOnFailure'> {
  const { FLOWCRAFT_RUNS: runs, FLOWCRAFT_SEED: seed, FLOWCRAFT_SHRINK: shrink } = process.env
  return {
    numRuns: runs === undefined ? standard : Math.ceil((Number(runs) * standard) / 2000),
    ...(seed !== undefined && { seed: Number(seed) }),
    endOnFailure: shrink === '0',
  }
}
