import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createFlow,
  EventStoreError,
  FlowRuntime,
  InMemoryEventStore,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
  type ILogger,
  type NodeContext,
} from 'flowcraft'
import { gate, processOn, sharedHistory, until } from './recovery-bench.ts'
import { virtualClock } from './virtual-clock.ts'

afterEach(() => void vi.useRealTimers())

const pass = async ({ input }: NodeContext) => ({ output: input })

describe('two runtimes of one process, on one store', () => {
  it('drive a run once, also where the one that came second gives it up', async () => {
    const store = new InMemoryEventStore()
    const door = gate()
    let calls = 0
    const flow = createFlow('slow').node('a', async () => {
      calls += 1
      await door.opened
      return { output: 1 }
    })
    const [one, two] = [1, 2].map(() => processOn(store, { flows: [flow] }))
    const start = (runtime: FlowRuntime) => runtime.run(flow.toBlueprint(), {}, { executionId: 'x' })
    const results = [start(one!), start(two!)]
    await until(() => calls > 0)
    expect((await two!.recoverAll()).handles).toEqual([])
    await expect(two!.recover('x')).rejects.toMatchObject({ code: 'EXECUTION_CONFLICT' })
    door.open()
    expect((await Promise.all(results)).map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect(calls).toBe(1)
    expect((await store.retrieve('x')).filter(({ type }) => type === 'workflow:resume')).toEqual([])
  })
})

describe('a process that was idle for longer than its lease', () => {
  it('says that it is alive before a parked run goes on, so that nobody takes it over', async () => {
    const { memory, open, endLeases } = sharedHistory()
    const clock = virtualClock()
    const door = gate()
    const calls: string[] = []
    const flow = createFlow('nap')
      .sleep('nap', { duration: '1h' })
      .node('after', async ({ executionId }: NodeContext) => {
        calls.push(executionId)
        await door.opened
        return {}
      })
      .edge('nap', 'after')
    const options = { flows: [flow], clock }
    // Nothing of the process beats meanwhile: whoever lets the run go on has to think of the lease.
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
    const eventBus = new PersistentEventBusAdapter(open())
    const [here, there] = [new FlowRuntime({ ...options, eventBus }), processOn(open(), options)]
    await here.run(flow.toBlueprint(), {}, { executionId: 'x' })
    endLeases()
    vi.setSystemTime(Date.now() + 3_600_000)
    here.startScheduler()
    await clock.advance(3_600_000)
    await until(() => calls.length > 0)
    expect((await memory.list()).items).toMatchObject([{ status: 'running', isOwned: true }])
    expect((await there.recoverAll()).handles).toEqual([])
    here.stopScheduler()
    door.open()
    await here.result('x', { wait: true })
    expect(calls).toEqual(['x'])
  })
})

describe('a run that is parked here and has gone on in another process', () => {
  const flow = createFlow('ask').wait('ask').node('after', pass).edge('ask', 'after')

  /** Parked here; resumed there, where the process ends in the middle of the next node. */
  async function leftBehind() {
    const history = sharedHistory()
    const clock = virtualClock()
    const here = processOn(history.open(), { flows: [flow], clock })
    await here.run(flow.toBlueprint(), {}, { executionId: 'x' })
    const never = createFlow('ask')
      .wait('ask')
      .node('after', () => new Promise<void>(() => {}))
      .edge('ask', 'after')
    const there = processOn(history.open(), { flows: [never], clock })
    void there.resume('x', { output: 1 })
    const types = async () => (await history.memory.retrieve('x')).map(({ type }) => type)
    await until(async () => (await types()).at(-1) === 'node:start')
    history.endLeases()
    return { here, clock, history }
  }

  it('is recovered by the scheduler of this one when that process is gone', async () => {
    const { here, clock } = await leftBehind()
    here.startScheduler(10)
    const result = here.result('x', { wait: true })
    await clock.advance(10)
    expect(await result).toMatchObject({ status: 'completed', context: { after: 1 } })
    here.stopScheduler()
  })

  it('is one of those that recoverAll takes', async () => {
    const { here } = await leftBehind()
    const { handles } = await here.recoverAll()
    expect(handles.map(({ executionId }) => executionId)).toEqual(['x'])
    expect((await handles[0]!.result()).status).toBe('completed')
  })

  it('has its result here when it has ended there', async () => {
    const { open } = sharedHistory()
    const [here, there] = [1, 2].map(() => processOn(open(), { flows: [flow] }))
    await here!.run(flow.toBlueprint(), {}, { executionId: 'x' })
    const result = here!.result('x', { wait: true })
    await there!.resume('x', { output: 1 })
    expect(await result).toMatchObject({ status: 'completed', context: { after: 1 } })
  })
})

describe('the run of a subflow that has begun while somebody looks for it', () => {
  it('is taken over with its root, and never alone', async () => {
    const history = sharedHistory()
    const child = createFlow('child').wait('ask')
    const root = createFlow('root').subflow('sub', { blueprintId: 'child' })
    const flows = [child, root]
    const store = history.open()
    let looks = 0
    const late = {
      ...store,
      async *read(...[id, range]: Parameters<typeof store.read & {}>) {
        // At the first look, the run has not begun.
        looks += 1
        if (looks > 1) yield* store.read!(id, range)
      },
    }
    await processOn(history.open(), { flows }).run(root.toBlueprint(), {}, { executionId: 'x' })
    const result = await processOn(late, { flows }).resume('x:sub#0', { output: 1 })
    expect(result).toMatchObject({ executionId: 'x', status: 'completed', context: { sub: 1 } })
    expect((await history.memory.list({ parent: 'x' })).items).toMatchObject([{ status: 'completed' }])
  })
})

describe('a family that was woken by a process which died right behind its claim', () => {
  it('goes on with each node once, also where the run of a subflow is ahead of the node that waits for it', async () => {
    const history = sharedHistory()
    const clock = virtualClock()
    const calls: string[] = []
    const note = async ({ nodeId, attempt }: NodeContext) => void calls.push(`${nodeId} ${attempt}`)
    const child = createFlow('child').sleep('nap', { duration: 5 }).node('in', note).edge('nap', 'in')
    const root = createFlow('root')
      .sleep('rest', { duration: 5 })
      .node('next', note)
      .subflow('sub', { blueprintId: 'child' })
      .edge('rest', 'next')
    const options = { flows: [child, root], clock }
    const park = processOn(history.open(), options).run(root.toBlueprint(), {}, { executionId: 'x' })
    expect(await park).toMatchObject({ status: 'awaiting' })
    await clock.advance(5)
    const dying = processOn(history.open({ append: () => new Promise<void>(() => {}) }), options)
    dying.startScheduler(10)
    const last = async (id: string) => (await history.memory.retrieve(id)).at(-1)?.type
    await until(async () => (await last('x')) === 'workflow:resume' && (await last('x:sub#0')) === 'workflow:resume')
    dying.stopScheduler()
    history.endLeases()
    expect(await processOn(history.open(), options).recover('x')).toMatchObject({ status: 'completed' })
    expect(calls.toSorted()).toEqual(['in 1', 'next 1'])
    const starts = (await history.memory.retrieve('x')).filter(({ type }) => type === 'node:start')
    expect(starts.map(({ payload }) => 'nodeId' in payload && payload.nodeId)).toEqual(['rest', 'sub', 'next'])
  })
})

describe('a scheduler whose store is away for a while', () => {
  it('wakes a run at a later look, and warns once', async () => {
    const history = sharedHistory()
    const clock = virtualClock()
    const flow = createFlow('nap').sleep('nap', { duration: '1h' })
    await processOn(history.open(), { flows: [flow], clock }).run(flow.toBlueprint(), {}, { executionId: 'x' })
    let isAway = true
    const store = history.open()
    const flaky = {
      ...store,
      async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
        if (isAway) throw new EventStoreError('the server is away')
        return await store.retrieve(executionId)
      },
    }
    const warnings: string[] = []
    const logger: ILogger = { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) }
    const eventBus = new PersistentEventBusAdapter(flaky)
    const runtime = new FlowRuntime({ flows: [flow], clock, eventBus, logger })
    await clock.advance(3_600_000)
    runtime.startScheduler(10)
    await until(() => warnings.length > 0)
    await clock.advance(10)
    await clock.advance(10)
    isAway = false
    await clock.advance(10)
    await until(async () => (await history.memory.list()).items[0]?.status === 'completed')
    expect(warnings).toEqual([expect.stringContaining("The scheduler could not let execution 'x' go on")])
    runtime.stopScheduler()
  })

  it('takes up the runs of its own process that the fault has ended', async () => {
    const history = sharedHistory()
    const clock = virtualClock()
    const other = gate()
    let isAway = false
    const away = async () => {
      if (isAway) throw Object.assign(new Error('the server is away'), { code: 'ECONNREFUSED' })
    }
    const flow = createFlow('two')
      .node('a', async () => void (isAway = true))
      .node('b', pass)
      .edge('a', 'b')
    const busy = createFlow('busy').node('a', () => other.opened)
    const eventBus = new PersistentEventBusAdapter(history.open({ append: away }), { retry: { deadlineMs: 0 } })
    const runtime = new FlowRuntime({ flows: [flow, busy], clock, eventBus })
    const beside = runtime.run(busy.toBlueprint(), {}, { executionId: 'beside' })
    await until(async () => (await history.memory.retrieve('beside')).length > 1)
    await expect(runtime.run(flow.toBlueprint(), {}, { executionId: 'x' })).rejects.toMatchObject({
      code: 'EVENT_STORE_FAILED',
    })
    isAway = false
    const again = createFlow('two').node('a', pass).node('b', pass).edge('a', 'b')
    runtime.register(again)
    runtime.startScheduler(10)
    await clock.advance(10)
    expect(await runtime.result('x', { wait: true })).toMatchObject({ status: 'completed' })
    runtime.stopScheduler()
    other.open()
    await beside
  })

  it('ends with its store', async () => {
    const clock = virtualClock()
    const eventBus = new PersistentEventBusAdapter(new InMemoryEventStore())
    const runtime = new FlowRuntime({ eventBus, clock })
    runtime.startScheduler(10)
    await eventBus.close()
    await clock.advance(10)
    await until(() => clock.waiting.length === 0)
  })
})
