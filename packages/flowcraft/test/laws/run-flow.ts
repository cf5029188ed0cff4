import type { WorkflowResult } from '../../src/blueprint/flow-runner.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { IEventBus } from '../../src/history/event-bus.ts'
import type { EventStore, IEventStore } from '../../src/history/event-store.ts'
import { PersistentEventBusAdapter, type Durability } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { copyOf } from '../../src/events/snapshot.ts'
import { NullLogger } from '../../src/extensions/logger.ts'
import { isFlowcraftError } from '../../src/errors.ts'
import type { Answer, RandomFlow } from './generator/draft.ts'
import { watchLive } from './live-states.ts'
import { implementationsOf, type NodeCallNotes } from './node-calls.ts'
import { portraitOfState } from './state-portrait.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A flow that has run, and everything that was noted while it did. */
export interface FinishedRun {
  readonly flow: RandomFlow
  readonly runtime: FlowRuntime
  readonly executionId: string
  readonly result: WorkflowResult
  /** As the store gives them. */
  readonly events: readonly FlowcraftEvent[]
  readonly notes: NodeCallNotes
  /** The portrait of the live state after an event, for each that was the last of something recorded at once. */
  readonly liveStates: ReadonlyMap<number, string>
}

/** How a flow is run. */
export interface RunFlowOptions {
  /** The id of the execution. */
  readonly executionId: string
  /** Whether to note the live states. Default `true`. */
  readonly watches?: boolean
  /** Whether events go over a bus that knows nothing of commits. Default `false`. */
  readonly isPlainBus?: boolean
  /** Where nodes note their calls, for a run that does not come to its end. */
  readonly notes?: NodeCallNotes
}

/** More events than any random flow has: a run that gets here would go on for ever. */
const tooManyEvents = 2000

/** More than any random flow has to be resumed. */
const tooManyResumes = 500

/** Runs a flow on a store. Nothing in it depends on the time that it takes. */
export async function runFlow(flow: RandomFlow, store: EventStore, options: RunFlowOptions): Promise<FinishedRun> {
  const { executionId, watches = true, notes = new Map(), isPlainBus = false } = options
  const clock = new VirtualClock(flow.clockJumpsMs)
  const liveStates = new Map<number, string>()
  let canceller = new AbortController()
  const pausesAt = new Set(flow.pausesAt)
  let lastSeq = -1
  const unwatch = watchLive(executionId, (state) => {
    lastSeq = state.seq
    if (lastSeq > tooManyEvents) throw new Error('The run does not end')
    if (watches) liveStates.set(lastSeq, portraitOfState(state))
    const moment = flow.cancellation?.moment
    if (moment?.kind === 'seq' && lastSeq >= moment.seq) queueMicrotask(cancel)
    if (pausesAt.delete(lastSeq)) queueMicrotask(pause)
  })
  const cancel = (): void => {
    const reason = flow.cancellation?.reason
    if (reason === undefined) canceller.abort()
    else canceller.abort(copyOf(reason))
  }
  const moment = flow.cancellation?.moment
  if (moment?.kind === 'before') cancel()
  if (moment?.kind === 'time') clock.setTimer(moment.ms, cancel)

  const slowStore = slowly(flow.isBareStore ? bare(store) : store, clock, flow.storeDelaysMs)
  const newRuntime = (): FlowRuntime =>
    new FlowRuntime({
      logger: new NullLogger(),
      clock,
      idGenerator: () => executionId,
      eventBus: isPlainBus ? plainBus(slowStore) : committingBus(slowStore, clock, flow.durability),
    })
  let runtime = newRuntime()
  const pause = (): void => void runtime.requestPause(executionId).catch(ignoreEnd)
  const functionRegistry = implementationsOf(flow, clock, notes, () => lastSeq)
  // The caller's own values: changing them later must not matter.
  const initial = Object.fromEntries(Object.entries(flow.initial).map(([key, value]) => [key, copyOf(value)]))
  try {
    const { blueprint, concurrency, maxIterations } = flow
    const byTurns = flow.isByTurns
    const target = flow.targets.length === 1 ? flow.targets[0] : [...flow.targets]
    const state = flow.targets.length === 0 ? initial : { ...initial, _targetNode: target }
    const handle = runtime.start(blueprint, state, {
      functionRegistry,
      concurrency,
      maxIterations,
      signal: canceller.signal,
      byTurns,
    })
    while (byTurns && (await handle.turn()) !== null);
    let result = await handle.result()
    for (let nth = 0; result.status === 'awaiting' || result.status === 'stalled'; nth += 1) {
      if (nth > tooManyResumes) throw new Error('The run parks for ever')
      const answer = flow.answers[nth % flow.answers.length]
      const data = answerTo(await store.retrieve(executionId), answer)
      if (byTurns) {
        handle.resume(data, data.nodeId)
        while ((await handle.turn()) !== null);
        result = await handle.result()
      } else {
        // Over a plain bus, nobody can read what was recorded.
        if (answer?.isElsewhere === true && !isPlainBus) {
          runtime = newRuntime()
          // Who was left behind is not told any more.
          if (!canceller.signal.aborted) canceller = new AbortController()
        }
        result = await runtime.resume(executionId, data, { functionRegistry, signal: canceller.signal })
      }
    }
    return { flow, runtime, executionId, result, events: await store.retrieve(executionId), notes, liveStates }
  } finally {
    unwatch()
  }
}

interface Resumption {
  readonly nodeId?: string
  readonly output?: unknown
  readonly action?: string
}

/** What a parked run is resumed with. */
function answerTo(events: readonly FlowcraftEvent[], answer: Answer | undefined): Resumption {
  const parked = events.at(-1)
  if (parked?.type !== 'workflow:pause' && parked?.type !== 'workflow:stall') throw new Error('The run is not parked')
  const waiting = parked.payload.waiting.filter(({ reason }) => reason !== 'user_pause')
  if (waiting.length === 0 || answer === undefined) return {}
  const { nodeId } = waiting[answer.nth % waiting.length]!
  const output = answer.output === undefined ? {} : { output: copyOf(answer.output) }
  return { nodeId, ...output, ...(answer.action !== undefined && { action: answer.action }) }
}

function ignoreEnd(error: unknown): void {
  if (!isFlowcraftError(error, 'EXECUTION_UNKNOWN')) throw error
}

function plainBus(store: EventStore): IEventBus {
  return { emit: (event) => store.store(event, event.executionId) }
}

function committingBus(store: EventStore, clock: VirtualClock, durability: Durability): IEventBus {
  return new PersistentEventBusAdapter(store, {
    durability,
    retry: { deadlineMs: 0 },
    ports: {
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
      macrotask: (callback) => void clock.setTimer(0, callback),
    },
  })
}

/** The same store, each of whose writes takes a while before or after it is done. */
export function slowly(store: EventStore, clock: VirtualClock, delaysMs: readonly number[]): EventStore {
  if (delaysMs.length === 0) return store
  let writes = 0
  const delayed = async <T>(write: () => Promise<T>): Promise<T> => {
    const delayMs = delaysMs[writes++ % delaysMs.length] ?? 0
    if (delayMs > 0) await clock.sleep(delayMs)
    const done = await write()
    if (delayMs > 5) await clock.sleep(1)
    return done
  }
  return {
    store: (event, executionId) => delayed(() => store.store(event, executionId)),
    retrieve: (executionId) => store.retrieve(executionId),
    retrieveMultiple: (executionIds) => store.retrieveMultiple(executionIds),
    ...(store.append && { append: (batches) => delayed(() => store.append!(batches)) }),
  }
}

/** The same store with nothing but what every store must have. */
function bare(store: IEventStore): IEventStore {
  return {
    store: (event, executionId) => store.store(event, executionId),
    retrieve: (executionId) => store.retrieve(executionId),
    retrieveMultiple: (executionIds) => store.retrieveMultiple(executionIds),
  }
}
