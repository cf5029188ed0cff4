import type { IEventBus } from '../history/event-bus.ts'
import type { EventStore } from '../history/event-store.ts'

/** The store behind an event bus, if it has one that can be read. */
export function storeOf(eventBus: IEventBus | undefined): EventStore | undefined {
  const store = eventBus !== undefined && 'store' in eventBus ? eventBus.store : undefined
  // What has that method is a store as far as reading goes.
  return typeof store === 'object' && store !== null && 'retrieve' in store ? (store as EventStore) : undefined
}
