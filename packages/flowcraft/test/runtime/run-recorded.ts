import {
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type EventOf,
  type EventType,
  type FlowcraftEvent,
  type NodeRegistry,
  type RunCallOptions,
  type RuntimeOptions,
  type WorkflowBlueprint,
  type WorkflowResult,
} from 'flowcraft'

/** What was recorded of a run, next to what the run gave. */
export interface RecordedRun {
  readonly result: WorkflowResult
  readonly events: readonly FlowcraftEvent[]
  /** The events of one type. */
  of<T extends EventType>(type: T): EventOf<T>[]
  /** The ids of the nodes that started, in that order. */
  readonly started: readonly string[]
}

/** Runs a blueprint, recorded in memory. */
export async function runRecorded(
  blueprint: WorkflowBlueprint,
  functionRegistry: NodeRegistry,
  initialState: object = {},
  options: RunCallOptions = {},
  runtimeOptions: RuntimeOptions = {},
): Promise<RecordedRun> {
  const store = new InMemoryEventStore()
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), ...runtimeOptions, eventBus })
  const result = await runtime.run(blueprint, initialState, { functionRegistry, ...options })
  const events = await store.retrieve(result.executionId)
  const of = <T extends EventType>(type: T): EventOf<T>[] =>
    events.filter((event): event is EventOf<T> & FlowcraftEvent => event.type === type)
  return { result, events, of, started: of('node:start').map((event) => event.payload.nodeId) }
}

/** A blueprint whose nodes are named in `edges`, such as `'a -> b'`; `more` adds to nodes by their ids. */
export function graph(
  edges: readonly (string | WorkflowBlueprint['edges'][number])[],
  more: Readonly<Record<string, Partial<WorkflowBlueprint['nodes'][number]>>> = {},
): WorkflowBlueprint {
  const links = edges.map((edge) => {
    if (typeof edge !== 'string') return edge
    const [source = '', target = ''] = edge.split(' -> ')
    return { source, target }
  })
  const ids = new Set([...links.flatMap(({ source, target }) => [source, target]), ...Object.keys(more)])
  return { id: 'graph', nodes: [...ids].map((id) => ({ id, uses: id, ...more[id] })), edges: links }
}
