import { describe, expect, it } from 'vitest'
import { BlueprintError } from '../../src/errors.ts'
import { sanitizeBlueprint } from '../../src/blueprint/sanitize.ts'

function faultsOf(raw: unknown): readonly string[] {
  try {
    sanitizeBlueprint(raw)
    return []
  } catch (error) {
    if (!(error instanceof BlueprintError)) throw error
    return error.issues
  }
}

function withParams(params: unknown): unknown {
  return { id: 'b', nodes: [{ id: 'a', uses: 'f', params }], edges: [] }
}

describe('a blueprint from a drawing tool', () => {
  it('keeps what the engine knows, and drops the rest', () => {
    const config = { maxRetries: 3, retryDelay: 10, retryBackoff: 'exponential', retryMaxDelay: 99, timeout: 5 }
    const node = { id: 'a', uses: 'f', params: { deep: [{ x: 1 }] }, inputs: { left: 'b', right: 'c' } }
    const edge = { source: 'a', target: 'b', action: 'go', condition: 'x > 1', transform: 'input.y' }
    const metadata = { version: '2', cycleEntryPoints: ['a'], author: { name: 'Ada' } }
    expect(
      sanitizeBlueprint({
        id: 'b',
        nodes: [
          {
            ...node,
            config: { ...config, fallback: 'b', joinStrategy: 'any', color: 'red' },
            position: { x: 1, y: 2 },
          },
          { id: 'b', uses: 'g', inputs: 'a', selected: true, data: () => 'never read' },
        ],
        edges: [{ ...edge, id: 'e1', animated: true }],
        metadata,
        viewport: { zoom: 1 },
      }),
    ).toStrictEqual({
      id: 'b',
      nodes: [
        { ...node, config: { ...config, fallback: 'b', joinStrategy: 'any' } },
        { id: 'b', uses: 'g', inputs: 'a' },
      ],
      edges: [edge],
      metadata,
    })
  })

  it('may hold nodes and edges in objects, and null for what is absent', () => {
    expect(
      sanitizeBlueprint({
        id: 'b',
        nodes: { first: { id: 'a', uses: 'f', params: null, config: null }, second: { id: 'b', uses: 'f' } },
        edges: { only: { source: 'a', target: 'b', action: null } },
        metadata: null,
      }),
    ).toStrictEqual({
      id: 'b',
      nodes: [
        { id: 'a', uses: 'f' },
        { id: 'b', uses: 'f' },
      ],
      edges: [{ source: 'a', target: 'b' }],
    })
  })

  it('shares nothing with its source', () => {
    const params = { list: [{ x: 1 }] }
    const blueprint = sanitizeBlueprint(withParams(params))
    params.list[0] = { x: 2 }
    expect(blueprint.nodes[0]?.params).toEqual({ list: [{ x: 1 }] })
  })

  it('can use the names of Object.prototype as ids and keys', () => {
    const text =
      '{ "id": "b", "nodes": { "__proto__": { "id": "__proto__", "uses": "constructor", "params": { "__proto__": { "x": 1 } } } },' +
      ' "edges": [{ "source": "__proto__", "target": "constructor" }] }'
    const blueprint = sanitizeBlueprint(JSON.parse(text))
    expect(JSON.stringify(blueprint)).toBe(
      '{"id":"b","nodes":[{"id":"__proto__","uses":"constructor","params":{"__proto__":{"x":1}}}],' +
        '"edges":[{"source":"__proto__","target":"constructor"}]}',
    )
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('does not take what it inherits', () => {
    const node = Object.setPrototypeOf({ id: 'a', uses: 'f' }, null) as object
    const edge: unknown = Object.setPrototypeOf({ source: 'a', target: 'a' }, { action: 'inherited' })
    expect(faultsOf({ id: 'b', nodes: [node], edges: [] })).toEqual([])
    expect(faultsOf({ id: 'b', nodes: [node], edges: [edge] })).toEqual([
      'edges[0] is an instance of a class; expected an object',
    ])
  })
})

describe('the faults of a blueprint', () => {
  it('are listed all at once, each with its place', () => {
    expect(
      faultsOf({
        nodes: [
          { id: 1, uses: 'f', inputs: { left: 2 }, config: { maxRetries: '3', joinStrategy: 'some', timeout: [] } },
          null,
          { uses: 'f', params: [1], inputs: 5, config: 'fast' },
          { id: 'a', uses: 'f', params: { deep: [{ run: () => 1 }] } },
          { id: 'b', uses: 'f', params: { at: new Date(0) } },
        ],
        edges: { e1: { source: 'a', condition: true } },
        metadata: 'none',
      }),
    ).toEqual([
      'id is missing; expected a string',
      'nodes[0].id is 1; expected a string',
      'nodes[0].inputs.left is 2; expected a string',
      "nodes[0].config.maxRetries is '3'; expected a number",
      'nodes[0].config.timeout is an array; expected a number',
      "nodes[0].config.joinStrategy is 'some'; expected 'all' or 'any'",
      'nodes[1] is null; expected an object',
      'nodes[2].id is missing; expected a string',
      'nodes[2].params is an array; expected an object',
      'nodes[2].inputs is 5; expected a string or an object of strings',
      "nodes[2].config is 'fast'; expected an object",
      'nodes[3].params.deep[0].run is a function, which is not plain data',
      'nodes[4].params.at is an instance of a class, which is not plain data',
      'edges.e1.target is missing; expected a string',
      'edges.e1.condition is true; expected a string',
      "metadata is 'none'; expected an object",
    ])
  })

  it.each([
    [null, ['the blueprint is null; expected an object']],
    ['{}', ["the blueprint is '{}'; expected an object"]],
    [[], ['the blueprint is an array; expected an object']],
    [{ id: 'b', nodes: [] }, ['edges is missing; expected an array or an object']],
  ])('of %o are %o', (raw, faults) => {
    expect(faultsOf(raw)).toEqual(faults)
  })

  it('name data that is nested too deep, holds itself, or shares its parts too often', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    const ring: Record<string, unknown> = {}
    ring['ring'] = ring
    let wide: unknown = 1
    for (let level = 0; level < 40; level++) wide = [wide, wide]
    expect(faultsOf(withParams({ deep }))).toEqual(['nodes[0].params is nested more than 1000 deep, or holds itself'])
    expect(faultsOf(withParams(ring))).toEqual(['nodes[0].params is nested more than 1000 deep, or holds itself'])
    expect(faultsOf(withParams({ wide }))).toEqual(['nodes[0].params holds more than 1000000 values'])
  })
})
