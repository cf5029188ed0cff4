import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { eventAsReadOnly } from '../events/bytes.ts'
import type { EventType, FlowcraftEvent } from '../events/event.ts'
import { FlowcraftError } from '../errors.ts'
import { macrotask, random, randomId, sleep, systemClock } from '../ports.ts'
import { FlowEventBus, type FlowEventBusOptions, type FlowEventListener, type IEventBus } from './event-bus.ts'
import { partsOf, type Claim } from './claim.ts'
import type { EventBatch, EventStore } from './event-store.ts'
import type { Fork } from './fork.ts'
import { GroupCommit, mayFail } from './group-commit.ts'
import { ownershipOf, type Ownership } from './ownership.ts'
import { retrying, writeBatches, type RetryPolicy } from './write-batches.ts'

/**
 * When a run may go on: `'step'` lets no effect happen before the events that it rests on are durable, `'relaxed'` only
 * holds back the settling of the run.
 */
export type Durability = 'step' | 'relaxed'

/** What a {@link PersistentEventBusAdapter} takes from outside. Default the machine's. */
export interface PersistentEventBusPorts {
  /** Epoch milliseconds. */
  now(): number
  sleep(ms: number): Promise<void>
  /** A number from 0 up to 1. */
  random(): number
  /** Calls back after what is due in this turn of the event loop. */
  macrotask(callback: () => void): void
}

/** Options of a {@link PersistentEventBusAdapter}. */
export interface PersistentEventBusOptions extends FlowEventBusOptions {
  /** Default `'step'`. */
  readonly durability?: Durability | undefined
  /** Events in one commit, at most; a single larger batch is not divided. Default 1 000. */
  readonly maxBatchSize?: number | undefined
  /** From so many events on that are not durable yet, `drained` waits. Default 100 000. */
  readonly maxBufferedEvents?: number | undefined
  /** How long transient faults of the store are retried. Default 10 000 ms; 0 for not at all. */
  readonly retry?: { readonly deadlineMs?: number | undefined } | undefined
  /**
   * How long other processes leave the runs of this one alone after it was last heard of: they recover them then.
   * Default 30 000 ms; renewed several times in it. Of several buses on one store object, that of the first counts.
   */
  readonly leaseMs?: number | undefined
  readonly ports?: Partial<PersistentEventBusPorts> | undefined
}

/**
 * An event bus that keeps every event in a store, by group commit: one commit is in flight, and what arrives meanwhile,
 * from all runs, forms the next. Listeners are told after the commit.
 */
export class PersistentEventBusAdapter implements IEventBus {
  readonly store: EventStore
  readonly durability: Durability
  /** Who drives the runs of this process, where the store can tell processes apart. */
  readonly ownership: Ownership | undefined
  readonly #maxBufferedEvents: number
  readonly #listeners: FlowEventBus
  readonly #commits: GroupCommit
  readonly #retry: RetryPolicy
  readonly #writer = randomId()
  /** Whether there has ever been a listener. */
  #isObserved = false
  #waitingForRoom: (() => void)[] = []
  #lostEmit: { readonly error: unknown } | undefined

  /** @throws INPUT_INVALID for what is no event store. */
  constructor(store: EventStore, options: PersistentEventBusOptions = {}) {
    requireStore(store)
    this.store = store
    this.durability = options.durability ?? 'step'
    this.#maxBufferedEvents = Math.max(1, options.maxBufferedEvents ?? 100_000)
    this.#listeners = new FlowEventBus(options)
    const ports = { now: () => systemClock.now(), sleep, random, macrotask, ...options.ports }
    this.#retry = {
      deadlineMs: options.retry?.deadlineMs ?? 10_000,
      now: () => ports.now(),
      sleep: (ms) => ports.sleep(ms),
      random: () => ports.random(),
    }
    const leaseMs = leaseOf(options.leaseMs ?? 30_000)
    this.ownership = hasClaims(store)
      ? ownershipOf(store, { leaseMs, retrying: (action) => this.retrying(action) })
      : undefined
    this.#commits = new GroupCommit({
      maxBatchSize: options.maxBatchSize ?? 1000,
      write: (batches) => writeBatches(store, batches, this.#retry),
      onDurable: ({ events }) => this.#tell(events),
      onSettled: () => this.#makeRoom(),
      macrotask: (callback) => ports.macrotask(callback),
    })
  }

  /** The number of events that are not durable yet. */
  get buffered(): number {
    return this.#commits.events
  }

  /**
   * Resolves when the batch is durable. Batches of one execution are committed in the order in which they are given;
   * once one has failed, the later ones of the same writer fail with the same error and are not written. `alone` says
   * that no other run is about to commit, so that this one does not wait for company. A rejection that nobody handles
   * does no harm.
   *
   * @throws `EventStoreError` with the store's error as `cause`; `ConcurrencyError` when another writer was there first.
   */
  commit(batch: EventBatch, hint?: { readonly alone: boolean }): Promise<void> {
    return this.#commits.push(batch, hint?.alone ?? false)
  }

  /**
   * Takes a run over, of which a {@link Claim} says where it stands. Transient faults are retried: a claim that was made
   * counts as done.
   *
   * @throws `ExecutionConflictError`, `ConcurrencyError`, `EventStoreError`.
   */
  async claim(claim: Claim): Promise<void> {
    await this.ownership?.held()
    await retrying(async () => await this.store.claim?.(claim), this.#retry)
    for (const { event } of partsOf(claim)) if (event !== undefined) this.#tell([event])
  }

  /**
   * Begins an execution that shares a part of another one's history. Transient faults are retried: a fork that was made
   * counts as done.
   *
   * @throws `ConcurrencyError`, `EventStoreError`; `FlowcraftError` with the code `EXECUTION_UNKNOWN`.
   */
  async fork(fork: Fork): Promise<void> {
    await this.ownership?.held()
    await retrying(async () => await this.store.fork?.(fork), this.#retry)
    this.#tell([fork.event])
  }

  /** Does something with the store; while its faults may pass by themselves, it is tried again. */
  async retrying<T>(action: () => Promise<T>): Promise<T> {
    return await retrying(action, this.#retry)
  }

  /** Whether {@link keepBlueprint} has somewhere to keep one. */
  get keepsBlueprints(): boolean {
    return this.store.saveBlueprint !== undefined
  }

  /** Keeps a blueprint in the store. Transient faults are retried, as those of events are. */
  async keepBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    await retrying(async () => await this.store.saveBlueprint?.(hash, blueprint), this.#retry)
  }

  /** Ends the memory of a failed commit of this execution and writer. To be called when a run has left memory. */
  release(executionId: string, writer: string): void {
    this.#commits.release(executionId, writer)
  }

  /** Resolves when fewer than `maxBufferedEvents` events are waiting to become durable. */
  drained(): Promise<void> {
    if (this.buffered < this.#maxBufferedEvents) return Promise.resolve()
    return new Promise((resolve) => void this.#waitingForRoom.push(resolve))
  }

  /** Resolves when the event is durable. For users of a plain bus: all that is emitted here counts as one writer. */
  emit(event: FlowcraftEvent): Promise<void> {
    return this.#commitPart([event])
  }

  /** The same for several events, of one execution or of many; consecutive ones of one execution are stored together. */
  emitBatch(events: readonly FlowcraftEvent[]): Promise<void> {
    const parts = consecutive(events).map((part) => this.#commitPart(part))
    return mayFail(Promise.all(parts).then(() => undefined))
  }

  /**
   * Resolves when everything given to this bus so far is durable. Rejects when a part of it fails meanwhile, or when
   * an event that was emitted since the last `flush` has failed.
   */
  flush(): Promise<void> {
    return mayFail(this.#flush())
  }

  /** Makes everything given to this bus so far durable, and closes the store. Rejects as {@link flush} does; then it is closed as well. */
  async close(): Promise<void> {
    try {
      await this.#flush()
    } finally {
      await this.store.close?.()
    }
  }

  /** Calls `listener` at every event of `type` that has become durable; `'*'` stands for every type. */
  on<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#isObserved = true
    this.#listeners.on(type, listener)
    return this
  }

  /** Calls `listener` at the next durable event of `type` only. */
  once<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#isObserved = true
    this.#listeners.once(type, listener)
    return this
  }

  /** Forgets a listener that was given to `on` or `once` for this `type`. */
  off<T extends EventType | '*'>(type: T, listener: FlowEventListener<T>): this {
    this.#listeners.off(type, listener)
    return this
  }

  #commitPart(events: readonly FlowcraftEvent[]): Promise<void> {
    const [first] = events
    if (first === undefined) return Promise.resolve()
    const batch = { executionId: first.executionId, writer: this.#writer, events, expectedSeq: first.seq }
    const done = this.commit(batch)
    done.catch((error: unknown) => (this.#lostEmit ??= { error }))
    return done
  }

  async #flush(): Promise<void> {
    // What waits for the lease comes first.
    await this.ownership?.settled()
    const failed = await this.#commits.flush().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const failure = this.#lostEmit ?? failed
    this.#lostEmit = undefined
    if (failure !== undefined) throw failure.error
  }

  #tell(events: readonly FlowcraftEvent[]): void {
    if (this.#isObserved) for (const event of events) this.#listeners.emit(eventAsReadOnly(event))
  }

  #makeRoom(): void {
    if (this.#waitingForRoom.length === 0 || this.buffered >= this.#maxBufferedEvents) return
    for (const resolve of this.#waitingForRoom) resolve()
    this.#waitingForRoom = []
  }
}

/** Nothing but the compiler has looked at it so far. */
function requireStore(store: unknown): void {
  const has = (name: string): boolean =>
    typeof store === 'object' &&
    store !== null &&
    name in store &&
    typeof store[name as keyof typeof store] === 'function'
  const missing = ['store', 'retrieve', 'retrieveMultiple'].filter((name) => !has(name))
  if (missing.length === 0) return
  const message = `A PersistentEventBusAdapter needs an event store; what it was given has no method '${missing.join("', '")}'`
  throw new FlowcraftError(message, { code: 'INPUT_INVALID' })
}

function leaseOf(leaseMs: number): number {
  if (Number.isFinite(leaseMs) && leaseMs >= 1) return leaseMs
  throw new FlowcraftError(`'leaseMs' is ${String(leaseMs)}; expected milliseconds, at least 1`, {
    code: 'INPUT_INVALID',
  })
}

function hasClaims(store: EventStore): store is EventStore & Pick<Required<EventStore>, 'renew'> {
  return store.claim !== undefined && store.renew !== undefined
}

/** Splits where the execution changes or `seq` does not go on. */
function consecutive(events: readonly FlowcraftEvent[]): FlowcraftEvent[][] {
  const parts: FlowcraftEvent[][] = []
  for (const event of events) {
    const part = parts.at(-1)
    const last = part?.at(-1)
    if (last?.executionId === event.executionId && last.seq + 1 === event.seq) part!.push(event)
    else parts.push([event])
  }
  return parts
}
