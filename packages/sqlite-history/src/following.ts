import { setImmediate } from 'node:timers/promises'
import { assertRequest, EventStoreError, isTerminal, unbroken } from 'flowcraft'
import type { FollowedEvent, FollowOptions, FollowTarget, RunStatus } from 'flowcraft'
import type { HistoryFile } from './history-file.ts'
import { prepareFollowing, type FollowStatements } from './follow-statements.ts'
import { assertRemoved, historyOf } from './read-pages.ts'
import { isStorableText, toEvent } from './rows.ts'
import type { Statements } from './statements.ts'
import type { TableNames } from './table-names.ts'
import { typeFromColumn } from './event-types.ts'
import type { Watch } from './watch.ts'

/** What one look at the file gives. */
interface Look {
  readonly events: readonly FollowedEvent[]
  /** Whether there is more to read at once. */
  readonly isMore: boolean
  /** Whether nothing will ever come behind. */
  readonly isOver: boolean
}

const eventsAtOnce = 500
const positionsAtOnce = 5000

/** Follows events as they are committed. No statement is open between two looks at the file. */
export class Following {
  readonly #file: HistoryFile
  readonly #statements: Statements
  readonly #own: FollowStatements
  readonly #watch: Watch

  constructor(file: HistoryFile, names: TableNames, statements: Statements, watch: Watch) {
    this.#file = file
    this.#statements = statements
    this.#own = prepareFollowing(file.db, names)
    this.#watch = watch
  }

  /** Begins where the file ends now when the cursor is `'end'`. What is wrong is thrown when the first event is asked for. */
  subscribe(target: FollowTarget, options: FollowOptions = {}): AsyncIterableIterator<FollowedEvent, void, undefined> {
    const stop = new AbortController()
    const look = this.#lookAt(target, options.cursor)
    const events = this.#follow(look, stop, options.signal)
    return {
      next: () => events.next(),
      // The generator alone would wait for its next event before it ends.
      return: () => {
        stop.abort()
        return events.return()
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  async *#follow(
    look: () => Look,
    stop: AbortController,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FollowedEvent, void, undefined> {
    const abort = (): void => stop.abort()
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) stop.abort()
    try {
      while (!stop.signal.aborted) {
        const [seen, { events, isMore, isOver }] = this.#file.read('follow events', () => [this.#watch.seen(), look()])
        for (const event of events) {
          yield event
          if (stop.signal.aborted) return
        }
        if (isOver) return
        if (isMore) await setImmediate()
        else await this.#watch.changed(seen, stop.signal)
      }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #lookAt(target: FollowTarget, cursor: string | undefined): () => Look {
    try {
      return this.#file.read('follow events', () =>
        typeof target === 'string' ? this.#lookAtOne(target, cursor) : this.#lookAtAll(target, cursor),
      )
    } catch (error) {
      return () => {
        throw error
      }
    }
  }

  #lookAtOne(executionId: string, cursor: string | undefined): () => Look {
    const head = () => (isStorableText(executionId) ? this.#statements.head.get(executionId) : undefined)
    let next = cursor === 'end' ? (head()?.[2] ?? -1) + 1 : cursor === undefined ? 0 : placeOf(cursor) + 1
    let wasThere = false
    return () => {
      const found = head()
      // One that is removed while it is followed is over.
      if (found === undefined) return { events: [], isMore: false, isOver: wasThere }
      wasThere = true
      const [, blueprintId, lastSeq, forkedSeq, , status] = found
      const history = historyOf(this.#statements, { executionId, blueprintId }, forkedSeq)
      const stored = history.page(executionId, next, lastSeq, eventsAtOnce)
      if (stored.length === 0 && next <= lastSeq) assertRemoved(this.#statements, executionId, found, next)
      const rows = unbroken(stored, next, executionId)
      next = (rows.at(-1)?.[0] ?? next - 1) + 1
      const events = rows.map((row) => ({ event: history.toEvent(row), cursor: String(row[0]) }))
      const isOver = next > lastSeq && this.#endsWithFinish(executionId, lastSeq, status)
      return { events, isMore: next <= lastSeq, isOver }
    }
  }

  #endsWithFinish(executionId: string, lastSeq: number, status: string): boolean {
    // It was a RunStatus when it was written.
    if (!isTerminal(status as RunStatus)) return false
    const [last] = this.#statements.page(executionId, lastSeq, lastSeq, 1)
    return last !== undefined && typeFromColumn(last[1]) === 'workflow:finish'
  }

  #lookAtAll(filter: Exclude<FollowTarget, string>, cursor: string | undefined): () => Look {
    assertRequest('subscribe', filter)
    const { page, values } = this.#own.pageOf(filter)
    const last = (): number => this.#own.lastPosition.get() ?? 0
    let behind = cursor === 'end' ? last() : cursor === undefined ? 0 : placeOf(cursor)
    return () => {
      const end = last()
      const to = Math.min(behind + positionsAtOnce, end)
      const rows = behind < to ? page.all(behind, to, ...values, eventsAtOnce) : []
      const events = rows.map(([position, executionId, blueprintId, ...row]) => ({
        event: toEvent(row, { executionId, blueprintId }),
        cursor: String(position),
      }))
      behind = rows.length === eventsAtOnce ? rows.at(-1)![0] : Math.max(behind, to)
      return { events, isMore: behind < end, isOver: false }
    }
  }
}

function placeOf(cursor: unknown): number {
  if (typeof cursor === 'string' && /^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new EventStoreError(`subscribe: the cursor ${JSON.stringify(cursor)} is not one that 'subscribe' has given`)
}
