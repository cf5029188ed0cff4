import { setImmediate } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { EventStoreError } from 'flowcraft'
import type {
  AppendOutcome,
  EventBatch,
  EventStoreCapabilities,
  EventStoreStats,
  FlowcraftEvent,
  IEventStore,
  ReadRange,
  WorkflowBlueprint,
} from 'flowcraft'
import { EventWriter } from './event-writer.ts'
import { openDatabase, type SqliteHistoryOptions } from './open-database.ts'
import { pageSize, readPages } from './read-pages.ts'
import { tableNamesOf } from './schema.ts'
import { prepareStatements, type Statements } from './statements.ts'
import { storeError } from './store-error.ts'

type Capabilities = Pick<
  EventStoreCapabilities,
  'append' | 'read' | 'getStats' | 'clear' | 'close' | 'saveBlueprint' | 'loadBlueprint'
>

/**
 * An event store in one SQLite file, which several processes may use at once. Events come back deep-frozen and equal to
 * those that were stored.
 */
export class SqliteHistoryAdapter implements IEventStore, Capabilities {
  readonly #path: string
  readonly #readonly: boolean
  readonly #db: Database
  readonly #statements: Statements
  readonly #writer: EventWriter

  /** @throws `EventStoreError` when the file cannot be used, or an option is wrong; nothing is changed then. */
  constructor(options: SqliteHistoryOptions) {
    const names = tableNamesOf(options.tableName ?? 'flowcraft_events')
    this.#path = options.databasePath
    this.#readonly = options.readonly === true
    this.#db = openDatabase(options, names)
    this.#statements = prepareStatements(this.#db, names)
    this.#writer = new EventWriter(this.#db, this.#statements)
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

  async getStats(): Promise<EventStoreStats> {
    const [executions, totalEvents] = this.#perform('be counted', () => this.#statements.stats.get())!
    return { totalEvents, executions }
  }

  async clear(): Promise<void> {
    this.#write('be cleared', () => {
      this.#writer.clear()
      this.#db.pragma('incremental_vacuum')
    })
  }

  /** Closing a closed store does nothing. */
  async close(): Promise<void> {
    this.#db.close()
  }

  async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    this.#write('store a blueprint', () => {
      if (this.#statements.hasBlueprint.get(hash) !== undefined) return
      this.#statements.insertBlueprint.run(hash, JSON.stringify(blueprint))
    })
  }

  async loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined> {
    const row = this.#perform('read a blueprint', () => this.#statements.blueprint.get(hash))
    // It was a WorkflowBlueprint when it was saved.
    return row === undefined ? undefined : (JSON.parse(row[0]) as WorkflowBlueprint)
  }

  /** Other work of the process gets a turn after each full page. */
  async *#pages(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent[], void, undefined> {
    const pages = readPages(this.#statements, executionId, range)
    for (;;) {
      const page = this.#perform('read events', () => pages.next())
      if (page.done === true) return
      yield page.value
      if (page.value.length === pageSize) await setImmediate()
    }
  }

  #write<T>(task: string, work: () => T): T {
    if (!this.#readonly) return this.#perform(task, work)
    const message = `SQLite history '${this.#path}' could not ${task}: it was opened with readonly: true`
    throw new EventStoreError(message, { code: this.#db.open ? 'EVENT_STORE_FAILED' : 'STORE_CLOSED' })
  }

  #perform<T>(task: string, work: () => T): T {
    if (!this.#db.open) {
      const message = `SQLite history '${this.#path}' could not ${task}: it is closed. Open a new SqliteHistoryAdapter`
      throw new EventStoreError(message, { code: 'STORE_CLOSED' })
    }
    try {
      return work()
    } catch (error) {
      throw storeError(this.#path, task, error)
    }
  }
}
