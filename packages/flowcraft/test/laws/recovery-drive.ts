import { expect } from 'vitest'
import type { WorkflowResult } from '../../src/blueprint/flow-runner.ts'
import { copyOf } from '../../src/events/snapshot.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import type { EventStore } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import type { RandomFlow } from './generator/draft.ts'
import { watchLive } from './live-states.ts'
import { implementationsOf, type NodeCallNotes } from './node-calls.ts'
import { unshaken, type CrashesOf } from './recovery-attempts.ts'
import { crashesIn, type IsCode } from './recovery-log.ts'
import type { FinishedRun } from './run-flow.ts'
import { portraitOfState } from './state-portrait.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Which nodes of a flow run user code; the workers of batches do. */
export function codeOf({ blueprint, programs }: RandomFlow): IsCode {
  const engine = new Set(blueprint.nodes.flatMap(({ id, uses }) => (programs.has(uses) ? [] : [id])))
  return (nodeId) => !engine.has(nodeId)
}

/** What a process leaves when it is killed: these events, and nobody who drives the run. */
export async function leftBehind(events: readonly FlowcraftEvent[], flow?: RandomFlow): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore()
  for (const event of events) {
    const { executionId, seq: expectedSeq } = event
    const batch = { executionId, writer: 'killed', owner: 'gone', expectedSeq, events: [event] }
    const [outcome] = await store.append([batch])
    expect(outcome?.error).toBeUndefined()
    if (event.type === 'workflow:start' && flow !== undefined && event.payload.blueprint === undefined) {
      await store.saveBlueprint(event.payload.blueprintHash ?? '', flow.blueprint)
    }
  }
  return store
}

/** The same store with nothing but what every store must have. */
export function bare(store: EventStore): EventStore {
  return {
    store: (event, executionId) => store.store(event, executionId),
    retrieve: (executionId) => store.retrieve(executionId),
    retrieveMultiple: (executionIds) => store.retrieveMultiple(executionIds),
  }
}

/** Runs a flow to its end in one process: from the start, or from what another process has left. */
export async function drive(
  flow: RandomFlow,
  executionId: string,
  stored: readonly FlowcraftEvent[],
  turnsOf?: CrashesOf,
): Promise<FinishedRun> {
  const isCode = codeOf(flow)
  const clock = new VirtualClock(flow.clockJumpsMs)
  const notes: NodeCallNotes = new Map()
  const liveStates = new Map<number, string>()
  const crashes = crashesIn(stored, isCode)
  const memory = await leftBehind(stored, flow)
  // Who stores single events has no writer.
  const store = flow.isBareStore ? bare(stored.length === 0 ? memory : await unwritten(stored)) : memory
  const runtime = new FlowRuntime({
    logger: new NullLogger(),
    clock,
    idGenerator: () => executionId,
    eventBus: new PersistentEventBusAdapter(store, { durability: flow.durability, retry: { deadlineMs: 0 } }),
  })
  const functionRegistry = unshaken(
    implementationsOf(flow, clock, notes, () => -1),
    ({ nodeId, iteration }) => crashes.get(`${nodeId} ${iteration}`) ?? 0,
    undefined,
    turnsOf,
  )
  const pausesAt = new Set(flow.pausesAt)
  const unwatch = watchLive(executionId, (state) => {
    if (state.seq > 3000) throw new Error('The run does not end')
    liveStates.set(state.seq, portraitOfState(state))
    if (stored.length === 0 && pausesAt.delete(state.seq))
      queueMicrotask(() => void runtime.requestPause(executionId).catch(() => {}))
  })
  try {
    let result: WorkflowResult
    if (stored.length > 0) result = await runtime.recover(executionId, { functionRegistry })
    else {
      const { blueprint, concurrency, maxIterations, targets } = flow
      const initial = Object.fromEntries(Object.entries(flow.initial).map(([key, value]) => [key, copyOf(value)]))
      const state = targets.length === 0 ? initial : { ...initial, _targetNode: [...targets] }
      result = await runtime.run(blueprint, state, { functionRegistry, concurrency, maxIterations })
    }
    for (let parks = 0; result.status === 'awaiting' || result.status === 'stalled'; parks += 1) {
      if (parks > 200) throw new Error('The run parks for ever')
      const data = answerTo(flow, await store.retrieve(executionId))
      result = await runtime.resume(executionId, data, { functionRegistry })
    }
    return { flow, runtime, executionId, result, events: await store.retrieve(executionId), notes, liveStates }
  } finally {
    unwatch()
  }
}

async function unwritten(events: readonly FlowcraftEvent[]): Promise<EventStore> {
  const store = new InMemoryEventStore()
  for (const event of events) await store.store(event, event.executionId)
  return store
}

/** The first of those that wait goes on, with what depends on nothing but its name. */
export function answerTo({ answers }: RandomFlow, events: readonly FlowcraftEvent[]): object {
  const parked = events.at(-1)
  if (parked?.type !== 'workflow:pause' && parked?.type !== 'workflow:stall') throw new Error('The run is not parked')
  const nodeId = parked.payload.waiting.find(({ reason }) => reason !== 'user_pause')?.nodeId
  if (nodeId === undefined || answers.length === 0) return {}
  const { output, action } = answers[(nodeId.charCodeAt(nodeId.length - 1) + nodeId.length) % answers.length]!
  return { nodeId, ...(output !== undefined && { output: copyOf(output) }), ...(action !== undefined && { action }) }
}
