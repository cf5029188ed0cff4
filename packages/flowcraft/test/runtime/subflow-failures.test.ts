import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type EventBatch,
  type NodeContext,
} from 'flowcraft'
import { virtualClock } from './virtual-clock.ts'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

/** Fails as often as its run is told to. */
function failing(times: number, error: () => unknown = () => new Error('no luck')) {
  let calls = 0
  return createFlow('failing').node('try', async ({ executionId }) => {
    calls += 1
    if (calls <= times) throw error()
    return { output: executionId }
  })
}

describe.each(ways)('a subflow that fails, $way', ({ isRecorded }) => {
  it('fails its node, with the first error of its run as the cause', async () => {
    const { runtime, check, log } = bench(isRecorded, {
      flows: [failing(1, () => new TypeError('odd', { cause: 'why' }))],
    })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'failing' })
      .node('after', pass)
      .node('beside', async () => ({ output: 1 }))
      .edge('sub', 'after')
    const result = await flow.run(runtime)
    const childId = `${result.executionId}:sub#0`
    expect(result).toMatchObject({ status: 'failed', context: { beside: 1 } })
    expect(result.errors).toMatchObject([
      {
        code: 'SUBFLOW_FAILED',
        message: `Subflow 'sub' of blueprint 'failing' (execution '${childId}') failed: Node 'try' execution failed`,
        nodeId: 'sub',
        blueprintId: 'root',
        executionId: result.executionId,
        isFatal: false,
        cause: {
          message: "Node 'try' execution failed",
          code: 'NODE_FAILED',
          cause: { name: 'TypeError', message: 'odd', cause: { message: 'why' } },
        },
      },
    ])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(childId)).at(-1)).toBe('finish run')
    expect(stations(await log(result.executionId))).toContain('skipped after')
  })

  it('is tried again, with a run of its own each time', async () => {
    const { runtime, check, log, clock } = bench(isRecorded, { flows: [failing(2)] })
    const flow = createFlow('root').subflow('sub', {
      blueprintId: 'failing',
      config: { maxRetries: 3, retryDelay: 100, retryBackoff: 'exponential' },
    })
    const running = flow.run(runtime)
    await clock.advance(100)
    expect(clock.waiting).toEqual([200])
    await clock.advance(200)
    const result = await running
    const ids = ['', '.1', '.2'].map((end) => `${result.executionId}:sub#0${end}`)
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { sub: ids[2] } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const starts = (await log(result.executionId)).filter(({ type }) => type === 'node:start')
    expect(starts.map(({ payload }) => payload)).toMatchObject(
      ids.map((childExecutionId, index) => ({ childExecutionId, attempt: index + 1, iteration: 0 })),
    )
    for (const id of ids) expect((await log(id)).at(-1)).toMatchObject({ type: 'workflow:finish' })
  })

  it.each(['node', 'key'])('is stood in for by its fallback, a %s', async (kind) => {
    const { runtime, check } = bench(isRecorded, {
      flows: [failing(1)],
      registry: { key: async () => ({ output: 'key' }) },
    })
    const flow = createFlow('root')
      .node('a', async () => ({ output: 'given' }))
      .subflow('sub', { blueprintId: 'failing', config: { fallback: kind } })
      .node('node', async ({ input }) => ({ output: ['node', input] }))
      .node('end', pass)
      .edge('a', 'sub')
      .edge('sub', 'end')
    const result = await flow.run(runtime)
    const output = kind === 'key' ? 'key' : ['node', 'given']
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { sub: output, end: output } })
    await check(flow.toBlueprint(), result)
  })

  it('may have a fallback by key that waits', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [failing(1)], registry: { key: async () => ({ wait: {} }) } })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'failing', config: { fallback: 'key' } })
      .node('end', pass)
      .edge('sub', 'end')
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingNodeIds: ['sub'] })
    const result = await flow.resume(runtime, parked.serializedContext, { output: 'saved' })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { end: 'saved' } })
    await check(flow.toBlueprint(), result)
  })

  it('may be the fallback of another node', async () => {
    const echo = createFlow('echo').node('x', pass)
    const { runtime, check } = bench(isRecorded, { flows: [echo] })
    const flow = createFlow('root')
      .node('start', async () => ({ output: 5 }))
      .node('a', async () => Promise.reject(new Error('no')), { config: { fallback: 'sub' } })
      .subflow('sub', { blueprintId: 'echo' })
      .node('end', pass)
      .edge('start', 'a')
      .edge('a', 'end')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 5, sub: 5, end: 5 } })
    await check(flow.toBlueprint(), result)
  })

  it('fatally is not tried again, has no fallback, and ends the run', async () => {
    const fatal = () => new FlowcraftError('the end', { isFatal: true })
    const { runtime, check } = bench(isRecorded, { flows: [failing(9, fatal)], registry: { key: pass } })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'failing', config: { maxRetries: 3, fallback: 'key' } })
      .wait('never')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({
      status: 'failed',
      errors: [{ code: 'SUBFLOW_FAILED', isFatal: true, cause: { message: 'the end' } }],
    })
    await check(flow.toBlueprint(), result)
  })

  it('is told of by what happened in the innermost run', async () => {
    const middle = createFlow('middle').subflow('inner', { blueprintId: 'failing' })
    const { runtime, check } = bench(isRecorded, { flows: [failing(1), middle] })
    const flow = createFlow('root').subflow('outer', { blueprintId: 'middle' })
    const result = await flow.run(runtime)
    const [error] = result.errors ?? []
    expect(error?.message).toBe(
      `Subflow 'outer' of blueprint 'middle' (execution '${result.executionId}:outer#0') failed: Node 'try' execution failed`,
    )
    expect(error?.cause).toMatchObject({
      code: 'SUBFLOW_FAILED',
      message: expect.stringContaining("Subflow 'inner' of blueprint 'failing'"),
      cause: { code: 'NODE_FAILED', cause: { message: 'no luck' } },
    })
    await check(flow.toBlueprint(), result)
  })

  it('by being cancelled fails its node', async () => {
    const door = gate()
    const slow = createFlow('slow').node('x', async () => door.opened)
    const { runtime, check } = bench(isRecorded, { flows: [slow] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'slow' })
    const handle = runtime.start(flow.toBlueprint())
    await handle.begun
    await new Promise((resolve) => setImmediate(resolve))
    await runtime.cancel(`${handle.executionId}:sub#0`, 'not this')
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'SUBFLOW_FAILED', nodeId: 'sub' }] })
    expect(result.errors?.[0]?.message).toMatch(/ was cancelled$/)
    await check(flow.toBlueprint(), result)
    door.open()
  })

  it('by being cancelled while it waits fails its node', async () => {
    const asking = createFlow('asking').wait('ask')
    const middle = createFlow('middle').subflow('inner', { blueprintId: 'asking' })
    const { runtime, check } = bench(isRecorded, { flows: [asking, middle] })
    const flow = createFlow('root').subflow('outer', { blueprintId: 'middle' })
    const handle = runtime.start(flow.toBlueprint())
    expect((await handle.result()).status).toBe('awaiting')
    await runtime.cancel(`${handle.executionId}:outer#0:inner#0`, 'not this')
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'SUBFLOW_FAILED', nodeId: 'outer' }] })
    await check(flow.toBlueprint(), result)
  })
})

describe.each(ways)('a timeout of a subflow, $way', ({ isRecorded }) => {
  const slow = () => {
    const aborted: string[] = []
    const flow = createFlow('slow').node('x', async ({ signal, executionId }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      aborted.push(`${executionId.slice(-5)} ${(signal.reason as Error).name}`)
    })
    return { flow, aborted }
  }

  it('cancels its run, and fails the attempt', async () => {
    const { flow: child, aborted } = slow()
    const { runtime, check, clock, log } = bench(isRecorded, { flows: [child] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'slow', config: { timeout: 50, maxRetries: 2 } })
    const running = flow.run(runtime)
    await clock.advance(49)
    expect(aborted).toEqual([])
    await clock.advance(1)
    expect(aborted).toEqual(['sub#0 NodeTimeoutError'])
    await clock.advance(50)
    const result = await running
    expect(aborted).toEqual(['sub#0 NodeTimeoutError', 'b#0.1 NodeTimeoutError'])
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'NODE_TIMEOUT', nodeId: 'sub' }] })
    expect(clock.waiting).toEqual([])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    for (const end of ['', '.1']) {
      expect(stations(await log(`${result.executionId}:sub#0${end}`))).toEqual([
        'start run',
        'start x',
        'cancel run',
        'finish run',
      ])
    }
  })

  it('leaves no timer behind when its run has ended in time, or its parent is cancelled', async () => {
    const quick = createFlow('quick').node('x', pass)
    const { flow: child } = slow()
    const { runtime, clock } = bench(isRecorded, { flows: [quick, child] })
    const fine = createFlow('fine').subflow('sub', { blueprintId: 'quick', config: { timeout: 50 } })
    expect((await fine.run(runtime)).status).toBe('completed')
    expect(clock.waiting).toEqual([])
    const flow = createFlow('root').subflow('sub', { blueprintId: 'slow', config: { timeout: 50 } })
    const handle = runtime.start(flow.toBlueprint())
    await clock.advance(10)
    expect(clock.waiting).toEqual([40])
    handle.cancel()
    expect((await handle.result()).status).toBe('cancelled')
    expect(clock.waiting).toEqual([])
  })

  it('does not run while its run waits, and begins anew when that goes on', async () => {
    const { flow: child, aborted } = slow()
    const asking = createFlow('asking').wait('ask').subflow('work', { blueprintId: 'slow' }).edge('ask', 'work')
    const { runtime, check, clock } = bench(isRecorded, { flows: [child, asking] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'asking', config: { timeout: 50 } })
    const parked = await flow.run(runtime)
    expect(clock.waiting).toEqual([])
    await clock.advance(1000)
    const running = flow.resume(runtime, parked.serializedContext)
    await clock.advance(49)
    expect(aborted).toEqual([])
    await clock.advance(1)
    expect(aborted).toHaveLength(1)
    const result = await running
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'NODE_TIMEOUT', nodeId: 'sub' }] })
    await check(flow.toBlueprint(), result)
  })
})

it('a timeout of a subflow comes too late for a run that waits and is not stored as such yet', async () => {
  const door = gate()
  class SlowStore extends InMemoryEventStore {
    override async append(batches: readonly EventBatch[]): ReturnType<InMemoryEventStore['append']> {
      if (batches.some(({ events }) => events.some(({ type }) => type === 'workflow:pause'))) await door.opened
      return await super.append(batches)
    }
  }
  const clock = virtualClock()
  const asking = createFlow('asking').wait('ask')
  const flow = createFlow('root').subflow('sub', { blueprintId: 'asking', config: { timeout: 50 } })
  const eventBus = new PersistentEventBusAdapter(new SlowStore())
  const running = flow.run(new FlowRuntime({ eventBus, clock, flows: [asking], logger: new NullLogger() }))
  await clock.advance(100)
  door.open()
  expect((await running).status).toBe('awaiting')
})
