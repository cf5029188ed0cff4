import { describe, expect, it } from 'vitest'
import {
  createFlow,
  fingerprint,
  FlowRuntime,
  InMemoryEventStore,
  JsonSerializer,
  NullLogger,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
  type IEventStore,
  type NodeContext,
} from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, park, stations } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const serializer = new JsonSerializer()
const flow = createFlow('flow').wait('one').wait('two').node('end', pass).edge('one', 'two').edge('two', 'end')
const blueprint = flow.toBlueprint()
const registry = flow.getFunctionRegistry()

const child = createFlow('child').node('in', pass).wait('ask').node('out', pass).edge('in', 'ask').edge('ask', 'out')
const middle = createFlow('middle').subflow('inner', { blueprintId: 'child' })
const root = createFlow('root')
  .node('start', async () => ({ output: 's' }))
  .subflow('outer', { blueprintId: 'middle' })
  .node('end', pass)
  .edge('start', 'outer')
  .edge('outer', 'end')
const family = { flows: [child, middle, root] }

describe('a run that has a log', () => {
  it('goes on by it, whatever the context says', async () => {
    const { runtime, elsewhere, check } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    const text = serializer.serialize({ _executionId: executionId, _run: 'none', _awaitingNodeIds: ['two'], one: 'no' })
    const half = await elsewhere().runtime.resume(blueprint, text, { output: 1 })
    expect(half.context).toMatchObject({ one: 1, _awaitingNodeIds: ['two'] })
    await check(blueprint, half)
  })

  it('goes on by its id alone, with an answer, an action and a node', async () => {
    const { runtime, elsewhere, check, log } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    await elsewhere().runtime.resume(executionId, { nodeId: 'one', output: { x: 1 }, action: 'a' })
    const result = await elsewhere().runtime.resume(executionId, { output: 2 })
    expect(result).toMatchObject({ executionId, status: 'completed', context: { one: { x: 1 }, end: 2 } })
    await check(blueprint, result)
    const resumes = (await log(executionId)).filter(({ type }) => type === 'workflow:resume')
    expect(resumes.map(({ payload }) => payload)).toMatchObject([
      { reason: 'external', nodeId: 'one', output: { x: 1 }, action: 'a' },
      { reason: 'external', nodeId: 'two', output: 2 },
    ])
  })

  it('goes on with the code that comes with the call', async () => {
    const { runtime, elsewhere, check } = bench(true)
    const { executionId } = await park(runtime, flow)
    const functionRegistry = { 'flow/end': async () => ({ output: 'other code' }) }
    const other = elsewhere()
    await other.runtime.resume(executionId, { output: 1 }, { functionRegistry })
    const result = await other.runtime.resume(executionId, { output: 1 })
    expect(result.context).toMatchObject({ end: 'other code' })
    await check(blueprint, result)
  })

  it('needs an implementation of every node, and has lost nothing without', async () => {
    const { runtime, elsewhere, log } = bench(true)
    const { executionId } = await park(runtime, flow)
    const before = await log(executionId)
    await expect(elsewhere().runtime.resume(executionId)).rejects.toMatchObject({ code: 'BLUEPRINT_INVALID' })
    expect(await log(executionId)).toEqual(before)
    expect((await elsewhere({ registry }).runtime.resume(executionId)).status).toBe('awaiting')
  })

  it('is refused for another blueprint, and goes on with an equal one or the recorded one', async () => {
    const { runtime, elsewhere, log } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    const before = await log(executionId)
    const text = serializer.serialize({ _executionId: executionId })
    const other = { ...blueprint, metadata: { version: '2' } }
    await expect(elsewhere().runtime.resume(other, text)).rejects.toMatchObject({
      name: 'BlueprintMismatchError',
      code: 'BLUEPRINT_MISMATCH',
    })
    expect(await log(executionId)).toEqual(before)
    // The runtime may know another version of it by now.
    const newer = elsewhere({ blueprints: { flow: other } }).runtime
    expect((await newer.resume(executionId, { output: 1 })).status).toBe('awaiting')
    const equal = elsewhere().runtime
    expect((await equal.resume(structuredClone(blueprint), text, { output: 2 })).status).toBe('completed')
  })

  it('cannot be answered when it has ended, or was cut off before anything waits; nothing is written then', async () => {
    const { runtime, elsewhere } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    await runtime.cancel(executionId)
    await expect(elsewhere().runtime.resume(executionId)).rejects.toMatchObject({
      code: 'NOT_AWAITING',
      message: 'Cannot resume: The provided context is not in an awaiting state.',
    })
    const store = new InMemoryEventStore()
    const cut: FlowcraftEvent = {
      id: 'x:0',
      seq: 0,
      executionId: 'x',
      timestamp: 0,
      type: 'workflow:start',
      payload: {
        executionId: 'x',
        blueprintId: 'flow',
        blueprintHash: fingerprint(flow.toBlueprint()),
        initialContext: {},
        options: { concurrency: 1, maxIterations: 1, strict: false },
      },
    }
    await store.store(cut, 'x')
    const eventBus = new PersistentEventBusAdapter(store)
    const late = new FlowRuntime({ eventBus, flows: [flow], registry, logger: new NullLogger() })
    await expect(late.resume('x', { nodeId: 'two' })).rejects.toMatchObject({ code: 'NOT_AWAITING' })
    expect(await store.retrieve('x')).toEqual([cut])
  })

  it('goes on in one of two runtimes that resume it at the same time', async () => {
    const { runtime, elsewhere, log, check } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    const others = [elsewhere().runtime, elsewhere().runtime]
    const answers = others.map((other, output) => other.resume(executionId, { output }))
    const settled = await Promise.allSettled(answers)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = settled.find((one) => one.status === 'rejected')
    expect(lost).toMatchObject({ reason: { code: expect.stringMatching(/^(CONCURRENCY_CONFLICT|NOT_AWAITING)$/) } })
    expect(stations(await log(executionId)).filter((line) => line === 'finish one')).toHaveLength(1)
    const result = await elsewhere().runtime.resume(executionId, { output: 'last' })
    expect(result).toMatchObject({ status: 'completed', context: { end: 'last' } })
    await check(blueprint, result)
  })

  it('goes on once for two who resume it at the same time in a runtime that does not have it', async () => {
    const { runtime, elsewhere, check } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    const other = elsewhere().runtime
    const [first, second] = await Promise.allSettled(
      [1, 2].map((output) => other.resume(executionId, { output, nodeId: 'one' })),
    )
    expect(first).toMatchObject({ value: { context: { one: 1 } } })
    expect(second).toMatchObject({
      reason: { message: "Cannot resume: Node 'one' is not in an awaiting state." },
    })
    await check(blueprint, await other.resume(executionId))
  })

  it('goes on from where it is, also for a runtime that remembers less of it', async () => {
    const { runtime, elsewhere, check } = bench(true, { registry })
    const { executionId } = await park(runtime, flow)
    await elsewhere().runtime.resume(executionId, { output: 1 })
    await expect(runtime.resume(executionId, { output: 'again', nodeId: 'one' })).rejects.toThrow(
      "Cannot resume: Node 'one' is not in an awaiting state.",
    )
    const result = await runtime.resume(executionId, { output: 2, nodeId: 'two' })
    expect(result).toMatchObject({ status: 'completed', context: { one: 1, two: 2 } })
    await check(blueprint, result)
    await expect(elsewhere().runtime.resume(executionId)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('that goes on here is not taken for one that has gone on elsewhere by who looked too slowly', async () => {
    const [slow, door] = [gate(), gate()]
    let looks = 0
    class SlowStore extends InMemoryEventStore {
      override async *read(...range: Parameters<InMemoryEventStore['read']>): ReturnType<InMemoryEventStore['read']> {
        if ((looks += 1) === 2) await slow.opened
        yield* super.read(...range)
      }
    }
    const eventBus = new PersistentEventBusAdapter(new SlowStore())
    const runtime = new FlowRuntime({ eventBus, logger: new NullLogger() })
    const late = createFlow('flow')
      .wait('one')
      .wait('two')
      .node('end', async () => door.opened)
    const { executionId } = await park(runtime, late.edge('one', 'two').edge('two', 'end'))
    const answers = [1, 2].map((output) => runtime.resume(executionId, { output, nodeId: 'one' }))
    await answers[0]
    const running = runtime.resume(executionId, { output: 3 })
    await idle()
    slow.open()
    await expect(answers[1]).rejects.toMatchObject({ code: 'NOT_AWAITING' })
    door.open()
    expect(await running).toMatchObject({ status: 'completed', context: { one: 1, two: 3 } })
  })

  it('keeps its options', async () => {
    const { runtime, elsewhere, check } = bench(true, { registry })
    const parked = await flow.run(runtime, {}, { maxIterations: 2 })
    const half = await elsewhere().runtime.resume(parked.executionId)
    expect(half.status).toBe('awaiting')
    const result = await elsewhere().runtime.resume(parked.executionId)
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'MAX_ITERATIONS_EXCEEDED' }] })
    await check(blueprint, result)
  })

  it('goes on from a store that has no more than it must', async () => {
    const inner = new InMemoryEventStore()
    const store: IEventStore = {
      store: (event, executionId) => inner.store(event, executionId),
      retrieve: (executionId) => inner.retrieve(executionId),
      retrieveMultiple: (executionIds) => inner.retrieveMultiple(executionIds),
    }
    const open = (): FlowRuntime =>
      new FlowRuntime({ ...family, eventBus: new PersistentEventBusAdapter(store), logger: new NullLogger() })
    const { executionId } = await park(open(), root)
    const result = await open().resume(executionId, { output: 'yes', nodeId: 'outer/inner/ask' })
    expect(result).toMatchObject({ status: 'completed', context: { end: 'yes' } })
  })

  it.each(['step', 'relaxed'] as const)('goes on under the durability %s', async (durability) => {
    const store = new InMemoryEventStore()
    const open = (): FlowRuntime =>
      new FlowRuntime({
        ...family,
        eventBus: new PersistentEventBusAdapter(store, { durability }),
        logger: new NullLogger(),
      })
    const { executionId } = await park(open(), root)
    const result = await open().resume(executionId, { output: 'yes' })
    expect(result).toMatchObject({ status: 'completed', context: { end: 'yes' } })
    const again = await open().replay(root.toBlueprint(), await store.retrieve(executionId))
    expect(again.context).toEqual(result.context)
  })
})

describe('the run of a subflow', () => {
  it.each(['in memory', 'elsewhere'])('is resumed by its own id through its root, %s', async (where) => {
    const { runtime, elsewhere, check, log } = bench(true, family)
    const { executionId } = await park(runtime, root)
    const other = where === 'elsewhere' ? elsewhere().runtime : runtime
    const id = `${executionId}:outer#0:inner#0`
    expect(stations(await log(id)).at(-1)).toBe('pause run')
    await expect(other.resume(id, { nodeId: 'out' })).rejects.toThrow(
      "Cannot resume: Node 'out' is not in an awaiting state.",
    )
    await expect(other.resume(id, { nodeId: 'ouch' })).rejects.toThrow("Awaiting node 'ouch' not found in blueprint.")
    const result = await other.resume(id, { output: 'yes', nodeId: 'ask' })
    expect(result).toMatchObject({ executionId, status: 'completed', context: { end: 'yes' } })
    await check(root.toBlueprint(), result)
    await expect(other.resume(id)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('is resumed once by those who name it and those who name its root, at the same time', async () => {
    const { runtime, elsewhere, check } = bench(true, family)
    const { executionId } = await park(runtime, root)
    const other = elsewhere().runtime
    const ids = [`${executionId}:outer#0:inner#0`, executionId, `${executionId}:outer#0`]
    const settled = await Promise.allSettled(ids.map((id) => other.resume(id, { output: id })))
    const won = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(won).toHaveLength(1)
    expect(won[0]).toMatchObject({ executionId, status: 'completed' })
    await check(root.toBlueprint(), won[0]!)
  })

  it('cannot go on without its log', async () => {
    const { runtime, log } = bench(true, family)
    const { executionId } = await park(runtime, root)
    const store = new InMemoryEventStore()
    for (const event of await log(executionId)) await store.store(event, executionId)
    const bare = new FlowRuntime({
      ...family,
      eventBus: new PersistentEventBusAdapter(store),
      logger: new NullLogger(),
    })
    await expect(bare.resume(executionId)).rejects.toMatchObject({
      code: 'EXECUTION_UNKNOWN',
      executionId: `${executionId}:outer#0`,
    })
  })
})
