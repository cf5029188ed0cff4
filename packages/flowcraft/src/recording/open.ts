import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { orderHistory } from '../events/history-order.ts'
import { recordingOf, type Recording } from './recording.ts'
import { catchUp, type RecordingStore } from './source.ts'
import { Timeline } from './timeline.ts'

/**
 * The recording of a run as its store has it by now. Linear in the events.
 * @throws EXECUTION_UNKNOWN when the store has no events of it; HISTORY_CORRUPT for a gap, a duplicate with other content,
 * a newer schema, an event that cannot be read; what the store throws.
 */
export async function openRecording(store: RecordingStore, executionId: string): Promise<Recording> {
  if (typeof store !== 'object' || store === null || typeof store.retrieve !== 'function') {
    throw invalid(`A recording is opened from an event store with a method 'retrieve'; found ${nameOf(store)}`)
  }
  if (typeof executionId !== 'string' || executionId === '') {
    throw invalid(`A recording is opened by the id of an execution; found ${nameOf(executionId)}`)
  }
  const timeline = new Timeline(executionId)
  await catchUp(timeline, store)
  if (timeline.length > 0) return recordingOf(timeline, store, openRecording)
  throw new FlowcraftError(
    `The store has no events of execution '${executionId}': look for its id in the result of the run, or by the store's list()`,
    { code: 'EXECUTION_UNKNOWN', executionId },
  )
}

/** What `recordingFrom` is told besides the events. */
export interface RecordingFromOptions {
  /** Which execution is meant. Default that of the first start event. */
  readonly executionId?: string | undefined
}

/**
 * A recording of events that are at hand. Those of other executions are left out, exact duplicates too; they need not be in
 * order. Linear in the events.
 * @throws EXECUTION_UNKNOWN without an id and a start event; HISTORY_CORRUPT as `openRecording` does.
 */
export function recordingFrom(events: Iterable<FlowcraftEvent>, options: RecordingFromOptions = {}): Recording {
  if (typeof events !== 'object' || events === null || !(Symbol.iterator in events)) {
    throw invalid(`A recording is made from an array or another iterable of events; found ${nameOf(events)}`)
  }
  const list = [...events]
  const stranger = list.findIndex((event: unknown) => typeof event !== 'object' || event === null)
  if (stranger >= 0) throw invalid(`Number ${stranger} of the events is none: ${nameOf(list[stranger])}`)
  const executionId = options.executionId ?? list.find(({ type }) => type === 'workflow:start')?.executionId
  if (executionId === undefined) {
    throw new FlowcraftError('Cannot determine execution ID from events', { code: 'EXECUTION_UNKNOWN' })
  }
  const timeline = new Timeline(executionId)
  for (const event of orderHistory(list, executionId)) timeline.take(event)
  return recordingOf(timeline, undefined, openRecording)
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}

function nameOf(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : typeof value
}
