import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { EventStore } from '../../src/history/event-store.ts'

/** A store that loses one write. */
export interface FailingStore {
  readonly store: EventStore
  /** What the store was asked to write, lost or not. */
  readonly given: FlowcraftEvent[]
  /** Writes so far. */
  writes(): number
}

/** The error of the store that {@link failingAt} gives. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
}

/** `inner`, whose write number `nth` (from 0) fails, and all others work. */
export function failingAt(inner: EventStore, nth: number): FailingStore {
  const given: FlowcraftEvent[] = []
  let writes = 0
  const write = async <T>(events: readonly FlowcraftEvent[], work: () => Promise<T>): Promise<T> => {
    given.push(...events)
    if (writes++ === nth) throw new DiskError('the disk is full')
    return await work()
  }
  const store: EventStore = {
    store: (event, executionId) => write([event], () => inner.store(event, executionId)),
    retrieve: (executionId) => inner.retrieve(executionId),
    retrieveMultiple: (executionIds) => inner.retrieveMultiple(executionIds),
    ...(inner.append && {
      append: (batches) =>
        write(
          batches.flatMap(({ events }) => events),
          () => inner.append!(batches),
        ),
    }),
  }
  return { store, given, writes: () => writes }
}
