import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { frontierAfter, graph, recordingRuntime, runFlow, runRecorded } from './run-recorded.ts'

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const pass = async ({ input }: NodeContext) => ({ output: input })
const sum = (values: unknown): number => (values as number[]).reduce((total, value) => total + value, 0)

describe('a batch in a loop', () => {
  /** The n-th turn has a list of `sizes[n]` items. */
  const flowOf = (sizes: readonly number[], chunkSize: number) =>
    createFlow('f')
      .node('start', async () => ({ output: 0 }))
      .node('list', async ({ iteration }: NodeContext) => ({ output: items(sizes[iteration] ?? 0) }))
      .batch(
        'b',
        async ({ input, iteration, idempotencyKey, executionId }: NodeContext) => ({
          output: [input, iteration, idempotencyKey.slice(executionId.length)],
        }),
        { inputKey: 'list', chunkSize },
      )
      .node('after', async ({ input, iteration }: NodeContext) => ({ output: [iteration, input] }))
      .loop('again', { startNodeId: 'list', endNodeId: 'after', condition: `input[0] < ${sizes.length - 1}` })
      .node('end', pass)
      .edge('start', 'list')
      .edge('list', 'b')
      .edge('b', 'after')
      .edge('again', 'end')

  it('is a fresh one in each turn, whatever the number of its items', async () => {
    const sizes = [2, 5, 0, 1, 3]
    const { result, of } = await runFlow(flowOf(sizes, 2))
    expect(result.status).toBe('completed')
    const resultsOf = (turn: number) => items(sizes[turn]!).map((item) => [item, turn, `/b[${item}]/${turn}`])
    expect(result.context['end']).toEqual([4, resultsOf(4)])
    expect(of('batch:finish').map(({ payload }) => payload.results)).toEqual(sizes.map((_, turn) => resultsOf(turn)))
    expect(of('batch:start').map(({ payload }) => [payload.iteration, payload.workerNodeIds.length])).toEqual([
      [0, 2],
      [1, 2],
      [1, 2],
      [1, 1],
      [3, 1],
      [4, 2],
      [4, 1],
    ])
  })

  it('needs no more places than its largest chunk, however its turns grow', async () => {
    const sizes = items(40)
    const flow = flowOf(sizes, 1000)
    const { events } = await runFlow(flow)
    const blueprint = flow.toBlueprint()
    expect(frontierAfter(blueprint, events).plan.nodes).toHaveLength(blueprint.nodes.length + 39)
  })

  it('keeps the errors of workers in earlier turns', async () => {
    const flow = createFlow('f')
      .node('list', async ({ iteration }: NodeContext) => ({ output: items(iteration + 1) }))
      .batch(
        'b',
        async ({ input, iteration }: NodeContext) => {
          if (iteration === 0) throw new Error(`no ${String(input)}`)
          return { output: input }
        },
        { inputKey: 'list', config: { fallback: 'spare' } },
      )
      .node('spare', async ({ iteration }) => {
        if (iteration === 0) throw new Error('not in the first turn')
        return { output: 'spare' }
      })
      .node('mend', async () => ({ output: 'mended' }))
      .loop('again', { startNodeId: 'list', endNodeId: 'mend', condition: 'false' })
      .edge('list', 'b')
      .edge('b', 'mend')
    const { result } = await runFlow(flow)
    expect(result.status).toBe('failed')
    expect(result.errors?.map(({ nodeId }) => nodeId)).toEqual(['b[0]', 'spare', 'b_gather'])
  })

  it('has the fallback of its workers in each turn', async () => {
    const flow = createFlow('f')
      .node('list', async ({ iteration }: NodeContext) => ({ output: items(iteration + 1) }))
      .batch(
        'b',
        async ({ input, iteration }: NodeContext) => {
          if (input === iteration) throw new Error('the last one')
          return { output: input }
        },
        { inputKey: 'list', chunkSize: 1, config: { fallback: 'spare' } },
      )
      .node('spare', async ({ iteration }) => ({ output: `spare ${iteration}` }))
      .loop('again', { startNodeId: 'list', endNodeId: 'b', condition: 'input.length < 3' })
      .node('end', pass)
      .edge('list', 'b')
      .edge('again', 'end')
    const { result } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { end: [0, 1, 'spare 2'] } })
  })

  it('takes places that dynamic nodes have left', async () => {
    const flow = createFlow('f')
      .node('list', async ({ iteration }: NodeContext) => ({
        output: items(4 * iteration),
        dynamicNodes: items(iteration === 0 ? 6 : 0).map((item) => ({ id: `d${item}`, uses: 'made' })),
      }))
      .batch('b', pass, { inputKey: 'list' })
      .loop('again', { startNodeId: 'list', endNodeId: 'b', condition: 'input.length < 8' })
      .edge('list', 'b')
    const { result, events } = await runFlow(flow, {}, {}, { registry: { made: pass } })
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: items(8) } })
    const { plan } = frontierAfter(flow.toBlueprint(), events)
    expect(plan.nodes).toHaveLength(flow.toBlueprint().nodes.length + 8)
    expect([...plan.indexOf.keys()].filter((id) => id.startsWith('b['))).toEqual(items(8).map((item) => `b[${item}]`))
  })
})

describe('a batch in a branch', () => {
  it('is skipped with it, and leaves no join hanging', async () => {
    const flow = createFlow('f')
      .node('start', async () => ({ output: [1], action: 'other' }))
      .batch('b', pass, { inputKey: 'start' })
      .node('other', pass)
      .node('join', pass)
      .edge('start', 'b', { action: 'batch' })
      .edge('start', 'other', { action: 'other' })
      .edge('b', 'join')
      .edge('other', 'join')
    const { result, of } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { join: { other: [1] } } })
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['b_scatter', 'not-chosen'],
      ['b_gather', 'not-chosen'],
    ])
  })

  it('is skipped in one turn of a loop and taken in another', async () => {
    const blueprint = graph(
      [
        { source: 'a', target: 's', action: 'batch' },
        { source: 'a', target: 'x', action: 'other' },
        's -> g',
        'g -> join',
        'x -> join',
        'join -> l',
        { source: 'l', target: 'a', action: 'continue' },
        { source: 'l', target: 'end', action: 'break' },
      ],
      {
        s: { uses: 'batch-scatter', params: { workerUsesKey: 'w', gatherNodeId: 'g' } },
        g: { uses: 'batch-gather', params: { gatherNodeId: 'g' } },
        l: { uses: 'loop-controller', params: { condition: 'input.turn < 3' } },
      },
    )
    const { result, of } = await runRecorded(blueprint, {
      a: async ({ iteration }) => ({ output: [iteration], action: iteration % 2 === 0 ? 'batch' : 'other' }),
      x: pass,
      w: pass,
      join: async ({ input, iteration }) => ({ output: { turn: iteration, input } }),
      end: pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { turn: 3, input: { x: [3] } } } })
    expect(of('batch:finish').map(({ payload }) => [payload.iteration, payload.results])).toEqual([
      [0, [0]],
      [1, [2]],
    ])
  })
})

describe('two batches', () => {
  it('run beside each other, each with its own workers', async () => {
    const flow = createFlow('f')
      .node('list', async () => ({ output: items(7) }))
      .batch('a', async ({ input }: NodeContext) => ({ output: `a${String(input)}` }), {
        inputKey: 'list',
        chunkSize: 2,
      })
      .batch('b', async ({ input }: NodeContext) => ({ output: `b${String(input)}` }), {
        inputKey: 'list',
        chunkSize: 3,
        concurrency: 1,
      })
      .node('join', pass)
      .edge('list', 'a')
      .edge('list', 'b')
      .edge('a', 'join')
      .edge('b', 'join')
    const { result, events } = await runFlow(flow)
    expect(result.context['join']).toEqual({
      a_gather: items(7).map((item) => `a${item}`),
      b_gather: items(7).map((item) => `b${item}`),
    })
    expect(frontierAfter(flow.toBlueprint(), events).plan.nodes).toHaveLength(flow.toBlueprint().nodes.length + 5)
  })

  it('run one after the other on the results of the first', async () => {
    const flow = createFlow('f')
      .node('list', async () => ({ output: items(5) }))
      .batch('a', async ({ input }: NodeContext) => ({ output: Number(input) + 1 }), {
        inputKey: 'list',
        outputKey: 'more',
      })
      .batch('b', async ({ input }: NodeContext) => ({ output: Number(input) * 10 }), {
        inputKey: 'more',
        chunkSize: 2,
      })
      .edge('list', 'a')
      .edge('a', 'b')
    const { result } = await runFlow(flow)
    expect(result.context['b_gather']).toEqual([10, 20, 30, 40, 50])
  })
})

describe('a gather', () => {
  const nodes = {
    g: { uses: 'batch-gather', params: { gatherNodeId: 'g' } },
    s: { uses: 'batch-scatter', params: { workerUsesKey: 'w', gatherNodeId: 'g' } },
  }

  it('waits for whatever else leads to it', async () => {
    const blueprint = graph(['list -> s', 's -> g', 'list -> slow', 'slow -> g'], nodes)
    const { result, started } = await runRecorded(blueprint, {
      list: async () => ({ output: [1] }),
      slow: pass,
      w: pass,
    })
    expect(result.context['g']).toEqual([1])
    expect(started.at(-1)).toBe('g')
  })

  it('has no results when its scatter was not chosen and something else leads to it', async () => {
    const blueprint = graph([{ source: 'list', target: 's', condition: 'false' }, 's -> g', 'list -> g'], nodes)
    const { result } = await runRecorded(blueprint, { list: async () => ({ output: [1] }), w: pass })
    expect(result).toMatchObject({ status: 'completed', context: { g: [] } })
  })

  it('has no results of an earlier turn', async () => {
    const blueprint = graph(
      [
        { source: 'a', target: 's', action: 'batch' },
        { source: 'a', target: 'g', action: 'none' },
        's -> g',
        'g -> l',
        { source: 'l', target: 'a', action: 'continue' },
      ],
      { ...nodes, l: { uses: 'loop-controller', params: { condition: 'input.length > 0' } } },
    )
    const registry = {
      a: async ({ iteration }: NodeContext) => ({ output: [1, 2], action: iteration === 0 ? 'batch' : 'none' }),
      w: pass,
    }
    const { result, of } = await runRecorded(blueprint, registry, {}, { maxIterations: 100 })
    expect(result.status).toBe('completed')
    expect(of('batch:finish').map(({ payload }) => payload.results)).toEqual([[1, 2], []])
  })

  it('at which a cycle begins has no results in the first turn', async () => {
    const blueprint = graph([{ source: 'g', target: 's', condition: 'result.output.length < 1' }, 's -> g'], {
      ...nodes,
      s: { ...nodes.s, inputs: 'items' },
    })
    const registry = { w: pass }
    const { result, of } = await runRecorded(blueprint, registry, { items: [1] }, { maxIterations: 100 })
    expect(result.errors).toBeUndefined()
    expect(of('batch:finish').map(({ payload }) => payload.results)).toEqual([[], [1]])
  })
})

describe('a batch of very many items', () => {
  const flowOf = (count: number, chunkSize?: number) =>
    createFlow('f')
      .node('list', async () => ({ output: items(count) }))
      .batch('b', async ({ input }: NodeContext) => ({ output: Number(input) + 1 }), {
        inputKey: 'list',
        ...(chunkSize !== undefined && { chunkSize }),
      })
      .node('sum', async ({ input }) => ({ output: sum(input) }))
      .edge('list', 'b')
      .edge('b', 'sum')

  it('has as many workers at a time as a chunk has items', async () => {
    const flow = flowOf(10_000, 100)
    const blueprint = flow.toBlueprint()
    const { result, events } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { sum: 50_005_000 } })
    const { plan, ready, unresolved, batches } = frontierAfter(blueprint, events)
    expect(plan.nodes).toHaveLength(blueprint.nodes.length + 100)
    expect(plan.indexOf.size).toBe(blueprint.nodes.length + 100)
    expect(unresolved).toHaveLength(blueprint.nodes.length + 100)
    expect([ready.size, batches?.get(1)?.queue.size]).toEqual([0, 0])
  })

  it.each([100, undefined])('takes 100 000 (chunk size %s)', { timeout: 60_000 }, async (chunkSize) => {
    const flow = flowOf(100_000, chunkSize)
    const { runtime } = recordingRuntime()
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'completed', context: { sum: 5_000_050_000 } })
  })
})
