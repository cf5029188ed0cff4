import { changeAfter, EventStoreError, isFlowcraftError } from 'flowcraft'
import type { ExecutionChange, FlowcraftError, FlowcraftEvent } from 'flowcraft'
import { toColumns, type EventColumns, type SharedColumns } from './rows.ts'

/** Events as they are written, and what they change in the row of their execution. */
export interface Encoded {
  readonly rows: readonly EventColumns[]
  readonly change: ExecutionChange
  /** Whether it is another than before. */
  readonly isChanged: boolean
}

/** Events behind `before`, or why they cannot be written. */
export function encodeEvents(
  shared: SharedColumns,
  events: readonly FlowcraftEvent[],
  before: ExecutionChange,
): Encoded | { readonly fault: FlowcraftError } {
  try {
    const change = changeAfter(events, before)
    return { rows: events.map((event) => toColumns(event, shared)), change, isChanged: !isSame(change, before) }
  } catch (error) {
    if (isFlowcraftError(error)) return { fault: error }
    const { executionId } = shared
    const message = `Events of execution '${executionId}' cannot be written as text: ${String(error)}`
    return { fault: new EventStoreError(message, { executionId, cause: error }) }
  }
}

function isSame(a: ExecutionChange, b: ExecutionChange): boolean {
  if (a === b) return true
  const isSameEnd = a.status === b.status && a.finishedAt === b.finishedAt
  return isSameEnd && a.errorCount === b.errorCount && a.wakeUpAt === b.wakeUpAt
}
