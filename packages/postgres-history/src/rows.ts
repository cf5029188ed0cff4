import { decodeValue, encodeValue, HistoryCorruptError, sharedEvent, type FlowcraftEvent } from 'flowcraft'

/** A stored event as it is read: `payload` as text. */
export type EventRow = readonly [
  seq: number,
  type: string,
  timestamp: number,
  payload: string,
  notes: string | null,
  schemaVersion: number | null,
  /** The one that the payload leaves out; only in the rows of a fork. */
  blueprintId?: string | null,
]

/** The columns of an {@link EventRow}, of the events table by the name of `e`. */
export const eventColumns = 'e.seq, e.type, e.timestamp, e.payload::text, e.notes, e.schema_version'

/** What all events of an execution share, and their rows therefore leave out. */
export interface SharedColumns {
  readonly executionId: string
  readonly blueprintId: string | null
}

/** The columns of an event but its `seq`. An id in the payload is left out where it is the shared one. */
export function toColumns(event: FlowcraftEvent, shared: SharedColumns): readonly [...rest: EventRow] {
  const { executionId, blueprintId, ...rest } = event.payload
  const own: Record<string, unknown> = rest
  if (executionId !== shared.executionId) own['executionId'] = executionId
  if (blueprintId !== (shared.blueprintId ?? undefined)) own['blueprintId'] = blueprintId
  const { json, notes } = encodeValue(own)
  return [event.seq, event.type, event.timestamp, json, notes ?? null, event.schemaVersion ?? null]
}

/** The columns as a JSON object, for the execution of this key. The payload is a part of it as it is. */
export function toJson([seq, type, timestamp, payload, notes, schemaVersion]: EventRow, key: number): string {
  const typeAndTime = `"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)}`
  const more = notes === null ? '' : `,"notes":${JSON.stringify(notes)}`
  const version = schemaVersion === null ? '' : `,"schema_version":${JSON.stringify(schemaVersion)}`
  return `{"run":${key},"seq":${seq},${typeAndTime}${more}${version},"payload":${payload}}`
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
  const envelope = { id: `${executionId}:${seq}`, seq, executionId, timestamp, type, payload }
  const event = schemaVersion === null ? envelope : { ...envelope, schemaVersion }
  // The rows were written from events, and a type that this version does not know is for the reader to tolerate.
  return Object.freeze(event) as FlowcraftEvent
}

/** The event of a row of another execution, as one of the fork that shares it. */
export function toSharedEvent(row: EventRow, executionId: string): FlowcraftEvent {
  const event = toEvent(row, { executionId, blueprintId: row[6] ?? null })
  return event.payload.executionId === executionId ? event : sharedEvent(event, executionId)
}

/** Whether the row holds this event. */
export function isSameEvent(row: EventRow, event: FlowcraftEvent, shared: SharedColumns): boolean {
  return toColumns(event, shared).every((value, index) => value === row[index])
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
    const message = `Event ${seq} of execution '${executionId}' cannot be read from PostgreSQL: ${String(error)}`
    throw new HistoryCorruptError(message, { executionId, cause: error })
  }
}
