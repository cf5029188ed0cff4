import { describe, expect, it } from 'vitest'
import { edge, node, registry, runWith } from './dynamic-parts.ts'
import { frontierAfter, graph } from './run-recorded.ts'

describe('nodes that the workers of a batch create', () => {
  const blueprintOf = (
    params: Record<string, unknown>,
    more: Parameters<typeof graph>[1] = {},
    edges: readonly string[] = [],
  ) =>
    graph(['list -> b', 'b -> g', 'g -> end', ...edges], {
      b: { uses: 'batch-scatter', params: { workerUsesKey: 'worker', gatherNodeId: 'g', ...params } },
      g: { uses: 'batch-gather', params: {} },
      ...more,
    })
  const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

  it.each([1, 2, 5])('join the run, whatever the size of chunks (%i)', async (chunkSize) => {
    const { result } = await runWith(
      blueprintOf({ chunkSize }),
      {
        list: () => ({ output: items(5) }),
        worker: ({ input, nodeId }) => ({
          output: input,
          dynamicNodes: [node(`free ${String(input)}`), node(`led ${String(input)}`)],
          dynamicEdges: [edge(nodeId, `led ${String(input)}`), edge(`led ${String(input)}`, 'end')],
        }),
        end: registry.pass,
      },
      { concurrency: 1 },
    )
    expect(result.status).toBe('completed')
    expect(items(5).map((item) => result.context[`free ${item}`])).toEqual(items(5).map((n) => `free ${n}(${n})`))
    expect(result.context['end']).toEqual({
      g: items(5),
      ...Object.fromEntries(items(5).map((n) => [`led ${n}`, `led ${n}(${n})`])),
    })
  })

  it('may be none, and no more than edges to what comes later', async () => {
    const { result } = await runWith(blueprintOf({ chunkSize: 1 }), {
      list: () => ({ output: items(3) }),
      worker: ({ input, nodeId }) => ({ output: input, dynamicNodes: [], dynamicEdges: [edge(nodeId, 'end')] }),
      end: registry.pass,
    })
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { g: items(3), 'b[0]': 0, 'b[1]': 1, 'b[2]': 2 } },
    })
  })

  it('may lead to the gather, which then waits for them', async () => {
    const { result, started } = await runWith(blueprintOf({ chunkSize: 1 }), {
      list: () => ({ output: items(2) }),
      worker: ({ input }) => ({
        output: input,
        dynamicNodes: [node(`d${String(input)}`)],
        dynamicEdges: [edge(`d${String(input)}`, 'g')],
      }),
      end: registry.pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: [0, 1] } })
    expect(started.slice(-2)).toEqual(['g', 'end'])
  })

  it('are forgotten with the turn of the loop that the batch is in', async () => {
    const loop = {
      l: { uses: 'loop-controller', params: { condition: 'input.length < 4' } },
    }
    const blueprint = graph(
      [
        'start -> list',
        'list -> b',
        'b -> g',
        'g -> l',
        { source: 'l', target: 'list', action: 'continue' },
        { source: 'l', target: 'end', action: 'break' },
      ],
      {
        b: { uses: 'batch-scatter', params: { workerUsesKey: 'worker', gatherNodeId: 'g', chunkSize: 2 } },
        g: { uses: 'batch-gather', params: {} },
        ...loop,
      },
    )
    const { result, started, events } = await runWith(blueprint, {
      start: registry.pass,
      list: ({ iteration }) => ({ output: items(iteration + 1) }),
      worker: ({ input, nodeId }) => ({
        output: input,
        dynamicNodes: [node(`d${String(input)}`)],
        dynamicEdges: [edge(nodeId, `d${String(input)}`)],
      }),
      end: registry.pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: [0, 1, 2, 3], d3: 'd3(3)' } })
    expect(started.filter((id) => id === 'd0')).toHaveLength(4)
    expect(frontierAfter(blueprint, events).plan.nodes).toHaveLength(blueprint.nodes.length + 2 + 4)
  })
})
