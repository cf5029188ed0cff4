import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { openRecording, recordingFrom } from '../../src/recording/open.ts'
import type { Recording } from '../../src/recording/recording.ts'
import type { Snapshot } from '../../src/recording/snapshot.ts'
import { expectExactFamily } from '../laws/families.ts'
import { anyEvents } from '../laws/generator/events.ts'
import { randomFamily } from '../laws/generator/family.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'
import { portraitOfContext } from '../laws/state-portrait.ts'
import { expectEveryState, expectTrueFields, foldedStates, portraitOfSnapshot } from './states.ts'

let count = 0

it('a recording has the live state of every moment, and at every event that of a fold', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const executionId = `recorded-${(count += 1)}`
      const store = new InMemoryEventStore()
      const { liveStates } = await runFlow(flow, store, { executionId })
      const recording = await openRecording(store, executionId)
      expectEveryState(recording)
      for (const [seq, live] of liveStates) expect(portraitOfSnapshot(recording.at(seq))).toBe(live)
      expectTrueFields(recording.at('end'))
    }),
    checkedWith(200),
  )
}, 600_000)

it('so have those of all runs of a family', async () => {
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const id = `recorded-family-${(count += 1)}`
      const store = new InMemoryEventStore()
      await expectExactFamily(family, id, store)
      await expectEveryFamilyState(await openRecording(store, id))
    }),
    checkedWith(60),
  )
}, 600_000)

async function expectEveryFamilyState(recording: Recording): Promise<void> {
  expectEveryState(recording)
  expectTrueFields(recording.at('end'))
  for (const { nodeId, iteration, executionId } of recording.children()) {
    const child = await recording.child(nodeId, { iteration })
    if (child.executionId === executionId) await expectEveryFamilyState(child)
  }
}

it('whatever events there are, in whatever order, a recording of them has the states of a fold', () => {
  const inOrder = anyEvents.map((events) =>
    events.map((event, seq): FlowcraftEvent => ({ ...event, seq, id: `any:${seq}` })),
  )
  fc.assert(
    fc.property(inOrder, (events) => {
      const recording = recordingFrom(events, { executionId: 'any' })
      expectEveryState(recording)
      for (let seq = 0; seq < events.length; seq += 1) expectTrueFields(recording.at(seq))
    }),
    checkedWith(1000),
  )
}, 600_000)

it('it gives the same wherever one comes from: forwards, backwards, by jumps, and while it grows', async () => {
  const places = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(randomFlow, places, async (flow, jumps) => {
      const executionId = `moved-${(count += 1)}`
      const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
      const states = foldedStates(events)
      const growing = new InMemoryEventStore()
      await growing.store(events[0]!, executionId)
      const recording = await openRecording(growing, executionId)
      const held = new Map<Snapshot, string>()
      for (const event of events.slice(1)) {
        await growing.store(event, executionId)
        if ((event.seq + jumps[0]!) % 3 !== 0) continue
        const before = recording.length
        expect(await recording.refresh()).toBe(event.seq + 1 - before)
        held.set(recording.at('end'), states[event.seq]!)
      }
      await recording.refresh()
      const whole = recordingFrom(events)
      for (const jump of jumps) {
        const seq = jump % events.length
        expect(portraitOfSnapshot(recording.at(seq))).toBe(states[seq])
        expect(portraitOfContext(recording.at(seq).context)).toEqual(portraitOfContext(whole.at(seq).context))
      }
      const cursor = recording.cursor()
      const forwards = [cursor.snapshot]
      for (let next = cursor.next(); next !== undefined; next = cursor.next()) forwards.push(next)
      expect(forwards.map(portraitOfSnapshot)).toEqual(states)
      const backwards = [cursor.snapshot]
      for (let prev = cursor.prev(); prev !== undefined; prev = cursor.prev()) backwards.unshift(prev)
      expect(backwards.map(portraitOfSnapshot)).toEqual(states)
      for (const [snapshot, state] of held) expect(portraitOfSnapshot(snapshot)).toBe(state)
    }),
    checkedWith(60),
  )
}, 600_000)

it('the changes between two places make one context of the other', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), fc.nat(), async (flow, one, other) => {
      const executionId = `changed-${(count += 1)}`
      const { events } = await runFlow(flow, new InMemoryEventStore(), { executionId, watches: false })
      const recording = recordingFrom(events)
      const [from, to] = [one % events.length, other % events.length]
      const context = new Map(Object.entries(recording.at(from).context))
      for (const { key, kind, before, after } of recording.changes(from, to)) {
        expect(context.has(key)).toBe(kind !== 'added')
        expect(portraitOfContext({ value: before })).toEqual(portraitOfContext({ value: context.get(key) }))
        if (kind === 'changed') {
          expect(portraitOfContext({ value: after })).not.toEqual(portraitOfContext({ value: before }))
        }
        if (kind === 'removed') context.delete(key)
        else context.set(key, after)
      }
      const expected = portraitOfContext(recording.at(to).context)
      expect(portraitOfContext(Object.fromEntries(context))).toEqual(expected)
    }),
    checkedWith(150),
  )
}, 600_000)
