import { ExecutionConflictError, FlowcraftError, isFlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import { sharedEvent } from '../history/fork.ts'
import { randomId } from '../ports.ts'
import { frontierAfter, standingAfter, type Turn } from '../scheduler/past-frontier.ts'
import { fold } from '../state/fold.ts'
import { seqAt } from '../state/position.ts'
import { assemble, surroundingsOf, valuesFor } from './assemble.ts'
import { begin, knowRecorded } from './blueprint-recording.ts'
import { cancelOn } from './cancel-on.ts'
import { blueprintChange } from './changed-blueprint.ts'
import { LiveHandle, type ExecutionHandle } from './execution-handle.ts'
import { changesOf, type SharedPast } from './fork-facts.ts'
import { requireFork, type ForkOptions, type ForkSource } from './fork-options.ts'
import { openForkOutbox, taken } from './fork-outbox.ts'
import type { LaunchOptions } from './launch-options.ts'
import { prepare } from './prepare.ts'
import { beginningOf } from './rebuild.ts'
import { recordedBlueprint, type RecordedBlueprint } from './remains.ts'
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
  const { executionId: from, events, blueprint: recorded, hash } = await pastOf(runtime, store, source, options)
  const surroundings = surroundingsOf(runtime, options.functionRegistry)
  const prepared = prepare(options.blueprint ?? recorded, surroundings)
  const { plan } = prepared
  const executionId = options.executionId ?? runtime.idGenerator()
  if (executionId === from) throw sameId(from)
  const values = valuesFor(runtime, plan.blueprint, executionId)
  const own = events.map((event) => ownEvent(event, executionId))
  // What may be taken back, or stand elsewhere, is known only when the state is.
  const isStraight = options.blueprint === undefined && (options.rerun ?? []).length === 0
  const { state, frontier } = isStraight ? standingAfter(plan, own) : { state: fold(own), frontier: undefined }
  const changes = changesOf({ executionId: from, events, state, blueprint: recorded }, plan, options, values)
  const changed = { executionId: from, events, from: recorded, hash, again: new Set(changes.rerun) }
  const fork = { from, seq: state.seq, ...changes, ...blueprintChange(runtime, changed, plan.blueprint) }
  const writer = randomId()
  const outbox = eventBus && (await openForkOutbox(eventBus, store, { executionId, from, events, writer }))
  if (runs.has(executionId)) throw taken(executionId)
  const { run, recording } = assemble(runtime, surroundings, {
    prepared,
    executionId,
    values,
    depth: 1,
    byTurns: false,
    writer,
    outbox,
    beginning: beginningOf({ ...state, parent: undefined }),
    past: { state, frontier: frontier ?? frontierAfter(plan, own, turnOf(fork)), fork },
  })
  runs.enter(run)
  if (options.signal !== undefined) cancelOn(options.signal, run)
  const begun = begin(run, recording)
  try {
    await begun
  } catch (error) {
    throw isFlowcraftError(error, 'CONCURRENCY_CONFLICT') ? taken(executionId) : error
  }
  return new LiveHandle({ run, begun })
}

function turnOf({ rerun, edges }: Turn): Turn {
  return { ...(rerun && { rerun }), ...(edges && { edges }) }
}

/** An event of the source in the state of the fork, which says by these only whose it is: the others need no copies. */
function ownEvent(event: FlowcraftEvent, executionId: string): FlowcraftEvent {
  const tellsWhose = event.type === 'workflow:start' || event.type === 'context:change'
  return tellsWhose ? sharedEvent(event, executionId) : event
}

interface SourcePast extends Omit<SharedPast, 'state'> {
  /** Of the blueprint. */
  readonly hash: string
}

async function pastOf(
  runtime: LaunchOptions,
  store: EventStore | undefined,
  source: ForkSource | string,
  { at }: ForkOptions,
): Promise<SourcePast> {
  const { executionId, events, blueprint } = typeof source === 'string' ? await stored(store, source) : source
  const history = orderHistory(events, executionId)
  const seq = seqAt(history, at)
  const shared = history.slice(0, seq + 1)
  if (shared[0]?.type !== 'workflow:start') throw noSource(executionId)
  const recorded = lastRecorded(shared)
  const hash = recorded?.blueprintHash ?? ''
  // That of a recording is the one that it ends with.
  const isOfThen = blueprint !== undefined && lastRecorded(history)?.blueprintHash === hash
  if (isOfThen) knowRecorded(blueprint, hash)
  const known = isOfThen ? blueprint : await recordedBlueprint(runtime, store, { ...recorded }, executionId, undefined)
  return { executionId, events: shared, blueprint: known, hash }
}

/** What events say last of the blueprint. */
function lastRecorded(events: readonly FlowcraftEvent[]): RecordedBlueprint | undefined {
  const last = events.findLast(({ payload }) => 'blueprintHash' in payload && payload.blueprintHash !== undefined)
  // Only events that may be about a blueprint have a hash of one.
  return last?.payload as RecordedBlueprint | undefined
}

async function stored(store: EventStore | undefined, executionId: string): Promise<ForkSource> {
  const events = (await store?.retrieve(executionId)) ?? []
  if (events.length === 0) throw noSource(executionId)
  return { executionId, events }
}

function sameId(from: string): FlowcraftError {
  return new ExecutionConflictError(`A fork of '${from}' is an execution of its own: choose another executionId`, {
    executionId: from,
  })
}

function noSource(executionId: string): FlowcraftError {
  return new FlowcraftError(
    `There is no start of an execution '${executionId}' to fork: give the id of one that is in the event store, or its recording`,
    { code: 'EXECUTION_UNKNOWN', executionId },
  )
}
