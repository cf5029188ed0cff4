import { expect } from 'vitest'
import {
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  isFlowcraftError,
  type EventBatch,
  type EventStore,
  type EventStoreCapabilities,
  type FlowcraftEvent,
  type RegisteredFlow,
  type RuntimeOptions,
  type WorkflowResult,
} from 'flowcraft'

/** What a process that ran a flow has left, event by event, and how the run ended. */
export interface Undisturbed {
  readonly result: WorkflowResult
  /** Of the root and the runs of its subflows, in the order in which they became durable. */
  readonly events: readonly FlowcraftEvent[]
}

const quiet = { logger: new NullLogger() }

/** Runs a flow to its end, or until it parks. */
export async function undisturbed(
  flow: RegisteredFlow,
  options: RuntimeOptions = {},
  state: object = {},
): Promise<Undisturbed> {
  const eventBus = new PersistentEventBusAdapter(new InMemoryEventStore())
  const events: FlowcraftEvent[] = []
  eventBus.on('*', (event) => void events.push(event))
  const runtime = new FlowRuntime({ ...quiet, flows: [flow], ...options, eventBus })
  const result = await runtime.run(flow.toBlueprint(), state)
  return { result, events }
}

/** A store as a process leaves it that is killed when so many events are durable; nobody drives the run any more. */
export async function storeWith(events: readonly FlowcraftEvent[]): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore()
  for (const event of events) {
    const [outcome] = await store.append([
      { executionId: event.executionId, writer: 'killed', owner: 'gone', expectedSeq: event.seq, events: [event] },
    ])
    expect(outcome?.error).toBeUndefined()
  }
  return store
}

/** A process that recovers. */
export function rescuer(store: InMemoryEventStore, options: RuntimeOptions = {}): FlowRuntime {
  return new FlowRuntime({ ...quiet, ...options, eventBus: new PersistentEventBusAdapter(store) })
}

/** Every log of a family, by id: whole, and with an end. */
export async function logsOf(store: InMemoryEventStore): Promise<ReadonlyMap<string, readonly FlowcraftEvent[]>> {
  const logs = new Map<string, readonly FlowcraftEvent[]>()
  const note = async (executionId: string): Promise<void> => {
    const events = await store.retrieve(executionId)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
    logs.set(executionId, events)
    for (const { executionId: child } of (await store.list({ parent: executionId }, { limit: 1000 })).items) {
      await note(child)
    }
  }
  for (const { executionId } of (await store.list()).items) await note(executionId)
  return logs
}

/** One history that several processes have open. */
export interface SharedHistory {
  readonly memory: InMemoryEventStore
  /** A process: a store object of its own, in which what `before` does comes first. */
  open(before?: Partial<Pick<EventStoreCapabilities, 'renew'>> & BeforeWrites): EventStore
  /** Nobody has heard of any process for an hour. */
  endLeases(): void
}

/** What a process does before it writes. */
export interface BeforeWrites {
  append?(batches: readonly EventBatch[]): Promise<void> | undefined
}

/** A history for several processes, whose leases end when a test says so. */
export function sharedHistory(): SharedHistory {
  let time = 1_000_000
  const memory = new InMemoryEventStore({ clock: { now: () => time } })
  return {
    memory,
    endLeases: () => void (time += 3_600_000),
    open: (before = {}) => ({
      store: (event, executionId) => memory.store(event, executionId),
      retrieve: (executionId) => memory.retrieve(executionId),
      retrieveMultiple: (executionIds) => memory.retrieveMultiple(executionIds),
      async append(batches) {
        await before.append?.(batches)
        return await memory.append(batches)
      },
      read: (executionId, range) => memory.read(executionId, range),
      list: (filter, page) => memory.list(filter, page),
      subscribe: (target, options) => memory.subscribe(target, options),
      saveBlueprint: (hash, blueprint) => memory.saveBlueprint(hash, blueprint),
      loadBlueprint: (hash) => memory.loadBlueprint(hash),
      claim: (claim) => memory.claim(claim),
      async renew(owner, leaseMs) {
        await before.renew?.(owner, leaseMs)
        await memory.renew(owner, leaseMs)
      },
      due: (now, limit) => memory.due(now, limit),
    }),
  }
}

/** The runtime of a process on a store of its own. */
export function processOn(store: EventStore, options: RuntimeOptions = {}): FlowRuntime {
  return new FlowRuntime({ ...quiet, ...options, eventBus: new PersistentEventBusAdapter(store) })
}

/** Resolves as soon as something holds; rejects if it does not come to hold. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let hop = 0; hop < 20_000; hop += 1) {
    if (await holds()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('It has not come to that')
}

/** A door that nobody gets through before it is opened. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A closed gate. */
export function gate(): Gate {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

/** What became of a promise that should reject. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'nothing was wrong',
    (error: unknown) => (isFlowcraftError(error) ? error.code : error),
  )
}

/** Event types of an execution, with the node of each. */
export async function storyOf(store: Pick<EventStore, 'retrieve'>, executionId: string): Promise<string[]> {
  const events = await store.retrieve(executionId)
  return events.map(({ type, payload }) => ('nodeId' in payload && payload.nodeId ? `${type} ${payload.nodeId}` : type))
}
