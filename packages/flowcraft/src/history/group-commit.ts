import { EventStoreError, type FlowcraftError } from '../errors.ts'
import { deferred } from './deferred.ts'
import type { EventBatch } from './event-store.ts'

/** What a {@link GroupCommit} works with. */
export interface GroupCommitOptions {
  /** The highest number of events in one commit; a single larger batch is not divided. */
  readonly maxBatchSize: number
  /** Stores the batches; one result for each, `undefined` when it is durable, or none when all are. Must not reject. */
  write(batches: readonly EventBatch[]): Promise<readonly (FlowcraftError | undefined)[]>
  /** Is told of each batch that is durable, in the order in which they were pushed. Must not throw. */
  onDurable(batch: EventBatch): void
  /** Is told after each commit, whatever came of it. */
  onSettled(): void
  /** Calls back after what is due in this turn of the event loop. */
  macrotask(callback: () => void): void
}

interface Waiting {
  readonly batch: EventBatch
  readonly alone: boolean
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: FlowcraftError) => void
  error?: FlowcraftError | undefined
}

interface Marker {
  /** How many batches must have settled. */
  readonly count: number
  readonly resolve: () => void
  readonly reject: (error: FlowcraftError) => void
}

const rememberedFailures = 10_000

/**
 * Turns batches of many runs into few commits: one is in flight, and what arrives meanwhile forms the next. Keeps the
 * order; after a batch failed, the later ones of the same execution and writer fail with the same error, unwritten.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #failures = new Map<string, FlowcraftError>()
  #queue: Waiting[] = []
  #markers: Marker[] = []
  #pushed = 0
  #settled = 0
  #events = 0
  #scheduled = false
  #writing = false

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  /** The number of events that are not durable yet. */
  get events(): number {
    return this.#events
  }

  /**
   * Resolves when the batch is durable. `alone` says that nobody else is about to push: the commit then starts at the
   * end of this microtask instead of after the current turn of the event loop. A rejection may be left unhandled.
   */
  push(batch: EventBatch, alone: boolean): Promise<void> {
    const failure = this.#failureOf(batch)
    if (failure !== undefined) return mayFail(Promise.reject(failure))
    if (batch.events.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = deferred<void>()
    this.#queue.push({ batch, alone, promise, resolve, reject })
    this.#pushed++
    this.#events += batch.events.length
    this.#schedule()
    return promise
  }

  /** Resolves when everything pushed so far is durable, rejects when one of these batches fails. */
  flush(): Promise<void> {
    if (this.#settled === this.#pushed) return Promise.resolve()
    const { promise, resolve, reject } = deferred<void>()
    this.#markers.push({ count: this.#pushed, resolve, reject })
    return mayFail(promise)
  }

  /** Forgets that a batch of this execution and writer failed. */
  release(executionId: string, writer: string): void {
    this.#failures.delete(failureKey(executionId, writer))
  }

  #schedule(): void {
    if (this.#writing || this.#scheduled) return
    this.#scheduled = true
    const start = (): void => void this.#commit()
    if (this.#queue.every((waiting) => waiting.alone)) queueMicrotask(start)
    else this.#options.macrotask(start)
  }

  async #commit(): Promise<void> {
    this.#scheduled = false
    this.#writing = true
    const group = this.#takeGroup()
    const isSound = this.#failures.size === 0
    const lots = merge(isSound ? group : group.filter(({ batch }) => this.#failureOf(batch) === undefined))
    const errors = lots.length === 0 ? [] : await this.#write(lots.map(batchOf))
    for (const [index, error] of errors.entries()) for (const waiting of lots[index]!) waiting.error = error
    for (const waiting of group) this.#settle(waiting)
    this.#options.onSettled()
    this.#writing = false
    if (this.#queue.length > 0) this.#schedule()
  }

  /** Whatever a store does, the next commit must have its turn. */
  async #write(batches: readonly EventBatch[]): Promise<readonly (FlowcraftError | undefined)[]> {
    try {
      return await this.#options.write(batches)
    } catch (cause) {
      const error = new EventStoreError('The store failed in a way that could not be understood; see the cause', {
        cause,
      })
      return batches.map(() => error)
    }
  }

  #takeGroup(): Waiting[] {
    let events = 0
    let count = 0
    for (const { batch } of this.#queue) {
      events += batch.events.length
      if (count > 0 && events > this.#options.maxBatchSize) break
      count++
    }
    if (count < this.#queue.length) return this.#queue.splice(0, count)
    const group = this.#queue
    this.#queue = []
    return group
  }

  #settle(waiting: Waiting): void {
    const { batch, promise, resolve, reject } = waiting
    const error = waiting.error ?? this.#failureOf(batch)
    this.#settled++
    this.#events -= batch.events.length
    if (error === undefined) {
      this.#options.onDurable(batch)
      resolve()
    } else {
      this.#fail(batch, error)
      void mayFail(promise)
      reject(error)
      for (const marker of this.#markers) marker.reject(error)
      this.#markers = []
    }
    while (this.#markers[0] !== undefined && this.#markers[0].count <= this.#settled) this.#markers.shift()!.resolve()
  }

  #failureOf({ executionId, writer }: EventBatch): FlowcraftError | undefined {
    return this.#failures.size === 0 ? undefined : this.#failures.get(failureKey(executionId, writer))
  }

  #fail({ executionId, writer }: EventBatch, error: FlowcraftError): void {
    this.#failures.set(failureKey(executionId, writer), error)
    if (this.#failures.size <= rememberedFailures) return
    const [oldest] = this.#failures.keys()
    this.#failures.delete(oldest!)
  }
}

/** Consecutive batches of one execution and writer, put together. */
function merge(group: readonly Waiting[]): (readonly Waiting[])[] {
  if (group.length === 1) return [group]
  const lots: Waiting[][] = []
  const lastLot = new Map<string, Waiting[]>()
  for (const waiting of group) {
    const { executionId } = waiting.batch
    const lot = lastLot.get(executionId)
    if (lot !== undefined && continues(lot.at(-1)!.batch, waiting.batch)) {
      lot.push(waiting)
    } else {
      const fresh = [waiting]
      lots.push(fresh)
      lastLot.set(executionId, fresh)
    }
  }
  return lots
}

function continues(batch: EventBatch, next: EventBatch): boolean {
  return next.writer === batch.writer && next.expectedSeq === batch.expectedSeq + batch.events.length
}

function batchOf(lot: readonly Waiting[]): EventBatch {
  const { batch } = lot[0]!
  return lot.length === 1 ? batch : { ...batch, events: lot.flatMap((waiting) => waiting.batch.events) }
}

function failureKey(executionId: string, writer: string): string {
  return `${writer}\n${executionId}`
}

/** The same promise; a rejection of it that nobody handles does no harm. */
export function mayFail<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
