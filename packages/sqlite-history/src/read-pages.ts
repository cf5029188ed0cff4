import type { FlowcraftEvent, ReadRange } from 'flowcraft'
import { typeToColumn } from './event-types.ts'
import { isStorableText, toEvent } from './rows.ts'
import type { Statements } from './statements.ts'

/** The number of events that are read at once. */
export const pageSize = 1000

/**
 * The events of an execution up to its present end, a page at a time. Nothing is open between two pages, so that a slow
 * reader does not keep the write-ahead log from being emptied; rows up to the end never change.
 */
export function* readPages(
  statements: Statements,
  executionId: string,
  range: ReadRange,
): Generator<FlowcraftEvent[], void, undefined> {
  const head = isStorableText(executionId) ? statements.head.get(executionId) : undefined
  if (head === undefined) return
  const [, blueprintId, lastSeq] = head
  const shared = { executionId, blueprintId }
  const types = range.types && JSON.stringify(range.types.map(typeToJson))
  const end = Math.min(range.toSeq ?? Infinity, lastSeq)
  let from = range.fromSeq ?? 0
  let left = Math.floor(range.limit ?? Infinity)
  while (from <= end && left > 0) {
    const size = Math.min(pageSize, left)
    const rows =
      types === undefined
        ? statements.page.all(executionId, from, end, size)
        : statements.pageOfTypes.all(executionId, from, end, types, size)
    yield rows.map((row) => toEvent(row, shared))
    if (rows.length < size) return
    from = rows.at(-1)![0] + 1
    left -= size
  }
}

/** A type as stored, for a JSON array of types. */
export function typeToJson(type: string): number | string {
  const column = typeToColumn(type)
  return typeof column === 'bigint' ? Number(column) : column
}
