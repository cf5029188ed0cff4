import { fingerprint } from '../blueprint/fingerprint.ts'
import { ExecutionConflictError, isFlowcraftError, type FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { sharedEvent } from '../history/fork.ts'
import { randomId } from '../ports.ts'
import { fold } from '../state/fold.ts'
import { seqAt } from '../state/position.ts'
import { assemble, surroundingsOf, valuesFor } from './assemble.ts'
import { begin } from './blueprint-recording.ts'
import { cancelOn } from './cancel-on.ts'
import { blueprintChange } from './changed-blueprint.ts'
import { LiveHandle, type ExecutionHandle } from './execution-handle.ts'
import { changesOf, type SharedPast } from './fork-facts.ts'
import { requireFork, type ForkOptions, type ForkSource } from './fork-options.ts'
import { openForkOutbox } from './fork-outbox.ts'
import type { LaunchOptions } from './launch-options.ts'
import { unknownExecution } from './not-awaiting.ts'
import { prepare } from './prepare.ts'
import { beginningOf } from './rebuild.ts'
import { recordedBlueprint } from './remains.ts'
import { storeOf } from './store-of.ts'

/**
 * Begins a new execution with the history of another one up to a position, and lets it go on from there.
 * @throws INPUT_INVALID, POSITION_NOT_FOUND, EXECUTION_UNKNOWN, BLUEPRINT_INVALID, BLUEPRINT_MISMATCH, CONTEXT_KEY_RESERVED,
 * SERIALIZATION_FAILED, HISTORY_CORRUPT, EXECUTION_CONFLICT for an id that there is already: then nothing has happened;
 * EVENT_STORE_FAILED.
 */
export async function fork(
  runtime: LaunchOptions,
  source: ForkSource | string,
  options: ForkOptions,
): Promise<ExecutionHandle> {
  requireFork(source, options)
  const { eventBus, runs } = runtime
  const store = storeOf(eventBus)
  const past = await pastOf(runtime, store, source, options)
  const { executionId: from, events, state } = past
  const surroundings = surroundingsOf(runtime, options.functionRegistry)
  const prepared = prepare(options.blueprint ?? past.blueprint, surroundings)
  const { blueprint } = prepared.plan
  const executionId = options.executionId ?? runtime.idGenerator()
  const values = valuesFor(runtime, blueprint, executionId)
  const changes = changesOf(past, prepared.plan, options, values)
  const again = new Set(changes.rerun)
  const changed = { executionId: from, events, from: past.blueprint, hash: state.blueprintHash, again }
  const change = blueprintChange(runtime, changed, blueprint)
  const writer = randomId()
  const outbox = eventBus && (await openForkOutbox(eventBus, store, { executionId, from, events, writer }))
  if (runs.has(executionId) || executionId === from) throw taken(executionId)
  const { run, recording } = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth: 1,
    byTurns: false,
    writer,
    outbox,
    beginning: beginningOf({ ...state, parent: undefined }),
    past: {
      events: events.map((event) => (tellsWhose(event) ? sharedEvent(event, executionId) : event)),
      fork: { from, seq: state.seq, ...changes, ...change },
    },
  })
  runs.enter(run)
  const begun = begin(run, recording)
  try {
    await begun
  } catch (error) {
    throw isFlowcraftError(error, 'CONCURRENCY_CONFLICT') ? taken(executionId) : error
  }
  if (options.signal !== undefined) cancelOn(options.signal, run)
  return new LiveHandle({ run, begun })
}

/** A state says whose it is by these events only: the others need no copies. */
function tellsWhose({ type }: FlowcraftEvent): boolean {
  return type === 'workflow:start' || type === 'context:change'
}

async function pastOf(
  runtime: LaunchOptions,
  store: EventStore | undefined,
  source: ForkSource | string,
  { at }: ForkOptions,
): Promise<SharedPast> {
  const { executionId, events, blueprint } = typeof source === 'string' ? await stored(store, source) : source
  const history = orderHistory(events, executionId)
  const seq = seqAt(history, at)
  const shared = history.slice(0, seq + 1)
  const [start] = shared
  if (start?.type !== 'workflow:start') throw unknownExecution(executionId)
  const state = fold(shared)
  const isOfThen = blueprint !== undefined && fingerprint(blueprint) === state.blueprintHash
  const recorded = isOfThen ? blueprint : await recordedBlueprint(runtime, store, state, executionId, undefined)
  return { executionId, events: shared, state, blueprint: recorded }
}

async function stored(store: EventStore | undefined, executionId: string): Promise<ForkSource> {
  const events = (await store?.retrieve(executionId)) ?? []
  if (events.length === 0) throw unknownExecution(executionId)
  return { executionId, events }
}

function taken(executionId: string): FlowcraftError {
  return new ExecutionConflictError(
    `Execution '${executionId}' is there already, and a fork is a new one: choose another executionId`,
    { executionId },
  )
}
