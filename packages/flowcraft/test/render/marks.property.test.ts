import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { NodeResult } from '../../src/blueprint/node.ts'
import type { Fact, FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { generateMermaid, generateMermaidForRun } from '../../src/render/flowchart.ts'
import { fold } from '../../src/state/fold.ts'
import type { NodeStatus } from '../../src/state/run-state.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { runFlow } from '../laws/run-flow.ts'
import { hostileText } from './hostile-text.ts'
import { parseFlowchart } from './mermaid-parser.ts'
import {
  dealt,
  decided,
  ended,
  failed,
  finished,
  forked,
  paused,
  replaced,
  retried,
  runOf,
  skipped,
  stalled,
  started,
  waited,
} from './run-events.ts'
import { checkedWith } from '../laws/runs.ts'

const fills: Readonly<Record<NodeStatus | 'stuck', string | undefined>> = {
  pending: undefined,
  running: 'fill:#fff3cd',
  waiting: 'fill:#cff4fc',
  completed: 'fill:#d4edda',
  failed: 'fill:#f8d7da',
  skipped: 'fill:#e9ecef',
  cancelled: 'fill:#e2d9f3',
  stuck: 'fill:#ffe5d0',
}

/** Every node has the look of its status, every edge is marked that was ever taken, and nothing else is. */
async function expectTrueMarks(blueprint: WorkflowBlueprint, events: readonly FlowcraftEvent[]): Promise<void> {
  const text = generateMermaidForRun(blueprint, events)
  expect(generateMermaidForRun(structuredClone(blueprint), [...events])).toBe(text)
  const { styles, edges } = await parseFlowchart(text)
  const state = fold(events)
  const stuck = new Set(state.stuck.map(({ nodeId }) => nodeId))
  const added = addedBy(events)
  const names = new Set(
    [blueprint.nodes, ...added.map(({ dynamicNodes = [] }) => dynamicNodes)].flat().map(({ id }) => id),
  )
  const drawn = [...styles.values()]
  for (const [index, name] of [...names].entries()) {
    const status = stuck.has(name) ? 'stuck' : (state.nodes.get(name)?.status ?? 'pending')
    expect([name, drawn[index]?.[0]]).toEqual([name, fills[status]])
  }
  const taken = new Map<string, boolean>()
  const all = [...blueprint.edges, ...added.flatMap(({ dynamicEdges = [] }) => dynamicEdges)]
  for (const [index, { source, target, action, condition, transform }] of all.entries()) {
    const isOwn = index < blueprint.edges.length
    const key = JSON.stringify(isOwn ? index : [source, target, action, condition, transform])
    taken.set(key, taken.get(key) === true || (state.edges.get(index)?.takenCount ?? 0) > 0)
  }
  const marked = edges.map(({ style }) => style.includes('stroke:#007bff'))
  expect(marked.slice(0, taken.size)).toEqual([...taken.values()])
}

/** What nodes added that no fork has taken back. */
function addedBy(events: readonly FlowcraftEvent[]): readonly NodeResult[] {
  let finishes: { nodeId: string; result: NodeResult }[] = []
  for (const { type, payload } of events) {
    if (type === 'node:finish') finishes.push(payload)
    if (type === 'workflow:fork') finishes = finishes.filter(({ nodeId }) => payload.rerun?.includes(nodeId) !== true)
  }
  return finishes.map(({ result }) => result)
}

/** The legend has the look of every node above it, and the drawing is the same with it as without. */
async function expectTrueLegend(blueprint: WorkflowBlueprint, events: readonly FlowcraftEvent[]): Promise<void> {
  const plain = await parseFlowchart(generateMermaidForRun(blueprint, events))
  const told = await parseFlowchart(generateMermaidForRun(blueprint, events, { legend: true }))
  const legend = new Set(told.groups.at(-1))
  expect(told.edges.slice(0, plain.edges.length)).toEqual(plain.edges)
  const looks = new Set([...plain.styles.values()].map((style) => style.join()))
  const samples = [...told.labels].flatMap(([id, label]) => {
    const isOfStatus = /^([✓✗▶◷↷⊘] |‖ held|not reached)/u.test(label)
    return legend.has(id) && isOfStatus ? [told.styles.get(id)?.join() ?? ''] : []
  })
  // The flag of a parked run has no status.
  looks.delete('fill:#ffffff,stroke:#212529,stroke-width:2px')
  expect(new Set(samples)).toEqual(looks)
}

it('the drawing of a run has the marks that its log gives, at every moment', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(1000), async (flow, moment) => {
      const run = await runFlow(flow, new InMemoryEventStore(), { executionId: `run-${(count += 1)}`, watches: false })
      await expectTrueMarks(flow.blueprint, run.events)
      const past = run.events.slice(0, 1 + (moment % run.events.length))
      await expectTrueMarks(flow.blueprint, past)
      await expectTrueLegend(flow.blueprint, past)
      const at = past.at(-1)?.seq
      expect(generateMermaidForRun(flow.blueprint, run.events, { at })).toBe(
        generateMermaidForRun(flow.blueprint, past),
      )
    }),
    checkedWith(150),
  )
}, 300_000)

const optional = fc.option(hostileText, { nil: undefined })

/** Nodes of every kind, with params that need not make sense. */
function nodeOf(id: string, others: fc.Arbitrary<string>): fc.Arbitrary<NodeDefinition> {
  const value = fc.oneof(hostileText, others, fc.integer(), fc.constant(null))
  const keys = ['condition', 'blueprintId', 'duration', 'event', 'timeout', 'workerUsesKey', 'concurrency', 'chunkSize']
  const params = Object.fromEntries([...keys, 'gatherNodeId'].map((key) => [key, value]))
  const kinds = ['loop-controller', 'batch-scatter', 'batch-gather', 'subflow', 'sleep', 'wait', 'code']
  return fc.record(
    {
      id: fc.constant(id),
      uses: fc.constantFrom(...kinds),
      inputs: optional,
      params: fc.record(params, { requiredKeys: [] }),
      config: fc.record({ fallback: fc.option(others, { nil: undefined }) }),
    },
    { requiredKeys: ['id', 'uses'] },
  )
}

const graphs = fc.uniqueArray(hostileText, { minLength: 2, maxLength: 6 }).chain((ids) => {
  const id = fc.constantFrom(...ids)
  const action = fc.oneof(fc.constant('continue'), optional)
  const edge = fc.record({ source: id, target: id, action, condition: optional, transform: optional })
  const gather: fc.Arbitrary<NodeDefinition> = fc.constant({ id: `${ids[0]}_gather`, uses: 'batch-gather' })
  const scatter = fc.record({
    id: fc.constant(`${ids[0]}_scatter`),
    uses: fc.constant('batch-scatter'),
    params: fc.record({ gatherNodeId: fc.constant(`${ids[0]}_gather`), workerUsesKey: hostileText }),
  })
  const deal = { source: `${ids[0]}_scatter`, target: `${ids[0]}_gather` }
  return fc.record({
    blueprint: fc.record({
      id: fc.constant('hostile'),
      nodes: fc.tuple(...ids.map((each) => nodeOf(each, id)), scatter, gather),
      edges: fc.array(edge, { maxLength: 6 }).map((edges): EdgeDefinition[] => [...edges, deal]),
    }),
    ids: fc.constant([...ids, `${ids[0]}_scatter`, `${ids[0]}_gather`]),
    batchId: fc.constant(ids[0] ?? ''),
  })
})

const runs = graphs.chain(({ blueprint, ids, batchId }) => {
  const id = fc.constantFrom(...ids, `${batchId}[0]`, `${batchId}[1]`)
  const turn = fc.nat(2)
  const of = fc.record({ iteration: turn, attempt: fc.constantFrom(1, 2) })
  const time = fc.oneof(fc.nat(), fc.constantFrom(Number.MAX_VALUE, -1))
  const node = fc.record({ id: fc.oneof(id, hostileText), uses: fc.constantFrom('code', 'subflow', 'batch-gather') })
  const edge = fc.record({ source: id, target: fc.oneof(id, hostileText), action: optional })
  const result = fc.record({
    dynamicNodes: fc.array(node, { maxLength: 2 }),
    dynamicEdges: fc.array(edge, { maxLength: 2 }),
  })
  const waiting = fc.record({ nodeId: id, reason: fc.constantFrom('timer', 'user_pause'), wakeUpAt: time })
  const start = fc.record(
    { iteration: turn, input: fc.constantFrom([1, 2, 3], 'no list'), childExecutionId: hostileText },
    { requiredKeys: [] },
  )
  const fact: fc.Arbitrary<Fact> = fc.oneof(
    fc.tuple(id, start).map((given) => started(...given)),
    fc.tuple(id, of).map((given) => finished(...given)),
    fc.tuple(id, result).map(([nodeId, given]) => finished(nodeId, { result: given })),
    fc.tuple(id, of).map((given) => failed(...given)),
    fc.tuple(id, of).map((given) => retried(...given)),
    fc.tuple(id, id).map((given) => replaced(...given)),
    id.map((nodeId) => skipped(nodeId, 'not-chosen')),
    fc
      .tuple(id, time, optional)
      .map(([nodeId, wakeUpAt, event]) => waited(nodeId, { wakeUpAt, ...(event !== undefined && { event }) })),
    fc.tuple(fc.nat(8), fc.boolean()).map((given) => decided(...given)),
    fc.tuple(fc.nat(3), turn).map(([count, iteration]) => dealt(batchId, count, { iteration })),
    waiting.map((given) => paused(given)),
    fc.tuple(waiting, id, hostileText).map(([given, nodeId, reason]) => stalled([given], { nodeId, reason })),
    fc
      .tuple(
        hostileText,
        fc.subarray([...ids]),
        fc.option(fc.array(fc.integer({ min: -1, max: 8 })), { nil: undefined }),
      )
      .map(([from, rerun, moved]) => forked(from, 3, { rerun, ...(moved !== undefined && { edges: moved }) })),
    fc.constant(ended('cancelled')),
  )
  return fc.record({ blueprint: fc.constant(blueprint), facts: fc.array(fact, { maxLength: 25 }) })
})

it('whatever a log says, Mermaid reads the drawing, and it has the marks that the log gives', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async ({ blueprint, facts }) => {
      await parseFlowchart(generateMermaid(blueprint, { params: true }))
      await expectTrueMarks(blueprint, runOf(...facts))
    }),
    checkedWith(500),
  )
}, 300_000)

it('whatever a log says, Mermaid reads the collapsed drawing too', async () => {
  await fc.assert(
    fc.asyncProperty(runs, fc.nat(5), async ({ blueprint, facts }, maxEdges) => {
      await parseFlowchart(generateMermaidForRun(blueprint, runOf(...facts), { maxEdges, legend: maxEdges > 2 }))
    }),
    checkedWith(200),
  )
}, 300_000)
