import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
  type NodeContext,
} from 'flowcraft'
import { idle, virtualClock } from './virtual-clock.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const logger = new NullLogger()
const recordedOn = (store: InMemoryEventStore) => new PersistentEventBusAdapter(store)

describe('a result', () => {
  it('is not told by the parking before the last one, whose events may never be stored', async () => {
    const store = new InMemoryEventStore()
    const held: (() => void)[] = []
    let appends = 0
    const append = store.append.bind(store)
    store.append = async (batches) => {
      appends += 1
      const parks = batches.some(({ events }) => events.some(({ type }) => type === 'workflow:pause'))
      if (appends > 1 && held.length > 0) throw new Error('the disk is gone')
      if (parks) await new Promise<void>((resolve) => held.push(resolve))
      return await append(batches)
    }
    const flow = createFlow('two').wait('a').wait('b')
    const handle = new FlowRuntime({
      eventBus: new PersistentEventBusAdapter(store, { retry: { deadlineMs: 0 } }),
      logger,
    }).start(flow.toBlueprint())
    const result = handle.result()
    result.catch(() => {})
    await idle()
    handle.resume({ output: 7 }, 'a')
    held[0]!()
    await expect(result).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
  })

  it('comes from the log when the run has ended in another runtime', async () => {
    const flow = createFlow('one').wait('ask')
    const store = new InMemoryEventStore()
    const [here, there] = [1, 2].map(() => new FlowRuntime({ eventBus: recordedOn(store), flows: [flow], logger }))
    const { executionId } = await flow.run(here!)
    const end = here!.result(executionId, { wait: true })
    await there!.resume(executionId, { output: 1 })
    expect((await here!.result(executionId)).status).toBe('completed')
    expect((await end).status).toBe('completed')
    await expect(here!.cancel(executionId)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  })
})

it('a run of a subflow ends in the log before its parent, also on a bus that is slow with it', async () => {
  const clock = virtualClock()
  const events: FlowcraftEvent[] = []
  const emit = (event: FlowcraftEvent) =>
    new Promise<void>((resolve) =>
      clock.setTimer(event.executionId.includes(':') ? 30 : 0, () => {
        events.push(event)
        resolve()
      }),
    )
  const child = createFlow('child').node('x', () => new Promise<void>(() => {}))
  const flow = createFlow('parent').subflow('s', { blueprintId: 'child' })
  const handle = new FlowRuntime({ eventBus: { emit }, flows: [child], clock, logger }).start(flow.toBlueprint())
  await clock.advance(500)
  handle.cancel('enough')
  await clock.advance(500)
  expect((await handle.result()).status).toBe('cancelled')
  const ends = events.filter(({ type }) => type === 'workflow:finish').map(({ payload }) => payload.blueprintId)
  expect(ends).toEqual(['child', 'parent'])
})

it('nodes whose time has come together go on in one step', async () => {
  const clock = virtualClock()
  const store = new InMemoryEventStore()
  const flow = createFlow('many').node('end', pass)
  for (let index = 0; index < 20; index += 1) flow.sleep(`s${index}`, { duration: '1s' })
  const runtime = new FlowRuntime({ eventBus: recordedOn(store), clock, logger })
  const { executionId } = await flow.run(runtime)
  runtime.startScheduler()
  await clock.advance(1000)
  runtime.stopScheduler()
  const events = await store.retrieve(executionId)
  expect(events.filter(({ type }) => type === 'workflow:stall')).toHaveLength(1)
  expect(events.filter(({ type }) => type === 'workflow:resume')).toHaveLength(20)
  expect(events.at(-1)?.type).toBe('workflow:finish')
})

it('a subflow that is a loop gives what its controller gave, also after no turn', async () => {
  for (const [first, expected] of [
    [9, 9],
    [1, 3],
  ]) {
    const child = createFlow('child')
      .node('first', async () => ({ output: first }))
      .node('body', async ({ input }: NodeContext) => ({ output: Number(input) + 1 }))
      .loop('again', { startNodeId: 'body', endNodeId: 'body', condition: 'input < 3' })
      .edge('first', 'again')
    const flow = createFlow('parent').subflow('s', { blueprintId: 'child' })
    const { context } = await flow.run(new FlowRuntime({ flows: [child], logger }))
    expect(context['s']).toBe(expected)
  }
})

it.each([
  ['a text', 'approved'],
  ['a slip', { ouptut: 'approved' }],
  ['nothing', null],
  ['an action that is no text', { action: 5 }],
  ['a node that is no text', { nodeId: 5 }],
])('%s is no answer, and what waits can still be answered', async (_, answer) => {
  const flow = createFlow('ask').wait('ask')
  const runtime = new FlowRuntime({ logger })
  const { executionId } = await flow.run(runtime)
  const resumed = runtime.resume(executionId, answer as unknown as { output: unknown })
  await expect(resumed).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  expect((await runtime.resume(executionId, { output: 1 })).context['ask']).toBe(1)
})
