import { isParkedStatus, unchanged } from 'flowcraft'
import type {
  EventStoreError,
  ExecutionChange,
  ExecutionHead,
  FlowcraftError,
  FlowcraftEvent,
  RunStatus,
} from 'flowcraft'
import { encodeEvents } from './encode-events.ts'
import { startOf } from './execution-start.ts'
import { historyOf } from './read-pages.ts'
import { isStorableText, malformedId, sameColumns, type SharedColumns } from './rows.ts'
import type { ChangeColumns, Statements } from './statements.ts'
import { tagColumn } from './tag-column.ts'

/** Where an execution ends, and what its row says. */
export interface Head extends SharedColumns, ExecutionHead {
  readonly key: number
  readonly change: ExecutionChange
  readonly owner: string | undefined
  /** Of a fork, the `seq` of the last event that it shares. */
  readonly forkedSeq: number | undefined
}

/** Whose events they are. */
export interface Authorship {
  readonly writer: string | undefined
  readonly owner: string | undefined
}

/** What came of an attempt to add events; `'stale'` when the execution has changed since its head was read. */
export type Added = 'added' | 'stale' | FlowcraftError

const rememberedHeads = 10_000

/**
 * The rows of executions and their events, to be used under the write lock. Remembers where each execution ends and who
 * writes it, so that the usual addition is one update and the inserts. That update checks both against the file, so
 * other processes are seen.
 */
export class ExecutionTable {
  readonly #statements: Statements
  readonly #heads = new Map<string, Head>()

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** What is known of where an execution ends; it may be `'stale'`. */
  remembered(executionId: string): Head | undefined {
    return this.#heads.get(executionId)
  }

  /** Where an execution ends. */
  read(executionId: string): Head | undefined {
    const row = isStorableText(executionId) ? this.#statements.head.get(executionId) : undefined
    if (row === undefined) return undefined
    const [key, blueprintId, lastSeq, forkedSeq, writer, written, finishedAt, errorCount, wakeUpAt, parent, owner] = row
    // It was a RunStatus when it was written.
    const status = written as RunStatus
    const change = { status, finishedAt: finishedAt ?? undefined, errorCount, wakeUpAt: wakeUpAt ?? undefined }
    return {
      key,
      executionId,
      blueprintId,
      parent: parent ?? undefined,
      writer: writer ?? undefined,
      owner: owner ?? undefined,
      lastSeq,
      change,
      isParked: isParkedStatus(status),
      forkedSeq: forkedSeq ?? undefined,
    }
  }

  /** The writer of an execution, when it is known and has one. */
  writerOf(executionId: string | undefined): string | undefined {
    if (executionId === undefined || !isStorableText(executionId)) return undefined
    return this.#statements.writerOf.get(executionId) ?? undefined
  }

  /** Adds events behind `head`. Encodes all before it writes one: a value that cannot be stored leaves nothing behind. */
  add(executionId: string, head: Head | undefined, by: Authorship, events: readonly FlowcraftEvent[]): Added {
    const last = events.at(-1)
    if (last === undefined) return 'added'
    const shared = head ?? { executionId, blueprintId: blueprintIdOf(events[0]!) }
    const before = head?.change ?? unchanged
    const encoded = encodeEvents(shared, events, before)
    if ('fault' in encoded) return encoded.fault
    const { rows, change, isChanged } = encoded
    const { writer } = by
    const owner = change.status === 'running' ? by.owner : undefined
    const key =
      head === undefined ? this.#insert(shared, writer, owner, events, change) : this.#move(head, writer, owner, last)
    if (typeof key !== 'number') return key
    for (const [index, row] of rows.entries()) this.#statements.insertEvent.run(key, events[index]!.seq, ...row)
    if (head !== undefined && isChanged) this.#statements.changeExecution.run(...columnsOf(change), key)
    // Written out, as all heads are of one shape then, which is seen in the time of an append.
    this.#remember({
      key,
      executionId,
      blueprintId: shared.blueprintId,
      parent: head === undefined ? startOf(events[0]).parent : head.parent,
      writer,
      owner,
      lastSeq: last.seq,
      change,
      isParked: isParkedStatus(change.status),
      forkedSeq: head?.forkedSeq,
    })
    return 'added'
  }

  /** Gives an execution another writer, and leaves the rest as it is. */
  changeWriter({ key, executionId }: Head, writer: string): void {
    this.#statements.changeWriter.run(writer, key)
    this.#heads.delete(executionId)
  }

  /** Whether the very same event is stored. */
  holds(head: Head, event: FlowcraftEvent): boolean {
    const { page, columnsOf } = historyOf(this.#statements, head, head.forkedSeq ?? null)
    const [row] = page(head.executionId, event.seq, event.seq, 1)
    return row !== undefined && sameColumns(row, event, columnsOf(event.seq))
  }

  /** Takes nothing for known any more. */
  forget(): void {
    this.#heads.clear()
  }

  #insert(
    { executionId, blueprintId }: SharedColumns,
    writer: string | undefined,
    owner: string | undefined,
    events: readonly FlowcraftEvent[],
    change: ExecutionChange,
  ): number | EventStoreError {
    const [first] = events
    const { blueprintVersion, blueprintHash, parent, tags } = startOf(first)
    for (const id of [executionId, parent])
      if (id !== undefined && !isStorableText(id)) return malformedId(id, executionId)
    const last = events.at(-1)!
    const { lastInsertRowid } = this.#statements.insertExecution.run(
      executionId,
      blueprintId,
      blueprintVersion ?? null,
      blueprintHash ?? null,
      first!.timestamp,
      last.timestamp,
      last.seq,
      writer ?? null,
      owner ?? null,
      parent ?? null,
      tags.length === 0 ? null : JSON.stringify(tags),
      ...columnsOf(change),
    )
    const key = Number(lastInsertRowid)
    for (const tag of tags) this.#statements.insertTag.run(tagColumn(tag), first!.timestamp, key)
    return key
  }

  #move(
    { key, executionId, lastSeq, writer: before }: Head,
    writer: string | undefined,
    owner: string | undefined,
    last: FlowcraftEvent,
  ): number | 'stale' {
    const { changes } = this.#statements.moveHead.run(
      last.seq,
      last.timestamp,
      writer ?? null,
      owner ?? null,
      key,
      executionId,
      lastSeq,
      before ?? null,
    )
    return changes === 1 ? key : 'stale'
  }

  #remember(head: Head): void {
    this.#heads.set(head.executionId, head)
    if (this.#heads.size <= rememberedHeads) return
    const [oldest] = this.#heads.keys()
    this.#heads.delete(oldest!)
  }
}

function columnsOf({ status, finishedAt, errorCount, wakeUpAt }: ExecutionChange): ChangeColumns {
  return [status, finishedAt ?? null, errorCount, wakeUpAt ?? null]
}

/** Text that SQLite would not give back as it was stays in the payload. */
function blueprintIdOf({ payload: { blueprintId } }: FlowcraftEvent): string | null {
  return typeof blueprintId === 'string' && isStorableText(blueprintId) ? blueprintId : null
}
