import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import type { Because, Explanation } from '../../src/recording/explanation.ts'
import { openRecording, recordingFrom } from '../../src/recording/open.ts'
import type { Recording } from '../../src/recording/recording.ts'
import { advance } from '../../src/scheduler/advance.ts'
import { frontierOf, resolution, type Frontier } from '../../src/scheduler/frontier.ts'
import { nextStart } from '../../src/scheduler/visits.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { expectExactFamily } from '../laws/families.ts'
import { anyEvents } from '../laws/generator/events.ts'
import { randomFamily } from '../laws/generator/family.ts'
import { randomFlow } from '../laws/generator/flow.ts'
import { driveFork } from '../laws/fork-drive.ts'
import { drive } from '../laws/recovery-drive.ts'
import { confluentFlow } from '../laws/recovery-flows.ts'
import { runFlow } from '../laws/run-flow.ts'
import { checkedWith } from '../laws/runs.ts'

let count = 0

it('every node of any run is explained at every place, by facts that are in the log', async () => {
  await fc.assert(
    fc.asyncProperty(randomFlow, fc.nat(), async (flow, place) => {
      const executionId = `explained-${(count += 1)}`
      const store = new InMemoryEventStore()
      await runFlow(flow, store, { executionId, watches: false })
      const recording = await openRecording(store, executionId)
      expectExplained(recording, recording.length - 1)
      expectExplained(recording, place % recording.length)
      expectCausesOfScheduler(recording, flow.blueprint)
    }),
    checkedWith(200),
  )
}, 600_000)

it('so is every node of every run of a family', async () => {
  await fc.assert(
    fc.asyncProperty(randomFamily, async (family) => {
      const id = `explained-family-${(count += 1)}`
      const store = new InMemoryEventStore()
      await expectExactFamily(family, id, store)
      const ids = [id, ...(await openRecording(store, id)).children().map(({ executionId }) => executionId)]
      for (const executionId of ids) {
        const recording = await openRecording(store, executionId)
        expectExplained(recording, recording.length - 1)
        expectCausesOfScheduler(recording, recording.blueprint!)
      }
    }),
    checkedWith(40),
  )
}, 600_000)

it('so is every node of a fork in which some began anew', async () => {
  const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 2 })
  await fc.assert(
    fc.asyncProperty(confluentFlow, fc.nat(), fc.nat(), picks, async (flow, from, place, chosen) => {
      const id = `explained-fork-${(count += 1)}`
      const { events } = await drive(flow, id, [])
      const { nodes } = flow.blueprint
      const rerun = chosen
        .map((pick) => nodes[pick % nodes.length]!)
        .flatMap((node) => (node.uses === 'batch-gather' ? [] : [node.id]))
      const fork = await driveFork(flow, events, `${id}-fork`, { at: from % events.length, rerun })
      const recording = await openRecording(fork.store, fork.executionId)
      expectExplained(recording, recording.length - 1)
      expectExplained(recording, place % recording.length)
    }),
    checkedWith(150),
  )
}, 600_000)

it('no events are too odd to be explained', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const inOrder = events.map((event, seq): FlowcraftEvent => ({ ...event, seq }))
      const recording = recordingFrom(inOrder, { executionId: 'any' })
      const ids = Object.keys(recording.at('end').nodes)
      for (const id of ids) expect(recording.explain(id).sentence).toMatch(/^'.*\.$/)
    }),
    checkedWith(1000),
  )
}, 600_000)

function expectExplained(recording: Recording, seq: number): void {
  const { nodes } = recording.at(seq)
  const seen = recording.events.slice(0, seq + 1)
  for (const [id, { status }] of Object.entries(nodes)) {
    const explanation = recording.explain(id, { at: seq })
    expect(explanation.outcome).toBe(status)
    expect(explanation.sentence).toMatch(/^'.*\.$/)
    expect(explanation.sentence).not.toContain('\n')
    expect(JSON.parse(JSON.stringify(explanation))).toMatchObject({ nodeId: id, outcome: status })
    for (const fact of explanation.because) expectFact(seen, id, fact)
    expectAttempts(seen, id, explanation)
    expectReasons(seen, id, explanation)
  }
}

/** What must be in the log for a fact of each kind. */
const evidence: { readonly [K in Because['kind']]?: FlowcraftEvent['type'] } = {
  'edge-taken': 'edge:evaluate',
  'next-turn': 'edge:evaluate',
  'edge-not-taken': 'edge:evaluate',
  created: 'node:finish',
  worker: 'batch:start',
  resumed: 'workflow:resume',
  'replaced-by': 'node:fallback',
  skipped: 'node:skipped',
  'upstream-skipped': 'node:skipped',
  'upstream-failed': 'node:error',
  waits: 'node:wait',
  'run-ended': 'workflow:finish',
  'run-cancelled': 'workflow:cancel',
  'start-node': 'node:start',
}

function expectFact(seen: readonly FlowcraftEvent[], nodeId: string, fact: Because): void {
  const type = evidence[fact.kind]
  if (!('seq' in fact)) return
  const event = seen[fact.seq]!
  // A transform may fail before the node starts.
  if (fact.kind === 'start-node') return expect(['node:start', 'node:error']).toContain(event.type)
  if (type !== undefined) expect(event.type).toBe(type)
  if ('edge' in fact) {
    // A fork may have moved edges that nodes created.
    const hasMoved = seen.some(({ type, payload }) => type === 'workflow:fork' && payload.edges !== undefined)
    expect(event.payload).toMatchObject({ ...(!hasMoved && { edge: fact.edge }), source: fact.source })
    expect(event.payload).toMatchObject({ result: fact.kind !== 'edge-not-taken' })
  }
  if (fact.kind === 'skipped') expect(event.payload).toMatchObject({ nodeId, reason: fact.reason })
  if (fact.kind === 'upstream-failed' || fact.kind === 'upstream-skipped') {
    expect(event.payload).toMatchObject({ nodeId: fact.nodeId })
  }
}

/** The attempts are the starts of that iteration, with the outcomes that the log has for them. */
function expectAttempts(
  seen: readonly FlowcraftEvent[],
  nodeId: string,
  { iteration, attempts, outcome }: Explanation,
): void {
  if (outcome === 'skipped' || outcome === 'pending') return expect(attempts).toEqual([])
  const starts = seen.filter(
    ({ type, payload }) => type === 'node:start' && payload.nodeId === nodeId && payload.iteration === iteration,
  )
  expect(attempts.filter(({ startedAt }) => startedAt !== undefined).map(({ seq }) => seq)).toEqual(
    starts.map(({ seq }) => seq),
  )
  for (const { outcome: ended, endSeq, attempt, error } of attempts) {
    const event = endSeq === undefined ? undefined : seen[endSeq]!
    if (ended === 'completed') expect(event).toMatchObject({ type: 'node:finish', payload: { nodeId, attempt } })
    if (ended !== 'failed') continue
    expect(['node:error', 'node:retry']).toContain(event?.type)
    expect(event?.payload).toMatchObject({ nodeId, attempt, error })
  }
}

/** Of each outcome, the reason that a reader asks for is given. */
function expectReasons(seen: readonly FlowcraftEvent[], nodeId: string, explanation: Explanation): void {
  const { outcome, because, attempts } = explanation
  const kinds = because.map(({ kind }) => kind)
  if (outcome === 'skipped') {
    const skip = because[0]!
    if (skip.kind !== 'skipped') throw new Error('A skip is explained by the skip')
    if (skip.reason === 'upstream-failed') expect(kinds).toContain('upstream-failed')
    if (skip.reason === 'not-chosen') expect(kinds.at(-1)).toMatch(/^(edge-not-taken|fallback-not-called)$/)
    if (skip.reason === 'fallback-not-needed') expect(kinds).toContain('fallback-not-called')
    return
  }
  if (outcome === 'pending') return expect(because.length).toBeGreaterThan(0)
  expect(because.length).toBeGreaterThan(0)
  if (outcome === 'failed') expect(attempts.at(-1)?.error).toBeDefined()
  if (outcome === 'waiting') expect(kinds).toContain('waits')
  if (outcome === 'cancelled') expect(kinds).toContain('run-ended')
  expect(seen.some(({ payload }) => 'nodeId' in payload && payload.nodeId === nodeId)).toBe(true)
}

/** At each start, the causes that are told are those that made the scheduler start the node. */
function expectCausesOfScheduler(recording: Recording, blueprint: WorkflowBlueprint): void {
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error(plan.join('\n'))
  const frontier = frontierOf(plan)
  const state = draftOf(initialState)
  for (const event of recording.events) {
    if (event.type === 'node:start' && event.payload.attempt === 1) expectCauses(recording, frontier, event.seq)
    apply(state, event)
    advance(frontier, state, event)
  }
}

function expectCauses(recording: Recording, frontier: Frontier, seq: number): void {
  const { payload } = recording.events[seq]!
  if (!('nodeId' in payload) || payload.nodeId === undefined) throw new Error('This is a start')
  const { nodeId } = payload
  const { because } = recording.explain(nodeId, { at: seq })
  const index = frontier.plan.indexOf.get(nodeId)!
  const start = nextStart(frontier, index)
  const edges = because.flatMap((fact) => ('edge' in fact && fact.kind !== 'edge-not-taken' ? [fact.edge] : []))
  const kinds = because.map(({ kind }) => kind)
  const { incoming, join, worker } = frontier.plan.nodes[index]!
  if (worker !== undefined) return expect(kinds).toEqual(['worker'])
  if (start.kind === 'fallback') return expect(kinds).toContain('fallback-for')
  if (start.kind === 'turn') return expect(because).toMatchObject([{ kind: 'next-turn', edge: start.edge }])
  if (start.kind === 'created') return expect(kinds).toEqual(['created'])
  // What was taken too late for the turn that is over may be told here.
  if (start.kind === 'unfed') return expect(kinds).not.toContain('start-node')
  const taken = incoming.filter((edge) => frontier.resolutions[edge] === resolution.taken)
  if (taken.length === 0) return expect(kinds).toEqual(['start-node'])
  if (join === 'all') expect([...edges].sort((a, b) => a - b)).toEqual([...taken].sort((a, b) => a - b))
  else expect(edges).toContain(frontier.firstTaken[index])
}
