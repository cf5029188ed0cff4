import { expect } from 'vitest'
import { copyOf } from '../../src/events/snapshot.ts'
import { encodeValue } from '../../src/events/value-codec.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import type { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import type { ForkOptions } from '../../src/runtime/fork-options.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import type { RandomFlow } from './generator/draft.ts'
import { watchLive } from './live-states.ts'
import { implementationsOf, type NodeCallNotes } from './node-calls.ts'
import { unshaken, type CrashesOf } from './recovery-attempts.ts'
import { answerTo, bare, codeOf, leftBehind } from './recovery-drive.ts'
import { crashesIn } from './recovery-log.ts'
import type { FinishedRun } from './run-flow.ts'
import type { RunState } from '../../src/state/run-state.ts'
import { portraitOfState } from './state-portrait.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A fork that has come to its end. */
export interface FinishedFork extends FinishedRun {
  /** The iterations that were called, as `<node> <iteration>`. */
  readonly calls: ReadonlySet<string>
  readonly store: InMemoryEventStore
}

/** Forks a run that is in a store, and lets the fork come to its end. Sees that the run itself stays what it was. */
export async function driveFork(
  flow: RandomFlow,
  source: readonly FlowcraftEvent[],
  executionId: string,
  options: ForkOptions & { readonly at: number },
): Promise<FinishedFork> {
  const { executionId: from } = source[0]!
  const clock = new VirtualClock(flow.clockJumpsMs)
  const notes: NodeCallNotes = new Map()
  const liveStates = new Map<number, string>()
  const crashes = crashesIn(source.slice(0, options.at + 1), codeOf(flow))
  const memory = await leftBehind(source, flow)
  const before = encodeValue(await memory.retrieve(from))
  const store = flow.isBareStore ? bare(memory) : memory
  const runtime = new FlowRuntime({
    logger: new NullLogger(),
    clock,
    idGenerator: () => executionId,
    blueprints: { [flow.blueprint.id]: flow.blueprint },
    eventBus: new PersistentEventBusAdapter(store, { durability: flow.durability, retry: { deadlineMs: 0 } }),
  })
  const functionRegistry = unshaken(
    implementationsOf(flow, clock, notes, () => -1),
    ({ nodeId, iteration }) => crashes.get(`${nodeId} ${iteration}`) ?? 0,
    ({ nodeId, iteration }) => void calls.add(`${nodeId} ${iteration}`),
    (call) => turnsBefore(call),
  )
  let turnsBefore: CrashesOf = () => 0
  const calls = new Set<string>()
  const unwatch = watchLive(executionId, (state) => {
    if (state.seq > 3000) throw new Error('The fork does not end')
    if (state.seq === options.at + 1) turnsBefore = turnsTakenBack(state)
    liveStates.set(state.seq, portraitOfState(state))
  })
  try {
    const handle = await runtime.fork(from, { ...options, functionRegistry })
    expect(handle.executionId).toBe(executionId)
    let result = await handle.result()
    for (let parks = 0; result.status === 'awaiting' || result.status === 'stalled'; parks += 1) {
      if (parks > 200) throw new Error('The fork parks for ever')
      const data = answerTo(flow, await store.retrieve(executionId))
      result = await runtime.resume(executionId, copyOf(data) as object, { functionRegistry })
    }
    expect(encodeValue(await memory.retrieve(from)), 'the source').toEqual(before)
    const events = await store.retrieve(executionId)
    return { flow, runtime, executionId, result, events, notes, liveStates, calls, store: memory }
  } finally {
    unwatch()
  }
}

/** How many iterations each node had that begins anew with a fork: what its code does must not hang on them. */
export function turnsTakenBack({ nodes }: RunState): CrashesOf {
  const turns = new Map([...nodes].flatMap(([id, { status, starts }]) => (status === 'pending' ? [[id, starts]] : [])))
  // Those of workers are those of their batch.
  return ({ nodeId }) => turns.get(nodeId.replace(/\[\d+\]$/, '_scatter')) ?? 0
}
