import { describe, expect, it } from 'vitest'
import {
  createFlow,
  EventStoreError,
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type EventBatch,
  type FlowcraftEvent,
  type NodeContext,
} from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

describe.each(ways)('a run that is cancelled, $way', ({ isRecorded }) => {
  const family = () => {
    const reasons: unknown[] = []
    const slow = createFlow('slow').node('x', async ({ signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      reasons.push(signal.reason)
    })
    const asking = createFlow('asking').wait('ask')
    const middle = createFlow('middle')
      .subflow('slow', { blueprintId: 'slow' })
      .subflow('asking', { blueprintId: 'asking' })
    const root = createFlow('root')
      .subflow('one', { blueprintId: 'middle', config: { maxRetries: 3, fallback: 'end' } })
      .subflow('two', { blueprintId: 'slow' })
      .node('end', pass)
    return { reasons, root, flows: [slow, asking, middle] }
  }

  it('cancels the runs of its subflows, whose logs are finished before it gives its result', async () => {
    const { root, flows, reasons } = family()
    const { runtime, check, log } = bench(isRecorded, { flows })
    const handle = runtime.start(root.toBlueprint(), {}, { functionRegistry: root.getFunctionRegistry() })
    await idle()
    handle.cancel('enough')
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'cancelled', errors: undefined })
    await idle()
    expect(reasons).toEqual(['enough', 'enough'])
    await check(root.toBlueprint(), result)
    if (!isRecorded) return
    const id = handle.executionId
    for (const child of ['one#0', 'one#0:slow#0', 'one#0:asking#0', 'two#0']) {
      const events = await log(`${id}:${child}`)
      expect(stations(events).slice(-2)).toEqual(['cancel run', 'finish run'])
      expect(events.at(-2)).toMatchObject({ payload: { reason: 'enough' } })
    }
  })

  it('cancels them also when all of them wait, or have just been started', async () => {
    const { flows } = family()
    const root = createFlow('root').subflow('sub', { blueprintId: 'asking' })
    const { runtime, check, log } = bench(isRecorded, { flows })
    const parked = runtime.start(root.toBlueprint())
    expect((await parked.result()).status).toBe('awaiting')
    await runtime.cancel(parked.executionId, 'enough')
    const result = await parked.result()
    expect(result.status).toBe('cancelled')
    await check(root.toBlueprint(), result)
    if (isRecorded) {
      expect(stations(await log(`${parked.executionId}:sub#0`))).toEqual([
        'start run',
        'start ask',
        'wait ask',
        'pause run',
        'cancel run',
        'finish run',
      ])
    }
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const handle = runtime.start(root.toBlueprint())
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve()
      handle.cancel()
      const early = await handle.result()
      expect(early.status).toBe('cancelled')
      await check(root.toBlueprint(), early)
    }
  })

  it('by a signal cancels them too', async () => {
    const { root, flows } = family()
    const { runtime, check } = bench(isRecorded, { flows })
    const controller = new AbortController()
    const running = root.run(runtime, {}, { signal: controller.signal })
    await idle()
    controller.abort(new Error('stop'))
    const result = await running
    expect(result.status).toBe('cancelled')
    await check(root.toBlueprint(), result)
  })

  it('by the signal of a resume cancels them too', async () => {
    const { flows } = family()
    const next = createFlow('next').wait('ask').subflow('slow', { blueprintId: 'slow' }).edge('ask', 'slow')
    const root = createFlow('root').subflow('sub', { blueprintId: 'next' })
    const { runtime, check } = bench(isRecorded, { flows: [...flows, next] })
    const { executionId } = await root.run(runtime)
    const controller = new AbortController()
    const resumed = runtime.resume(executionId, {}, { signal: controller.signal })
    await idle()
    controller.abort('stop')
    const result = await resumed
    expect(result.status).toBe('cancelled')
    await check(root.toBlueprint(), result)
  })

  it('by a fatal error in one branch ends the run of a subflow in another', async () => {
    const { flows } = family()
    const door = gate()
    const root = createFlow('root')
      .subflow('sub', { blueprintId: 'slow' })
      .node('fatal', async () => {
        await door.opened
        throw new FlowcraftError('the end', { isFatal: true })
      })
    const { runtime, check } = bench(isRecorded, { flows })
    const running = root.run(runtime)
    await idle()
    door.open()
    const result = await running
    expect(result).toMatchObject({ status: 'failed', errors: [{ nodeId: 'fatal', message: 'the end' }] })
    await check(root.toBlueprint(), result)
  })
})

/** A store that refuses what `isLost` says, and says so. */
class RefusingStore extends InMemoryEventStore {
  readonly #isLost: (event: FlowcraftEvent) => boolean
  readonly after: FlowcraftEvent[] = []
  #hasRefused = false

  constructor(isLost: (event: FlowcraftEvent) => boolean) {
    super()
    this.#isLost = isLost
  }

  override async append(batches: readonly EventBatch[]): ReturnType<InMemoryEventStore['append']> {
    const outcomes: Awaited<ReturnType<InMemoryEventStore['append']>> = []
    for (const batch of batches) {
      if (this.#hasRefused) this.after.push(...batch.events)
      if (!this.#hasRefused && batch.events.some((event) => this.#isLost(event))) {
        this.#hasRefused = true
        outcomes.push({ executionId: batch.executionId, error: new EventStoreError('the disk is full') })
      } else outcomes.push(...(await super.append([batch])))
    }
    return outcomes
  }
}

describe('a store that fails', () => {
  const family = () => {
    const calls: string[] = []
    const note = async ({ nodeId }: NodeContext) => void calls.push(nodeId)
    const asking = createFlow('asking').wait('ask').node('after', note).edge('ask', 'after')
    const inner = createFlow('inner').node('x', note).node('y', note).edge('x', 'y')
    const middle = createFlow('middle').subflow('in', { blueprintId: 'inner' }).node('z', note).edge('in', 'z')
    const root = createFlow('root')
      .subflow('sub', { blueprintId: 'middle', config: { maxRetries: 5, fallback: 'stand-in' } })
      .subflow('beside', { blueprintId: 'asking' })
      .node('stand-in', note)
      .node('end', note)
      .edge('sub', 'end')
    return { calls, root, flows: [asking, inner, middle] }
  }

  it.each([
    ['the start of a run of a subflow', 'workflow:start', ':sub#0:in#0'],
    ['its node', 'node:finish', ':sub#0:in#0'],
    ['its end', 'workflow:finish', ':sub#0:in#0'],
    ['the end of the one around it', 'workflow:finish', ':sub#0'],
    ['what the root makes of it', 'node:finish', ''],
  ] as const)('at %s ends the whole family, and nothing more is written', async (_, type, where) => {
    const { calls, root, flows } = family()
    const isLost = (event: FlowcraftEvent) => event.type === type && event.executionId === `run${where}`
    const store = new RefusingStore(isLost)
    const eventBus = new PersistentEventBusAdapter(store)
    let count = 0
    const idGenerator = () => (count++ === 0 ? 'run' : `writer ${count}`)
    const runtime = new FlowRuntime({ eventBus, flows, idGenerator, logger: new NullLogger() })
    await expect(root.run(runtime)).rejects.toMatchObject({
      code: 'EVENT_STORE_FAILED',
      cause: { message: 'the disk is full' },
    })
    await idle()
    expect(calls).not.toContain('stand-in')
    expect(calls).not.toContain('end')
    expect(store.after).toEqual([])
    for (const id of ['run', 'run:sub#0', 'run:sub#0:in#0', 'run:beside#0']) {
      const log = await store.retrieve(id)
      expect(stations(log)).not.toContain('cancel run')
      // What the log has as parked needs no pause; what it has as running is nobody's any more.
      if (log.at(-1)?.type === 'workflow:pause') continue
      await expect(runtime.requestPause(id)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
    }
  })

  it('when a subflow is resumed ends the whole family too', async () => {
    const { calls, flows } = family()
    const waiting = createFlow('waiting').subflow('in', { blueprintId: 'asking' })
    const outer = createFlow('outer').subflow('sub', { blueprintId: 'waiting' }).wait('other')
    const isLost = (event: FlowcraftEvent) => event.type === 'workflow:resume' && event.executionId.endsWith('in#0')
    const eventBus = new PersistentEventBusAdapter(new RefusingStore(isLost))
    const runtime = new FlowRuntime({ eventBus, flows: [...flows, waiting], logger: new NullLogger() })
    const { executionId } = await outer.run(runtime)
    await expect(runtime.resume(executionId, { nodeId: 'sub' })).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
    expect(calls).toEqual([])
    for (const id of [executionId, `${executionId}:sub#0`]) {
      await expect(runtime.requestPause(id)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
    }
    const recovered = runtime.recover(executionId)
    await expect(recovered).resolves.toMatchObject({ status: 'awaiting' })
  })
})
