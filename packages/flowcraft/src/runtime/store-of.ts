import { EventStoreError, isFlowcraftError } from '../errors.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { EventStore } from '../history/event-store.ts'

/**
 * The store behind an event bus, if it has one that can be read. What is read from it is tried again while its faults may
 * pass by themselves; what then still fails is an `EventStoreError`.
 */
export function storeOf(eventBus: IEventBus | undefined): EventStore | undefined {
  const store = eventBus !== undefined && 'store' in eventBus ? eventBus.store : undefined
  // What has that method is a store as far as reading goes.
  if (eventBus === undefined || !isObject(store) || !('retrieve' in store)) return undefined
  let patient = patientStores.get(eventBus)
  if (patient === undefined)
    patientStores.set(eventBus, (patient = patientStore(store as unknown as EventStore, eventBus)))
  return patient
}

const patientStores = new WeakMap<IEventBus, EventStore>()

interface RetryingBus extends IEventBus {
  retrying<T>(action: () => Promise<T>): Promise<T>
}

function patientStore(store: EventStore, bus: IEventBus): EventStore {
  const again = isRetrying(bus) ? bus.retrying.bind(bus) : <T>(action: () => Promise<T>) => action()
  const patiently = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await again(action)
    } catch (cause) {
      throw isFlowcraftError(cause)
        ? cause
        : new EventStoreError('The event store could not be read; see the cause', { cause })
    }
  }
  return {
    store: (event, id) => store.store(event, id),
    retrieve: (id) => patiently(async () => await store.retrieve(id)),
    retrieveMultiple: (ids) => patiently(async () => await store.retrieveMultiple(ids)),
    ...(store.read && { read: store.read.bind(store) }),
    ...(store.subscribe && { subscribe: store.subscribe.bind(store) }),
    ...(store.claim && { claim: store.claim.bind(store) }),
    ...(store.list && { list: (filter, page) => patiently(async () => await store.list!(filter, page)) }),
    ...(store.due && { due: (now, limit) => patiently(async () => await store.due!(now, limit)) }),
    ...(store.loadBlueprint && { loadBlueprint: (hash) => patiently(async () => await store.loadBlueprint!(hash)) }),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isRetrying(bus: IEventBus): bus is RetryingBus {
  return 'retrying' in bus && typeof bus.retrying === 'function'
}
