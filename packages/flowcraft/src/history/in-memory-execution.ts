import type { FlowcraftEvent } from '../events/event.ts'
import { encodeValue } from '../events/value-codec.ts'
import type { ExecutionHead } from './execution-head.ts'
import { isParkedStatus, unchanged, type ExecutionChange } from './execution-change.ts'

/** An execution in memory: its events, and what is noted of it. */
export interface MemoryExecution {
  readonly executionId: string
  /** Grows with every execution that comes. */
  readonly key: number
  readonly events: FlowcraftEvent[]
  readonly blueprintId: string | undefined
  readonly parent: string | undefined
  readonly tags: readonly string[]
  writer: string | undefined
  /** Only while its status is `'running'`. */
  owner: string | undefined
  change: ExecutionChange
  isRemoved: boolean
}

/** The end of an execution, by which appends are judged. */
export function headOf({ events, writer, change, parent }: MemoryExecution): ExecutionHead {
  return { lastSeq: events.length - 1, writer, isParked: isParkedStatus(change.status), parent }
}

/** Whether two events say the same. */
export function sameEvent(a: FlowcraftEvent, b: FlowcraftEvent): boolean {
  if (a === b) return true
  const [left, right] = [encodeValue(a), encodeValue(b)]
  return left.json === right.json && left.notes === right.notes
}

/** An execution before its first event, as that event tells of it: what is no text there does not count. */
export function newExecution(executionId: string, key: number, first: FlowcraftEvent): MemoryExecution {
  const start = first.type === 'workflow:start' ? first.payload : undefined
  const tags: readonly unknown[] = Array.isArray(start?.tags) ? start.tags : []
  return {
    executionId,
    key,
    events: [],
    blueprintId: textOf(first.payload.blueprintId),
    parent: textOf(start?.parent?.executionId),
    tags: [...new Set(tags.filter((tag) => typeof tag === 'string'))],
    writer: undefined,
    owner: undefined,
    change: unchanged,
    isRemoved: false,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
