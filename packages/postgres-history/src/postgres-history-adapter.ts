import type {
  AppendOutcome,
  Claim,
  DueExecution,
  EventBatch,
  EventStoreCapabilities,
  EventStoreStats,
  ExecutionFilter,
  ExecutionPage,
  FlowcraftEvent,
  FollowedEvent,
  FollowOptions,
  FollowTarget,
  Fork,
  IEventStore,
  PageRequest,
  PruneOptions,
  ReadRange,
  WorkflowBlueprint,
} from 'flowcraft'
import { loadBlueprint, saveBlueprint } from './blueprints.ts'
import { claimFamily } from './claims.ts'
import { Database } from './database.ts'
import { EventWriter } from './event-writer.ts'
import { executionTail } from './execution-tail.ts'
import { filterTail } from './filter-tail.ts'
import { follow } from './follow.ts'
import { forkExecution } from './forks.ts'
import { readHeads } from './heads.ts'
import { readDue, renewLease } from './leases.ts'
import { listExecutions } from './list.ts'
import { assertOptions, type PostgresHistoryOptions } from './options.ts'
import { rowsOf } from './queries.ts'
import { pagesOf } from './read-pages.ts'
import { pruner, removeFamily } from './removal.ts'
import { removeAll } from './remove-rows.ts'
import { Notifications } from './notifications.ts'
import { StallWatch } from './stall-watch.ts'
import { tableNamesOf, type TableNames } from './table-names.ts'
import { Waker } from './waker.ts'

/**
 * An event store in a PostgreSQL database (13 or later), which several processes may use at once. Events come back
 * deep-frozen and equal to those that were stored. The first call connects and sees to the tables.
 */
export class PostgresHistoryAdapter implements IEventStore, EventStoreCapabilities {
  readonly #database: Database
  readonly #names: TableNames
  readonly #writer: EventWriter
  readonly #waker = new Waker()
  readonly #notifications: Notifications | undefined
  readonly #warn: (message: string) => void
  readonly #owners = new Set<string>()

  /** @throws `EventStoreError` when an option is wrong. A server that cannot be reached fails the calls, until it can. */
  constructor(options: PostgresHistoryOptions) {
    assertOptions(options)
    this.#names = tableNamesOf(options.tableName ?? 'flowcraft_events', options.schema)
    this.#warn = options.onWarning ?? ((message) => console.warn(message))
    this.#database = new Database(options, this.#names)
    const { reader, writer } = this.#database
    const { channel } = this.#names
    this.#writer = new EventWriter(writer, this.#names, options.notify === true ? channel : undefined)
    if (options.notify === true) this.#notifications = new Notifications(reader, channel, this.#waker, this.#warn)
  }

  /**
   * Keeps one event. An event that is there already is left as it is.
   *
   * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
   * parked; `HistoryCorruptError` when it would leave a gap.
   */
  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    await this.#write('store an event', () => this.#writer.store(event, executionId))
  }

  async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    return await this.#write('append events', () => this.#writer.append(batches))
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    return (await this.retrieveMultiple([executionId])).get(executionId) ?? []
  }

  async retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>> {
    return await this.#database.read('read events', async (sql) => {
      const histories = new Map<string, FlowcraftEvent[]>()
      for (const [executionId, head] of await readHeads(sql, this.#names, executionIds)) {
        const pages = head === undefined ? undefined : pagesOf(this.#names, head, {})
        const events: FlowcraftEvent[] = []
        for (let page = await pages?.next(sql); page !== undefined; page = await pages?.next(sql)) {
          for (const event of page) events.push(event)
        }
        histories.set(executionId, events)
      }
      return histories
    })
  }

  async *read(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent, void, undefined> {
    const pages = await this.#database.read('read events', async (sql) => {
      const head = (await readHeads(sql, this.#names, [executionId])).get(executionId)
      return head && pagesOf(this.#names, head, range)
    })
    while (pages !== undefined) {
      const page = await this.#database.read('read events', (sql) => pages.next(sql))
      if (page === undefined) return
      yield* page
    }
  }

  async list(filter: ExecutionFilter = {}, page: PageRequest = {}): Promise<ExecutionPage> {
    return await this.#database.read('list executions', (sql) => listExecutions(sql, this.#names, filter, page))
  }

  subscribe(target: FollowTarget, { cursor, signal }: FollowOptions = {}): AsyncIterableIterator<FollowedEvent> {
    void this.#notifications?.listen()
    const makeTail = () =>
      typeof target === 'string'
        ? executionTail(this.#names, target, cursor)
        : filterTail(this.#names, target, cursor, new StallWatch(this.#warn))
    return follow(this.#database, this.#waker, makeTail, signal)
  }

  async getStats(): Promise<EventStoreStats> {
    const text = `SELECT count(*)::float8, coalesce(sum(last_seq - coalesce(forked_seq, -1)), 0)::float8
      FROM ${this.#names.executions}`
    const [row] = await this.#database.read('be counted', (sql) => rowsOf<[number, number]>(sql, text))
    return { totalEvents: row![1], executions: row![0] }
  }

  async delete(executionId: string): Promise<number> {
    return await this.#write('delete an execution', () => removeFamily(this.#database.writer, this.#names, executionId))
  }

  async prune(options: PruneOptions): Promise<number> {
    let removed = 0
    this.#database.assertOpen('be pruned')
    const removeSlice = pruner(this.#names, options)
    for (;;) {
      const count = await this.#write('be pruned', () => removeSlice(this.#database.writer))
      if (count === undefined) return removed
      removed += count
    }
  }

  async clear(): Promise<void> {
    await this.#write('be cleared', () => removeAll(this.#database.writer, this.#names))
  }

  /** Closing a closed store does nothing. A client that was given as `sql` stays open. */
  async close(): Promise<void> {
    const closed = this.#database.close(async () => {
      await this.#notifications?.close()
      // Whatever cannot be given back ends by itself.
      const leases = [...this.#owners].map((owner) => renewLease(this.#database.reader, this.#names, owner, 0))
      await Promise.allSettled(leases)
    })
    this.#waker.wake()
    await closed
  }

  async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    await this.#database.read('store a blueprint', (sql) => saveBlueprint(sql, this.#names, hash, blueprint))
  }

  async loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined> {
    return await this.#database.read('read a blueprint', (sql) => loadBlueprint(sql, this.#names, hash))
  }

  async claim(claim: Claim): Promise<void> {
    await this.#write('claim an execution', () => claimFamily(this.#database.writer, this.#names, this.#writer, claim))
  }

  /** Whoever searches for the text of an error finds those of the fork's own events only. */
  async fork(fork: Fork): Promise<void> {
    const { writer, names } = this.#database
    const channel = this.#notifications && names.channel
    await this.#write('fork an execution', () => forkExecution(writer, names, channel, fork))
  }

  /** Not behind the writes: a lease must not end because much is written. */
  async renew(owner: string, leaseMs: number): Promise<void> {
    await this.#database.read('renew a lease', (sql) => renewLease(sql, this.#names, owner, leaseMs))
    if (leaseMs > 0) this.#owners.add(owner)
    else this.#owners.delete(owner)
  }

  async due(now: number, limit = 100): Promise<DueExecution[]> {
    return await this.#database.read('look for what is due', (sql) => readDue(sql, this.#names, now, limit))
  }

  async #write<T>(task: string, work: () => Promise<T>): Promise<T> {
    const result = await this.#database.write(task, work)
    this.#waker.wake()
    return result
  }
}
