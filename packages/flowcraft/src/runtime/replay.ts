import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { WorkflowResult } from '../blueprint/flow-runner.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import { BlueprintMismatchError, FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent, RunStatus } from '../events/event.ts'
import { orderHistory, orderStream } from '../events/history-order.ts'
import type { ISerializer } from '../extensions/serializer.ts'
import { foldUntil, type Position } from '../state/position.ts'
import { LazyResult } from '../state/result.ts'
import type { RunState } from '../state/run-state.ts'

/** Stored events, as a list or as a stream. */
export type EventSource = Iterable<FlowcraftEvent> | AsyncIterable<FlowcraftEvent>

/** Options of a replay. */
export interface ReplayOptions {
  /** How far to go. Default `'end'`. */
  readonly until?: Position | undefined
  /** Whether another blueprint than the recorded one is an error. Default `false`. */
  readonly strict?: boolean | undefined
}

/** The exact state of a past run. */
export interface ReplayResult<TContext = Record<string, unknown>> extends Omit<
  WorkflowResult<TContext>,
  'status' | 'executionId'
> {
  /** That of the replay, which completed. */
  readonly status: 'completed'
  /** That of the run at this position; `'running'` also for a log that was cut off. */
  readonly recordedStatus: RunStatus
  readonly executionId: string
  /** Of the last event that counts; -1 for none. */
  readonly seq: number
  /** Whether the blueprint given is the recorded one. */
  readonly blueprintMatches: boolean
}

/**
 * Folds stored events back into the state of their run. Nothing is executed, evaluated, emitted or stored.
 * @throws HISTORY_CORRUPT, POSITION_NOT_FOUND; BLUEPRINT_MISMATCH under `strict`.
 */
export async function replay(
  blueprint: WorkflowBlueprint,
  events: EventSource,
  executionId: string | undefined,
  options: ReplayOptions & { readonly serializer: ISerializer; give(value: unknown): unknown },
): Promise<ReplayResult> {
  const history = await historyOf(events, executionId)
  const state = await foldUntil(history.events, options.until)
  const blueprintMatches = state.blueprintHash === fingerprint(blueprint)
  if (options.strict && !blueprintMatches) throw mismatch(blueprint, state, history.executionId)
  const serialize = (context: Record<string, unknown>): string => options.serializer.serialize(context)
  const rest = {
    status: 'completed',
    recordedStatus: state.status,
    executionId: history.executionId,
    seq: state.seq,
    blueprintMatches,
  }
  // The id is part of every context but that of a history without events.
  return new LazyResult(state, options.give, serialize, rest) as unknown as ReplayResult
}

interface History {
  readonly executionId: string
  readonly events: EventSource
}

async function historyOf(events: EventSource, executionId: string | undefined): Promise<History> {
  if (typeof events === 'object' && events !== null && Symbol.asyncIterator in events) {
    if (executionId !== undefined) return { executionId, events: orderStream(events, executionId) }
    return await identified(events)
  }
  const list = [...requireIterable(events)]
  const id = executionId ?? list.find((event) => event.type === 'workflow:start')?.executionId
  if (id === undefined) throw unidentified()
  return { executionId: id, events: orderHistory(list, id) }
}

function requireIterable(events: EventSource): Iterable<FlowcraftEvent> {
  if (typeof events === 'object' && events !== null && Symbol.iterator in events) return events
  throw new FlowcraftError(
    `Events are given as an array or another (async) iterable; found ${events === null ? 'null' : typeof events}`,
    { code: 'INPUT_INVALID' },
  )
}

/** The first start event of a stream says which execution is meant; what came before it is held. */
async function identified(events: AsyncIterable<FlowcraftEvent>): Promise<History> {
  const iterator = events[Symbol.asyncIterator]()
  const held: FlowcraftEvent[] = []
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
    held.push(step.value)
    if (step.value.type !== 'workflow:start') continue
    const { executionId } = step.value
    return { executionId, events: orderStream(resumed(held, iterator), executionId) }
  }
  throw unidentified()
}

async function* resumed(
  held: readonly FlowcraftEvent[],
  iterator: AsyncIterator<FlowcraftEvent>,
): AsyncGenerator<FlowcraftEvent> {
  try {
    yield* held
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) yield step.value
  } finally {
    await iterator.return?.()
  }
}

function unidentified(): FlowcraftError {
  return new FlowcraftError('Cannot determine execution ID from events', { code: 'EXECUTION_UNKNOWN' })
}

function mismatch(blueprint: WorkflowBlueprint, state: RunState, executionId: string): BlueprintMismatchError {
  return new BlueprintMismatchError(
    `Execution '${executionId}' was recorded with another blueprint than '${blueprint.id}' as it is now (recorded: '${state.blueprintId}', ${state.blueprintHash}). Give the recorded one, or leave out 'strict'`,
    { blueprintId: blueprint.id, executionId },
  )
}
