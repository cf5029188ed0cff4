import {
  decodeValue,
  encodeValue,
  EventStoreError,
  HistoryCorruptError,
  sharedEvent,
  type FlowcraftEvent,
} from 'flowcraft'
import { typeFromColumn, typeToColumn } from './event-types.ts'

/** An event as it is written: type, timestamp, payload, notes, schema version. */
export type EventColumns = readonly [
  type: bigint | string,
  timestamp: number,
  payload: string,
  notes: string | null,
  schemaVersion: number | null,
]

/** A stored event as it is read. */
export type EventRow = readonly [
  seq: number,
  type: number | string,
  timestamp: number,
  payload: string,
  notes: string | null,
  schemaVersion: number | null,
]

/** What all events of an execution share, and their rows therefore leave out. */
export interface SharedColumns {
  readonly executionId: string
  readonly blueprintId: string | null
}

/** The columns of an event. An id in the payload is left out where it is the shared one. */
export function toColumns(event: FlowcraftEvent, shared: SharedColumns): EventColumns {
  const { executionId, blueprintId, ...rest } = event.payload
  const own: Record<string, unknown> = rest
  if (executionId !== shared.executionId) own['executionId'] = executionId
  if (blueprintId !== (shared.blueprintId ?? undefined)) own['blueprintId'] = blueprintId
  const { json, notes } = encodeValue(own)
  return [typeToColumn(event.type), event.timestamp, json, notes ?? null, event.schemaVersion ?? null]
}

/**
 * The event of a row. Deep-frozen, as `decodeValue` gives frozen values.
 *
 * @throws `HistoryCorruptError` when the payload cannot be read.
 */
export function toEvent(row: EventRow, shared: SharedColumns): FlowcraftEvent {
  const [seq, type, timestamp, json, notes, schemaVersion] = row
  const { executionId } = shared
  const payload = { ...idsOf(shared), ...payloadOf(executionId, seq, json, notes) }
  for (const id of ['executionId', 'blueprintId'] as const) if (payload[id] === undefined) delete payload[id]
  Object.freeze(payload)
  const envelope = { id: `${executionId}:${seq}`, seq, executionId, timestamp, type: typeFromColumn(type), payload }
  const event = schemaVersion === null ? envelope : { ...envelope, schemaVersion }
  // The rows were written from events, and a type that this version does not know is for the reader to tolerate.
  return Object.freeze(event) as FlowcraftEvent
}

/** The event of a row of another execution, as one of the fork that shares it. */
export function toSharedEvent(row: EventRow, shared: SharedColumns): FlowcraftEvent {
  const event = toEvent(row, shared)
  return event.payload.executionId === shared.executionId ? event : sharedEvent(event, shared.executionId)
}

/** Whether the two hold the same. */
export function sameColumns([seq, type, ...row]: EventRow, event: FlowcraftEvent, shared: SharedColumns): boolean {
  const [, ...columns] = toColumns(event, shared)
  return seq === event.seq && typeFromColumn(type) === event.type && columns.every((value, i) => value === row[i])
}

function idsOf({ executionId, blueprintId }: SharedColumns): { executionId?: unknown; blueprintId?: unknown } {
  return blueprintId === null ? { executionId } : { executionId, blueprintId }
}

function payloadOf(executionId: string, seq: number, json: string, notes: string | null): object {
  try {
    const payload = notes === null ? decodeValue(json) : decodeValue(json, notes)
    if (typeof payload === 'object' && payload !== null) return payload
    throw new TypeError(`its payload is ${json.slice(0, 40)}`)
  } catch (error) {
    const message = `Event ${seq} of execution '${executionId}' cannot be read from SQLite: ${String(error)}`
    throw new HistoryCorruptError(message, { executionId, cause: error })
  }
}

/** Whether SQLite gives `text` back as it is, and other databases can hold it. */
export function isStorableText(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}

/** What to say of an id that SQLite would not give back as it was. */
export function malformedId(id: string, executionId: string): EventStoreError {
  const message = `The execution id ${JSON.stringify(id)} has a NUL character or a lone surrogate: choose another`
  return new EventStoreError(message, { executionId })
}
