import { describe, expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'

const nothing = () => ({})
const back = (source: string, target: string, condition: string) => ({
  source,
  target,
  data: { isLoopback: true, condition, label: `continue if: ${condition}` },
})

describe('the drawing of a flow', () => {
  it('has nodes and edges as they are', () => {
    const flow = createFlow('f')
      .node('a', nothing, { params: { x: 1 }, inputs: 'key', config: { maxRetries: 2 } })
      .sleep('s', { duration: '1d' })
      .edge('a', 's', { action: 'go', condition: 'input', transform: 'input.x' })
    const { nodes, edges } = flow.toBlueprint()
    expect(flow.toGraphRepresentation()).toStrictEqual({ nodes, edges })
  })

  it('belongs to the caller: a change of it changes no blueprint', () => {
    const flow = createFlow('f').node('a', nothing).edge('a', 'a')
    const { nodes, edges } = flow.toGraphRepresentation()
    nodes[0]!.id = 'changed'
    edges[0]!.source = 'changed'
    expect(flow.toBlueprint()).toMatchObject({ nodes: [{ id: 'a' }], edges: [{ source: 'a' }] })
  })

  it('shows a batch as one node', () => {
    const flow = createFlow('f')
      .node('a', nothing)
      .batch('b', nothing, { inputKey: 'items', outputKey: 'results', chunkSize: 2, config: { maxRetries: 3 } })
      .batch('c', nothing, { inputKey: 'b_gather' })
      .edge('a', 'b', { condition: 'input' })
      .edge('b', 'c')
      .edge('a', 'c_gather')
      .edge('b_scatter', 'c')
    const data = { isBatchPlaceholder: true }
    expect(flow.toGraphRepresentation()).toStrictEqual({
      nodes: [
        { id: 'a', uses: 'f/a' },
        {
          id: 'b',
          uses: 'f/b',
          type: 'batch-worker',
          data: { ...data, label: 'Batch: b', workerUsesKey: 'f/b', inputKey: 'items', outputKey: 'results' },
        },
        {
          id: 'c',
          uses: 'f/c',
          type: 'batch-worker',
          data: { ...data, label: 'Batch: c', workerUsesKey: 'f/c', inputKey: 'b_gather', outputKey: 'c_gather' },
        },
      ],
      edges: [
        { source: 'a', target: 'b', condition: 'input' },
        { source: 'b', target: 'c' },
        { source: 'a', target: 'c' },
        { source: 'b', target: 'c' },
      ],
    })
  })

  it('shows the way from a batch to itself', () => {
    const flow = createFlow('f').batch('b', nothing, { inputKey: 'items' }).edge('b', 'b', { condition: 'x' })
    expect(flow.toGraphRepresentation().edges).toStrictEqual([{ source: 'b', target: 'b', condition: 'x' }])
  })

  it('shows a loop as one edge back, entered at its start and left from its end', () => {
    const flow = createFlow('f')
      .node('in', nothing)
      .node('first', nothing)
      .node('last', nothing)
      .node('out', nothing)
      .loop('l', { startNodeId: 'first', endNodeId: 'last', condition: 'input < 3' })
      .edge('in', 'l', { action: 'begin' })
      .edge('first', 'last')
      .edge('l', 'out')
      .edge('l', 'in', { action: 'again' })
      .edge('l', 'first', { action: 'once more' })
    const graph = flow.toGraphRepresentation()
    expect(graph.nodes.map(({ id }) => id)).toEqual(['in', 'first', 'last', 'out'])
    expect(graph.edges).toStrictEqual([
      back('last', 'first', 'input < 3'),
      { source: 'in', target: 'first', action: 'begin' },
      { source: 'first', target: 'last' },
      { source: 'last', target: 'out', action: 'break' },
      { source: 'last', target: 'in', action: 'again' },
      { source: 'last', target: 'first', action: 'once more' },
    ])
  })

  it('shows a loop of one node', () => {
    const flow = createFlow('f').node('a', nothing).loop('l', { startNodeId: 'a', endNodeId: 'a', condition: 'x' })
    expect(flow.toGraphRepresentation().edges).toStrictEqual([back('a', 'a', 'x')])
  })

  it('shows loops of batches and of loops from node to node', () => {
    const flow = createFlow('f')
      .node('in', nothing)
      .node('out', nothing)
      .loop('outer', { startNodeId: 'inner', endNodeId: 'inner', condition: 'x' })
      .loop('inner', { startNodeId: 'b', endNodeId: 'c_gather', condition: 'y' })
      .batch('b', nothing, { inputKey: 'in' })
      .batch('c', nothing, { inputKey: 'b_gather' })
      .edge('in', 'outer')
      .edge('b', 'c')
      .edge('outer', 'out')
    expect(flow.toGraphRepresentation().edges).toStrictEqual([
      back('c', 'b', 'x'),
      back('c', 'b', 'y'),
      { source: 'in', target: 'b' },
      { source: 'b', target: 'c' },
      { source: 'c', target: 'out', action: 'break' },
    ])
  })

  it('comes to an end for loops that end each other', () => {
    const flow = createFlow('f')
      .loop('k', { startNodeId: 'l', endNodeId: 'l', condition: 'x' })
      .loop('l', { startNodeId: 'k', endNodeId: 'k', condition: 'y' })
      .node('in', nothing)
      .edge('in', 'k')
    expect(flow.toGraphRepresentation().nodes.map(({ id }) => id)).toEqual(['in'])
  })
})
