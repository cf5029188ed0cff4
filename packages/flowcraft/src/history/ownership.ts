import { isFlowcraftError } from '../errors.ts'
import { pulse, randomId, systemClock } from '../ports.ts'
import type { EventStoreCapabilities } from './event-store.ts'

type LeasingStore = Pick<EventStoreCapabilities, 'renew'>

/**
 * Who drives runs on a store, for other processes on it to see: an owner whose lease is renewed while one of its runs is
 * live. All runtimes of a process on one store object are one owner.
 */
export class Ownership {
  readonly owner: string = randomId()
  readonly #store: LeasingStore
  readonly #leaseMs: number
  readonly #live = new Set<string>()
  /** By the clock of this process; the lease may go on for longer. */
  #freshUntil = 0
  #renewal: Promise<void> | undefined
  #stop: (() => void) | undefined

  constructor(store: LeasingStore, leaseMs: number) {
    this.#store = store
    this.#leaseMs = leaseMs
  }

  /** Whether a run is live in this process. */
  isLive(executionId: string): boolean {
    return this.#live.has(executionId)
  }

  /** A run is live from here on. */
  enter(executionId: string): void {
    this.#live.add(executionId)
    this.#stop ??= pulse(this.#leaseMs / 3, () => void this.#renew().catch(() => {}))
  }

  /** It is not any more. */
  leave(executionId: string): void {
    this.#live.delete(executionId)
    if (this.#live.size === 0) this.#rest()
  }

  /** Resolves when the lease goes on; `undefined` when it is known to. Rejects when the store cannot be written. */
  held(): Promise<void> | undefined {
    return systemClock.now() < this.#freshUntil ? undefined : this.#renew()
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#renewNow().finally(() => (this.#renewal = undefined))
    return this.#renewal
  }

  async #renewNow(): Promise<void> {
    const from = systemClock.now()
    try {
      await this.#store.renew(this.owner, this.#leaseMs)
    } catch (error) {
      if (isFlowcraftError(error, 'STORE_CLOSED')) this.#rest()
      throw error
    }
    this.#freshUntil = from + this.#leaseMs / 2
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}

const ownerships = new WeakMap<object, Ownership>()

/** The one ownership of a store object; the first to ask says how long a lease lasts. */
export function ownershipOf(store: LeasingStore, leaseMs: number): Ownership {
  let known = ownerships.get(store)
  if (known === undefined) ownerships.set(store, (known = new Ownership(store, leaseMs)))
  return known
}
