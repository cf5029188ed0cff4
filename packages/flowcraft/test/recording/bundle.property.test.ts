import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isFlowcraftError } from '../../src/errors.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { openRecording, recordingFrom } from '../../src/recording/open.ts'
import { parseRecording } from '../../src/recording/parse-recording.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { serializeRecording } from '../../src/recording/serialize-recording.ts'
import { portrait } from '../events/values.ts'
import { expectExactFamily } from '../laws/families.ts'
import { anyEvents } from '../laws/generator/events.ts'
import { randomFamily } from '../laws/generator/family.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'
import { portraitOfSnapshot } from './states.ts'

let count = 0

it('a random run comes back from its text equal at every event', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, async (flow) => {
      const store = new InMemoryEventStore()
      const { executionId } = await runFlow(flow, store, { executionId: `text-${(count += 1)}`, watches: false })
      expectBack(await openRecording(store, executionId))
    }),
    checkedWith(150),
  )
}, 600_000)

it('so do all runs of a family in one text', async () => {
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const id = `text-family-${(count += 1)}`
      const store = new InMemoryEventStore()
      await expectExactFamily(family, id, store)
      const recording = await openRecording(store, id)
      const children = await descendantsOf(recording, store)
      const parsed = parseRecording(serializeRecording(recording, { children }))
      expectEqual(parsed, recording)
      for (const { nodeId, iteration } of recording.children()) {
        expectEqual(await parsed.child(nodeId, { iteration }), await recording.child(nodeId, { iteration }))
      }
    }),
    checkedWith(30),
  )
}, 600_000)

it('so do any events at all', () => {
  fc.assert(
    fc.property(anyEvents, (given) => {
      const events = given.map((event, seq): FlowcraftEvent => ({ ...event, seq, id: `any:${seq}` }))
      expectBack(recordingFrom(events, { executionId: 'any' }))
    }),
    checkedWith(500),
  )
}, 600_000)

it('hostile lines are a damaged history, or a recording that can be looked at', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom('{"__proto__":{"seq":1}}', '{"notes":[[["__proto__"],"Map"]],"__proto__":[]}', '[', 'null', ''),
  )
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(2), hostile), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(anyEvents, edits, (given, list) => {
      const events = given.map((event, seq): FlowcraftEvent => ({ ...event, seq, id: `any:${seq}` }))
      const lines = serializeRecording(recordingFrom(events, { executionId: 'any' })).split('\n')
      for (const [at, kind, text] of list) {
        const index = at % lines.length
        if (kind === 0) lines.splice(index, 1, text)
        else if (kind === 1) lines.splice(index, 0, text)
        else lines.splice(index, 1, (lines[index] ?? '').slice(0, at % 50) + text)
      }
      expectReadOrCorrupt(lines)
      expectReadOrCorrupt(lines.join('\n'))
    }),
    checkedWith(500),
  )
}, 600_000)

it('text that is nested too deep is a damaged history', () => {
  const [open, close] = ['{"a":'.repeat(5000), '}'.repeat(5000)]
  expect(() => parseRecording(`${open}1${close}`)).toThrow(expect.objectContaining({ code: 'HISTORY_CORRUPT' }))
  expect(Reflect.get({}, 'seq')).toBeUndefined()
})

function expectReadOrCorrupt(text: string | string[]): void {
  try {
    const recording = parseRecording(text)
    expect(recording.at('end').seq).toBe(recording.length - 1)
  } catch (error) {
    if (!isFlowcraftError(error, 'HISTORY_CORRUPT')) throw error
    expect(error.message).toMatch(/^Line \d+ /)
  }
}

function expectBack(recording: Recording): void {
  const text = serializeRecording(recording)
  const parsed = parseRecording(text)
  expectEqual(parsed, recording)
  expect(serializeRecording(parsed)).toBe(text)
}

function expectEqual(parsed: Recording, recording: Recording): void {
  expect(parsed.length).toBe(recording.length)
  expect(portrait(parsed.blueprint)).toBe(portrait(recording.blueprint))
  for (let seq = 0; seq < recording.length; seq += 1) {
    expect(portrait(parsed.events[seq]!.payload)).toBe(portrait(recording.events[seq]!.payload))
    expect(portraitOfSnapshot(parsed.at(seq))).toBe(portraitOfSnapshot(recording.at(seq)))
  }
}

async function descendantsOf(recording: Recording, store: InMemoryEventStore): Promise<Recording[]> {
  const found: Recording[] = []
  for (const { executionId } of recording.children()) {
    const child = await openRecording(store, executionId)
    found.push(child, ...(await descendantsOf(child, store)))
  }
  return found
}
