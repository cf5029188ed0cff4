import { orderHistory } from '../events/history-order.ts'
import type { EventStore } from '../history/event-store.ts'
import type { ExecutionSummary } from '../history/listing.ts'
import { isTransientFault } from '../history/transient-fault.ts'
import { systemClock } from '../ports.ts'
import { fold } from '../state/fold.ts'

/** How a run stands in its store. */
export type Standing = Pick<ExecutionSummary, 'status' | 'isOwned' | 'owner' | 'lastSeq' | 'blueprintId'>

/** `undefined` for an unknown execution. Without a list, whoever drives a run in another process is not seen. */
export async function standingOf(store: EventStore, executionId: string): Promise<Standing | undefined> {
  if (store.list !== undefined) return (await store.list({ executionId }, { limit: 1 })).items[0]
  const events = orderHistory(await store.retrieve(executionId), executionId)
  if (events.length === 0) return undefined
  const { status, seq, blueprintId } = fold(events)
  return { status, lastSeq: seq, isOwned: false, ...(blueprintId !== undefined && { blueprintId }) }
}

const checkMs = 500
const pollMs = 100

/**
 * Resolves when something has happened behind `lastSeq` of an execution that may mean that it has ended or is parked, and
 * after half a second at the latest: whoever drives it may be gone. Rejects with the reason of `signal` when that aborts.
 */
export async function untilNews(
  store: EventStore,
  executionId: string,
  lastSeq: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const over = new AbortController()
  const end = (): void => over.abort()
  const ended = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()))
  const disarm = systemClock.setTimer(store.subscribe === undefined ? pollMs : checkMs, end)
  signal?.addEventListener('abort', end, { once: true })
  try {
    if (store.subscribe === undefined) await ended
    else await follow(store.subscribe.bind(store), executionId, lastSeq, over.signal)
  } catch (error) {
    // Whoever asked looks again in a while.
    if (!isTransientFault(error)) throw error
    await ended
  } finally {
    disarm()
    signal?.removeEventListener('abort', end)
  }
  signal?.throwIfAborted()
}

/** Resolves after a while, or when the signal aborts. */
export function aWhile(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const disarm = systemClock.setTimer(checkMs, resolve)
    signal.addEventListener('abort', () => {
      disarm()
      resolve()
    })
  })
}

async function follow(
  subscribe: NonNullable<EventStore['subscribe']>,
  executionId: string,
  lastSeq: number,
  signal: AbortSignal,
): Promise<void> {
  for await (const { event } of subscribe(executionId, { cursor: String(lastSeq), signal })) {
    if (tells.has(event.type)) return
  }
}

const tells: ReadonlySet<string> = new Set(['workflow:finish', 'workflow:pause', 'workflow:stall'])
