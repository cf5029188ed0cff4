import Database from 'better-sqlite3'
import { admitBatch, admitEvent, guardOf, HistoryCorruptError } from 'flowcraft'
import type { AppendOutcome, EventBatch, ExecutionHead, FlowcraftError, FlowcraftEvent } from 'flowcraft'
import type { Added, ExecutionTable } from './execution-table.ts'
import { insideShared } from './shared-part.ts'
import type { WriteLock } from './write-lock.ts'

/** Of an execution that is not there. */
export const noHead: ExecutionHead = { lastSeq: -1, writer: undefined, isParked: false }
const nobody = { writer: undefined, owner: undefined }

/** Appends to the tables of one connection. */
export class EventWriter {
  readonly #lock: WriteLock
  readonly #table: ExecutionTable

  constructor(lock: WriteLock, table: ExecutionTable) {
    this.#lock = lock
    this.#table = table
  }

  /** One outcome for each batch, in order. Throws when the file cannot be written; then nothing was stored. */
  append(batches: readonly EventBatch[]): AppendOutcome[] {
    const damage = new Map<EventBatch, FlowcraftError>()
    for (;;) {
      const outcomes: AppendOutcome[] = []
      try {
        this.#lock(() => {
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
    this.#lock(() => {
      const head = this.#table.read(executionId)
      if (head !== undefined && event.seq <= head.lastSeq && this.#table.holds(head, event)) return
      const refused = admitEvent(event, executionId, head ?? noHead)
      const error = refused ?? faultOf(this.#table.add(executionId, head, nobody, [event]))
      if (error !== undefined) throw error
    })
  }

  #appendOne(batch: EventBatch, damage: FlowcraftError | undefined): AppendOutcome {
    const { executionId, events } = batch
    if (damage !== undefined) return outcomeOf(executionId, damage)
    const remembered = this.#table.remembered(executionId)
    // What is remembered counts only with the update that checks it, which an empty batch does not come to.
    if (remembered !== undefined && events.length > 0 && isPlain(batch, remembered)) {
      const added = this.#table.add(executionId, remembered, by(batch), events)
      if (added !== 'stale') return outcomeOf(executionId, faultOf(added))
    }
    const head = this.#table.read(executionId)
    const guardWriter = this.#table.writerOf(guardOf(batch, head ?? noHead))
    const { skip, error = insideShared(batch, head) } = admitBatch(batch, head ?? noHead, guardWriter)
    if (error !== undefined) return outcomeOf(executionId, error)
    return outcomeOf(executionId, faultOf(this.#table.add(executionId, head, by(batch), events.slice(skip))))
  }
}

/** Whether all of the batch may be stored, and no other execution has a say in it. */
function isPlain(batch: EventBatch, head: ExecutionHead): boolean {
  return guardOf(batch, head) === undefined && admitBatch(batch, head).skip === 0
}

function by({ writer, owner }: EventBatch): { writer: string; owner: string | undefined } {
  return { writer, owner }
}

function outcomeOf(executionId: string, error: FlowcraftError | undefined): AppendOutcome {
  return error === undefined ? { executionId } : { executionId, error }
}

/** Why nothing was added behind a head that was read under the lock. */
export function faultOf(added: Added): FlowcraftError | undefined {
  if (added === 'stale') throw new Error('an execution changed under the write lock: is the file on a network drive?')
  return added === 'added' ? undefined : added
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
