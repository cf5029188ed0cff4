import { HistoryCorruptError } from '../errors.ts'

/**
 * The rows before the first gap, of rows in the order of their `seq`, which is their first column. The first must have the
 * seq `from`.
 *
 * @throws `HistoryCorruptError` when it has another.
 */
export function unbroken<Row extends readonly [seq: number, ...rest: unknown[]]>(
  rows: readonly Row[],
  from: number,
  executionId: string,
): readonly Row[] {
  const last = rows.at(-1)
  if (last === undefined || last[0] === from + rows.length - 1) return rows
  const end = rows.findIndex(([seq], index) => seq !== from + index)
  if (end > 0) return rows.slice(0, end)
  throw missingEvent(executionId, from)
}

/** The error of an execution whose event `seq` is not there, although a later one is, or was. */
export function missingEvent(executionId: string, seq: number): HistoryCorruptError {
  const message = `Event ${seq} of execution '${executionId}' is missing from its store, and later ones were stored: restore it from a backup`
  return new HistoryCorruptError(message, { executionId })
}
