import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Fact, FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { generateMermaidGantt } from '../../src/render/gantt.ts'
import { generateMermaidSequence } from '../../src/render/sequence.ts'
import { columnsOf, printable } from '../../src/render/terminal-text.ts'
import { formatTimeline } from '../../src/render/text-timeline.ts'
import type { EventStore } from '../../src/history/event-store.ts'
import { expectExactFamily } from '../laws/families.ts'
import { randomFamily } from '../laws/generator/family.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'
import { hostileText } from './hostile-text.ts'
import { parseGantt, parseSequence } from './mermaid-parser.ts'
import {
  dealt,
  decided,
  ended,
  errorOf,
  failed,
  finished,
  forked,
  ofRun,
  paused,
  replaced,
  retried,
  runOf,
  skipped,
  stalled,
  started,
  waited,
} from './run-events.ts'

/** Everything that is drawn of `events` can be read, is the same each time, and tells of every node that started. */
async function expectReadable(events: readonly FlowcraftEvent[]): Promise<void> {
  const drawAll = (given: readonly FlowcraftEvent[]): readonly [string, string, string] => [
    generateMermaidSequence(given, { legend: true }),
    generateMermaidGantt(given, { legend: true }),
    formatTimeline(given, { showEdges: true, legend: true }),
  ]
  const [sequence, gantt, timeline] = drawAll(events)
  expect(drawAll([...events])).toEqual([sequence, gantt, timeline])
  const { participants, messages } = await parseSequence(sequence)
  const { bars } = await parseGantt(gantt)
  for (const { from, to } of bars) expect(to).toBeGreaterThan(from)
  for (const line of timeline.split('\n')) {
    expect(columnsOf(line)).toBeLessThanOrEqual(80)
    expect(line).toBe(printable(line))
  }
  const nodes = new Set(
    events.flatMap(({ type, executionId, payload }) =>
      type === 'node:start' ? [JSON.stringify([executionId, payload.nodeId])] : [],
    ),
  )
  const isWhole = messages.length < 400 && nodes.size < 100
  if (isWhole) expect(participants.length).toBeGreaterThan(nodes.size)
}

it('the story of a run can be read in every form, at every moment', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(1000), async (flow, moment) => {
      const run = await runFlow(flow, new InMemoryEventStore(), { executionId: `run-${(count += 1)}`, watches: false })
      await expectReadable(run.events)
      await expectReadable(run.events.slice(0, 1 + (moment % run.events.length)))
      const starts = run.events.filter(({ type }) => type === 'node:start').length
      const lines = formatTimeline(run.events, { maxLines: Infinity }).split('\n')
      const waits = run.events.filter(({ type }) => type === 'node:wait').length
      expect(lines.length - 1).toBeGreaterThanOrEqual(starts - waits)
    }),
    checkedWith(100),
  )
}, 300_000)

it('the story of a run with its subflows can be read in every form, and is told of all of them', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const id = `family-${(count += 1)}`
      const store = new InMemoryEventStore()
      await expectExactFamily(family, id, store)
      const events = await familyEventsOf(store, id)
      await expectReadable(events)
      await expectReadable(events.toReversed())
      const runs = new Set(events.map(({ executionId }) => executionId))
      const text = generateMermaidSequence(events, { maxSteps: Infinity, maxNodes: Infinity, maxTextSize: Infinity })
      const told = text.split('\n').filter((line) => line.includes('starts<br/>run'))
      expect(told).toHaveLength(runs.size)
    }),
    checkedWith(60),
  )
}, 300_000)

async function familyEventsOf(store: EventStore, executionId: string): Promise<readonly FlowcraftEvent[]> {
  const events = [...(await store.retrieve(executionId))]
  const children = new Set<string>()
  for (const { type, payload } of events) {
    if (type === 'node:start' && payload.childExecutionId !== undefined) children.add(payload.childExecutionId)
  }
  for (const child of children) events.push(...(await familyEventsOf(store, child)))
  return events
}

const optional = fc.option(hostileText, { nil: undefined })

const logs = fc.uniqueArray(hostileText, { minLength: 2, maxLength: 6 }).chain((ids) => {
  const id = fc.constantFrom(...ids, `${ids[0]}[0]`, `${ids[0]}[1]`)
  const turn = fc.nat(2)
  const of = fc.record({ iteration: turn, attempt: fc.constantFrom(1, 2) })
  const time = fc.oneof(fc.nat(), fc.constantFrom(Number.MAX_VALUE, -1))
  const error = hostileText.map((message) => ({ ...errorOf('x'), cause: { name: 'Error', message } }))
  const child = fc.constantFrom('run', 'child', 'grandchild')
  const fact: fc.Arbitrary<Fact> = fc.oneof(
    fc.tuple(id, of).map((given) => started(...given)),
    fc.tuple(id, child).map(([nodeId, childExecutionId]) => started(nodeId, { childExecutionId })),
    fc.tuple(id, id).map(([nodeId, fallbackFor]) => started(nodeId, { fallbackFor })),
    fc.tuple(id, of).map((given) => finished(...given)),
    fc.tuple(id, hostileText).map(([nodeId, action]) => finished(nodeId, { result: { action } })),
    fc.tuple(id, error).map(([nodeId, given]) => failed(nodeId, { error: given })),
    fc.tuple(id, of, fc.nat(2)).map(([nodeId, given, delayMs]) => retried(nodeId, { ...given, delayMs })),
    fc.tuple(id, hostileText).map((given) => replaced(...given)),
    id.map((nodeId) => skipped(nodeId, 'not-chosen')),
    fc
      .tuple(id, time, optional)
      .map(([nodeId, wakeUpAt, event]) => waited(nodeId, { wakeUpAt, ...(event !== undefined && { event }) })),
    fc.tuple(fc.nat(8), fc.boolean()).map((given) => decided(...given)),
    fc.tuple(fc.nat(3), turn).map(([size, iteration]) => dealt(ids[0] ?? '', size, { iteration })),
    fc
      .tuple(id, time)
      .map(([nodeId, wakeUpAt]) => paused({ nodeId, reason: 'timer', wakeUpAt }, { nodeId, reason: 'user_pause' })),
    fc.tuple(id, hostileText).map(([nodeId, reason]) => stalled([], { nodeId, reason })),
    fc
      .tuple(fc.constantFrom('external', 'timer', 'recovery', 'user'), id, optional)
      .map(([reason, nodeId, action]): Fact => ({
        type: 'workflow:resume',
        payload: { reason, nodeId, ...(action !== undefined && { action }) },
      })),
    fc
      .oneof(hostileText, error, fc.constant(null))
      .map((reason): Fact => ({ type: 'workflow:cancel', payload: { reason } })),
    fc
      .tuple(hostileText, fc.nat(), fc.subarray([...ids, `${ids[0]}[0]`]))
      .map(([from, seq, rerun]) => forked(from, seq, { rerun })),
    fc.constantFrom('completed', 'failed', 'cancelled').map((status) => ended(status)),
  )
  const log = fc.array(fact, { maxLength: 20 }).map((facts) => runOf(...facts))
  const clock = fc.oneof(fc.nat(1e6), fc.constantFrom(NaN, -1, Infinity, 1.75e12, 8.64e15 + 1))
  return fc
    .tuple(log, log, log, hostileText, fc.array(clock, { maxLength: 6 }), fc.boolean())
    .map(([root, child1, child2, name, times, isTimed]) => {
      const all = [...root, ...ofRun('child', child1), ...ofRun('grandchild', child2), ...ofRun(name, child1)]
      if (!isTimed) return all
      return all.map((event, index) => ({ ...event, timestamp: times[index % times.length] ?? 0 }))
    })
})

it('whatever a log says, its story can be read in every form', async () => {
  await fc.assert(fc.asyncProperty(logs, expectReadable), checkedWith(1000))
}, 300_000)

it('whatever a log says, its story can be read when it is collapsed', async () => {
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(9), fc.nat(4), async (events, most, maxNodes) => {
      const { messages, participants } = await parseSequence(
        generateMermaidSequence(events, { maxSteps: most, maxNodes }),
      )
      expect(messages.filter((message) => !message.includes('left out')).length).toBeLessThanOrEqual(most)
      expect(participants.length).toBeLessThanOrEqual(maxNodes + 6)
      const { bars } = await parseGantt(generateMermaidGantt(events, { maxBars: most }))
      await parseSequence(generateMermaidSequence(events, { maxSteps: most, maxNodes, legend: true }))
      await parseGantt(generateMermaidGantt(events, { maxBars: most, legend: true }))
      expect(bars.filter(({ text }) => !text.startsWith('…')).length).toBeLessThanOrEqual(Math.max(most, 1))
      for (const maxTextSize of [300, 1000]) {
        await parseSequence(generateMermaidSequence(events, { maxTextSize }))
        await parseGantt(generateMermaidGantt(events, { maxTextSize }))
      }
    }),
    checkedWith(300),
  )
}, 300_000)
