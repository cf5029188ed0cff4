import { describe, expect, it } from 'vitest'
import type { EdgeDefinition, WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { edgeMapOf } from '../../src/recording/edge-map.ts'

function withEdges(...edges: readonly (string | EdgeDefinition)[]): WorkflowBlueprint {
  const definitions = edges.map((edge): EdgeDefinition => {
    if (typeof edge !== 'string') return edge
    return { source: edge[0]!, target: edge[1]! }
  })
  return { id: 'edges', nodes: [], edges: definitions }
}

describe('where edges are in another blueprint', () => {
  it('is nothing to tell of when none has moved', () => {
    expect(edgeMapOf(withEdges('ab', 'bc'), withEdges('ab', 'bc'))).toBeUndefined()
    expect(edgeMapOf(withEdges('ab', 'bc'), withEdges('ab', 'bc', 'cd'))).toBeUndefined()
    expect(edgeMapOf(withEdges('ab'), withEdges({ source: 'a', target: 'b', condition: 'x' }))).toBeUndefined()
  })

  it('is where the same nodes are', () => {
    expect(edgeMapOf(withEdges('ab', 'bc', 'cd'), withEdges('cd', 'ab', 'bc'))).toEqual([1, 2, 0])
  })

  it('is nowhere for those that are gone, or lead somewhere else', () => {
    expect(edgeMapOf(withEdges('ab', 'bc', 'cd'), withEdges('ad', 'cd'))).toEqual([-1, -1, 1])
  })

  it('is, of several between the same nodes, where they differ least', () => {
    const [go, stop] = ['go', 'stop'].map((action) => ({ source: 'a', target: 'b', action }))
    expect(edgeMapOf(withEdges(go!, stop!), withEdges(stop!, go!))).toEqual([1, 0])
    const asked = { ...go!, condition: 'input' }
    expect(edgeMapOf(withEdges(go!, stop!), withEdges(stop!, asked))).toEqual([1, 0])
    expect(edgeMapOf(withEdges('ab', 'ab', 'ab'), withEdges('ca', 'ab', 'ab'))).toEqual([-1, 1, 2])
  })

  it('is behind them for those that nodes created', () => {
    expect(edgeMapOf(withEdges('ab'), withEdges('ab', 'bc'), 2)).toEqual([0, 2, 3])
    expect(edgeMapOf(withEdges('ab'), withEdges('ab'), 2)).toBeUndefined()
  })
})
