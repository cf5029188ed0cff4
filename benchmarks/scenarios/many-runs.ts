import type { Scenario } from '../benchmark.ts'
import { chain } from '../graphs.ts'

/** 1 000 runs of 10 steps that are open at the same time: how well their commits are grouped. */
export const manyRuns: Scenario = {
  name: 'many-runs',
  unit: 'node',
  cases: [32, 256].map((concurrency) => ({
    title: `1000 runs × 10 steps, ${concurrency} at a time`,
    storage: 'sqlite FULL',
    engines: ['ours', 'flowcraft-peer', 'raw'],
    kind: 'run',
    graph: chain(10),
    load: { runs: 1000, concurrency },
  })),
}
