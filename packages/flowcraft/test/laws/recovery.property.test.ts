import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { randomFlow } from './generator/flow.ts'
import { expectRecovered, expectSameEnd } from './recovery-check.ts'
import { drive } from './recovery-drive.ts'
import { confluentFlow, hasMereCycles } from './recovery-flows.ts'
import { runFlow } from './run-flow.ts'
import { checkedWith } from './runs.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)

/** The first events of a log: at least one, and not all. */
function prefixOf(events: readonly FlowcraftEvent[], where: number): readonly FlowcraftEvent[] {
  return events.slice(0, 1 + Math.floor(where * Math.max(1, events.length - 1)))
}

/** Every prefix of a short log, and a few of a long one. */
function prefixesOf(events: readonly FlowcraftEvent[], places: readonly number[]): (readonly FlowcraftEvent[])[] {
  if (events.length > 12) return places.map((where) => prefixOf(events, where))
  return events.map((_, index) => events.slice(0, index + 1))
}

it('a run that was cut off anywhere, and again while it was recovered, goes on as the rules demand', async () => {
  let count = 0
  const property = fc.asyncProperty(randomFlow, fc.tuple(anywhere, anywhere, anywhere), async (flow, places) => {
    const executionId = `cut-${(count += 1)}`
    let { events, notes } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
    for (const where of places) {
      const recovered = await expectRecovered(flow, executionId, prefixOf(events, where), notes)
      ;({ events, notes } = recovered)
    }
  })
  await fc.assert(property, { ...checkedWith(100), timeout: 10_000 })
}, 600_000)

it('where nothing hangs on the order of outcomes, a run that was cut off comes to what an undisturbed one comes to', async () => {
  let count = 0
  const property = fc.asyncProperty(confluentFlow, fc.tuple(anywhere, anywhere, anywhere), async (flow, places) => {
    const executionId = `cut-${(count += 1)}`
    fc.pre(!hasMereCycles(flow))
    const undisturbed = await drive(flow, executionId, [])
    for (const stored of prefixesOf(undisturbed.events, places)) {
      const recovered = await expectRecovered(flow, executionId, stored, undisturbed.notes)
      expectSameEnd(recovered, undisturbed)
    }
    expect(undisturbed.events.length).toBeGreaterThan(1)
  })
  await fc.assert(property, { ...checkedWith(100), timeout: 10_000 })
}, 600_000)
