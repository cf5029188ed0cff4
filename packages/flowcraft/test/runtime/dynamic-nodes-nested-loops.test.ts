import { describe, expect, it } from 'vitest'
import type { NodeContext } from 'flowcraft'
import { creatingInTurn, edge, node, runWith } from './dynamic-parts.ts'
import { frontierAfter, graph } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

describe('a node that is created in a loop inside another one', () => {
  const nested = graph(
    [
      'start -> o',
      'o -> a',
      'a -> z',
      'z -> inner',
      edge('inner', 'a', { action: 'continue' }),
      edge('inner', 'p', { action: 'break' }),
      'p -> outer',
      edge('outer', 'o', { action: 'continue' }),
      edge('outer', 'end', { action: 'break' }),
    ],
    {
      start: { uses: 'pass' },
      o: { uses: 'pass' },
      z: { uses: 'pass' },
      inner: { uses: 'loop-controller', params: { condition: 'input % 2 == 0' } },
      outer: { uses: 'loop-controller', params: { condition: 'input.turn < 2' } },
      end: { uses: 'pass' },
    },
  )
  const toTurn = ({ input, iteration }: NodeContext) => ({ output: { turn: iteration, input } })

  it('leads to the loop around it, whose next turn begins without it', async () => {
    const { result, of } = await runWith(nested, {
      // Two turns of the inner loop in each of the outer one; an edge out of it in the very first turn only.
      a: creatingInTurn((turn) =>
        turn === 0 ? { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] } : {},
      ),
      p: toTurn,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { turn: 2, input: 5 } } })
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([{ inner: 1, d: 'd(0)' }, 3, 5])
  })

  it('has led there in an earlier turn, and says nothing of what leads there later', async () => {
    const blueprint = graph(
      [
        ...nested.edges.filter(({ target }) => target !== 'p'),
        edge('inner', 'p', { action: 'break' }),
        edge('o', 'q'),
        edge('q', 'p'),
      ],
      Object.fromEntries([...nested.nodes.map((each) => [each.id, each]), ['q', { uses: 'slow' }]]),
    )
    const { result, of } = await runWith(blueprint, {
      a: creatingInTurn((turn) =>
        turn === 0 ? { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] } : {},
      ),
      p: toTurn,
      slow: async ({ iteration }) => {
        await idle()
        return { output: `q${iteration}` }
      },
    })
    expect(result.status).toBe('completed')
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([
      { inner: 1, q: 'q0', d: 'd(0)' },
      { inner: 3, q: 'q1' },
      { inner: 5, q: 'q2' },
    ])
  })

  it('leads there in each turn', async () => {
    const { result, of, events } = await runWith(nested, {
      a: creatingInTurn(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] })),
      p: toTurn,
    })
    expect(result.status).toBe('completed')
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([
      { inner: 1, d: 'd#1(1)' },
      { inner: 3, d: 'd#3(3)' },
      { inner: 5, d: 'd#5(5)' },
    ])
    const { plan } = frontierAfter(nested, events)
    expect(plan.nodes).toHaveLength(nested.nodes.length + 1)
    expect(plan.loops.map(({ exits }) => exits.length)).toEqual([1 + 2, 1])
  })

  it('leads out of both', async () => {
    const { result } = await runWith(nested, {
      a: creatingInTurn((turn) => ({
        dynamicNodes: [node('d')],
        dynamicEdges: [edge('a', 'd'), edge('d', 'end', { condition: `${turn} < 2` })],
      })),
      p: toTurn,
    })
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { outer: { turn: 2, input: 5 }, d: 'd#1(1)' } },
    })
  })

  it('is created outside of the inner loop, and forgotten with the turn of the outer one', async () => {
    const { result, started } = await runWith(
      { ...nested, nodes: nested.nodes.map((each) => (each.id === 'o' ? node('o', { uses: 'o' }) : each)) },
      {
        o: creatingInTurn(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('o', 'd'), edge('d', 'p')] })),
        a: ({ iteration }) => ({ output: iteration }),
        p: toTurn,
      },
    )
    expect(started.filter((id) => id === 'd')).toHaveLength(3)
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { turn: 2, input: { inner: 5, d: 'd#2(2)' } } },
    })
  })
})
