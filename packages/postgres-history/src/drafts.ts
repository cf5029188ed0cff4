import { changeAfter, EventStoreError, isFlowcraftError, isParkedStatus, unchanged } from 'flowcraft'
import type { ExecutionHead, FlowcraftError, FlowcraftEvent } from 'flowcraft'
import type { Head, Heads } from './heads.ts'
import { toColumns, type EventRow } from './rows.ts'
import { isStorableId, isStorableText, malformedIdMessage } from './storable-text.ts'

/** What is to be written of one execution. */
export interface Draft {
  /** What it is judged by, and must still be; `undefined` for one that is new. */
  readonly before: Head | undefined
  readonly after: Head
  readonly rows: readonly EventRow[]
  readonly updatedAt: number | undefined
  readonly start: StartColumns | undefined
}

/** What is only written with the first events of an execution. */
export interface StartColumns {
  readonly startedAt: number
  readonly blueprintVersion: string | null
  readonly blueprintHash: string | null
  readonly tags: readonly string[]
}

/** Who writes an execution from now on. */
export interface Author {
  readonly writer: string | undefined
  readonly owner: string | undefined
}

/** Of an execution that is not there. */
export const noHead: ExecutionHead = { lastSeq: -1, writer: undefined, isParked: false }

/** What one call is to write, judged by what is known of the executions. */
export class Drafts {
  readonly #heads: Heads
  readonly #newKey: () => number
  readonly #drafts = new Map<string, Draft>()
  readonly #guards = new Set<Head>()

  constructor(heads: Heads, newKey: () => number) {
    this.#heads = heads
    this.#newKey = newKey
  }

  get all(): readonly Draft[] {
    return [...this.#drafts.values()]
  }

  /** Executions that are not written, whose writer must still be the same. */
  get guards(): readonly Head[] {
    return [...this.#guards].filter(({ executionId }) => !this.#drafts.has(executionId))
  }

  /** How an execution is, with what has been added here. */
  headOf(executionId: string): Head | undefined {
    return this.#drafts.get(executionId)?.after ?? this.#heads.get(executionId)
  }

  /** The writer of an execution, which must stay the same until all is written. */
  guardWriterOf(executionId: string): string | undefined {
    const head = this.headOf(executionId)
    const stored = this.#heads.get(executionId)
    if (stored !== undefined) this.#guards.add(stored)
    return head?.writer
  }

  /** Adds events behind what is there, or nothing but the author. Gives the fault of what cannot be written. */
  add(executionId: string, author: Author, events: readonly FlowcraftEvent[]): FlowcraftError | undefined {
    const earlier = this.#drafts.get(executionId)
    const head = earlier?.after ?? this.#heads.get(executionId)
    try {
      const shared = head ?? { executionId, blueprintId: blueprintIdOf(events[0]!) }
      const rows = events.map((event) => rowOf(event, shared))
      const after = this.#after(executionId, head, author, events, shared.blueprintId)
      this.#drafts.set(executionId, {
        before: earlier === undefined ? head : earlier.before,
        after,
        rows: earlier === undefined ? rows : [...earlier.rows, ...rows],
        updatedAt: events.at(-1)?.timestamp ?? earlier?.updatedAt,
        start: head === undefined ? startOf(events[0]!) : earlier?.start,
      })
      return undefined
    } catch (error) {
      if (isFlowcraftError(error)) return error
      const message = `Events of execution '${executionId}' cannot be written as text: ${String(error)}`
      return new EventStoreError(message, { executionId, cause: error })
    }
  }

  #after(
    executionId: string,
    head: Head | undefined,
    author: Author,
    events: readonly FlowcraftEvent[],
    blueprintId: string | null,
  ): Head {
    const change = changeAfter(events, head?.change ?? unchanged)
    const parent = head === undefined ? parentOf(events[0]!) : head.parent
    const { writer } = author
    const owner = change.status === 'running' ? author.owner : undefined
    const ids = { 'execution id': executionId, writer, owner, 'id of the parent': parent }
    for (const [what, id] of Object.entries(ids)) {
      if (id !== undefined && !isStorableId(id))
        throw new EventStoreError(malformedIdMessage(what, id), { executionId })
    }
    return {
      key: head?.key ?? this.#newKey(),
      executionId,
      blueprintId,
      lastSeq: events.at(-1)?.seq ?? head?.lastSeq ?? -1,
      writer,
      owner,
      isParked: isParkedStatus(change.status),
      parent,
      change,
      forkedSeq: head?.forkedSeq,
    }
  }
}

function rowOf(event: FlowcraftEvent, shared: Head | { executionId: string; blueprintId: string | null }): EventRow {
  const { executionId } = shared
  const type: unknown = event.type
  if (typeof type === 'string' && isStorableText(type)) return toColumns(event, shared)
  const message = `Event ${event.seq} of execution '${executionId}' has the type ${JSON.stringify(type)}, which is no name`
  throw new EventStoreError(message, { executionId })
}

/** Text that PostgreSQL would not give back as it was stays in the payload. */
function blueprintIdOf({ payload: { blueprintId } }: FlowcraftEvent): string | null {
  return textOrNull(blueprintId)
}

/** Text of a payload that can be a column. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && isStorableText(value) ? value : null
}

function parentOf(first: FlowcraftEvent): string | undefined {
  const parent: unknown = first.type === 'workflow:start' ? first.payload.parent?.executionId : undefined
  return typeof parent === 'string' ? parent : undefined
}

function startOf(first: FlowcraftEvent): StartColumns {
  const start = first.type === 'workflow:start' ? first.payload : undefined
  // What a store is given may be damaged.
  const tags: readonly unknown[] = Array.isArray(start?.tags) ? start.tags : []
  return {
    startedAt: first.timestamp,
    blueprintVersion: textOrNull(start?.blueprintVersion),
    blueprintHash: textOrNull(start?.blueprintHash),
    tags: [...new Set(tags.filter((tag) => typeof tag === 'string' && isStorableText(tag)))] as string[],
  }
}
