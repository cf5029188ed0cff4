import { isFlowcraftError } from '../errors.ts'
import { pulse, randomId, systemClock } from '../ports.ts'
import type { EventStoreCapabilities } from './event-store.ts'

type LeasingStore = Pick<EventStoreCapabilities, 'renew'>

/** How a lease is kept. */
export interface OwnershipOptions {
  readonly leaseMs: number
  /** Does something once more where a fault of the store may pass by itself. */
  retrying(action: () => Promise<void>): Promise<void>
}

/**
 * Who drives runs on a store, for other processes on it to see: an owner whose lease is renewed while one of its runs is
 * live. All runtimes of a process on one store object are one owner.
 */
export class Ownership {
  readonly owner: string = randomId()
  readonly #store: LeasingStore
  readonly #options: OwnershipOptions
  /** By execution id: whoever drives it, or is about to. Of two that want the same run, one gives it up again. */
  readonly #live = new Map<string, Set<object>>()
  readonly #lost = new Set<string>()
  /** By the clock of this process; the lease may go on for longer. */
  #freshUntil = 0
  #renewal: Promise<void> | undefined
  #stop: (() => void) | undefined

  constructor(store: LeasingStore, options: OwnershipOptions) {
    this.#store = store
    this.#options = options
  }

  /** Whether a run is live in this process. */
  isLive(executionId: string): boolean {
    return this.#live.has(executionId)
  }

  /** Somebody drives a run from here on. */
  enter(executionId: string, driver: object): void {
    const drivers = this.#live.get(executionId)
    if (drivers === undefined) this.#live.set(executionId, new Set([driver]))
    else drivers.add(driver)
    this.#stop ??= pulse(this.#options.leaseMs / 3, () => void this.#renew().catch(() => {}))
  }

  /** Does so no more. */
  leave(executionId: string, driver: object): void {
    const drivers = this.#live.get(executionId)
    drivers?.delete(driver)
    if (drivers?.size === 0) this.#live.delete(executionId)
    if (this.#live.size === 0) this.#rest()
  }

  /** A run could not be recorded any more: its store says that it is driven from here, and it is not. */
  lose(executionId: string): void {
    if (this.#lost.size < rememberedLosses) this.#lost.add(executionId)
  }

  /** Runs that were lost since the last time, for whoever lets them go on. */
  takeLost(): readonly string[] {
    const lost = [...this.#lost]
    this.#lost.clear()
    return lost
  }

  /** Resolves when the lease goes on; `undefined` when it is known to. Rejects when the store cannot be written. */
  held(): Promise<void> | undefined {
    return systemClock.now() < this.#freshUntil ? undefined : this.#renew()
  }

  /** Resolves when no renewal is under way, whatever came of it. */
  async settled(): Promise<void> {
    await this.#renewal?.catch(() => {})
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#renewNow().finally(() => (this.#renewal = undefined))
    return this.#renewal
  }

  async #renewNow(): Promise<void> {
    const { leaseMs } = this.#options
    const from = systemClock.now()
    try {
      await this.#options.retrying(() => this.#store.renew(this.owner, leaseMs))
    } catch (error) {
      if (isFlowcraftError(error, 'STORE_CLOSED')) this.#rest()
      throw error
    }
    this.#freshUntil = from + leaseMs / 2
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}

const rememberedLosses = 10_000

const ownerships = new WeakMap<object, Ownership>()

/** The one ownership of a store object; the first to ask says how long a lease lasts. */
export function ownershipOf(store: LeasingStore, options: OwnershipOptions): Ownership {
  let known = ownerships.get(store)
  if (known === undefined) ownerships.set(store, (known = new Ownership(store, options)))
  return known
}
