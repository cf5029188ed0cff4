import { setImmediate } from 'node:timers/promises'
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
import { Claims } from './claims.ts'
import { EventWriter } from './event-writer.ts'
import { ExecutionTable } from './execution-table.ts'
import { Following } from './following.ts'
import { Forks } from './forks.ts'
import { HistoryFile } from './history-file.ts'
import { Listing } from './listing.ts'
import { assertOptions, openDatabase, type SqliteHistoryOptions } from './open-database.ts'
import { pageSize, readPages } from './read-pages.ts'
import { Removal } from './removal.ts'
import { prepareStatements, type Statements } from './statements.ts'
import { storeError } from './store-error.ts'
import { tableNamesOf } from './table-names.ts'
import { Watch } from './watch.ts'
import { writeLockOf } from './write-lock.ts'

/**
 * An event store in one SQLite file, which several processes may use at once. Events come back deep-frozen and equal to
 * those that were stored.
 */
export class SqliteHistoryAdapter implements IEventStore, EventStoreCapabilities {
  readonly #file: HistoryFile
  readonly #statements: Statements
  readonly #writer: EventWriter
  readonly #claims: Claims
  readonly #forks: Forks
  readonly #listing: Listing
  readonly #removal: Removal
  readonly #watch: Watch
  readonly #following: Following

  /**
   * Brings the tables of an older version to the present one.
   *
   * @throws `EventStoreError` when the file cannot be used, or an option is wrong; nothing is changed then.
   */
  constructor(options: SqliteHistoryOptions) {
    assertOptions(options)
    const names = tableNamesOf(options.tableName ?? 'flowcraft_events')
    const db = openDatabase(options, names)
    this.#file = new HistoryFile(db, options.databasePath, options.readonly === true)
    try {
      this.#statements = prepareStatements(db, names)
      const table = new ExecutionTable(this.#statements)
      const lock = writeLockOf(db, table)
      this.#writer = new EventWriter(lock, table)
      this.#claims = new Claims(db, names, lock, table)
      this.#forks = new Forks(db, names, lock, table, this.#statements)
      this.#listing = new Listing(this.#file, names, this.#statements)
      this.#removal = new Removal(this.#file, names, lock)
      this.#watch = new Watch(db)
      this.#following = new Following(this.#file, names, this.#statements, this.#watch)
    } catch (error) {
      db.close()
      throw storeError(options.databasePath, 'be opened', error)
    }
  }

  /**
   * Keeps one event. An event that is there already is left as it is.
   *
   * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
   * parked; `HistoryCorruptError` when it would leave a gap.
   */
  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    this.#write('store an event', () => this.#writer.store(event, executionId))
  }

  async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    return this.#write('append events', () => this.#writer.append(batches))
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    const pages: FlowcraftEvent[][] = []
    for await (const page of this.#pages(executionId)) pages.push(page)
    return pages.length === 1 ? pages[0]! : pages.flat()
  }

  async retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>> {
    this.#file.assertOpen('read events')
    const histories = new Map<string, FlowcraftEvent[]>()
    let sinceYield = 0
    for (const executionId of executionIds) {
      const events = await this.retrieve(executionId)
      histories.set(executionId, events)
      sinceYield += events.length
      if (sinceYield < pageSize) continue
      sinceYield = 0
      await setImmediate()
    }
    return histories
  }

  async *read(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent, void, undefined> {
    for await (const page of this.#pages(executionId, range)) yield* page
  }

  /** @throws `EventStoreError` for a filter, a limit or a cursor that cannot be. */
  async list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage> {
    return await this.#listing.list(filter, page)
  }

  /**
   * Commits of other connections are seen within some 2 ms, for which a timer runs while somebody waits. The cursor of a
   * filter is a position in the file, which is never given to another event.
   *
   * @throws `EventStoreError` with the first event, for a filter or a cursor that cannot be.
   */
  subscribe(target: FollowTarget, options?: FollowOptions): AsyncIterableIterator<FollowedEvent, void, undefined> {
    return this.#following.subscribe(target, options)
  }

  async getStats(): Promise<EventStoreStats> {
    const [executions, totalEvents] = this.#file.read('be counted', () => this.#statements.stats.get())!
    return { totalEvents, executions }
  }

  async delete(executionId: string): Promise<number> {
    return this.#wrote(this.#removal.delete(executionId))
  }

  /** A slice has at most 1 000 executions, or one family. Other writers get a turn in between. */
  async prune(options: PruneOptions): Promise<number> {
    return this.#wrote(await this.#removal.prune(options))
  }

  async clear(): Promise<void> {
    this.#wrote(this.#removal.clear())
  }

  async claim(claim: Claim): Promise<void> {
    this.#write('claim an execution', () => this.#claims.claim(claim))
  }

  /** Whoever searches for the text of an error finds those of the fork's own events only. */
  async fork(fork: Fork): Promise<void> {
    this.#write('fork an execution', () => this.#forks.fork(fork))
  }

  async renew(owner: string, leaseMs: number): Promise<void> {
    this.#file.write('renew a lease', () => this.#claims.renew(owner, leaseMs))
  }

  async due(now: number, limit?: number): Promise<DueExecution[]> {
    return this.#file.read('look for due executions', () => this.#claims.due(now, limit))
  }

  /** Closing a closed store does nothing. */
  async close(): Promise<void> {
    const { db } = this.#file
    if (!db.open) return
    try {
      // Nobody waits long for this.
      db.pragma('busy_timeout = 100')
      this.#claims.releaseAll()
    } catch {
      // Leases end by themselves.
    }
    db.close()
    this.#watch.wrote()
  }

  async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    this.#file.write('store a blueprint', () => {
      if (this.#statements.hasBlueprint.get(hash) !== undefined) return
      this.#statements.insertBlueprint.run(hash, JSON.stringify(blueprint))
    })
  }

  async loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined> {
    const row = this.#file.read('read a blueprint', () => this.#statements.blueprint.get(hash))
    // It was a WorkflowBlueprint when it was saved.
    return row === undefined ? undefined : (JSON.parse(row[0]) as WorkflowBlueprint)
  }

  /** Other work of the process gets a turn after each full page. */
  async *#pages(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent[], void, undefined> {
    const pages = readPages(this.#statements, executionId, range)
    for (;;) {
      const page = this.#file.read('read events', () => pages.next())
      if (page.done === true) return
      yield page.value
      if (page.value.length === pageSize) await setImmediate()
    }
  }

  #write<T>(task: string, work: () => T): T {
    return this.#wrote(this.#file.write(task, work))
  }

  /** Tells those who follow that something was written, and gives what came of it. */
  #wrote<T>(done: T): T {
    this.#watch.wrote()
    return done
  }
}
