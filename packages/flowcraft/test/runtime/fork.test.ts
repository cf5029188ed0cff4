import { describe, expect, it } from 'vitest'
import {
  createFlow,
  diffRecordings,
  FlowEventBus,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  openRecording,
  parseRecording,
  PersistentEventBusAdapter,
  recordingFrom,
  serializeRecording,
  type EventStore,
  type FlowcraftEvent,
  type ForkOptions,
  type RuntimeOptions,
} from '../../src/index.ts'

const quiet: RuntimeOptions['logger'] = { debug() {}, info() {}, warn() {}, error() {} }

function order(calls: string[]) {
  const note = <T>(name: string, output: T): T => {
    calls.push(name)
    return output
  }
  return createFlow('order')
    .node('load', async ({ context }) => {
      await context.set('customer', 'c-1')
      return { output: note('load', { amount: 10 }) }
    })
    .node('price', async ({ input, context }) => {
      const { amount } = input as { amount: number }
      const rate = Number((await context.get('rate')) ?? 1)
      return { output: note('price', amount * rate) }
    })
    .node('charge', async ({ input, context }) => {
      if ((await context.get('isBlocked')) === true) throw new Error('blocked')
      return { output: note('charge', `charged ${Number(input)}`) }
    })
    .node('mail', async ({ input }) => ({ output: note('mail', `mailed: ${String(input)}`) }))
    .edge('load', 'price')
    .edge('price', 'charge')
    .edge('charge', 'mail')
}

async function recorded(initial: object = {}) {
  const store = new InMemoryEventStore()
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), logger: quiet })
  const calls: string[] = []
  const flow = order(calls)
  const result = await flow.run(runtime, initial)
  calls.length = 0
  const functionRegistry = flow.getFunctionRegistry()
  const fork = async (options: ForkOptions) => {
    const handle = await runtime.fork(await openRecording(store, result.executionId), { functionRegistry, ...options })
    return { handle, result: await handle.result(), events: await store.retrieve(handle.executionId) }
  }
  return { store, runtime, calls, flow, result, functionRegistry, fork }
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return isFlowcraftError(error) ? `${error.code}: ${error.message}` : String(error)
}

describe('a fork', () => {
  it('runs with another value of a context key what comes after it, and keeps what is before', async () => {
    const { calls, fork, result } = await recorded({ rate: 2 })
    const forked = await fork({ at: { before: 'price' }, set: { rate: 3 } })
    expect(calls).toEqual(['price', 'charge', 'mail'])
    expect(forked.result.status).toBe('completed')
    expect(forked.result.context).toEqual({
      ...result.context,
      _executionId: forked.handle.executionId,
      rate: 3,
      price: 30,
      '_outputs.price': 30,
      '_inputs.charge': 30,
      charge: 'charged 30',
      '_outputs.charge': 'charged 30',
      '_inputs.mail': 'charged 30',
      mail: 'mailed: charged 30',
      '_outputs.mail': 'mailed: charged 30',
    })
  })

  it('of a run that failed goes on once the cause is gone, when its failed node runs again', async () => {
    const { calls, fork, result } = await recorded({ isBlocked: true })
    expect(result.status).toBe('failed')
    const forked = await fork({ at: 'end', rerun: ['charge'], set: { isBlocked: false } })
    expect(forked.result.status).toBe('completed')
    expect(forked.result.errors).toBeUndefined()
    expect(calls).toEqual(['charge', 'mail'])
  })

  it('without a change ends as the run did', async () => {
    const { calls, fork } = await recorded({ isBlocked: true })
    const forked = await fork({ at: 'end' })
    expect(forked.result.status).toBe('failed')
    expect(forked.result.errors?.map(({ nodeId }) => nodeId)).toEqual(['charge'])
    expect(calls).toEqual([])
  })

  it('gives nodes outputs in place of attempts, which the log tells', async () => {
    const { calls, fork } = await recorded()
    const forked = await fork({ at: { after: 'load' }, outputs: { price: 99 } })
    expect(calls).toEqual(['charge', 'mail'])
    expect(forked.result.context).toMatchObject({ price: 99, charge: 'charged 99' })
    const ofPrice = forked.events.filter(
      ({ type, payload }) => type.startsWith('node:') && 'nodeId' in payload && payload.nodeId === 'price',
    )
    expect(ofPrice.map(({ type }) => type)).toEqual(['node:start', 'node:finish'])
  })

  it('differs from its source from the first event on that is another one', async () => {
    const { store, fork, result } = await recorded()
    const source = await openRecording(store, result.executionId)
    const same = await fork({ at: { before: 'charge' } })
    const sameRecording = await openRecording(store, same.handle.executionId)
    expect(diffRecordings(source, sameRecording).firstDivergence).toBeUndefined()
    const other = await fork({ at: { before: 'charge' }, outputs: { charge: 'given' } })
    const otherRecording = await openRecording(store, other.handle.executionId)
    expect(diffRecordings(source, otherRecording).firstDivergence).toMatchObject({
      what: 'payload',
      event: { a: 'node:finish "charge"', b: 'node:finish "charge"' },
    })
  })

  it('deletes keys, also those that a node gave their name', async () => {
    const { fork } = await recorded({ rate: 2 })
    const forked = await fork({ at: { before: 'price' }, delete: ['rate', 'load'] })
    expect(forked.result.context).toMatchObject({ price: 10 })
    expect(forked.result.context).not.toHaveProperty('rate')
    expect(forked.result.context).not.toHaveProperty('load')
    expect(forked.result.context).toHaveProperty(['_outputs.load'])
  })

  it('takes back what nodes wrote that run again', async () => {
    const counting = createFlow('counting')
      .node('count', async ({ context }) => {
        await context.set('count', Number((await context.get('count')) ?? 0) + 1)
      })
      .node('other', async ({ context }) => {
        await context.set('seen', await context.get('count'))
      })
      .edge('count', 'other')
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), flows: [counting] })
    const result = await counting.run(runtime, { count: 5 })
    const handle = await runtime.fork(result.executionId, { at: 'end', rerun: ['count'] })
    expect((await handle.result()).context).toMatchObject({ count: 6, seen: 6 })
    const fresh = await counting.run(runtime, {})
    const again = await runtime.fork(fresh.executionId, { at: 'end', rerun: ['count'] })
    const fork = (await store.retrieve(again.executionId)).find(({ type }) => type === 'workflow:fork')
    expect(fork?.payload).toMatchObject({ restored: { unset: ['count', 'seen'] } })
    expect((await again.result()).context).toMatchObject({ count: 1, seen: 1 })
    const writes = (await openRecording(store, again.executionId)).writesTo('count')
    expect(writes.map(({ kind, value, nodeId }) => [kind, value, nodeId])).toEqual([
      ['set', 1, 'count'],
      ['delete', undefined, undefined],
      ['set', 1, 'count'],
    ])
  })

  it('tells where it comes from, shares the history, and leaves its source as it was', async () => {
    const { store, fork, result } = await recorded()
    const before = await store.retrieve(result.executionId)
    const forked = await fork({ at: { after: 'price' } })
    expect(await store.retrieve(result.executionId)).toEqual(before)
    const recording = await openRecording(store, forked.handle.executionId)
    const { seq } = (await openRecording(store, result.executionId)).at({ after: 'price' })
    expect(recording.forkedFrom).toEqual({ executionId: result.executionId, seq })
    expect(recording.at(seq).context).toEqual({
      ...(await openRecording(store, result.executionId)).at(seq).context,
      _executionId: forked.handle.executionId,
    })
    const { items } = await store.list({ executionId: forked.handle.executionId })
    expect(items).toMatchObject([{ forkedFrom: { executionId: result.executionId, seq }, status: 'completed' }])
  })

  it('goes on under another blueprint that takes the recorded decisions, and not under one that would not', async () => {
    const { store, runtime, fork, result, calls } = await recorded()
    const blueprint = order([]).toBlueprint()
    const more = {
      ...blueprint,
      nodes: [...blueprint.nodes.toReversed(), { id: 'archive', uses: 'archive' }],
      edges: [{ source: 'mail', target: 'archive' }, ...blueprint.edges.toReversed()],
    }
    const registry = order(calls).getFunctionRegistry()
    const functionRegistry = new Map([...registry, ['archive', async () => ({ output: 'archived' })] as const])
    const forked = await fork({ at: { after: 'price' }, blueprint: more, functionRegistry })
    expect(forked.result.context).toMatchObject({ mail: 'mailed: charged 10', archive: 'archived' })
    expect(calls).toEqual(['charge', 'mail'])
    // Its log holds all that is needed to go on.
    const cut = forked.events.slice(0, -6)
    const other = new InMemoryEventStore()
    for (const { type, payload } of cut) {
      if (type === 'workflow:fork') await other.saveBlueprint(payload.blueprintHash ?? '', more)
    }
    for (const event of cut) await other.store(event, event.executionId)
    const elsewhere = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(other), logger: quiet })
    const recovered = await elsewhere.recover(forked.handle.executionId, { functionRegistry })
    expect(recovered.context).toEqual(forked.result.context)

    const without = { ...blueprint, edges: blueprint.edges.slice(1) }
    const failure = await failureOf(
      runtime.fork(result.executionId, { at: 'end', blueprint: without, functionRegistry }),
    )
    expect(failure).toMatch(/^BLUEPRINT_MISMATCH: .*'load'.*'price'/s)
    expect((await store.getStats()).executions).toBe(2)
  })

  it('is a run like any other: parked, resumed, cancelled, recovered', async () => {
    const asking = createFlow('asking')
      .node('ask', async () => ({ output: 1 }))
      .wait('approval')
      .node('done', async ({ input }) => ({ output: input }))
      .edge('ask', 'approval')
      .edge('approval', 'done')
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), flows: [asking], logger: quiet })
    const parked = await asking.run(runtime, {})
    expect(parked.status).toBe('awaiting')
    const fork = await runtime.fork(parked.executionId, { at: 'end' })
    expect((await fork.result()).status).toBe('awaiting')
    expect((await runtime.resume(fork.executionId, { output: 'yes' })).context).toMatchObject({ done: 'yes' })
    const given = { at: 'end', outputs: { approval: 'yes' } } as const
    expect(await failureOf(runtime.fork(parked.executionId, given))).toMatch(/^INPUT_INVALID: .*'approval'.*waits/s)
    const other = await runtime.fork(parked.executionId, { at: 'end' })
    await other.result()
    await runtime.cancel(other.executionId, 'enough')
    expect((await runtime.result(other.executionId)).status).toBe('cancelled')
    const revived = await runtime.fork(other.executionId, { at: 'end' })
    expect((await revived.result()).status).toBe('awaiting')
    expect((await runtime.resume(parked.executionId, { output: 'no' })).context).toMatchObject({ done: 'no' })
  })
})

describe('what can be forked', () => {
  it('is any recording, also where there is no store or another one: then the fork has a history of its own', async () => {
    const { store, functionRegistry, result } = await recorded()
    const bundle = parseRecording(serializeRecording(await openRecording(store, result.executionId)))
    const other = new InMemoryEventStore()
    const elsewhere = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(other), logger: quiet })
    const options = { at: { before: 'charge' }, functionRegistry } as const
    const copied = await elsewhere.fork(bundle, options)
    expect((await copied.result()).context).toMatchObject({ charge: 'charged 10' })
    expect((await other.retrieve(copied.executionId)).map(({ executionId }) => executionId)).not.toContain(
      result.executionId,
    )
    const inMemory = await new FlowRuntime({ logger: quiet }).fork(bundle, options)
    expect((await inMemory.result()).context).toMatchObject({ charge: 'charged 10' })
    const seen: FlowcraftEvent[] = []
    const bus = new FlowEventBus().on('*', (event) => void seen.push(event))
    const told = await new FlowRuntime({ eventBus: bus, logger: quiet }).fork(bundle, options)
    await told.result()
    expect(recordingFrom(seen).at('end').context).toMatchObject({ charge: 'charged 10' })
  })

  it('is a run in a store that has no more than it must', async () => {
    const { store: full, functionRegistry, result } = await recorded()
    const kept = new InMemoryEventStore()
    const store: EventStore = {
      store: (event, id) => kept.store(event, id),
      retrieve: (id) => kept.retrieve(id),
      retrieveMultiple: (ids) => kept.retrieveMultiple(ids),
    }
    for (const event of await full.retrieve(result.executionId)) await store.store(event, event.executionId)
    const blueprint = order([]).toBlueprint()
    const runtime = new FlowRuntime({
      eventBus: new PersistentEventBusAdapter(store),
      blueprints: { order: blueprint },
      logger: quiet,
    })
    const fork = await runtime.fork(result.executionId, {
      at: { before: 'mail' },
      functionRegistry,
      executionId: 'copy',
    })
    expect((await fork.result()).status).toBe('completed')
    expect((await runtime.replay(blueprint, await store.retrieve('copy'))).context).toEqual(
      (await fork.result()).context,
    )
  })
})

describe('what is no fork is told before anything happens:', () => {
  const cases: readonly (readonly [string, Partial<ForkOptions>, RegExp])[] = [
    ['a place that is not there', { at: { before: 'nobody' } }, /^POSITION_NOT_FOUND/],
    ['a node that is not there to run again', { rerun: ['nobody'] }, /^INPUT_INVALID: .*'nobody'.*'load'/s],
    ['an output of nobody', { outputs: { nobody: 1 } }, /^INPUT_INVALID: .*'nobody'/s],
    ['an output of a node that has finished', { outputs: { load: 1 } }, /^INPUT_INVALID: .*'load'.*'rerun'/s],
    ['a key of the engine', { set: { '_outputs.load': 1 } }, /^CONTEXT_KEY_RESERVED: .*'outputs'/s],
    ['a key that goes and comes', { set: { a: 1 }, delete: ['a'] }, /^INPUT_INVALID: .*'a'/s],
    ['a value that cannot be recorded', { set: { a: () => 1 } }, /^SERIALIZATION_FAILED: .*'a'/s],
    ['no text for a key', { delete: [1 as unknown as string] }, /^INPUT_INVALID: .*'delete'/s],
  ]
  for (const [name, options, expected] of cases) {
    it(name, async () => {
      const { store, runtime, result, functionRegistry } = await recorded()
      expect(await failureOf(runtime.fork(result.executionId, { at: 'end', functionRegistry, ...options }))).toMatch(
        expected,
      )
      expect((await store.getStats()).executions).toBe(1)
    })
  }

  it('an unknown execution, an id that is there, no position, no code', async () => {
    const { store, runtime, result, functionRegistry } = await recorded()
    const { executionId } = result
    expect(await failureOf(runtime.fork('nobody', { at: 'end' }))).toMatch(/^EXECUTION_UNKNOWN: .*'nobody'/s)
    const again = { at: 'end', functionRegistry, executionId } as const
    expect(await failureOf(runtime.fork(executionId, again))).toMatch(/^EXECUTION_CONFLICT/)
    await (await runtime.fork(executionId, { ...again, executionId: 'fork' })).result()
    expect(await failureOf(runtime.fork(executionId, { ...again, executionId: 'fork' }))).toMatch(
      /^EXECUTION_CONFLICT: .*'fork'/s,
    )
    expect(await failureOf(runtime.fork(executionId, {} as ForkOptions))).toMatch(/^INPUT_INVALID: .*'at'/s)
    expect(await failureOf(runtime.fork(executionId, { at: 'end' }))).toMatch(/^BLUEPRINT_INVALID/)
    expect((await store.getStats()).executions).toBe(2)
  })
})
