import type { FollowedEvent } from 'flowcraft'
import type { Sql } from 'postgres'
import type { Database } from './database.ts'
import type { Waker } from './waker.ts'

/** Reads what has come since the last time. */
export interface Tail {
  /** Fixes where to begin, when this is "from now on". */
  begin?(sql: Sql): Promise<void>
  next(sql: Sql): Promise<TailPage>
}

/** What has come. */
export interface TailPage {
  readonly events: readonly FollowedEvent[]
  /** Whether there may be more at once. */
  readonly isFull: boolean
  /** Whether nothing more will come. */
  readonly isEnd: boolean
}

/**
 * The events of a tail as they come, until it ends, the signal aborts or the iterator is returned, also while somebody
 * waits for the next one. The beginning is fixed at once: no write of this store that is asked for later comes before.
 */
export function follow(
  database: Database,
  waker: Waker,
  makeTail: () => Tail,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<FollowedEvent> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  if (signal?.aborted === true) end()
  signal?.addEventListener('abort', end, { once: true })
  const begun = begin(database, makeTail)
  begun.catch(() => {})
  const events = eventsOf(database, waker, begun, ending.signal)
  const release = (): void => signal?.removeEventListener('abort', end)
  return {
    async next() {
      try {
        const result = await events.next()
        if (result.done === true) release()
        return result
      } catch (error) {
        release()
        throw error
      }
    },
    async return() {
      release()
      end()
      await events.return(undefined)
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function begin(database: Database, makeTail: () => Tail): Promise<Tail> {
  const tail = makeTail()
  if (tail.begin === undefined) return tail
  const begun = database.read('follow events', async (sql) => await tail.begin?.(sql))
  database.holdWritesFor(begun)
  await begun
  return tail
}

async function* eventsOf(
  database: Database,
  waker: Waker,
  begun: Promise<Tail>,
  signal: AbortSignal,
): AsyncGenerator<FollowedEvent, void, undefined> {
  if (signal.aborted) return
  const tail = await begun
  for (let idleTurns = 0; !signal.aborted;) {
    const { events, isFull, isEnd } = await database.read('follow events', (sql) => tail.next(sql))
    for (const event of events) {
      if (signal.aborted) return
      database.assertOpen('follow events')
      yield event
    }
    if (isEnd) return
    idleTurns = events.length > 0 ? 0 : idleTurns + 1
    if (!isFull) await waker.wait(idleTurns, signal)
  }
}
