import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

describe.each(ways)('a pause, $way', ({ isRecorded }) => {
  it('parks the run at the next boundary between nodes, and names what is held back', async () => {
    const door = gate()
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('flow')
      .node('a', async () => door.opened.then(() => ({ output: 1 })))
      .node('b', pass)
      .node('c', pass)
      .edge('a', 'b')
      .edge('a', 'c')
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await idle()
    await runtime.requestPause(handle.executionId)
    await runtime.requestPause(handle.executionId)
    door.open()
    const parked = await handle.result()
    expect(parked.status).toBe('awaiting')
    expect(parked.context).toMatchObject({ a: 1, _awaitingNodeIds: [], _awaitingDetails: {} })
    await check(flow.toBlueprint(), parked)
    const result = await runtime.resume(handle.executionId, { output: 'not for anybody' })
    expect(result).toMatchObject({ status: 'completed', context: { b: 1, c: 1 } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const events = await log(handle.executionId)
    expect(stations(events)).toEqual([
      'start run',
      'start a',
      'finish a',
      'pause run',
      'resume run',
      'start b',
      'start c',
      'finish b',
      'finish c',
      'finish run',
    ])
    expect(events.find(({ type }) => type === 'workflow:pause')).toMatchObject({
      payload: {
        waiting: [
          { nodeId: 'b', reason: 'user_pause' },
          { nodeId: 'c', reason: 'user_pause' },
        ],
      },
    })
    expect(events.find(({ type }) => type === 'workflow:resume')).toMatchObject({ payload: { reason: 'user' } })
  })

  it('before the first node holds that back', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const calls: string[] = []
    const flow = createFlow('flow').node('a', async () => void calls.push('a'))
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    handle.pause()
    // A run that nothing records is in the middle of its first node by now.
    const result = await handle.result()
    expect(result.status).toBe(isRecorded ? 'awaiting' : 'completed')
    expect(calls).toEqual(isRecorded ? [] : ['a'])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(handle.executionId))).toEqual(['start run', 'pause run'])
    expect((await runtime.resume(handle.executionId)).status).toBe('completed')
  })

  it('after the last node is none', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('flow').node('a', async ({ executionId }) => runtime.requestPause(executionId))
    const result = await flow.run(runtime)
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
    await expect(runtime.requestPause(result.executionId)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  })

  it('of a run that waits already changes nothing', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('flow').wait('ask').node('b', pass).edge('ask', 'b')
    const parked = await flow.run(runtime)
    const before = await log(parked.executionId)
    await runtime.requestPause(parked.executionId)
    expect(await log(parked.executionId)).toEqual(before)
    const result = await flow.resume(runtime, parked.serializedContext, { output: 1 })
    expect(result).toMatchObject({ status: 'completed', context: { b: 1 } })
    await check(flow.toBlueprint(), result)
  })

  it('ends with an answer, and with a cancellation', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('flow')
      .wait('ask')
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', async () => ({ output: 'b' }))
      .edge('a', 'b')
    const answered = await flow.run(runtime)
    expect(answered.context).toMatchObject({ _awaitingNodeIds: ['ask'] })
    expect(answered.context).not.toHaveProperty('b')
    const result = await flow.resume(runtime, answered.serializedContext, { output: 1 }, 'ask')
    expect(result).toMatchObject({ status: 'completed', context: { ask: 1, b: 'b' } })
    await check(flow.toBlueprint(), result)
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await handle.result()
    handle.cancel('enough')
    const cancelled = await handle.result()
    expect(cancelled.status).toBe('cancelled')
    await check(flow.toBlueprint(), cancelled)
  })

  it('without an answer lets what is held back go on, and what waits wait', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('flow')
      .wait('ask')
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', async () => ({ output: 'b' }))
      .edge('a', 'b')
    const parked = await flow.run(runtime)
    const result = await flow.resume(runtime, parked.serializedContext)
    expect(result).toMatchObject({ status: 'awaiting', context: { b: 'b', _awaitingNodeIds: ['ask'] } })
    expect(result.context).not.toHaveProperty('ask')
    await check(flow.toBlueprint(), result)
    const second = await flow.run(runtime)
    const answered = await flow.resume(runtime, second.serializedContext, { output: 'for the first that waits' })
    expect(answered).toMatchObject({ status: 'completed', context: { b: 'b', ask: 'for the first that waits' } })
    await check(flow.toBlueprint(), answered)
  })

  it('lasts until somebody ends it: no timer does', async () => {
    const { runtime, check, clock } = bench(isRecorded)
    const flow = createFlow('flow')
      .sleep('nap', { duration: 100 })
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', pass)
      .node('end', pass)
      .edge('a', 'b')
      .edge('nap', 'end')
    runtime.startScheduler()
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await handle.result()
    await clock.advance(5000)
    expect((await handle.result()).status).toBe('awaiting')
    const resumed = await runtime.resume(handle.executionId)
    expect(resumed).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['nap'] } })
    await clock.advance(0)
    const result = await handle.result()
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
  })

  it('of a subflow keeps the timers of its parent from ending it', async () => {
    const child = createFlow('child')
      .node('x', async () => door.opened)
      .node('y', pass)
      .edge('x', 'y')
    const door = gate()
    const { runtime, check, clock } = bench(isRecorded, { flows: [child] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'child' }).sleep('nap', { duration: 100 })
    runtime.startScheduler()
    const handle = runtime.start(flow.toBlueprint())
    await idle()
    handle.pause()
    door.open()
    expect((await handle.result()).context).toMatchObject({ _awaitingNodeIds: ['nap', 'sub'] })
    await clock.advance(5000)
    expect((await handle.result()).context).toMatchObject({ _awaitingNodeIds: ['nap', 'sub'] })
    await runtime.resume(handle.executionId)
    await clock.advance(0)
    const result = await handle.result()
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })

  it('between two attempts leaves no timer behind, and the rest of the delay is waited for afterwards', async () => {
    const { runtime, check, clock, log } = bench(isRecorded)
    const times: number[] = []
    const flow = createFlow('flow').node(
      'a',
      async ({ attempt }) => {
        times.push(clock.now() - 1_000_000)
        if (attempt < 3) throw new Error('no')
      },
      { config: { maxRetries: 3, retryDelay: 100 } },
    )
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await clock.advance(30)
    handle.pause()
    const parked = await handle.result()
    expect(parked.status).toBe('awaiting')
    expect(clock.waiting).toEqual([])
    await check(flow.toBlueprint(), parked)
    if (isRecorded) {
      const waiting = [{ nodeId: 'a', reason: 'user_pause' }]
      expect((await log(handle.executionId)).at(-1)).toMatchObject({ type: 'workflow:pause', payload: { waiting } })
    }
    await clock.advance(20)
    const soon = runtime.resume(handle.executionId)
    await clock.advance(49)
    expect(times).toEqual([0])
    await clock.advance(1)
    expect(times).toEqual([0, 100])
    handle.pause()
    await soon
    await clock.advance(1000)
    const late = runtime.resume(handle.executionId)
    await clock.advance(0)
    const result = await late
    expect(times).toEqual([0, 100, 1100])
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
  })
})
