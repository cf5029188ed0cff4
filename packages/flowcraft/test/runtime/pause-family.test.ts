import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

describe.each(ways)('a pause of a family, $way', ({ isRecorded }) => {
  const calls: string[] = []
  const note = async ({ nodeId, input }: NodeContext) => {
    calls.push(nodeId)
    return { output: input }
  }
  const leaf = createFlow('leaf').node('x', note).node('y', note).edge('x', 'y')
  const middle = createFlow('middle').subflow('in', { blueprintId: 'leaf' })

  it('holds all of its runs, and ends for all of them at once', async () => {
    calls.length = 0
    const door = gate()
    const { runtime, check, log } = bench(isRecorded, { flows: [leaf, middle] })
    const flow = createFlow('root')
      .subflow('one', { blueprintId: 'middle' })
      .subflow('two', { blueprintId: 'leaf' })
      .node('slow', async () => door.opened)
    runtime.register(
      createFlow('leaf')
        .node('x', async () => door.opened)
        .node('y', note)
        .edge('x', 'y'),
    )
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await idle()
    handle.pause()
    door.open()
    const parked = await handle.result()
    expect(parked.status).toBe('awaiting')
    expect(calls).toEqual([])
    await check(flow.toBlueprint(), parked)
    const result = await runtime.resume(handle.executionId)
    expect(result.status).toBe('completed')
    expect(calls).toEqual(['y', 'y'])
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(handle.executionId)).filter((line) => /resume|pause/.test(line))).toEqual([
      'pause run',
      'resume run by one',
      'resume run by two',
    ])
    const child = await log(`${handle.executionId}:one#0:in#0`)
    expect(stations(child).slice(2)).toEqual([
      'finish x',
      'pause run',
      'resume run',
      'start y',
      'finish y',
      'finish run',
    ])
  })

  it('holds also a run that was about to start', async () => {
    calls.length = 0
    const { runtime, check } = bench(isRecorded, { flows: [leaf] })
    const flow = createFlow('root')
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .subflow('sub', { blueprintId: 'leaf' })
    const parked = await flow.run(runtime)
    expect(parked.status).toBe('awaiting')
    // A run that nothing records is in the middle of its first node as soon as it has started.
    expect(calls).toEqual(isRecorded ? [] : ['x'])
    await check(flow.toBlueprint(), parked)
    const result = await flow.resume(runtime, parked.serializedContext)
    expect(result.status).toBe('completed')
    expect(calls).toEqual(['x', 'y'])
    await check(flow.toBlueprint(), result)
  })

  it('ends for all when one of them is answered', async () => {
    calls.length = 0
    const { runtime, check } = bench(isRecorded, { flows: [leaf, middle] })
    const flow = createFlow('root')
      .wait('ask')
      .subflow('sub', { blueprintId: 'middle' })
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', pass)
      .edge('a', 'b')
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingNodeIds: ['ask', 'sub'] })
    const result = await flow.resume(runtime, parked.serializedContext, { output: 1 }, 'ask')
    expect(result.status).toBe('completed')
    expect(calls).toContain('y')
    await check(flow.toBlueprint(), result)
  })

  it('of a subflow that also waits lets an answer through', async () => {
    const { runtime, check } = bench(isRecorded)
    const asking = createFlow('asking')
      .wait('ask')
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', async () => ({ output: 'b' }))
      .edge('a', 'b')
    const held = createFlow('held')
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', async () => ({ output: 'b' }))
      .edge('a', 'b')
    runtime.register(asking).register(held)
    const flow = createFlow('root')
      .subflow('first', { blueprintId: 'held' })
      .subflow('second', { blueprintId: 'asking' })
    const { executionId } = await flow.run(runtime)
    const half = await runtime.resume(executionId, { output: 1 })
    expect(half).toMatchObject({ status: 'awaiting', context: { second: { ask: 1, b: 'b' } } })
    const result = await runtime.resume(executionId, { output: 'for nobody' })
    expect(result).toMatchObject({ status: 'completed', context: { first: 'b' } })
    await check(flow.toBlueprint(), result)
  })

  it('may be of one run of a subflow, whose node waits for it', async () => {
    const door = gate()
    const slow = createFlow('slow')
      .node('x', async () => door.opened)
      .node('y', note)
      .edge('x', 'y')
    const { runtime, check } = bench(isRecorded, { flows: [slow] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'slow' })
    const handle = runtime.start(flow.toBlueprint())
    await idle()
    await runtime.requestPause(`${handle.executionId}:sub#0`)
    door.open()
    const parked = await handle.result()
    expect(parked).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['sub'] } })
    await check(flow.toBlueprint(), parked)
    const result = await runtime.resume(handle.executionId)
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
  })

  it('ends with a cancellation of the whole family', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [leaf, middle] })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'middle' })
      .node('a', async ({ executionId }) => runtime.requestPause(executionId))
      .node('b', pass)
      .edge('a', 'b')
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    expect((await handle.result()).status).toBe('awaiting')
    await runtime.cancel(handle.executionId, 'enough')
    const result = await handle.result()
    expect(result.status).toBe('cancelled')
    await check(flow.toBlueprint(), result)
  })
})
