import type { Scenario } from '../benchmark.ts'
import { chain } from '../graphs.ts'

/** The final context of a recorded chain, from its events alone. */
export const replays: Scenario = {
  name: 'replay',
  unit: 'event',
  cases: [1000, 10_000].map((length) => ({
    title: `chain of ${length}`,
    storage: 'memory',
    engines: ['ours', 'flowcraft-peer'],
    kind: 'replay',
    graph: chain(length),
    load: { runs: 50_000 / length, concurrency: 1 },
    series: 'replay',
  })),
}
