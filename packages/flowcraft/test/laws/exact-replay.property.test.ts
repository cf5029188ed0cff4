import fc from 'fast-check'
import { it } from 'vitest'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { expectLawful } from './checks.ts'
import { randomFlow } from './generator/flow.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'

it('whatever happens in a run, replay from memory gives it back exactly, at every event, and as the rules demand', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      await expectLawful(await runFlow(flow, new InMemoryEventStore(), { executionId: `run-${(count += 1)}` }))
    }),
    checkedWith(1500),
  )
}, 600_000)
