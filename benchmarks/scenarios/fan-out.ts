import type { Scenario } from '../benchmark.ts'
import { fan } from '../graphs.ts'

/** One node, 1 000 beside each other, one that waits for all. */
export const fanOut: Scenario = {
  name: 'fan-out',
  unit: 'run',
  cases: (['none', 'memory', 'sqlite NORMAL'] as const).map((storage) => ({
    title: '1000 wide',
    storage,
    engines: ['ours', 'flowcraft-peer'],
    kind: 'run',
    graph: fan(1000),
    load: { runs: 10, concurrency: 1 },
  })),
}
