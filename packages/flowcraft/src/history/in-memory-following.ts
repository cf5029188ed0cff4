import { EventStoreError } from '../errors.ts'
import { eventAsReadOnly } from '../events/bytes.ts'
import type { FollowedEvent, FollowFilter, FollowTarget } from './following.ts'
import type { MemoryExecution } from './in-memory-execution.ts'
import type { MemoryExecutions } from './in-memory-executions.ts'
import { eventAt } from './in-memory-sharing.ts'
import { assertRequest } from './requests.ts'

/** Gives what comes next, `'ended'` when nothing can come any more, `undefined` when nothing is there yet. */
export type Tail = () => FollowedEvent | 'ended' | undefined

/** Those who wait until something changes. */
export class Waiters {
  readonly #waiting = new Set<() => void>()

  add(waiter: () => void): void {
    this.#waiting.add(waiter)
  }

  delete(waiter: () => void): void {
    this.#waiting.delete(waiter)
  }

  wakeAll(): void {
    if (this.#waiting.size === 0) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}

/** What is to be given behind a cursor. It throws an `EventStoreError` for a target or a cursor that is none. */
export function tailOf(executions: MemoryExecutions, target: FollowTarget, cursor: string | undefined): Tail {
  try {
    if (typeof target === 'string') return tailOfOne(executions, target, cursor)
    return tailOfAll(executions, checkedFilter(target), cursor)
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** The events of a tail, until it has ended, is aborted or returned. Leaves nothing behind. */
export function follow(
  tail: Tail,
  waiters: Waiters,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<FollowedEvent> {
  let isStopped = false
  let wake = (): void => {}
  const stop = (): void => {
    isStopped = true
    wake()
  }
  async function* steps(): AsyncGenerator<FollowedEvent, undefined, undefined> {
    signal?.addEventListener('abort', stop)
    try {
      while (!isStopped && signal?.aborted !== true) {
        const step = tail()
        if (step === 'ended') return
        if (step !== undefined) yield step
        else await new Promise<void>((resolve) => waiters.add((wake = resolve)))
      }
    } finally {
      waiters.delete(wake)
      signal?.removeEventListener('abort', stop)
    }
  }
  const iterator = steps()
  return {
    next: () => iterator.next(),
    // A generator that waits would return only after the next event.
    return: () => {
      stop()
      return iterator.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function tailOfOne(executions: MemoryExecutions, executionId: string, cursor: string | undefined): Tail {
  const lengthNow = executions.headOf(executionId).lastSeq + 1
  let next = cursor === 'end' ? lengthNow : cursor === undefined ? 0 : numberOf(cursor) + 1
  return () => {
    const execution = executions.get(executionId)
    const event = eventAt(execution, next)
    if (event !== undefined) return { event, cursor: String(next++) }
    return execution?.events.at(-1)?.type === 'workflow:finish' ? 'ended' : undefined
  }
}

function tailOfAll(executions: MemoryExecutions, filter: FollowFilter, cursor: string | undefined): Tail {
  const { log } = executions
  let position = cursor === 'end' ? log.end : cursor === undefined ? 0 : numberOf(cursor) + 1
  if (position > log.end) throw new EventStoreError(`The cursor '${cursor}' is not one of this store`)
  return () => {
    for (let found = log.next(position); found !== undefined; found = log.next(position)) {
      position = found.position + 1
      const event = found.execution.events[found.index]!
      if (filter.types !== undefined && !filter.types.includes(event.type)) continue
      if (fits(found.execution, filter)) return { event: eventAsReadOnly(event), cursor: String(found.position) }
    }
    position = log.end
    return undefined
  }
}

function fits({ blueprintId, tags }: MemoryExecution, filter: FollowFilter): boolean {
  if (filter.blueprintId !== undefined && filter.blueprintId !== blueprintId) return false
  return filter.tag === undefined || tags.includes(filter.tag)
}

function checkedFilter(filter: FollowFilter): FollowFilter {
  assertRequest('subscribe', filter)
  return filter
}

function numberOf(cursor: unknown): number {
  if (typeof cursor === 'string' && /^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new EventStoreError(`${JSON.stringify(cursor)} is not a cursor: give one that came with an event, or 'end'`)
}
