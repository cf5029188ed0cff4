import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyzeBlueprint, checkForCycles } from '../../src/blueprint/analysis.ts'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { checkedWith } from '../laws/runs.ts'

/** `'A>B B>C'` is the blueprint of three nodes and two edges; a lone `'D'` is a node without edges. */
function graph(text: string): WorkflowBlueprint {
  const links = text.split(' ').map((link) => link.split('>'))
  return {
    id: 'graph',
    nodes: [...new Set(links.flat())].map((id) => ({ id, uses: 'f' })),
    edges: links.flatMap(([source = '', target]) => (target === undefined ? [] : [{ source, target }])),
  }
}

describe('cycles', () => {
  it.each([
    ['A>B B>C A>C', []],
    ['A>B B>A', [['A', 'B', 'A']]],
    ['A>A', [['A', 'A']]],
    ['S>A A>B B>C C>A C>E', [['A', 'B', 'C', 'A']]],
    [
      'A>B B>A C>D D>C',
      [
        ['A', 'B', 'A'],
        ['C', 'D', 'C'],
      ],
    ],
    [
      'A>B B>C C>B C>A',
      [
        ['B', 'C', 'B'],
        ['A', 'B', 'C', 'A'],
      ],
    ],
    ['A>B B>A B>A', [['A', 'B', 'A']]],
  ])('of %s are %j', (text, cycles) => {
    expect(checkForCycles(graph(text))).toEqual(cycles)
  })

  it('are found in a chain of 100 000 nodes', () => {
    const length = 100_000
    const blueprint = {
      id: 'chain',
      nodes: Array.from({ length }, (_, index) => ({ id: `n${index}`, uses: 'f' })),
      edges: Array.from({ length }, (_, index) => ({ source: `n${index}`, target: `n${(index + 1) % length}` })),
    }
    expect(checkForCycles(blueprint).map((cycle) => cycle.length)).toEqual([length + 1])
  })

  it('are not all listed where that would take quadratic space', () => {
    const length = 20_000
    const nodes = Array.from({ length }, (_, index) => ({ id: `n${index}`, uses: 'f' }))
    const edges = nodes.flatMap((_, index) => [
      { source: `n${index}`, target: `n${index + 1}` },
      { source: `n${index}`, target: 'n0' },
    ])
    const cycles = checkForCycles({ id: 'comb', nodes, edges })
    expect(cycles.length).toBeGreaterThan(0)
    expect(cycles.flat().length).toBeLessThan(100_000)
  })

  it('are real, and exist exactly when the nodes cannot be put in an order', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const edge = fc.record({ source: fc.constantFrom(...ids), target: fc.constantFrom(...ids) })
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 9 }), (edges) => {
        const cycles = checkForCycles({ id: 'random', nodes: ids.map((id) => ({ id, uses: 'f' })), edges })
        for (const cycle of cycles) {
          expect(cycle.at(-1)).toBe(cycle[0])
          expect(new Set(cycle).size).toBe(cycle.length - 1)
          for (const [step, source] of cycle.slice(0, -1).entries()) {
            expect(edges).toContainEqual({ source, target: cycle[step + 1] })
          }
        }
        expect(cycles.length === 0).toBe(canBeOrdered(ids, edges))
      }),
      checkedWith(500),
    )
  })
})

/** By taking away, again and again, the nodes that nothing leads to. */
function canBeOrdered(ids: readonly string[], edges: readonly { source: string; target: string }[]): boolean {
  const rest = ids.filter((id) => edges.some((edge) => edge.target === id && ids.includes(edge.source)))
  return rest.length === 0 || (rest.length < ids.length && canBeOrdered(rest, edges))
}

describe('the analysis of a blueprint', () => {
  it('counts, and finds where it starts and ends', () => {
    expect(analyzeBlueprint(graph('A>B A>C B>D C>D E'))).toEqual({
      cycles: [],
      startNodeIds: ['A', 'E'],
      terminalNodeIds: ['D', 'E'],
      nodeCount: 5,
      edgeCount: 4,
      isDag: true,
    })
  })

  it('finds no start in a bare cycle', () => {
    expect(analyzeBlueprint(graph('A>B B>A'))).toMatchObject({ startNodeIds: [], terminalNodeIds: [], isDag: false })
  })

  it('does not start at a node that only stands in for another', () => {
    const nodes = [
      { id: 'A', uses: 'f', config: { fallback: 'B' } },
      { id: 'B', uses: 'f' },
      { id: 'C', uses: 'f', config: { fallback: 'C' } },
    ]
    expect(analyzeBlueprint({ id: 'fallback', nodes, edges: [] }).startNodeIds).toEqual(['A', 'C'])
  })

  it('ignores edges of nodes that do not exist', () => {
    const blueprint = {
      id: 'loose',
      nodes: [{ id: 'A', uses: 'f' }],
      edges: [
        { source: 'ghost', target: 'A' },
        { source: 'A', target: 'ghost' },
      ],
    }
    expect(analyzeBlueprint(blueprint)).toMatchObject({ startNodeIds: ['A'], terminalNodeIds: ['A'], edgeCount: 2 })
  })
})
