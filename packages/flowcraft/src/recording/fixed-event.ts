import { HistoryCorruptError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { isRecorded } from '../events/recorded-mark.ts'
import { snapshot } from '../events/snapshot.ts'

/**
 * An event that nobody can change any more: itself if it is frozen in depth, as those of this library's stores are, else
 * a copy.
 * @throws HISTORY_CORRUPT for what is no event.
 */
export function fixedEvent(event: FlowcraftEvent): FlowcraftEvent {
  const { type, payload, executionId }: { type: unknown; payload: unknown; executionId: string } = event
  if (typeof type !== 'string' || typeof payload !== 'object' || payload === null) {
    throw new HistoryCorruptError(
      `Event ${String(event.seq)} of execution '${executionId}' has the type ${JSON.stringify(type)} and ${payload === null ? 'null' : typeof payload} as its payload; expected a name and an object. The log is damaged`,
      { executionId },
    )
  }
  if (Object.isFrozen(event) && isFixed(payload, 0)) return event
  const options = { where: `event ${String(event.seq)} of execution '${executionId}'`, maxBytes: Infinity }
  // What is copied is equal to what was given.
  return Object.freeze({ ...event, payload: snapshot(payload, options) } as FlowcraftEvent)
}

/** A payload holds recorded values a few levels down; what goes deeper is copied rather than looked at. */
const maxDepth = 6

function isFixed(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || isRecorded(value)) return true
  if (!Object.isFrozen(value) || depth > maxDepth || value instanceof Map || value instanceof Set) return false
  for (const key of Object.getOwnPropertyNames(value)) if (!isFixed(Reflect.get(value, key), depth + 1)) return false
  return true
}
