import type { EventBatch, FlowcraftEvent, Fork } from 'flowcraft'
import { event, usualTime } from './events.ts'
import { expectEqual } from './expectation.ts'
import type { StoreWith } from './store-case.ts'

/** How a fork begins, where it is not as usual. */
export interface ForkShape {
  readonly writer?: string
  readonly owner?: string
  /** Its first own event happens so many milliseconds later, as many as its `seq`. */
  readonly at?: number
  /** What the payload of its first own event says besides where it comes from. */
  readonly payload?: object
}

/** A fork of `from` at `seq`, by the writer `'f'`. */
export function forkOf(executionId: string, from: string, seq: number, shape: ForkShape = {}): Fork {
  const { writer = 'f', owner, at = usualTime, payload } = shape
  const first = event(executionId, seq + 1, 'workflow:fork', { ...payload, from, seq }, at)
  if (first.type !== 'workflow:fork') throw new Error(`a fork begins with '${first.type}'`)
  return { executionId, from, seq, writer, ...(owner !== undefined && { owner }), event: first }
}

/** Events of another execution as `executionId` has them. */
function sharedBy(executionId: string, events: readonly FlowcraftEvent[]): FlowcraftEvent[] {
  return events.map((one) =>
    event(executionId, one.seq, one.type, { ...one.payload, executionId }, one.timestamp - one.seq),
  )
}

/** The whole history of a fork whose source has these events, and which went on with those of `batches`. */
export function forked(
  { executionId, seq, event }: Fork,
  source: readonly FlowcraftEvent[],
  ...batches: readonly EventBatch[]
): FlowcraftEvent[] {
  const own = batches.flatMap(({ events }) => events)
  return [...sharedBy(executionId, source.slice(0, seq + 1)), event, ...own]
}

/** Checks the whole histories of executions, by every way in which this store gives whole histories. */
export async function expectHistories(
  store: StoreWith<never>,
  histories: Readonly<Record<string, readonly FlowcraftEvent[]>>,
  when = '',
): Promise<void> {
  const ids = Object.keys(histories)
  const found = await store.retrieveMultiple(ids)
  for (const id of ids) {
    expectEqual(found.get(id), histories[id], `the events of '${id}' by retrieveMultiple${when}`)
    expectEqual(await store.retrieve(id), histories[id], `the events of '${id}'${when}`)
    if (store.read === undefined) continue
    const read: FlowcraftEvent[] = []
    for await (const one of store.read(id)) read.push(one)
    expectEqual(read, histories[id], `the events of '${id}' by read${when}`)
  }
}

/** A chain of forks, each of the one before, and what all have in the end. */
export interface Chain {
  /** The first is no fork. */
  readonly ids: readonly string[]
  readonly histories: Readonly<Record<string, readonly FlowcraftEvent[]>>
}

/**
 * Makes a run of `length` changes, and `depth` forks, each at the last event but one of the one before, with 3 own
 * events.
 */
export async function chainOf(store: StoreWith<'append' | 'fork'>, length: number, depth: number): Promise<Chain> {
  const changes = (id: string, from: number, count: number): EventBatch => {
    const events = Array.from({ length: count }, (_, index) =>
      event(id, from + index, 'context:change', {
        sourceNode: 'a',
        iteration: 0,
        attempt: 1,
        key: 'k',
        op: 'set',
        value: id,
      }),
    )
    return { executionId: id, writer: id, events, expectedSeq: from }
  }
  const ids = Array.from({ length: depth + 1 }, (_, index) => `run ${index}`)
  const first = changes(ids[0]!, 0, length)
  await store.append([first])
  const histories: Record<string, readonly FlowcraftEvent[]> = { [ids[0]!]: first.events }
  for (const [index, id] of ids.slice(1).entries()) {
    const source = histories[ids[index]!]!
    const fork = forkOf(id, ids[index]!, source.length - 2, { writer: id })
    await store.fork(fork)
    const own = changes(id, source.length, 2)
    await store.append([own])
    histories[id] = forked(fork, source, own)
  }
  return { ids, histories }
}
