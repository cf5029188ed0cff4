import { expect } from 'vitest'
import {
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type EventOf,
  type EventType,
  type FlowBuilder,
  type FlowcraftEvent,
  type NodeRegistry,
  type RunCallOptions,
  type RuntimeOptions,
  type WorkflowBlueprint,
  type WorkflowResult,
} from 'flowcraft'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { advance } from '../../src/scheduler/advance.ts'
import { frontierOf, isIdle, type Frontier } from '../../src/scheduler/frontier.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply, fold } from '../../src/state/fold.ts'
import type { RunState } from '../../src/state/run-state.ts'

/** What was recorded of a run, next to what the run gave. */
export interface RecordedRun {
  readonly result: WorkflowResult
  readonly events: readonly FlowcraftEvent[]
  /** The events of one type. */
  of<T extends EventType>(type: T): EventOf<T>[]
  /** The ids of the nodes that started, in that order. */
  readonly started: readonly string[]
}

/** Runs a blueprint, recorded in memory. Its log must replay to what the run gave. */
export async function runRecorded(
  blueprint: WorkflowBlueprint,
  functionRegistry: NodeRegistry,
  initialState: object = {},
  options: RunCallOptions = {},
  runtimeOptions: RuntimeOptions = {},
): Promise<RecordedRun> {
  const { runtime, look } = recordingRuntime(runtimeOptions)
  return await look(blueprint, await runtime.run(blueprint, initialState, { functionRegistry, ...options }))
}

/** Runs a flow in that way. */
export async function runFlow(
  flow: Pick<FlowBuilder, 'toBlueprint' | 'getFunctionRegistry'>,
  initialState: object = {},
  options: RunCallOptions = {},
  runtimeOptions: RuntimeOptions = {},
): Promise<RecordedRun> {
  return await runRecorded(flow.toBlueprint(), flow.getFunctionRegistry(), initialState, options, runtimeOptions)
}

/** A runtime that records in memory, for runs that go on after they were parked. */
export interface RecordingRuntime {
  readonly runtime: FlowRuntime
  readonly store: InMemoryEventStore
  /** What was recorded up to a result; it must replay to just that. */
  look(blueprint: WorkflowBlueprint, result: WorkflowResult): Promise<RecordedRun>
}

/** A {@link RecordingRuntime}; one on a `store` that is given knows of its runs by their logs only. */
export function recordingRuntime(options: RuntimeOptions = {}, store = new InMemoryEventStore()): RecordingRuntime {
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), ...options, eventBus })
  return {
    runtime,
    store,
    async look(blueprint, result) {
      const events = await store.retrieve(result.executionId)
      expectNothingLeft(blueprint, events, result)
      // Reading a context makes its instances, which is what tests of value types are about.
      if (options.valueTypes === undefined) await expectExactReplay(runtime, blueprint, events, result)
      const of = <T extends EventType>(type: T): EventOf<T>[] =>
        events.filter((event): event is EventOf<T> & FlowcraftEvent => event.type === type)
      return { result, events, of, started: of('node:start').map((event) => event.payload.nodeId) }
    },
  }
}

/** Where a run stands after events, as whoever goes on with it from its log alone finds it. */
export function frontierAfter(blueprint: WorkflowBlueprint, events: readonly FlowcraftEvent[]): Frontier {
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error(plan.join('\n'))
  const frontier = frontierOf(plan)
  const state = draftOf(initialState)
  for (const event of events) {
    apply(state, event)
    advance(frontier, state, event)
  }
  return frontier
}

/** The state that follows from events. */
export function foldOf(events: readonly FlowcraftEvent[]): RunState {
  return fold(events)
}

/** Whoever goes on from the log finds nothing to do before somebody resumes the run. */
function expectNothingLeft(
  blueprint: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  { status, errors }: WorkflowResult,
): void {
  const frontier = frontierAfter(blueprint, events)
  const isParked = status === 'awaiting' || status === 'stalled'
  expect([frontier.isParked, frontier.isFinished]).toEqual([isParked, !isParked])
  const isCutOff = status === 'cancelled' || errors?.some(({ isFatal, nodeId }) => isFatal || nodeId === undefined)
  if (!isParked && !isCutOff) expect([isIdle(frontier), frontier.open.members()]).toEqual([true, []])
}

async function expectExactReplay(
  runtime: FlowRuntime,
  blueprint: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  { context, errors, status, executionId }: WorkflowResult,
): Promise<void> {
  const replayed = await runtime.replay(blueprint, events, executionId, { strict: true })
  expect(replayed.recordedStatus).toBe(status)
  expect(replayed.errors).toStrictEqual(errors)
  expect(replayed.context).toStrictEqual(context)
}

/** A blueprint whose nodes are named in `edges`, such as `'a -> b'`; `more` adds to nodes by their ids. */
export function graph(
  edges: readonly (string | WorkflowBlueprint['edges'][number])[],
  more: Readonly<Record<string, Partial<WorkflowBlueprint['nodes'][number]>>> = {},
): WorkflowBlueprint {
  const links = edges.map((edge) => {
    if (typeof edge !== 'string') return edge
    const [source = '', target = ''] = edge.split(' -> ')
    return { source, target }
  })
  const ids = new Set([...links.flatMap(({ source, target }) => [source, target]), ...Object.keys(more)])
  return { id: 'graph', nodes: [...ids].map((id) => ({ id, uses: id, ...more[id] })), edges: links }
}
