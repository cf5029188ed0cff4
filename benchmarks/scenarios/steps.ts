import type { Scenario } from '../benchmark.ts'
import { chain } from '../graphs.ts'

/** One run of 100 steps, each durable before the next: the latency of a step. */
export const steps: Scenario = {
  name: 'steps',
  unit: 'node',
  cases: (['sqlite NORMAL', 'sqlite FULL'] as const).map((storage) => ({
    title: '1 run × 100 steps',
    storage,
    engines: ['ours', 'flowcraft-peer', 'raw'],
    kind: 'run',
    graph: chain(100),
    load: { runs: storage === 'sqlite FULL' ? 20 : 100, concurrency: 1 },
  })),
}
