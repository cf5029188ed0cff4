import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { graph, runFlow, runRecorded } from './run-recorded.ts'

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const list = (values: unknown) => async () => ({ output: values })
const double = async ({ input }: NodeContext) => ({ output: Number(input) * 2 })
const pass = async ({ input }: NodeContext) => ({ output: input })

describe('a batch', () => {
  it('gives the results in the order of the items', async () => {
    const flow = createFlow('f')
      .node('list', list(items(5)))
      .batch('double', double, { inputKey: 'list', chunkSize: 2 })
      .edge('list', 'double')
    const { result, of } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { double_gather: [0, 2, 4, 6, 8] } })
    expect(of('batch:start').map(({ payload }) => payload.workerNodeIds)).toEqual([
      ['double[0]', 'double[1]'],
      ['double[2]', 'double[3]'],
      ['double[4]'],
    ])
    expect(of('batch:finish').map(({ payload }) => payload)).toMatchObject([
      { batchId: 'double', gatherNodeId: 'double_gather', iteration: 0, results: [0, 2, 4, 6, 8] },
    ])
  })

  it('does so whatever the order in which workers end', async () => {
    const ends: (() => void)[] = []
    const flow = createFlow('f')
      .node('list', list(items(4)))
      .batch(
        'b',
        async ({ input }: NodeContext) => {
          await new Promise<void>((resolve) => {
            ends.push(resolve)
            if (ends.length === 4) for (const end of ends.reverse()) queueMicrotask(end)
          })
          return { output: `of ${String(input)}` }
        },
        { inputKey: 'list' },
      )
      .edge('list', 'b')
    const { result, of } = await runFlow(flow)
    expect(result.context['b_gather']).toEqual(['of 0', 'of 1', 'of 2', 'of 3'])
    const finished = of('node:finish').map(({ payload }) => payload.nodeId)
    expect(finished.filter((id) => id.startsWith('b['))).toEqual(['b[3]', 'b[2]', 'b[1]', 'b[0]'])
  })

  it('keeps the index of a result that is undefined', async () => {
    const some = async ({ input }: NodeContext) => (Number(input) % 2 === 0 ? { output: input } : undefined)
    const flow = createFlow('f')
      .node('list', list(items(4)))
      .batch('b', some, { inputKey: 'list' })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context['b_gather']).toStrictEqual([0, undefined, 2, undefined])
  })

  it('gives items that are undefined or null to workers as they are', async () => {
    const kind = async ({ input }: NodeContext) => ({ output: String(input) })
    const flow = createFlow('f')
      .node('list', list([undefined, null, 0, '']))
      .batch('b', kind, { inputKey: 'list' })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context['b_gather']).toEqual(['undefined', 'null', '0', ''])
  })

  it('of nothing gives nothing, and what follows goes on', async () => {
    const flow = createFlow('f')
      .node('list', list([]))
      .batch('b', double, { inputKey: 'list', chunkSize: 3 })
      .node('end', pass)
      .edge('list', 'b')
      .edge('b', 'end')
    const { result, started, of } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [], end: [] } })
    expect(started).toEqual(['list', 'b_scatter', 'b_gather', 'end'])
    expect(of('batch:start')).toEqual([])
  })

  it('takes its array from the edge when it names no key', async () => {
    const blueprint = graph(['list -> s', 's -> g', 'g -> end'], {
      s: { uses: 'batch-scatter', params: { workerUsesKey: 'w', gatherNodeId: 'g' } },
      g: { uses: 'batch-gather', params: { gatherNodeId: 'g' } },
    })
    const { result, started } = await runRecorded(blueprint, { list: list([1, 2]), w: double, end: pass })
    expect(result).toMatchObject({ status: 'completed', context: { g: [2, 4], end: [2, 4] } })
    expect(started).toEqual(['list', 's', 's[0]', 's[1]', 'g', 'end'])
  })

  it('takes its array from the context and from a path in an output', async () => {
    const flow = createFlow<Record<string, unknown>>('f')
      .node('list', list({ of: { many: [1, 2] } }))
      .batch('a', double, { inputKey: 'given' })
      .batch('b', double, { inputKey: 'list.of.many' })
      .edge('list', 'a')
      .edge('list', 'b')
    const { result } = await runFlow(flow, { given: [5] })
    expect(result.context).toMatchObject({ a_gather: [10], b_gather: [2, 4] })
  })

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { length: 2 }, 'an object'],
    ['a text', 'abc', 'a string'],
  ])('that is given %s fails with the name of the key', async (_, value, kind) => {
    const flow = createFlow('f')
      .node('list', list(value))
      .batch('b', double, { inputKey: 'list' })
      .node('end', pass)
      .edge('list', 'b')
      .edge('b', 'end')
    const { result, started, of } = await runFlow(flow)
    expect(result.status).toBe('failed')
    expect(result.errors).toMatchObject([{ code: 'BATCH_INPUT_INVALID', nodeId: 'b_scatter' }])
    expect(result.errors?.[0]?.message).toBe(
      `Batch 'b' needs an array to work on; key 'list' is ${kind}. Give it an array`,
    )
    expect(started).toEqual(['list', 'b_scatter'])
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['b_gather', 'upstream-failed'],
      ['end', 'upstream-failed'],
    ])
  })

  it('puts its results also under its output key', async () => {
    const flow = createFlow('f')
      .node('list', list([1, 2]))
      .batch('b', double, { inputKey: 'list', outputKey: 'doubled' })
      .node('end', async ({ context, input }) => ({ output: [await context.get('doubled'), input] }))
      .edge('list', 'b')
      .edge('b', 'end')
    const { result, of } = await runFlow(flow)
    expect(result.context).toMatchObject({
      doubled: [2, 4],
      b_gather: [2, 4],
      end: [
        [2, 4],
        [2, 4],
      ],
    })
    expect(of('context:change').map(({ payload }) => payload)).toMatchObject([
      { sourceNode: 'b_gather', key: 'doubled', op: 'set', value: [2, 4] },
    ])
  })

  it('has no workers among the keys of the context', async () => {
    const seen: Record<string, unknown>[] = []
    const flow = createFlow('f')
      .node('list', list([1, 2]))
      .batch(
        'b',
        async ({ context, input }: NodeContext) => {
          seen.push(await context.getAll())
          return { output: [input, await context.get('b[0]'), await context.has('_inputs.b[0]')] }
        },
        { inputKey: 'list', chunkSize: 1 },
      )
      .node('end', async ({ context }) => ({ output: await context.get('_outputs.b[1]') }), { inputs: 'b[0]' })
      .edge('list', 'b')
      .edge('b', 'end')
    const { result } = await runFlow(flow)
    for (const context of [result.context, ...seen]) {
      expect(Object.keys(context).filter((key) => key.includes('['))).toEqual([])
    }
    expect(result.context['b_gather']).toStrictEqual([
      [1, undefined, false],
      [2, undefined, false],
    ])
    expect(result.context['_inputs.end']).toBeUndefined()
    expect(result.context['end']).toBeUndefined()
  })

  it('lets workers write to the context', async () => {
    const flow = createFlow('f')
      .node('list', list(['x', 'y', 'z']))
      .batch(
        'b',
        async ({ context, input }: NodeContext) => {
          await context.set(`seen ${String(input)}`, true)
          await context.set('last', input)
        },
        { inputKey: 'list', chunkSize: 1 },
      )
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context).toMatchObject({ 'seen x': true, 'seen y': true, 'seen z': true, last: 'z' })
  })

  it('gives each worker its own copy of its item', async () => {
    const shared = { n: 0 }
    const flow = createFlow('f')
      .node('list', list([shared, shared]))
      .batch(
        'b',
        async ({ input }: NodeContext<Record<string, unknown>, Record<string, unknown>, { n: number }>) => {
          input.n += 1
          return { output: input.n }
        },
        { inputKey: 'list', chunkSize: 1 },
      )
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context).toMatchObject({ b_gather: [1, 1], list: [{ n: 0 }, { n: 0 }] })
  })
})
