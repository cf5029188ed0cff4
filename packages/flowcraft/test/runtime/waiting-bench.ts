import { expect } from 'vitest'
import {
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type ExecutionHandle,
  type FlowcraftEvent,
  type RegisteredFlow,
  type RuntimeOptions,
  type WorkflowBlueprint,
  type WorkflowResult,
} from 'flowcraft'
import { virtualClock, type VirtualClock } from './virtual-clock.ts'

/** A runtime with a clock that stands still, and what it recorded. */
export interface Bench {
  readonly runtime: FlowRuntime
  readonly clock: VirtualClock
  /** Where a recorded run can be listened to. */
  readonly eventBus: PersistentEventBusAdapter | undefined
  /** The events of an execution so far. */
  log(executionId: string): Promise<readonly FlowcraftEvent[]>
  /** A runtime in another process: with the same store, if there is one, and nothing else in common. */
  elsewhere(more?: RuntimeOptions): Bench
  /** Requires that the log, and that of each run of a subflow, is whole and gives what the run gave. */
  check(blueprint: WorkflowBlueprint, result: WorkflowResult): Promise<void>
}

/** How a run may be kept. */
export const ways: readonly { readonly way: string; readonly isRecorded: boolean }[] = [
  { way: 'recorded', isRecorded: true },
  { way: 'unrecorded', isRecorded: false },
]

/** A {@link Bench}. */
export function bench(isRecorded: boolean, options: RuntimeOptions = {}): Bench {
  return benchOn(isRecorded ? new InMemoryEventStore() : undefined, virtualClock(), options)
}

function benchOn(store: InMemoryEventStore | undefined, clock: VirtualClock, options: RuntimeOptions): Bench {
  const eventBus = store && new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), clock, ...options, ...(eventBus && { eventBus }) })
  const log = async (executionId: string): Promise<readonly FlowcraftEvent[]> =>
    (await store?.retrieve(executionId)) ?? []
  const bench: Bench = {
    runtime,
    clock,
    eventBus,
    log,
    elsewhere: (more) => benchOn(store, clock, { ...options, ...more }),
    async check(blueprint, result) {
      const events = await log(result.executionId)
      if (store === undefined) return expect(events).toEqual([])
      expectWhole(events)
      const replayed = await runtime.replay(blueprint, events, undefined, { strict: true })
      expect(replayed.context).toEqual(result.context)
      expect(replayed.serializedContext).toEqual(result.serializedContext)
      expect(replayed.errors).toEqual(result.errors)
      expect(replayed.recordedStatus).toBe(result.status)
      await checkChildren(bench, events)
    },
  }
  return bench
}

/** Starts a flow and waits until it has parked. */
export async function park(runtime: FlowRuntime, flow: RegisteredFlow, state: object = {}): Promise<ExecutionHandle> {
  const blueprint: WorkflowBlueprint = flow.toBlueprint()
  const handle = runtime.start(blueprint, state, { functionRegistry: flow.getFunctionRegistry() })
  expect((await handle.result()).status).toBe('awaiting')
  return handle
}

/** One line for each event: its type without the part that says what it is about, and whom it concerns. */
export function story(events: readonly FlowcraftEvent[]): string[] {
  return events.map(({ type, payload }) => {
    const [about, what] = type.split(':')
    if (about === 'workflow') return `${what} run${'nodeId' in payload ? ` by ${payload.nodeId}` : ''}`
    if ('nodeId' in payload) return `${what} ${payload.nodeId}`
    if ('key' in payload) return `${payload.op} ${payload.key}`
    if ('target' in payload) return `${payload.result ? 'take' : 'leave'} ${payload.source} -> ${payload.target}`
    return 'batchId' in payload ? `${what} ${payload.batchId}` : type
  })
}

/** The story without edges. */
export function stations(events: readonly FlowcraftEvent[]): string[] {
  return story(events.filter(({ type }) => type !== 'edge:evaluate'))
}

function expectWhole(events: readonly FlowcraftEvent[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
  expect(events.filter(({ type }) => type === 'workflow:start')).toEqual([events[0]])
  const finish = events.findIndex(({ type }) => type === 'workflow:finish')
  expect([-1, events.length - 1]).toContain(finish)
  expect(new Set(events.map(({ executionId }) => executionId)).size).toBe(1)
}

/** The parent's log says what its children came to: their own logs say the same. */
async function checkChildren({ log, runtime }: Bench, events: readonly FlowcraftEvent[]): Promise<void> {
  const isOver = events.at(-1)?.type === 'workflow:finish'
  for (const event of events) {
    if (event.type !== 'node:start' || event.payload.childExecutionId === undefined) continue
    const { childExecutionId, nodeId, iteration } = event.payload
    const child = await log(childExecutionId)
    if (child.length === 0) continue
    expectWhole(child)
    const [start] = child
    expect(start).toMatchObject({ payload: { parent: { executionId: event.executionId, nodeId, iteration } } })
    const { recordedStatus } = await runtime.replay(graphOf(start), child)
    if (isOver) expect(['completed', 'failed', 'cancelled']).toContain(recordedStatus)
    await checkChildren({ log, runtime } as Bench, child)
  }
}

/** Replay asks for a blueprint, and without `strict` does not use it. */
function graphOf(start: FlowcraftEvent | undefined): WorkflowBlueprint {
  return { id: start?.executionId ?? '', nodes: [], edges: [] }
}

/** Something to wait for, that a test opens. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A closed {@link Gate}. */
export function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
