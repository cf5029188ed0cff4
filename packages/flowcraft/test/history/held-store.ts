import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { AppendOutcome, EventBatch } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'

/** A store in memory that does each append only when it is told to, or fails it. */
export class HeldStore extends InMemoryEventStore {
  readonly appends: (readonly EventBatch[])[] = []
  readonly #held: ((fault: Error | undefined) => void)[] = []
  readonly #calls: (() => void)[] = []

  override async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    this.appends.push(batches)
    for (const called of this.#calls.splice(0)) called()
    const fault = await new Promise<Error | undefined>((resolve) => void this.#held.push(resolve))
    if (fault !== undefined) throw fault
    return super.append(batches)
  }

  /** Lets the oldest append that is held go on, or fail; waits for one to come if there is none. */
  async letGo(fault?: Error): Promise<void> {
    if (this.#held.length === 0) await new Promise<void>((resolve) => void this.#calls.push(resolve))
    await Promise.resolve()
    this.#held.shift()!(fault)
  }
}

/** A store with the three methods that a custom one needs, and a fault for events that it is told not to take. */
export function threeMethodStore(refuses: (event: FlowcraftEvent) => Error | undefined = () => undefined): {
  readonly stored: FlowcraftEvent[]
  store(event: FlowcraftEvent): Promise<void>
  retrieve(executionId: string): Promise<FlowcraftEvent[]>
  retrieveMultiple(executionIds: string[]): Promise<Map<string, FlowcraftEvent[]>>
} {
  const stored: FlowcraftEvent[] = []
  const retrieve = async (id: string): Promise<FlowcraftEvent[]> => stored.filter((event) => event.executionId === id)
  return {
    stored,
    retrieve,
    // Throws in the caller's face, as a careless store would, and not through the promise.
    store(event) {
      const fault = refuses(event)
      if (fault !== undefined) throw fault
      stored.push(event)
      return Promise.resolve()
    },
    retrieveMultiple: async (ids) =>
      new Map(await Promise.all(ids.map(async (id) => [id, await retrieve(id)] as const))),
  }
}
