import { missingEvent, unbroken } from 'flowcraft'
import type { FlowcraftEvent, ReadRange } from 'flowcraft'
import { typeToColumn } from './event-types.ts'
import { isStorableText, toEvent, toSharedEvent, type EventRow, type SharedColumns } from './rows.ts'
import type { HeadRow, ReadPage, Statements } from './statements.ts'

/** The number of events that are read at once. */
export const pageSize = 1000

/**
 * The events of an execution up to its present end, a page at a time. Nothing is open between two pages, so that a slow
 * reader does not keep the write-ahead log from being emptied; rows up to the end never change.
 *
 * @throws `HistoryCorruptError` at an event that is missing, once all before it have been given.
 */
export function* readPages(
  statements: Statements,
  executionId: string,
  range: ReadRange,
): Generator<FlowcraftEvent[], void, undefined> {
  const head = isStorableText(executionId) ? statements.head.get(executionId) : undefined
  if (head === undefined) return
  const [, blueprintId, , forkedSeq] = head
  const history = historyOf(statements, { executionId, blueprintId }, forkedSeq)
  const types = range.types && JSON.stringify(range.types.map(typeToJson))
  const end = Math.min(range.toSeq ?? Infinity, head[2])
  let from = Math.max(0, Math.ceil(range.fromSeq ?? 0))
  let left = Math.floor(range.limit ?? Infinity)
  while (from <= end && left > 0) {
    const size = Math.min(pageSize, left)
    const rows = history.page(executionId, from, end, size, types)
    const whole = types === undefined ? unbroken(rows, from, executionId) : rows
    if (whole.length > 0) yield whole.map(history.toEvent)
    from = (whole.at(-1)?.[0] ?? from - 1) + 1
    left -= whole.length
    if (types === undefined && whole.length === 0) assertRemoved(statements, executionId, head, from)
    if (whole.length === 0 || (types !== undefined && rows.length < size)) return
  }
}

/** How to read the history of an execution. */
export interface StoredHistory {
  readonly page: ReadPage
  /** What the row of the event leaves out. */
  readonly columnsOf: (seq: number) => SharedColumns
  readonly toEvent: (row: EventRow) => FlowcraftEvent
}

/** How to read the history of an execution. Of a fork, \`forkedSeq\` is the \`seq\` of the last event that it shares. */
export function historyOf(statements: Statements, own: SharedColumns, forkedSeq: number | null): StoredHistory {
  if (forkedSeq === null) return { page: statements.page, columnsOf: () => own, toEvent: (row) => toEvent(row, own) }
  let part = { from: 0, to: -1, columns: own }
  const columnsOf = (seq: number): SharedColumns => {
    if (seq > forkedSeq) return own
    if (seq < part.from || seq > part.to) {
      const [from, to, blueprintId] = statements.partOfFork.get(own.executionId, seq) ?? [0, -1, null]
      part = { from, to, columns: { executionId: own.executionId, blueprintId } }
    }
    return part.columns
  }
  return {
    page: (id, from, ...rest) => (from > forkedSeq ? statements.page : statements.pageOfFork)(id, from, ...rest),
    columnsOf,
    toEvent: (row) => (row[0] > forkedSeq ? toEvent(row, own) : toSharedEvent(row, columnsOf(row[0]))),
  }
}

/**
 * @param head As it was before the event `seq` was sought.
 * @throws `HistoryCorruptError` when an execution without the event `seq` is still there. It is not when another process
 * has removed it meanwhile, and another one may have its id and key then.
 */
export function assertRemoved(statements: Statements, executionId: string, head: HeadRow, seq: number): void {
  const now = statements.head.get(executionId)
  const isSame = now !== undefined && now[0] === head[0] && now[3] === head[3]
  if (isSame && seq <= now[2]) throw missingEvent(executionId, seq)
}

/** A type as stored, for a JSON array of types. */
export function typeToJson(type: string): number | string {
  const column = typeToColumn(type)
  return typeof column === 'bigint' ? Number(column) : column
}
