import assert from 'node:assert/strict'
import { isFlowcraftError, type ErrorCode } from '../../src/errors.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { EventBatch, EventStoreCapabilities, IEventStore, ReadRange } from '../../src/history/event-store.ts'

/** A store with the capabilities that are asked for in the cases. */
export type FullStore = IEventStore & EventStoreCapabilities

/** A promise that every event store keeps, and how to check it. */
export interface StoreCase {
  readonly promise: string
  readonly check: (open: () => FullStore) => Promise<void>
}

/** What `read` gives, as a whole. */
export async function collect(store: FullStore, executionId: string, range?: ReadRange): Promise<FlowcraftEvent[]> {
  const events: FlowcraftEvent[] = []
  for await (const one of store.read(executionId, range)) events.push(one)
  return events
}

/** Checks that a call rejects with a Flowcraft error of this code. */
export async function rejectsWith(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(call, (error) => isFlowcraftError(error, code))
}

/** Appends batches in one call, and gives the code of each one's error, `'done'` for none. */
export async function appended(store: FullStore, ...batches: readonly EventBatch[]): Promise<(ErrorCode | 'done')[]> {
  return (await store.append(batches)).map(({ error }) => error?.code ?? 'done')
}
