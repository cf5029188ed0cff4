import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { initialState } from '../../src/state/draft.ts'
import { fold } from '../../src/state/fold.ts'
import { anyEvents } from './generator/events.ts'
import { randomFlow } from './generator/flow.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'
import { portraitOfState } from './state-portrait.ts'

it('the fold takes any events in any order, and leaves every state that it was given as it was', () => {
  fc.assert(fc.property(anyEvents, anyEvents, expectCheckpoint), checkedWith(2000))
}, 600_000)

it('folding a history in two parts gives what folding it at once gives, wherever it is cut', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), async (flow, place) => {
      const executionId = `run-${(count += 1)}`
      const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
      const cut = place % (events.length + 1)
      expectCheckpoint(events.slice(0, cut), events.slice(cut))
    }),
    checkedWith(250),
  )
}, 600_000)

function expectCheckpoint(before: readonly FlowcraftEvent[], after: readonly FlowcraftEvent[]): void {
  const untouched = portraitOfState(initialState)
  const checkpoint = deepFreeze(fold(before))
  const atCheckpoint = portraitOfState(checkpoint)
  expect(portraitOfState(fold(after, checkpoint))).toBe(portraitOfState(fold([...before, ...after])))
  expect(portraitOfState(checkpoint)).toBe(atCheckpoint)
  expect(portraitOfState(initialState)).toBe(untouched)
}

/** Entries of maps are shared between states, so nobody may change them. */
function deepFreeze<T extends object>(value: T): T {
  if (ArrayBuffer.isView(value)) return value
  Object.freeze(value)
  const parts: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value)
  for (const part of parts) if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part)
  return value
}
