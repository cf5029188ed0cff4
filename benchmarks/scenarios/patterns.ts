import type { Case, Pattern, Scenario, Storage } from '../benchmark.ts'
import { patternOf } from '../graphs.ts'

/** Loops, batches and subflows of several sizes: what a node costs in them, and how that grows. */
export const patterns: Scenario = {
  name: 'patterns',
  unit: 'node',
  cases: (['none', 'memory', 'sqlite NORMAL'] as const).flatMap((storage) => [
    ...series('loop, turns', storage, [100, 1000, 10_000, 50_000], (turns) => ({ kind: 'loop', turns })),
    ...series('batch in chunks of 100, items', storage, [100, 1000, 10_000, 100_000], (items) => ({
      kind: 'batch',
      items,
      chunkSize: 100,
    })),
    ...series('subflows of 5 nodes', storage, [10, 100, 1000], (count) => ({ kind: 'subflows', count })),
  ]),
}

function series(
  name: string,
  storage: Storage,
  sizes: readonly number[],
  toPattern: (size: number) => Pattern,
): Case[] {
  return sizes.map((size) => {
    const graph = patternOf(toPattern(size))
    return {
      title: `${name} ${size}`,
      storage,
      engines: ['ours'],
      kind: 'run',
      graph,
      load: { runs: Math.ceil(20_000 / graph.nodes.length), concurrency: 1 },
      series: `${name}, ${storage}`,
    }
  })
}
