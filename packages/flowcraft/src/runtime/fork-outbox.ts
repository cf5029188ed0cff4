import { ExecutionConflictError } from '../errors.ts'
import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import { sameEvent } from '../history/in-memory-execution.ts'
import type { Fork } from '../history/fork.ts'
import { sharedEvent } from '../history/fork.ts'
import type { IEventBus } from '../history/event-bus.ts'
import type { EventStore } from '../history/event-store.ts'
import { isClaiming } from './family-claim.ts'
import { openOutbox, type Outbox } from './outbox.ts'

/** What is stored of a forked run before anything of its own. */
export interface ForkedHistory {
  readonly executionId: string
  readonly from: string
  /** What both have, as the source has it. */
  readonly events: readonly FlowcraftEvent[]
  readonly writer: string
}

/**
 * The way out for a forked run. Where the bus has a store that has the source and can share it, the first event begins the
 * execution there; else what both have is sent before it, as a history of its own.
 */
export async function openForkOutbox(
  bus: IEventBus,
  store: EventStore | undefined,
  history: ForkedHistory,
): Promise<Outbox> {
  const { executionId, from, events, writer } = history
  const outbox = openOutbox(bus, executionId, writer)
  if (!isForking(bus) || !(await hasSource(store, history))) {
    if (store !== undefined && (await isThere(store, executionId))) throw taken(executionId)
    const shared = events.map((event) => sharedEvent(withoutParent(event), executionId))
    return beginWith(outbox, async (first, isAlone) => await outbox.push([...shared, first], isAlone))
  }
  const owner = isClaiming(bus) ? bus.ownership.owner : undefined
  const seq = events.length - 1
  // The first own event of a forked run is its fork.
  return beginWith(outbox, async (first) => {
    await bus.fork({ executionId, from, seq, writer, owner, event: first as EventOf<'workflow:fork'> })
  })
}

/** A store that judges nothing would put one history behind the other. */
async function isThere(store: EventStore, executionId: string): Promise<boolean> {
  if (store.read === undefined) return (await store.retrieve(executionId)).length > 0
  for await (const _ of store.read(executionId, { limit: 1 })) return true
  return false
}

/** What is thrown for a fork with an id that there is already. */
export function taken(executionId: string): ExecutionConflictError {
  return new ExecutionConflictError(
    `Execution '${executionId}' is there already, and a fork is a new one: choose another executionId`,
    { executionId },
  )
}

/** A fork is no part of a family: a store that takes its start for one of a subflow would take it for a part of that. */
function withoutParent(event: FlowcraftEvent): FlowcraftEvent {
  if (event.type !== 'workflow:start' || event.payload.parent === undefined) return event
  const { parent: _, ...payload } = event.payload
  return { ...event, payload }
}

interface ForkingBus extends IEventBus {
  readonly store: EventStore
  fork(fork: Fork): Promise<void>
}

function isForking(bus: IEventBus): bus is ForkingBus {
  return 'fork' in bus && typeof bus.fork === 'function' && (bus as ForkingBus).store.fork !== undefined
}

/** Whether the store has the very history that is forked: a recording may come from elsewhere. */
async function hasSource(store: EventStore | undefined, { from, events }: ForkedHistory): Promise<boolean> {
  const last = events.at(-1)
  if (store?.read === undefined || last === undefined) return false
  for await (const event of store.read(from, { fromSeq: last.seq, toSeq: last.seq })) return sameEvent(event, last)
  return false
}

/** The first event goes another way, and the others wait for it, in order. */
function beginWith(outbox: Outbox, begin: (first: FlowcraftEvent, isAlone: boolean) => Promise<void>): Outbox {
  let begun: Promise<void> | undefined
  let waiting = 0
  const push = async (events: readonly FlowcraftEvent[], isAlone: boolean): Promise<void> => {
    const [first] = events
    const isFirst = begun === undefined && first !== undefined
    if (isFirst) begun = begin(first, isAlone)
    const rest = isFirst ? events.slice(1) : events
    waiting += 1
    await begun
    waiting -= 1
    if (rest.length > 0) await outbox.push(rest, isAlone)
  }
  const isThrough = (): boolean => begun !== undefined && waiting === 0
  return { ...outbox, push: (events, isAlone) => (isThrough() ? outbox.push(events, isAlone) : push(events, isAlone)) }
}
