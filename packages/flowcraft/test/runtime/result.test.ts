import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type NodeContext,
} from 'flowcraft'
import { virtualClock } from './virtual-clock.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const flow = createFlow('f')
  .node('a', async () => ({ output: 1 }))
  .sleep('rest', { duration: '1m' })
  .node('b', pass)
  .edge('a', 'rest')
  .edge('rest', 'b')

describe('the result of a run', () => {
  it('can be waited for although the run has parked meanwhile', async () => {
    const clock = virtualClock()
    const runtime = new FlowRuntime({ clock, logger: new NullLogger() })
    const { executionId, status } = await flow.run(runtime)
    expect(status).toBe('awaiting')
    expect((await runtime.result(executionId)).status).toBe('awaiting')
    const end = runtime.result(executionId, { wait: true })
    runtime.startScheduler()
    await clock.advance(60_000)
    runtime.stopScheduler()
    expect(await end).toMatchObject({ status: 'completed', context: { b: 1 } })
  })

  it('is in the log, for whoever has nothing else', async () => {
    const store = new InMemoryEventStore()
    const first = await flow.run(new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) }))
    const other = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
    const result = await other.result(first.executionId)
    expect([result.status, result.context]).toEqual([first.status, first.context])
  })

  it('is asked for in vain where nothing is known', async () => {
    await expect(new FlowRuntime().result('nobody')).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  })
})

describe('two runtimes on one store', () => {
  it('resume a run in turns: the log counts, not the memory of one of them', async () => {
    const signed = createFlow('signed')
      .wait('first')
      .wait('second')
      .node('done', pass)
      .edge('first', 'second')
      .edge('second', 'done')
    const store = new InMemoryEventStore()
    const server = () => new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), flows: [signed] })
    const [one, two] = [server(), server()]
    const { executionId } = await signed.run(one)
    expect((await two.resume(executionId, { nodeId: 'first', output: 1 })).status).toBe('awaiting')
    expect((await one.result(executionId)).context).toMatchObject({ first: 1 })
    expect(await one.resume(executionId, { nodeId: 'second', output: 2 })).toMatchObject({
      status: 'completed',
      context: { done: 2 },
    })
    await expect(two.resume(executionId, { nodeId: 'second' })).rejects.toMatchObject({ code: 'NOT_AWAITING' })
    expect((await two.result(executionId)).status).toBe('completed')
  })
})
