import type { ErrorCode, EventBatch, EventStore, FlowcraftEvent, ReadRange } from 'flowcraft'
import { within } from './expectation.ts'
import type { StoreWith } from './store-case.ts'

/** Appends batches in one call, and gives the code of each one's error, `'done'` for none. */
export async function appended(
  store: StoreWith<'append'>,
  ...batches: readonly EventBatch[]
): Promise<(ErrorCode | 'done')[]> {
  return (await store.append(batches)).map(({ error }) => error?.code ?? 'done')
}

/** Appends batches which must all be stored. */
export async function given(store: StoreWith<'append'>, ...batches: readonly EventBatch[]): Promise<void> {
  for (const { executionId, error } of await store.append(batches)) {
    if (error !== undefined) throw new Error(`events of '${executionId}' were refused: ${error.message}`)
  }
}

/** What `read` gives, as a whole. */
export async function collect(
  store: StoreWith<'read'>,
  executionId: string,
  range?: ReadRange,
): Promise<FlowcraftEvent[]> {
  const events: FlowcraftEvent[] = []
  for await (const one of store.read(executionId, range)) events.push(one)
  return events
}

/** The next of an iteration, or `'ended'`, unless it takes for ever. */
export async function nextOf<T>(iterator: AsyncIterator<T>, what: string): Promise<T | 'ended'> {
  const { done, value } = await within(iterator.next(), what)
  return done === true ? 'ended' : (value as T)
}

/** How many events and executions a store holds, by its own count. */
export async function sizeOf(store: EventStore): Promise<readonly [events: number, executions: number]> {
  const stats = await store.getStats?.()
  return [stats?.totalEvents ?? Number.NaN, stats?.executions ?? Number.NaN]
}
