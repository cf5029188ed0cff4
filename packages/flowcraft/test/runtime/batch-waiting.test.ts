import { describe, expect, it } from 'vitest'
import { createFlow, FlowRuntime, NullLogger, type NodeContext } from 'flowcraft'
import { recordingRuntime } from './run-recorded.ts'
import { virtualClock } from './virtual-clock.ts'

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const list = (count: number) => async () => ({ output: items(count) })
const unrecorded = () => new FlowRuntime({ logger: new NullLogger() })

describe('a worker', () => {
  it('may wait, and is resumed by its id', async () => {
    const flow = createFlow('f')
      .node('list', list(5))
      .batch(
        'b',
        async ({ input }: NodeContext) => (Number(input) >= 3 ? { wait: { event: 'approve' } } : { output: input }),
        { inputKey: 'list', chunkSize: 2 },
      )
      .node('end', async ({ input }) => ({ output: input }))
      .edge('list', 'b')
      .edge('b', 'end')
    const blueprint = flow.toBlueprint()
    const { runtime, look, store } = recordingRuntime()
    const first = await look(blueprint, await flow.run(runtime))
    expect(first.result).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['b[3]'] } })
    await expect(runtime.resume(first.result.executionId, { nodeId: 'b[2]' })).rejects.toMatchObject({
      code: 'NOT_AWAITING',
    })
    const again = recordingRuntime({ flows: [flow] }, store)
    const second = await look(
      blueprint,
      await again.runtime.resume(first.result.executionId, { nodeId: 'b[3]', output: 'three' }),
    )
    expect(second.result).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['b[4]'] } })
    const third = await look(
      blueprint,
      await again.runtime.resume(first.result.executionId, { nodeId: 'b[4]', output: 'four' }),
    )
    expect(third.result).toMatchObject({ status: 'completed', context: { end: [0, 1, 2, 'three', 'four'] } })
    expect(third.started.filter((id) => id.startsWith('b['))).toHaveLength(5)
  })

  it('may wait in a run that nothing records', async () => {
    const flow = createFlow('f')
      .node('list', list(3))
      .batch('b', async ({ input }: NodeContext) => (input === 1 ? { wait: {} } : { output: input }), {
        inputKey: 'list',
        chunkSize: 2,
        concurrency: 1,
      })
      .edge('list', 'b')
    const { serializedContext } = await flow.run(unrecorded())
    const result = await flow.resume(unrecorded(), serializedContext, { output: 'one' }, 'b[1]')
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [0, 'one', 2] } })
  })
})

describe('a batch that was parked', () => {
  it('goes on from its log with no worker run twice, however the delays between attempts fell', async () => {
    for (const concurrency of [1, 2]) {
      const clock = virtualClock()
      const calls: string[] = []
      const flow = createFlow('f')
        .node('list', list(6))
        .batch(
          'b',
          async ({ input, attempt }: NodeContext) => {
            calls.push(`${String(input)}.${attempt}`)
            if (Number(input) % 2 === 0 && attempt < 3) throw new Error('again')
            return input === 5 ? { wait: {} } : { output: input }
          },
          { inputKey: 'list', chunkSize: 6, concurrency, config: { maxRetries: 3, retryDelay: 10 } },
        )
        .edge('list', 'b')
      const first = recordingRuntime({ clock })
      const running = flow.run(first.runtime)
      for (let turn = 0; turn < 20; turn += 1) await clock.advance(5)
      const { result } = await first.look(flow.toBlueprint(), await running)
      expect(result).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['b[5]'] } })
      const again = recordingRuntime({ clock, flows: [flow] }, first.store)
      const resumed = await again.runtime.resume(result.executionId, { output: 'five' })
      const { result: ended } = await again.look(flow.toBlueprint(), resumed)
      expect(ended).toMatchObject({ status: 'completed', context: { b_gather: [0, 1, 2, 3, 4, 'five'] } })
      expect(calls.toSorted()).toEqual([
        '0.1',
        '0.2',
        '0.3',
        '1.1',
        '2.1',
        '2.2',
        '2.3',
        '3.1',
        '4.1',
        '4.2',
        '4.3',
        '5.1',
      ])
      expect(clock.waiting).toEqual([])
    }
  })

  it.each(['memory', 'log', 'text'])('goes on after a pause in the middle of a chunk, from %s', async (from) => {
    const handles: { pause(): void }[] = []
    const started: string[] = []
    const flow = createFlow('f')
      .node('list', list(5))
      .batch(
        'b',
        async ({ input, nodeId }: NodeContext) => {
          started.push(nodeId)
          if (input === 2) handles[0]?.pause()
          return { output: input }
        },
        { inputKey: 'list', chunkSize: 4, concurrency: 1 },
      )
      .edge('list', 'b')
    const blueprint = flow.toBlueprint()
    const functionRegistry = flow.getFunctionRegistry()
    const first = from === 'text' ? { runtime: unrecorded() } : recordingRuntime()
    const handle = first.runtime.start(blueprint, {}, { functionRegistry })
    handles.push(handle)
    const { status, serializedContext } = await handle.result()
    expect([status, started]).toEqual(['awaiting', ['b[0]', 'b[1]', 'b[2]']])
    const next =
      from === 'memory' ? first.runtime : 'store' in first ? recordingRuntime({}, first.store).runtime : unrecorded()
    const result = await next.resume(blueprint, serializedContext, {}, undefined, { functionRegistry })
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: items(5) } })
    expect(started).toEqual(items(5).map((item) => `b[${item}]`))
  })
})
