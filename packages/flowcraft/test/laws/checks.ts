import { expect } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { apply, draftOf, initialState } from '../../src/state/fold.ts'
import type { RunState } from '../../src/state/run-state.ts'
import { contextOf } from '../../src/state/select.ts'
import { portrait } from '../events/values.ts'
import { describeError } from './errors.ts'
import { asGiven, predict, racesOf, type Fate } from './oracle.ts'
import type { FinishedRun } from './run-flow.ts'
import { portraitOfContext, portraitOfState } from './state-portrait.ts'
import { witness, type Testimony } from './witness.ts'

/** Whether a run went on until nothing was left. */
function ranToItsEnd({ events }: FinishedRun): boolean {
  return !events.some(
    ({ type, payload }) => type === 'workflow:cancel' || (type === 'node:error' && payload.error.isFatal),
  )
}

/** The log has a start, one finish, and no gap; it is frozen; whoever was decided about is decided about once. */
function expectSoundLog({ events, flow, executionId, result }: FinishedRun): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  expect(events.map(({ id }) => id)).toEqual(events.map(({ seq }) => `${executionId}:${seq}`))
  expect(new Set(events.map((event) => event.executionId))).toEqual(new Set([executionId]))
  expect(events.filter(({ type }) => type === 'workflow:start')).toEqual([events[0]])
  expect(events.filter(({ type }) => type === 'workflow:finish')).toEqual([events.at(-1)])
  expect(events.every((event) => Object.isFrozen(event) && Object.isFrozen(event.payload))).toBe(true)
  expect(result.executionId).toBe(executionId)
  const edges = events.flatMap(({ type, payload }) => (type === 'edge:evaluate' ? [payload] : []))
  expect(new Set(edges.map(({ edge }) => edge)).size).toBe(edges.length)
  for (const { edge, source, target, result: taken, reason } of edges) {
    expect(flow.blueprint.edges[edge]).toMatchObject({ source, target })
    expect(reason === undefined).toBe(taken)
  }
  const skipped = events.flatMap(({ type, payload }) => (type === 'node:skipped' ? [payload] : []))
  expect(new Set(skipped.map(({ nodeId }) => nodeId)).size).toBe(skipped.length)
  const started = new Set(events.flatMap(({ type, payload }) => (type === 'node:start' ? [payload.nodeId] : [])))
  expect(skipped.filter(({ nodeId }) => started.has(nodeId))).toEqual([])
}

/** The replay of the whole log gives what the run gave. */
async function expectExactReplay({ runtime, flow, events, result }: FinishedRun): Promise<void> {
  const replayed = await runtime.replay(flow.blueprint, events, undefined, { strict: true })
  expect(replayed.recordedStatus).toBe(result.status)
  expect(portrait(replayed.context)).toBe(portrait(result.context))
  expect(portrait(replayed.errors)).toBe(portrait(result.errors))
  expect(replayed.serializedContext).toBe(result.serializedContext)
}

/** At every event, the state that the log gives is the live one of that moment, and the one that user code knows of. */
function expectExactPrefixes(run: FinishedRun): void {
  const draft = draftOf(initialState)
  const { see, testify } = witness(run)
  for (const event of run.events) {
    apply(draft, event)
    see(event)
    const live = run.liveStates.get(event.seq)
    if (live === undefined) continue
    expect(portraitOfState(draft)).toBe(live)
    expect(testimonyOf(draft)).toEqual(testify())
  }
}

/** What nodes saw of the context is what replay shows at that event. */
async function expectTrueLooks({ runtime, flow, events, notes }: FinishedRun): Promise<void> {
  for (const { look } of notes.values()) {
    if (look === undefined) continue
    const { context } = await runtime.replay(flow.blueprint, events, undefined, { until: look.seq })
    expect(portraitOfContext(await look.seen)).toEqual(portraitOfContext(context))
  }
}

/** What became of every node and edge is what the rules say. */
function expectByTheRules(run: FinishedRun, state: RunState): void {
  const { flow, events } = run
  const races = racesOf(events)
  const prediction = predict(flow, races)
  expect(state.status).toBe(prediction.status)
  expect([...state.errors.values()].map(describeError).sort()).toEqual([...prediction.errors].sort())

  const ran = [...prediction.fates].filter(([, fate]) => fate.kind === 'ran').map(([name]) => name)
  expect([...races.runs.values()].flat().sort()).toEqual(ran.sort())
  for (const { id } of flow.blueprint.nodes) {
    const last = prediction.fates.get(races.runs.get(id)?.at(-1) ?? id)
    const node = state.nodes.get(id)
    const known = node && { status: node.status, skipReason: node.skipReason, input: asGiven(node.input) }
    expect({ id, ...known }).toEqual({ id, ...(last && expectedNode(last)) })
    if (last?.kind !== 'ran') continue
    expect(node?.attempts).toBe(last.ending.attempts)
    if (last.ending.ok)
      expect([asGiven(node?.output), node?.action]).toEqual([asGiven(last.ending.output), last.ending.action])
  }
  const decided = [...state.edges].map(
    ([edge, { taken, reason, error }]) => [edge, { taken, reason, isFaulty: error !== undefined }] as const,
  )
  expect(decided.sort(([a], [b]) => a - b)).toEqual([...prediction.edges])
}

/** A state as {@link witness} puts it. */
function testimonyOf(state: RunState): Testimony {
  const { cancelReason } = state
  return {
    status: state.status,
    context: portraitOfContext(contextOf(state, (value) => value)),
    nodeStatuses: Object.fromEntries([...state.nodes].map(([id, { status }]) => [id, status])),
    errors: [...state.errors.values()].map(describeError),
    nodeErrors: Object.fromEntries(
      [...state.nodes].flatMap(([id, { error }]) => (error ? [[id, describeError(error)]] : [])),
    ),
    cancelReason:
      cancelReason instanceof Error
        ? cancelReason.name
        : cancelReason === undefined
          ? undefined
          : portrait(cancelReason),
  }
}

function expectedNode(fate: Fate): { status: string; skipReason: string | undefined; input: string } {
  if (fate.kind === 'skipped') return { status: 'skipped', skipReason: fate.reason, input: 'undefined' }
  return { status: fate.ending.ok ? 'completed' : 'failed', skipReason: undefined, input: asGiven(fate.input) }
}

/** The state after the whole log. */
function finalState(events: readonly FlowcraftEvent[]): RunState {
  const draft = draftOf(initialState)
  for (const event of events) apply(draft, event)
  return draft
}

/** What the state knows of the run as a whole. */
function expectKnownRun({ flow, events, executionId }: FinishedRun, state: RunState): void {
  const { id, nodes, edges } = flow.blueprint
  const [first, last] = [events[0], events.at(-1)]
  expect(state).toMatchObject({
    executionId,
    blueprintId: id,
    options: { concurrency: flow.concurrency, maxIterations: 1_000_000, strict: false },
    tags: [],
    seq: events.length - 1,
    startedAt: first?.timestamp,
    finishedAt: last?.timestamp,
  })
  // A store that keeps blueprints by their hash leaves them out of the log.
  if (state.blueprint !== undefined) expect(state.blueprint).toEqual({ id, nodes, edges })
  else expect(flow.isBareStore).toBe(false)
}

/** All of the above. */
export async function expectLawful(run: FinishedRun): Promise<void> {
  expectSoundLog(run)
  await expectExactReplay(run)
  expectExactPrefixes(run)
  await expectTrueLooks(run)
  expectKnownRun(run, finalState(run.events))
  if (ranToItsEnd(run) && !run.flow.hasRaces) expectByTheRules(run, finalState(run.events))
}
