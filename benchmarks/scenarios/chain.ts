import type { Case, Scenario, Storage } from '../benchmark.ts'
import { chain } from '../graphs.ts'

/** Chains of 10 to 100 000 nodes that do nothing: what a node costs, and how that grows. */
export const chains: Scenario = {
  name: 'chain',
  unit: 'node',
  cases: [
    ...series('none', [10, 100, 1000, 10_000, 100_000]),
    ...series('memory', [10, 100, 1000, 10_000, 100_000]),
    ...series('sqlite NORMAL', [10, 100, 1000, 10_000]),
    ...series('sqlite FULL', [10, 100, 1000, 10_000]),
  ],
}

function series(storage: Storage, lengths: readonly number[]): Case[] {
  // Short chains are repeated, so that there is something to measure. An fsync is slow enough.
  const leastNodes = storage === 'sqlite FULL' ? 2000 : 20_000
  return lengths.map((length) => ({
    title: `${length}`,
    storage,
    engines: ['ours', 'flowcraft-peer'],
    kind: 'run',
    graph: chain(length),
    load: { runs: Math.ceil(leastNodes / length), concurrency: 1 },
    series: storage,
  }))
}
