import { describe, expect, it } from 'vitest'
import { createFlow, FlowcraftError, type NodeContext } from 'flowcraft'
import { bench, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

describe.each(ways)('a wait, $way', ({ isRecorded }) => {
  it('in a loop waits anew in each turn', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('loop')
      .node('start', async () => ({ output: 0 }))
      .wait('ask')
      .node('end', pass)
      .loop('again', { startNodeId: 'ask', endNodeId: 'ask', condition: 'input < 3' })
      .edge('start', 'ask')
      .edge('again', 'end')
    let result = await flow.run(runtime)
    for (const output of [1, 2, 3]) {
      expect(result).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['ask'] } })
      await check(flow.toBlueprint(), result)
      result = await flow.resume(runtime, result.serializedContext, { output }, 'ask')
    }
    expect(result).toMatchObject({ status: 'completed', context: { end: 3 } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const waits = (await log(result.executionId)).filter(({ type }) => type === 'node:wait')
    expect(waits.map(({ payload }) => payload)).toMatchObject([{ iteration: 0 }, { iteration: 1 }, { iteration: 2 }])
  })

  it('in a loop keeps the loop from its next turn while it waits', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('side')
      .node('start', async () => ({ output: 0 }))
      .node('count', async ({ input }) => ({ output: Number(input) + 1 }))
      .wait('side')
      .node('end', pass)
      .loop('again', { startNodeId: 'count', endNodeId: 'count', condition: 'input < 2' })
      .edge('start', 'count')
      .edge('count', 'side')
      .edge('side', 'end')
      .edge('again', 'end')
    const first = await flow.run(runtime)
    expect(first.context).toMatchObject({ count: 1, _awaitingNodeIds: ['side'] })
    const second = await flow.resume(runtime, first.serializedContext, { output: 'a' })
    expect(second.context).toMatchObject({ count: 2, _awaitingNodeIds: ['side'] })
    const result = await flow.resume(runtime, second.serializedContext, { output: 'b' })
    expect(result).toMatchObject({ status: 'completed', context: { end: { side: 'b', again: 2 } } })
    await check(flow.toBlueprint(), result)
  })

  it('in the workers of a batch is answered worker by worker', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('batch')
      .batch('b', async ({ input }) => (input === 'c' ? { output: 'at once' } : { wait: { event: String(input) } }), {
        inputKey: 'items',
      })
      .node('end', pass)
      .edge('b', 'end')
    const parked = await flow.run(runtime, { items: ['a', 'b', 'c'] })
    expect(parked.context).toMatchObject({
      _awaitingNodeIds: ['b[0]', 'b[1]'],
      _awaitingDetails: { 'b[1]': { event: 'b' } },
    })
    await check(flow.toBlueprint(), parked)
    const half = await flow.resume(runtime, parked.serializedContext, { output: 'B' }, 'b[1]')
    expect(half.context).toMatchObject({ _awaitingNodeIds: ['b[0]'] })
    await expect(flow.resume(runtime, parked.serializedContext, {}, 'b[2]')).rejects.toThrow(
      "Cannot resume: Node 'b[2]' is not in an awaiting state.",
    )
    const result = await flow.resume(runtime, parked.serializedContext, { output: 'A' }, 'b[0]')
    expect(result).toMatchObject({ status: 'completed', context: { end: ['A', 'B', 'at once'] } })
    await check(flow.toBlueprint(), result)
    if (isRecorded) expect(stations(await log(result.executionId)).filter((line) => line === 'start b')).toHaveLength(1)
  })

  it('in a batch of chunks lets the next chunk come once the last answer is there', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('chunks').batch('b', async () => ({ wait: {} }), { inputKey: 'items', chunkSize: 2 })
    let result = await flow.run(runtime, { items: ['a', 'b', 'c'] })
    const seen: unknown[] = []
    while (result.status === 'awaiting') {
      const ids = (result.context as Record<string, unknown>)['_awaitingNodeIds']
      seen.push(ids)
      await check(flow.toBlueprint(), result)
      const nodeId = (ids as string[]).at(-1)!
      result = await flow.resume(runtime, result.serializedContext, { output: nodeId }, nodeId)
    }
    expect(seen).toEqual([['b[0]', 'b[1]'], ['b[0]'], ['b[2]']])
    expect(result.context).toMatchObject({ b_gather: ['b[0]', 'b[1]', 'b[2]'] })
    await check(flow.toBlueprint(), result)
  })

  it('in a worker gives its place to the next one', async () => {
    const { runtime } = bench(isRecorded)
    const flow = createFlow('places').batch('b', async () => ({ wait: {} }), { inputKey: 'items', concurrency: 1 })
    const parked = await flow.run(runtime, { items: ['a', 'b', 'c'] })
    expect(parked.context).toMatchObject({ _awaitingNodeIds: ['b[0]', 'b[1]', 'b[2]'] })
  })

  it('may be created by another node', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('dynamic')
      .node('maker', async () => ({
        output: 1,
        dynamicNodes: [
          { id: 'ask', uses: 'wait', params: { event: 'e' } },
          { id: 'nap', uses: 'sleep', params: { duration: 5 } },
        ],
        dynamicEdges: [
          { source: 'ask', target: 'nap' },
          { source: 'nap', target: 'end' },
        ],
      }))
      .node('end', pass)
      .edge('maker', 'end')
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingDetails: { ask: { event: 'e' } } })
    const asleep = await flow.resume(runtime, parked.serializedContext, { output: 'hi' })
    expect(asleep.context).toMatchObject({ _awaitingDetails: { nap: { reason: 'timer' } } })
    await check(flow.toBlueprint(), asleep)
    const result = await flow.resume(runtime, parked.serializedContext)
    expect(result).toMatchObject({ status: 'completed', context: { end: { maker: 1, nap: 'hi' } } })
    await check(flow.toBlueprint(), result)
  })

  it('has no use for attempts, a timeout of an attempt and a fallback', async () => {
    const { runtime, check, clock } = bench(isRecorded)
    const flow = createFlow('config')
      .wait('ask', { config: { maxRetries: 3, timeout: 10, fallback: 'stand-in' } })
      .sleep('nap', { duration: 100, config: { maxRetries: 3, timeout: 10, fallback: 'stand-in' } })
      .node('stand-in', pass)
    const parked = await flow.run(runtime)
    expect(clock.waiting).toEqual([])
    await clock.advance(1000)
    const half = await flow.resume(runtime, parked.serializedContext, { output: 1 }, 'ask')
    expect(half.context).toMatchObject({ ask: 1, _awaitingNodeIds: ['nap'] })
    const result = await flow.resume(runtime, parked.serializedContext, {}, 'nap')
    expect(result).toMatchObject({ status: 'completed', errors: undefined })
    expect(result.context).not.toHaveProperty('stand-in')
    await check(flow.toBlueprint(), result)
  })

  it('holds no slot', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('slots')
      .wait('ask')
      .node('own', async () => ({ wait: {} }))
      .sleep('nap', { duration: 5 })
      .node('quick', async () => ({ output: 1 }))
    const parked = await flow.run(runtime, {}, { concurrency: 1 })
    expect(parked.context).toMatchObject({ quick: 1, _awaitingNodeIds: ['ask', 'own', 'nap'] })
    await check(flow.toBlueprint(), parked)
  })

  it('ends with a run that fails fatally, and can be answered no more', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('fatal')
      .wait('ask')
      .wait('other')
      .node('bad', async () => {
        throw new FlowcraftError('the end', { isFatal: true })
      })
      .edge('other', 'bad')
    const parked = await flow.run(runtime)
    const result = await flow.resume(runtime, parked.serializedContext, {}, 'other')
    expect(result).toMatchObject({ status: 'failed', errors: [{ message: 'the end', isFatal: true }] })
    expect(Object.keys(result.context).filter((key) => key.startsWith('_awaiting'))).toEqual([])
    await check(flow.toBlueprint(), result)
    await expect(flow.resume(runtime, parked.serializedContext)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('in the registry of whoever runs the flow is an ordinary function', async () => {
    const { runtime, check } = bench(isRecorded, { registry: { wait: async () => ({ output: 'mine' }) } })
    const flow = createFlow('mine').wait('ask').node('next', pass).edge('ask', 'next')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', context: { next: 'mine' } })
    await check(flow.toBlueprint(), result)
  })
})
