import { HistoryCorruptError } from '../errors.ts'
import type { FlowcraftEvent } from './event.ts'
import { schemaVersion } from './event.ts'

/**
 * A stored event in the schema of today. Version 1 is the only one so far, so that a readable event is given back as
 * it is.
 *
 * @throws HistoryCorruptError (`HISTORY_CORRUPT`) for an event of a newer schema, or with a version that cannot be.
 */
export function upcast(event: FlowcraftEvent): FlowcraftEvent {
  const version: unknown = event.schemaVersion
  if (version === undefined || version === schemaVersion) return event
  const place = { executionId: event.executionId }
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    const found = `Event '${event.id}' has schemaVersion ${JSON.stringify(version)}`
    throw new HistoryCorruptError(`${found}, expected a whole number from 1 to ${schemaVersion}`, place)
  }
  throw new HistoryCorruptError(
    `Event '${event.id}' has schemaVersion ${version}, this package reads up to ${schemaVersion}: use a newer one`,
    place,
  )
}
