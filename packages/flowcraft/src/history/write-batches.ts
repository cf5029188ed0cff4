import { EventStoreError, isFlowcraftError, type FlowcraftError } from '../errors.ts'
import { describeThrown } from '../events/failure.ts'
import type { EventBatch, EventStore } from './event-store.ts'
import { isTransientFault } from './transient-fault.ts'

/** How long transient faults are retried, and what time is measured by. */
export interface RetryPolicy {
  readonly deadlineMs: number
  now(): number
  sleep(ms: number): Promise<void>
  random(): number
}

/**
 * Stores batches by the best means that `store` has, and gives one result for each: `undefined` when it is durable,
 * else a `ConcurrencyError`, or an `EventStoreError` with the `cause`; no results when all are durable. Transient faults
 * are retried. Never rejects.
 */
export async function writeBatches(
  store: EventStore,
  batches: readonly EventBatch[],
  retry: RetryPolicy,
): Promise<(FlowcraftError | undefined)[]> {
  if (store.append === undefined) return asErrors(batches, await storeEach(store, batches, retry))
  const first = await tryAppend(store, batches)
  if (first.faults.length === 0) return allDurable
  return asErrors(batches, await appendAgain(store, batches, retry, first))
}

const allDurable: (FlowcraftError | undefined)[] = []

function asErrors(batches: readonly EventBatch[], faults: readonly unknown[]): (FlowcraftError | undefined)[] {
  return faults.map((fault, index) => (fault === undefined ? undefined : storeError(batches[index]!, fault)))
}

/** What became of an append: one fault for each batch, or none at all when everything is durable. */
interface Appended {
  readonly faults: unknown[]
  /** Whether the store refused the call as a whole. */
  readonly rejected: boolean
}

/** Tries again what may yet work, and leaves alone what is durable or has failed for good. */
async function appendAgain(
  store: EventStore,
  batches: readonly EventBatch[],
  retry: RetryPolicy,
  first: Appended,
): Promise<unknown[]> {
  const backOff = backOffBy(retry)
  const results: unknown[] = batches.map(() => undefined)
  let left = batches.map((_, index) => index)
  for (let { faults, rejected } = first; ;) {
    for (const [nth, index] of left.entries()) results[index] = faults[nth]
    const again = left.filter((index) => isTransientFault(results[index]))
    if (again.length === 0) return rejected ? apart(store, batches, results, retry) : results
    if (!(await backOff())) return results
    left = again
    // Appending again is safe: what is there already counts as done.
    ;({ faults, rejected } = await tryAppend(
      store,
      left.map((index) => batches[index]!),
    ))
  }
}

async function tryAppend(store: EventStore, batches: readonly EventBatch[]): Promise<Appended> {
  try {
    const outcomes = (await store.append?.(batches)) ?? []
    if (outcomes.length !== batches.length) {
      throw new EventStoreError(`append answered ${outcomes.length} outcomes for ${batches.length} batches`)
    }
    const isDone = outcomes.every((outcome) => outcome.error === undefined)
    return isDone ? durable : { faults: outcomes.map((outcome) => outcome.error), rejected: false }
  } catch (error) {
    return { faults: batches.map(() => error ?? new Error('append rejected without a reason')), rejected: true }
  }
}

const durable: Appended = { faults: [], rejected: false }

/** Tries each execution alone, so that one which the store cannot take does not fail its neighbours. */
async function apart(
  store: EventStore,
  batches: readonly EventBatch[],
  faults: unknown[],
  retry: RetryPolicy,
): Promise<unknown[]> {
  const failed = indexesBy(
    batches,
    ({ executionId }) => executionId,
    (index) => faults[index] !== undefined,
  )
  if (failed.size === 1) return faults
  const results = [...faults]
  for (const indexes of failed.values()) {
    const part = indexes.map((index) => batches[index]!)
    const own = await appendAgain(store, part, retry, await tryAppend(store, part))
    for (const [nth, index] of indexes.entries()) results[index] = own[nth]
  }
  return results
}

/** The runs of one family, which have one writer, in order: the run of a subflow never goes on before its parent has. */
async function storeEach(store: EventStore, batches: readonly EventBatch[], retry: RetryPolicy): Promise<unknown[]> {
  const faults: unknown[] = batches.map(() => undefined)
  const storeInOrder = async (indexes: readonly number[]): Promise<void> => {
    let fault: unknown
    for (const index of indexes) faults[index] = fault ??= await storeOneByOne(store, batches[index]!, retry)
  }
  await Promise.all([...indexesBy(batches, ({ writer }) => writer).values()].map(storeInOrder))
  return faults
}

async function storeOneByOne(store: EventStore, batch: EventBatch, retry: RetryPolicy): Promise<unknown> {
  try {
    for (const event of batch.events) await retrying(async () => await store.store(event, batch.executionId), retry)
    return undefined
  } catch (error) {
    return error ?? new Error('store rejected without a reason')
  }
}

const shortestDelayMs = 5
const longestDelayMs = 1000

/** A function that waits before the next try, each time longer, and gives `false` when the deadline is too near. */
function backOffBy(retry: RetryPolicy): () => Promise<boolean> {
  const deadline = retry.now() + retry.deadlineMs
  let tries = 0
  return async () => {
    const delay = Math.min(longestDelayMs, shortestDelayMs * 2 ** tries++) * (0.5 + retry.random() / 2)
    if (retry.now() + delay > deadline) return false
    await retry.sleep(delay)
    return true
  }
}

function indexesBy(
  batches: readonly EventBatch[],
  keyOf: (batch: EventBatch) => string,
  counts: (index: number) => boolean = () => true,
): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  for (const [index, batch] of batches.entries()) {
    if (!counts(index)) continue
    const key = keyOf(batch)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [index])
    else group.push(index)
  }
  return groups
}

function storeError({ executionId, expectedSeq, events }: EventBatch, fault: unknown): FlowcraftError {
  if (isFlowcraftError(fault, 'CONCURRENCY_CONFLICT')) return fault
  const reason = describeThrown(fault).message
  const lastSeq = expectedSeq + events.length - 1
  const message = `Events ${expectedSeq} to ${lastSeq} of execution '${executionId}' could not be stored: ${reason}`
  const code = isFlowcraftError(fault, 'STORE_CLOSED') ? fault.code : 'EVENT_STORE_FAILED'
  return new EventStoreError(message, { executionId, cause: fault, code })
}

/** Does `action`, and does it again while its faults are transient and the deadline allows. */
export async function retrying<T>(action: () => Promise<T>, retry: RetryPolicy): Promise<T> {
  for (let backOff: (() => Promise<boolean>) | undefined; ;) {
    try {
      return await action()
    } catch (error) {
      backOff ??= backOffBy(retry)
      if (!isTransientFault(error) || !(await backOff())) throw error
    }
  }
}
