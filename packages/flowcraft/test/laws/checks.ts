import { expect } from 'vitest'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import type { NodeState, RunState } from '../../src/state/run-state.ts'
import { contextOf } from '../../src/state/select.ts'
import { portrait } from '../events/values.ts'
import { describeError } from './errors.ts'
import { referee } from './referee/referee.ts'
import type { Last, Run } from './referee/table.ts'
import type { FinishedRun } from './run-flow.ts'
import { expectSoundLog } from './sound-log.ts'
import { portraitOfContext, portraitOfState } from './state-portrait.ts'
import type { Testimony } from './testimony.ts'
import { witness } from './witness.ts'

/** The replay of the whole log gives what the run gave. */
async function expectExactReplay({ runtime, flow, events, result }: FinishedRun): Promise<void> {
  const replayed = await runtime.replay(flow.blueprint, events, undefined, { strict: true })
  expect(replayed.recordedStatus).toBe(result.status)
  expect(portrait(replayed.context)).toBe(portrait(result.context))
  // Whether one error is the very cause of another is not told by two events.
  expect(replayed.errors?.map((error) => portrait(error))).toEqual(result.errors?.map((error) => portrait(error)))
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

/** Every event is one that the rules demand, and what is left of them in the end is what the state shows. */
function expectByTheRules({ flow, events }: FinishedRun, state: RunState): void {
  const table = referee(flow, events)
  expect([...state.errors.values()].map(describeError)).toEqual(table.errors.map(({ text }) => text))
  const begun = [...state.nodes].filter(([, { status }]) => status !== 'pending')
  expect(Object.fromEntries(begun.map(([id, node]) => [id, portraitOfNode(node)]))).toEqual(
    Object.fromEntries([...table.last].map(([id, last]) => [id, expectedNode(last, table.starts.get(id) ?? 0)])),
  )
  const decided = [...state.edges].map(([index, { taken, reason, error, takenCount }]) => {
    return [index, { taken, reason, isFaulty: error !== undefined, takenCount }] as const
  })
  const verdicts = [...table.edges].flatMap(([index, { verdict, count }]) => {
    if (verdict === undefined) return []
    const { taken, reason, isFaulty } = verdict
    return [[index, { taken, reason, isFaulty, takenCount: count }] as const]
  })
  expect(decided.sort(([a], [b]) => a - b)).toEqual(verdicts.sort(([a], [b]) => a - b))
}

function portraitOfNode({ status, skipReason, starts, attempts, action }: NodeState): object {
  return status === 'skipped' ? { status, skipReason, starts } : { status, starts, attempts, action }
}

function expectedNode(last: Last, starts: number): object {
  if ('skipped' in last) return { status: 'skipped', skipReason: last.skipped, starts }
  const { state, attempt, action } = last.run
  return { status: statuses[state], starts, attempts: attempt, action: state === 'failed' ? undefined : action }
}

const statuses: Readonly<Record<Run['state'], string>> = {
  running: 'cancelled',
  waiting: 'cancelled',
  'backing-off': 'cancelled',
  erred: 'failed',
  'falling-back': 'failed',
  finished: 'completed',
  failed: 'failed',
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
    options: {
      concurrency: flow.concurrency,
      maxIterations: flow.maxIterations,
      strict: false,
      ...(flow.targets.length > 0 && { targets: flow.targets }),
    },
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
  expectByTheRules(run, finalState(run.events))
}
