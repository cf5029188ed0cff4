import { expect } from 'vitest'
import {
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
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
