import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { encodeValue } from '../../src/events/value-codec.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { expectDecided } from './decided-log.ts'
import type { RandomFlow } from './generator/draft.ts'
import { randomFlow } from './generator/flow.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'

it('a flow that runs twice in the same order of outcomes leaves the same log, and decisions alone give that log again', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const [one, two] = [await logOf(flow), await logOf(flow)]
      expect(two.map(textOf)).toEqual(one.map(textOf))
      expectDecided(flow, one)
    }),
    checkedWith(500),
  )
}, 600_000)

async function logOf(flow: RandomFlow): Promise<readonly FlowcraftEvent[]> {
  return (await runFlow(flow, new InMemoryEventStore(), { executionId: 'twice', watches: false })).events
}

// Stacks tell the time of day of a test, not of a run.
function textOf(event: FlowcraftEvent): string {
  return encodeValue(event).json.replaceAll(/"stack":"(?:[^"\\]|\\.)*"/g, '')
}
