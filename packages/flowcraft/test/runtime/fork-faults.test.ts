import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  PersistentEventBusAdapter,
  type EventStore,
  type FlowcraftEvent,
  type RegisteredFlow,
  type WorkflowBlueprint,
} from '../../src/index.ts'
import { leftBehind } from '../laws/recovery-drive.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

function runtimeOn(store: EventStore, ...flows: RegisteredFlow[]): FlowRuntime {
  return new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store), flows, logger })
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return isFlowcraftError(error) ? error.code : undefined
}

async function keptOf(store: InMemoryEventStore, ...ids: string[]): Promise<FlowcraftEvent[]> {
  return [...(await store.retrieveMultiple(ids)).values()].flat()
}

/** A store that keeps blueprints only when it is let. */
class SlowStore extends InMemoryEventStore {
  let: (() => void) | undefined
  isSlow = false

  override async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    if (this.isSlow) await new Promise<void>((resolve) => (this.let = resolve))
    await super.saveBlueprint(hash, blueprint)
  }
}

describe('a fork that has not begun', () => {
  const parking = (): ReturnType<typeof createFlow> =>
    createFlow('parking')
      .wait('sign')
      .node('after', () => ({ output: 'after' }))
      .edge('sign', 'after')

  for (const hasFork of [true, false]) {
    const where = hasFork ? 'a store that shares' : 'a store that gets a copy'
    it(`is paused once it has, and cannot be resumed before, on ${where}`, async () => {
      const store = new SlowStore()
      const flow = parking()
      await flow.run(runtimeOn(store, flow), {}, { executionId: 'source' })
      if (!hasFork) Object.defineProperty(store, 'fork', { value: undefined })
      // The blueprint is not known to be there by another runtime.
      const runtime = runtimeOn(store, parking())
      store.isSlow = true
      const forking = runtime.fork('source', { at: 'end', executionId: 'fork' })
      await expect.poll(() => codeOf(runtime.requestPause('fork'))).toBeUndefined()
      expect(await codeOf(runtime.resume('fork', { output: 1 }))).toBe('NOT_AWAITING')
      await expect.poll(() => store.let).toBeDefined()
      store.isSlow = false
      store.let?.()
      await (await forking).result()
      const { length } = await store.retrieve('source')
      const own = (await store.retrieve('fork')).slice(length).map(({ type }) => type)
      expect(own).toEqual(['workflow:fork', 'workflow:pause'])
    })
  }

  it('runs nothing when its signal has been aborted', async () => {
    const calls: string[] = []
    const flow = createFlow('short')
      .node('a', () => void calls.push('a'))
      .node('b', () => void calls.push('b'))
      .edge('a', 'b')
    const store = new InMemoryEventStore()
    const runtime = runtimeOn(store, flow)
    const { executionId } = await flow.run(runtime)
    const fork = await runtime.fork(executionId, { at: { before: 'b' }, signal: AbortSignal.abort('enough') })
    expect((await fork.result()).status).toBe('cancelled')
    expect(calls).toEqual(['a', 'b'])
  })
})

describe('a fork of a fork in which nodes began anew', () => {
  it('takes back what the first one had only restored', async () => {
    let isFirst = true
    const flow = createFlow('writers')
      .node('c', async ({ context }) => {
        if (isFirst) await context.set('key', 'by c')
      })
      .node('b', async ({ context }) => {
        if (isFirst) await context.set('key', 'by b')
      })
      .edge('c', 'b', { condition: 'true' })
    const { edges: _, ...unconnected } = flow.toBlueprint()
    const blueprint = { ...unconnected, edges: [] }
    const store = new InMemoryEventStore()
    const options = { functionRegistry: flow.getFunctionRegistry() }
    const runtime = runtimeOn(store)
    const source = await runtime.run(blueprint, {}, options)
    expect(source.context).toMatchObject({ key: 'by b' })
    isFirst = false
    const first = await runtime.fork(source.executionId, { at: 'end', rerun: ['b'], ...options })
    expect((await first.result()).context).toMatchObject({ key: 'by c' })
    const second = await runtime.fork(first.executionId, { at: 'end', rerun: ['c'], ...options })
    expect((await second.result()).context).not.toHaveProperty('key')
    const third = await runtime.fork(first.executionId, { at: 'end', set: { key: 'mine' }, ...options })
    const fourth = await runtime.fork(third.executionId, { at: 'end', rerun: ['c'], ...options })
    expect((await fourth.result()).context).toMatchObject({ key: 'mine' })
  })

  it('goes on with the run of a subflow that the first one had given an output, when its process has ended', async () => {
    const child = createFlow('child').wait('sign')
    const flow = createFlow('parent')
      .node('begin', () => ({ output: 1 }))
      .subflow('sub', { blueprintId: 'child' })
      .edge('begin', 'sub')
    const store = new InMemoryEventStore()
    const runtime = runtimeOn(store, flow, child)
    const source = await runtime.run(flow.toBlueprint(), {})
    expect(source.status).toBe('awaiting')
    const given = { at: 'end', rerun: ['sub'], outputs: { sub: 'given' }, executionId: 'first' } as const
    expect((await (await runtime.fork(source.executionId, given)).result()).context).toMatchObject({ sub: 'given' })
    const again = await runtime.fork('first', { at: 'end', rerun: ['sub'], executionId: 'second' })
    expect((await again.result()).status).toBe('awaiting')
    const ids = (await store.list({ parent: 'second' })).items.map(({ executionId }) => executionId)
    const left = await leftBehind(await keptOf(store, source.executionId, 'first', 'second', ...ids))
    const elsewhere = runtimeOn(left, flow, child)
    expect((await elsewhere.resume('second', { nodeId: 'sub/sign', output: 'signed' })).context).toMatchObject({
      sub: 'signed',
    })
    expect((await left.list({ parent: 'second' })).items.map(({ executionId }) => executionId)).toEqual(ids)
  })
})

it('a subflow that begins again in a fork has all of its attempts left', async () => {
  let failures = 0
  const child = createFlow('child')
    .wait('sign')
    .node('work', () => {
      if ((failures -= 1) >= 0) throw new Error('not yet')
      return { output: 'done' }
    })
    .edge('sign', 'work')
  const { nodes, ...rest } = createFlow('parent').subflow('sub', { blueprintId: 'child' }).toBlueprint()
  const blueprint = { ...rest, nodes: nodes.map((node) => ({ ...node, config: { maxRetries: 2 } })) }
  const runtime = runtimeOn(new InMemoryEventStore(), child)
  const source = await runtime.run(blueprint, {})
  const fork = await runtime.fork(source.executionId, { at: 'end', executionId: 'fork' })
  await fork.result()
  failures = 1
  let result = await runtime.resume('fork', { output: 1 })
  expect(result.status).toBe('awaiting')
  result = await runtime.resume('fork', { output: 1 })
  expect(result.context).toMatchObject({ sub: 'done' })
})

it('a store that judges nothing is not given a second history under one id', async () => {
  const flow = createFlow('short').node('a', () => ({ output: 1 }))
  const logs = new Map<string, FlowcraftEvent[]>()
  const store: EventStore = {
    store: async (event, id) => void logs.set(id, [...(logs.get(id) ?? []), event]),
    retrieve: async (id) => logs.get(id) ?? [],
    retrieveMultiple: async (ids) => new Map(ids.map((id) => [id, logs.get(id) ?? []])),
  }
  const runtime = runtimeOn(store, flow)
  for (const executionId of ['one', 'two']) await flow.run(runtime, {}, { executionId })
  const before = [...logs.get('two')!]
  expect(await codeOf(runtime.fork('one', { at: 'end', executionId: 'two' }))).toBe('EXECUTION_CONFLICT')
  expect(logs.get('two')).toEqual(before)
})

describe('a blueprint that does not fit', () => {
  it('leaves a parked run in memory where it is', async () => {
    const flow = createFlow('asking')
      .node('ask', () => ({ output: 1 }))
      .wait('sign')
      .edge('ask', 'sign')
    const store = new InMemoryEventStore()
    const runtime = runtimeOn(store, flow)
    const handle = runtime.start(flow.toBlueprint(), {})
    const { executionId } = await handle.result()
    const blueprint = { ...flow.toBlueprint(), edges: [] }
    const unfit = runtime.resume(executionId, { output: 2 }, { blueprint, allowChanged: true })
    expect(await codeOf(unfit)).toBe('BLUEPRINT_MISMATCH')
    handle.resume({ output: 3 })
    expect((await handle.result()).context).toMatchObject({ sign: 3 })
  })

  it('may lack a node that was skipped', async () => {
    const flow = createFlow('branches')
      .node('a', () => ({ output: 1 }))
      .node('b', () => ({ output: 2 }))
      .node('never', () => ({ output: 3 }))
      .wait('sign')
      .edge('a', 'b')
      .edge('a', 'never', { condition: 'false' })
      .edge('b', 'sign')
    const store = new InMemoryEventStore()
    const runtime = runtimeOn(store, flow)
    const parked = await runtime.run(flow.toBlueprint(), {})
    const { nodes, edges, ...rest } = flow.toBlueprint()
    const blueprint = {
      ...rest,
      nodes: nodes.filter(({ id }) => id !== 'never'),
      edges: edges.filter(({ target }) => target !== 'never'),
    }
    const fork = await runtime.fork(parked.executionId, { at: 'end', blueprint })
    expect((await fork.result()).status).toBe('awaiting')
    const left = await leftBehind(await keptOf(store, fork.executionId))
    for (const each of [flow.toBlueprint(), blueprint]) {
      const hashes = (await keptOf(store, fork.executionId)).flatMap(({ payload }) =>
        'blueprintHash' in payload ? (payload.blueprintHash ?? []) : [],
      )
      await left.saveBlueprint(hashes[each === blueprint ? 1 : 0]!, each)
    }
    for (const on of [runtime, runtimeOn(left, flow)]) {
      expect((await on.resume(fork.executionId, { output: 4 })).context).toMatchObject({ sign: 4 })
    }
  })
})
