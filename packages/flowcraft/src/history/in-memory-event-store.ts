import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { EventStoreError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { systemClock, type Clock } from '../ports.ts'
import { admitBatch, admitEvent, guardOf } from './admit-batch.ts'
import { partsOf, type Claim, type DueExecution } from './claim.ts'
import type {
  AppendOutcome,
  EventBatch,
  EventStoreCapabilities,
  EventStoreStats,
  IEventStore,
  ReadRange,
} from './event-store.ts'
import { admitFork, type Fork } from './fork.ts'
import type { FollowedEvent, FollowOptions, FollowTarget } from './following.ts'
import { sameEvent, type MemoryExecution } from './in-memory-execution.ts'
import { MemoryExecutions, type Hands } from './in-memory-executions.ts'
import { follow, tailOf, Waiters, type Tail } from './in-memory-following.ts'
import { listOf } from './in-memory-listing.ts'
import { dueIn, Leases, takeOver } from './in-memory-ownership.ts'
import { deleteFrom, Eviction, pruneFrom } from './in-memory-removal.ts'
import { allEventsOf, eventAt, eventsOf } from './in-memory-sharing.ts'
import type { ExecutionFilter, ExecutionPage, PageRequest, PruneOptions } from './listing.ts'

/** Options of an {@link InMemoryEventStore}. */
export interface InMemoryEventStoreOptions {
  /**
   * Above this number, the executions that finished first are dropped, with those of their subflows. Those with
   * something unfinished stay, and so does what forks need of the dropped ones. Default no limit.
   */
  readonly maxExecutions?: number | undefined
  /** What leases are measured by. Default the clock of the machine. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/**
 * An event store in the memory of this process. Keeps the very event objects that it is given, which must be frozen, and
 * gives them back; of those that hold bytes, which cannot be frozen, it gives copies.
 */
export class InMemoryEventStore implements IEventStore, EventStoreCapabilities {
  readonly #executions = new MemoryExecutions()
  readonly #blueprints = new Map<string, string>()
  readonly #followers = new Waiters()
  readonly #eviction: Eviction
  readonly #leases: Leases
  readonly #isOwned = ({ owner }: MemoryExecution): boolean => this.#leases.isAlive(owner)
  #closed = false

  constructor(options: InMemoryEventStoreOptions = {}) {
    this.#eviction = new Eviction(options.maxExecutions ?? Infinity)
    this.#leases = new Leases(options.clock ?? systemClock)
  }

  /**
   * Keeps one event. An event that is there already is left as it is.
   *
   * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
   * parked; `HistoryCorruptError` when it would leave a gap.
   */
  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    this.#assertOpen()
    const known = eventAt(this.#executions.get(executionId), event.seq)
    if (known !== undefined && sameEvent(known, event)) return
    const error = admitEvent(event, executionId, this.#executions.headOf(executionId))
    if (error !== undefined) throw error
    this.#add(executionId, [event], { writer: undefined })
  }

  async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    this.#assertOpen()
    return batches.map((batch) => this.#appendOne(batch))
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    this.#assertOpen()
    return this.#eventsOf(executionId)
  }

  async retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>> {
    this.#assertOpen()
    return new Map(executionIds.map((id) => [id, this.#eventsOf(id)]))
  }

  async *read(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent, void, undefined> {
    this.#assertOpen()
    const { fromSeq, toSeq, types, limit = Infinity } = range
    let left = limit
    if (left <= 0) return
    for (const event of eventsOf(this.#executions.get(executionId), fromSeq, toSeq)) {
      if (types !== undefined && !types.includes(event.type)) continue
      yield event
      left--
      if (left <= 0) return
    }
  }

  async list(filter: ExecutionFilter = {}, page: PageRequest = {}): Promise<ExecutionPage> {
    this.#assertOpen()
    return listOf(this.#executions, filter, page, this.#isOwned)
  }

  subscribe(target: FollowTarget, options: FollowOptions = {}): AsyncIterableIterator<FollowedEvent> {
    const tail = tailOf(this.#executions, target, options.cursor)
    const openTail: Tail = () => {
      this.#assertOpen()
      return tail()
    }
    return follow(openTail, this.#followers, options.signal)
  }

  async getStats(): Promise<EventStoreStats> {
    this.#assertOpen()
    return { totalEvents: this.#executions.log.size, executions: this.#executions.size }
  }

  async delete(executionId: string): Promise<number> {
    this.#assertOpen()
    return deleteFrom(this.#executions, executionId, this.#isOwned)
  }

  async prune(options: PruneOptions): Promise<number> {
    this.#assertOpen()
    return await pruneFrom(this.#executions, options, this.#isOwned, () => this.#assertOpen())
  }

  async clear(): Promise<void> {
    this.#assertOpen()
    this.#empty()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#empty()
    this.#followers.wakeAll()
  }

  async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    this.#assertOpen()
    if (!this.#blueprints.has(hash)) this.#blueprints.set(hash, JSON.stringify(blueprint))
  }

  async loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined> {
    this.#assertOpen()
    const text = this.#blueprints.get(hash)
    // It was a WorkflowBlueprint when it was saved.
    return text === undefined ? undefined : (JSON.parse(text) as WorkflowBlueprint)
  }

  async claim(claim: Claim): Promise<void> {
    this.#assertOpen()
    takeOver(this.#executions, this.#leases, claim)
    for (const { executionId } of partsOf(claim)) this.#changed(this.#executions.get(executionId))
  }

  async fork(fork: Fork): Promise<void> {
    this.#assertOpen()
    const { executionId, from } = fork
    const answer = admitFork(fork, this.#executions.headOf(executionId), this.#executions.headOf(from))
    if (answer === 'done') return
    if (answer !== 'fork') throw answer
    this.#changed(this.#executions.fork(fork))
  }

  async renew(owner: string, leaseMs: number): Promise<void> {
    this.#assertOpen()
    this.#leases.renew(owner, leaseMs)
  }

  async due(now: number, limit = 100): Promise<DueExecution[]> {
    this.#assertOpen()
    return dueIn(this.#executions, this.#leases, now, limit)
  }

  #eventsOf(executionId: string): FlowcraftEvent[] {
    return allEventsOf(this.#executions.get(executionId))
  }

  #appendOne(batch: EventBatch): AppendOutcome {
    const { executionId } = batch
    const head = this.#executions.headOf(executionId)
    const guard = guardOf(batch, head)
    const guardWriter = guard === undefined ? undefined : this.#executions.get(guard)?.writer
    const admission = admitBatch(batch, head, guardWriter)
    if (admission.error !== undefined) return { executionId, error: admission.error }
    this.#add(executionId, admission.skip === 0 ? batch.events : batch.events.slice(admission.skip), batch)
    return { executionId }
  }

  #add(executionId: string, events: readonly FlowcraftEvent[], hands: Hands): void {
    this.#changed(this.#executions.add(executionId, events, hands))
  }

  #changed(execution: MemoryExecution | undefined): void {
    if (execution === undefined) return
    this.#eviction.after(execution, this.#executions)
    this.#followers.wakeAll()
  }

  #empty(): void {
    this.#executions.clear()
    this.#blueprints.clear()
  }

  #assertOpen(): void {
    if (!this.#closed) return
    throw new EventStoreError('The in-memory event store is closed: open a new one', { code: 'STORE_CLOSED' })
  }
}
