import type { FlowcraftEvent } from '../events/event.ts'
import { encodeValue } from '../events/value-codec.ts'
import type { ExecutionHead } from './execution-head.ts'
import { isParkedStatus, unchanged, type ExecutionChange } from './execution-change.ts'
import type { Fork } from './fork.ts'
import type { ExecutionSummary } from './listing.ts'

/** An execution in memory: its events, and what is noted of it. */
export interface MemoryExecution {
  readonly executionId: string
  /** Grows with every execution that comes. */
  readonly key: number
  /** Its own, which stand behind what it shares. Another array once the last are let go of. */
  events: FlowcraftEvent[]
  /** What it has of others. Absent for one that is no fork. */
  readonly shared: SharedEvents | undefined
  /** Those that share own events of this one. Absent until there is one. */
  forks: Set<MemoryExecution> | undefined
  /** As the fork was asked for. */
  readonly forkedFrom: ExecutionSummary['forkedFrom']
  readonly blueprintId: string | undefined
  readonly blueprintVersion: string | undefined
  readonly blueprintHash: string | undefined
  readonly parent: string | undefined
  readonly tags: readonly string[]
  writer: string | undefined
  /** Only while its status is `'running'`. */
  owner: string | undefined
  change: ExecutionChange
  /** Nobody finds it any more; its events are kept as far as forks need them. */
  isRemoved: boolean
}

/** The events of `source` up to `seq`, which is one of its own. */
export interface SharedEvents {
  readonly source: MemoryExecution
  readonly seq: number
}

/** The `seq` of its first own event. */
export function firstOwnSeq({ shared }: MemoryExecution): number {
  return shared === undefined ? 0 : shared.seq + 1
}

/** The `seq` of its last event. */
export function lastSeqOf(execution: MemoryExecution): number {
  return firstOwnSeq(execution) + execution.events.length - 1
}

/** The end of an execution, by which appends are judged. */
export function headOf(execution: MemoryExecution): ExecutionHead {
  const { writer, change, parent } = execution
  return { lastSeq: lastSeqOf(execution), writer, isParked: isParkedStatus(change.status), parent }
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
    shared: undefined,
    forks: undefined,
    forkedFrom: undefined,
    blueprintId: textOf(first.payload.blueprintId),
    blueprintVersion: textOf(start?.blueprintVersion),
    blueprintHash: textOf(start?.blueprintHash),
    parent: textOf(start?.parent?.executionId),
    tags: [...new Set(tags.filter((tag) => typeof tag === 'string'))],
    writer: undefined,
    owner: undefined,
    change: unchanged,
    isRemoved: false,
  }
}

/** A fork before its first own event: a root with the tags of `source`, and with its blueprint unless it says otherwise. */
export function newFork(fork: Fork, key: number, source: MemoryExecution, shared: SharedEvents): MemoryExecution {
  const { executionId, from, seq, event } = fork
  const { blueprintId, blueprintVersion, blueprintHash } =
    event.payload.blueprintHash === undefined ? source : event.payload
  return {
    executionId,
    key,
    events: [],
    shared,
    forks: undefined,
    forkedFrom: { executionId: from, seq },
    blueprintId: textOf(blueprintId),
    blueprintVersion: textOf(blueprintVersion),
    blueprintHash: textOf(blueprintHash),
    parent: undefined,
    tags: source.tags,
    writer: undefined,
    owner: undefined,
    change: unchanged,
    isRemoved: false,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
