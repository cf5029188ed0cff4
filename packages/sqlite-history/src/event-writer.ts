import Database from 'better-sqlite3'
import { admitBatch, admitEvent, EventStoreError, HistoryCorruptError, isFlowcraftError } from 'flowcraft'
import type { AppendOutcome, EventBatch, ExecutionHead, FlowcraftError, FlowcraftEvent } from 'flowcraft'
import { isStorableText, sameColumns, toColumns, type EventColumns, type SharedColumns } from './rows.ts'
import type { Statements } from './statements.ts'
import { isParked, statusAfter } from './status.ts'

interface Head extends SharedColumns, ExecutionHead {
  readonly key: number
  readonly status: string
}

/** What came of an attempt to add events; `'stale'` when the execution has changed since its head was read. */
type Added = 'added' | 'stale' | FlowcraftError

const rememberedHeads = 10_000
const noHead: ExecutionHead = { lastSeq: -1, writer: undefined, isParked: false }
/** What an execution is inserted with. */
const firstStatus = 'running'

/**
 * Appends to the tables of one connection. Remembers where each execution ends and who writes it, so that the usual
 * append is one update and the inserts. That update checks both against the file, so other processes are seen.
 */
export class EventWriter {
  readonly #statements: Statements
  readonly #transaction: Database.Transaction<(task: () => void) => void>
  readonly #heads = new Map<string, Head>()

  constructor(db: Database.Database, statements: Statements) {
    this.#statements = statements
    this.#transaction = db.transaction((task: () => void) => task())
  }

  /** One outcome for each batch, in order. Throws when the file cannot be written; then nothing was stored. */
  append(batches: readonly EventBatch[]): AppendOutcome[] {
    const damage = new Map<EventBatch, FlowcraftError>()
    for (;;) {
      const outcomes: AppendOutcome[] = []
      try {
        this.#transact(() => {
          for (const batch of batches) outcomes.push(this.#appendOne(batch, damage.get(batch)))
        })
        return outcomes
      } catch (error) {
        const batch = batches[outcomes.length]
        if (batch === undefined || !isConstraint(error)) throw error
        damage.set(batch, rowsInTheWay(batch, error))
      }
    }
  }

  /** Appends one event without a writer. The very same event once more changes nothing. */
  store(event: FlowcraftEvent, executionId: string): void {
    this.#transact(() => {
      const head = this.#readHead(executionId)
      if (head !== undefined && event.seq <= head.lastSeq && this.#holds(head, event)) return
      const refused = admitEvent(event, executionId, head ?? noHead)
      const error = refused ?? faultOf(this.#add(executionId, head, undefined, [event]))
      if (error !== undefined) throw error
    })
  }

  /** Removes everything. */
  clear(): void {
    this.#transact(() => {
      this.#heads.clear()
      for (const statement of this.#statements.deleteAll) statement.run()
    })
  }

  /** Under the write lock. When the task throws, the file is as before, and nothing is taken for known of it. */
  #transact(task: () => void): void {
    try {
      this.#transaction.immediate(task)
    } catch (error) {
      this.#heads.clear()
      throw error
    }
  }

  #appendOne(batch: EventBatch, damage: FlowcraftError | undefined): AppendOutcome {
    const { executionId, events, writer } = batch
    if (damage !== undefined) return outcomeOf(executionId, damage)
    const remembered = this.#heads.get(executionId)
    // What is remembered counts only with the update that checks it, which an empty batch does not come to.
    if (remembered !== undefined && events.length > 0 && admitBatch(batch, remembered).skip === 0) {
      const added = this.#add(executionId, remembered, writer, events)
      if (added !== 'stale') return outcomeOf(executionId, faultOf(added))
    }
    const head = this.#readHead(executionId)
    const { skip, error } = admitBatch(batch, head ?? noHead)
    if (error !== undefined) return outcomeOf(executionId, error)
    return outcomeOf(executionId, faultOf(this.#add(executionId, head, writer, events.slice(skip))))
  }

  /** Encodes all events before it writes one: a value that cannot be stored leaves nothing behind. */
  #add(
    executionId: string,
    head: Head | undefined,
    writer: string | undefined,
    events: readonly FlowcraftEvent[],
  ): Added {
    const last = events.at(-1)
    if (last === undefined) return 'added'
    const shared = head ?? { executionId, blueprintId: blueprintIdOf(events[0]!) }
    const rows = encode(shared, events)
    if (!Array.isArray(rows)) return rows
    const key = head === undefined ? this.#insert(shared, writer, events) : this.#move(head, writer, last)
    if (typeof key !== 'number') return key
    for (const [index, row] of rows.entries()) this.#statements.insertEvent.run(key, events[index]!.seq, ...row)
    const status = this.#changeStatus(key, head?.status ?? firstStatus, events)
    this.#remember({ ...shared, key, lastSeq: last.seq, writer, status, isParked: isParked(status) })
    return 'added'
  }

  #insert(
    shared: SharedColumns,
    writer: string | undefined,
    events: readonly FlowcraftEvent[],
  ): number | EventStoreError {
    const { executionId, blueprintId } = shared
    if (!isStorableText(executionId)) return malformedId(executionId)
    const [first] = events
    const last = events.at(-1)!
    const start = first!.type === 'workflow:start' ? first.payload : undefined
    const { lastInsertRowid } = this.#statements.insertExecution.run(
      executionId,
      blueprintId,
      start?.blueprintVersion ?? null,
      start?.blueprintHash ?? null,
      first!.timestamp,
      last.timestamp,
      last.seq,
      writer ?? null,
    )
    return Number(lastInsertRowid)
  }

  #move(head: Head, writer: string | undefined, last: FlowcraftEvent): number | 'stale' {
    const { key, lastSeq } = head
    const { changes } = this.#statements.moveHead.run(
      last.seq,
      last.timestamp,
      writer ?? null,
      key,
      head.executionId,
      lastSeq,
      head.writer ?? null,
    )
    return changes === 1 ? key : 'stale'
  }

  /** Writes the status of an execution behind `events` where it is another than `before`, and gives it. */
  #changeStatus(key: number, before: string, events: readonly FlowcraftEvent[]): string {
    let written = before
    for (const event of events) {
      if (event.type !== 'workflow:finish') continue
      const { status, errors = [] } = event.payload
      this.#statements.finishExecution.run(status, event.timestamp, errors.length, key)
      written = status
    }
    const status = statusAfter(written, events.at(-1)!)
    if (status !== written) this.#statements.setStatus.run(status, key)
    return status
  }

  #remember(head: Head): void {
    this.#heads.set(head.executionId, head)
    if (this.#heads.size <= rememberedHeads) return
    const [oldest] = this.#heads.keys()
    this.#heads.delete(oldest!)
  }

  #readHead(executionId: string): Head | undefined {
    const row = isStorableText(executionId) ? this.#statements.head.get(executionId) : undefined
    if (row === undefined) return undefined
    const [key, blueprintId, lastSeq, writer, status] = row
    const parked = isParked(status)
    return { key, executionId, blueprintId, lastSeq, writer: writer ?? undefined, status, isParked: parked }
  }

  #holds(head: Head, event: FlowcraftEvent): boolean {
    const row = this.#statements.page.get(head.executionId, event.seq, event.seq, 1)
    return row !== undefined && sameColumns(row, event, head)
  }
}

function encode(shared: SharedColumns, events: readonly FlowcraftEvent[]): EventColumns[] | FlowcraftError {
  try {
    return events.map((event) => toColumns(event, shared))
  } catch (error) {
    if (isFlowcraftError(error)) return error
    const { executionId } = shared
    const message = `Events of execution '${executionId}' cannot be written as text: ${String(error)}`
    return new EventStoreError(message, { executionId, cause: error })
  }
}

function outcomeOf(executionId: string, error: FlowcraftError | undefined): AppendOutcome {
  return error === undefined ? { executionId } : { executionId, error }
}

function faultOf(added: Added): FlowcraftError | undefined {
  if (added === 'stale') throw new Error('an execution changed under the write lock: is the file on a network drive?')
  return added === 'added' ? undefined : added
}

/** Text that SQLite would not give back as it was stays in the payload. */
function blueprintIdOf({ payload: { blueprintId } }: FlowcraftEvent): string | null {
  return typeof blueprintId === 'string' && isStorableText(blueprintId) ? blueprintId : null
}

function malformedId(executionId: string): EventStoreError {
  const message = `The execution id ${JSON.stringify(executionId)} has a NUL character or a lone surrogate: choose another`
  return new EventStoreError(message, { executionId })
}

function isConstraint(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')
}

function rowsInTheWay({ executionId, expectedSeq }: EventBatch, cause: unknown): HistoryCorruptError {
  const message =
    `Execution '${executionId}' cannot be appended to at seq ${expectedSeq}: the tables hold events behind its recorded ` +
    `end, or a value is of the wrong kind (${String(cause)})`
  return new HistoryCorruptError(message, { executionId, cause })
}
