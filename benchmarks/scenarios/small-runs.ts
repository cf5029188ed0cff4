import type { Scenario } from '../benchmark.ts'
import { smallDag } from '../graphs.ts'

/** 10 000 runs of a DAG of 5 nodes, one after the other. */
export const smallRuns: Scenario = {
  name: 'small-runs',
  unit: 'run',
  cases: (['none', 'memory'] as const).map((storage) => ({
    title: '10000 × 5 nodes',
    storage,
    engines: ['ours', 'flowcraft-peer'],
    kind: 'run',
    graph: smallDag(),
    load: { runs: 10_000, concurrency: 1 },
  })),
}
