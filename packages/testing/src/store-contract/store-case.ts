import type { EventStore, EventStoreCapabilities, IEventStore } from 'flowcraft'
import { shown } from './difference.ts'

/** What a store may offer besides its three methods; `'openAgain'`: a second connection to the same events. */
export type StoreCapability = keyof EventStoreCapabilities | 'openAgain'

/** How to open the store under test: fresh and empty at each call. */
export type OpenStore = (() => EventStore | Promise<EventStore>) | OpenableStore

/** The same for a store whose events can be reached by a second connection. */
export interface OpenableStore {
  open(): EventStore | Promise<EventStore>
  /** Another store on the events of the one that is given. */
  openAgain?(store: EventStore): EventStore | Promise<EventStore>
}

/** A promise that every event store keeps, and how to check it. */
export interface StoreCase {
  readonly promise: string
  /** What the store must offer for this promise to concern it. */
  readonly needs: readonly StoreCapability[]
  /** Opens stores, closes them at the end, and rejects with an `Error` that says what was expected and what was found. */
  check(open: OpenStore): Promise<void>
}

/** A store that offers what a case needs. */
export type StoreWith<C extends StoreCapability> = IEventStore &
  Pick<EventStoreCapabilities, Exclude<C, 'openAgain'>> &
  Partial<EventStoreCapabilities>

/** Gives a case its stores. */
export interface Bench<C extends StoreCapability> {
  open(): Promise<StoreWith<C>>
  /** A second connection to the same events. */
  openAgain(store: EventStore): Promise<StoreWith<C>>
  /** Whether a store offers a capability. */
  offers(store: EventStore, capability: StoreCapability): boolean
}

/** A case that needs these capabilities, and gets stores that have them. */
export function storeCase<const C extends StoreCapability>(
  promise: string,
  needs: readonly C[],
  check: (bench: Bench<C>) => Promise<void>,
): StoreCase {
  return {
    promise,
    needs,
    async check(open) {
      const opened: EventStore[] = []
      try {
        await check(benchOf(toOpenable(open), needs, opened))
      } catch (error) {
        const reason = error instanceof Error ? error.message : shown(error)
        throw new Error(`The event store breaks its promise '${promise}': ${reason}`, { cause: error })
      } finally {
        for (const store of opened.toReversed()) await store.close?.()
      }
    },
  }
}

function toOpenable(open: OpenStore): OpenableStore {
  return typeof open === 'function' ? { open } : open
}

function offers(openable: OpenableStore, store: EventStore, capability: StoreCapability): boolean {
  return capability === 'openAgain' ? openable.openAgain !== undefined : store[capability] !== undefined
}

function benchOf<C extends StoreCapability>(
  openable: OpenableStore,
  needs: readonly C[],
  opened: EventStore[],
): Bench<C> {
  const checked = (store: EventStore): StoreWith<C> => {
    opened.push(store)
    const missing = needs.filter((capability) => !offers(openable, store, capability))
    if (missing.length === 0) return store as StoreWith<C> // It offers what was just looked for.
    const list = missing.map((capability) => `'${capability}'`).join(', ')
    throw new Error(
      `it offers no ${list}. If that is meant so, check the promises that remain: eventStoreContractWithout([${list}])`,
    )
  }
  return {
    open: async () => checked(await openable.open()),
    openAgain: async (store) => checked(await openable.openAgain!(store)),
    offers: (store, capability) => offers(openable, store, capability),
  }
}
