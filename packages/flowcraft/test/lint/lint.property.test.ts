import fc from 'fast-check'
import { expect, it } from 'vitest'
import { analyzeBlueprint } from '../../src/blueprint/analysis.ts'
import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import { ExpressionEvaluator } from '../../src/expressions/expression-evaluator.ts'
import { checkedWith } from '../laws/runs.ts'

const evaluator = new ExpressionEvaluator()
const registry = { work: () => undefined, other: () => undefined }
const lint = (blueprint: unknown) => lintBlueprint(blueprint, registry, {}, { evaluator })

const ids = ['a', 'b', 'c', 'd', 'e', 'f', '__proto__', 'constructor']
const builtIns = ['batch-gather', 'batch-scatter', 'loop-controller', 'sleep', 'subflow', 'wait']

/** JSON whose objects may have the names that hurt who reads them carelessly. */
const oddValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(...ids, '_outputs.a', '_inputs.x.y', 'continue', '', -1, 0.5, null, {
    toString: 1,
    valueOf: 1,
  }),
  fc.constant([[{ toString: null, valueOf: null }]]),
)

/** An object with any of the keys of `shape`; what is behind one of them may be anything. */
function anyOf(shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const values = Object.entries(shape).map(
    ([key, value]) => [key, fc.oneof({ arbitrary: value, weight: 9 }, { arbitrary: oddValue, weight: 1 })] as const,
  )
  const whole = fc.record(Object.fromEntries(values), { requiredKeys: [] })
  return fc.oneof({ arbitrary: whole, weight: 20 }, { arbitrary: oddValue, weight: 1 })
}

const id = fc.constantFrom(...ids)
const oddBlueprint = anyOf({
  id: fc.constant('odd'),
  metadata: anyOf({ version: fc.string(), cycleEntryPoints: fc.array(id, { maxLength: 2 }) }),
  nodes: fc.array(
    anyOf({
      id,
      uses: fc.constantFrom('work', ...builtIns),
      inputs: fc.oneof(fc.constantFrom('key', '_outputs.a', '_inputs.b.c'), fc.dictionary(id, oddValue)),
      params: fc.dictionary(
        fc.constantFrom(
          'workerUsesKey',
          'gatherNodeId',
          'chunkSize',
          'condition',
          'blueprintId',
          'inputs',
          'duration',
          'timeout',
        ),
        fc.oneof(id, oddValue),
      ),
      config: anyOf({
        fallback: id,
        maxRetries: fc.nat(),
        timeout: fc.nat(),
        joinStrategy: fc.constantFrom('all', 'any'),
        retryBackoff: fc.constant('fixed'),
      }),
    }),
    { maxLength: 8 },
  ),
  edges: fc.array(
    anyOf({
      source: id,
      target: id,
      action: fc.constantFrom('continue', 'break', 'go'),
      condition: fc.constantFrom('input', 'input >'),
      transform: fc.constant('input + 1'),
    }),
    { maxLength: 12 },
  ),
})

it('any JSON can be given, and is left as it was', () => {
  fc.assert(
    fc.property(fc.oneof(oddBlueprint, fc.jsonValue()), (blueprint) => {
      const before = JSON.stringify(blueprint)
      const { isValid, issues } = lint(blueprint)
      expect(isValid).toBe(issues.length === 0)
      expect(new Set(issues.map(({ message }) => typeof message))).toEqual(new Set(isValid ? [] : ['string']))
      expect(JSON.stringify(blueprint)).toBe(before)
      expect(lint(JSON.parse(before)).issues).toEqual(issues)
    }),
    checkedWith(1_000),
  )
})

it('what the engine refuses has an issue', () => {
  const odd = fc.constantFrom<unknown>(null, true, 0, 0.5, 'n0', '', [], ['n0'], {}, { key: 'n0' }, { key: 1 })
  const hardly = (usual: unknown) =>
    fc.oneof({ arbitrary: fc.constant(usual), weight: 60 }, { arbitrary: odd, weight: 1 })
  const params = fc.record({
    condition: hardly('flag'),
    workerUsesKey: hardly('work'),
    gatherNodeId: fc.constantFrom('n1', 'n2'),
    chunkSize: hardly(2),
    concurrency: hardly(undefined),
    onError: hardly('collect'),
    outputKey: hardly('key'),
    blueprintId: hardly('odd'),
    inputs: hardly({ key: 'other' }),
    outputs: hardly(undefined),
    duration: hardly('5s'),
    timeout: hardly(undefined),
    event: hardly('approval'),
  })
  const config = fc.record({
    timeout: hardly(undefined),
    maxRetries: hardly(2),
    retryDelay: hardly(undefined),
    retryBackoff: hardly(undefined),
    joinStrategy: hardly('any'),
  })
  const node = fc.record({
    id: fc.constantFrom('n0', 'n1', 'n2', 'n3', 'n0[0]'),
    uses: fc.constantFrom('work', 'work', 'work', 'work', ...builtIns),
    inputs: hardly(undefined),
    params: fc.oneof({ arbitrary: params, weight: 60 }, { arbitrary: odd, weight: 1 }),
    config: fc.oneof({ arbitrary: config, weight: 60 }, { arbitrary: odd, weight: 1 }),
  })
  const edge = fc.record({
    source: fc.constantFrom('n0', 'n1', 'n2'),
    target: fc.constantFrom('n0', 'n1', 'n2'),
    action: fc.constantFrom(undefined, 'continue'),
    condition: hardly(undefined),
    transform: hardly(undefined),
  })
  const blueprints = fc.record({
    id: fc.constant('odd'),
    nodes: fc.uniqueArray(node, { selector: (one) => one.id, maxLength: 4 }),
    edges: fc.array(edge, { maxLength: 3 }),
    metadata: fc.record({ version: hardly('1'), cycleEntryPoints: hardly(undefined) }),
  })
  let refused = 0
  fc.assert(
    fc.property(blueprints, (blueprint) => {
      // Whether it is a blueprint is what the plan finds out.
      if (isPlan(planOf(blueprint as unknown as WorkflowBlueprint))) return
      refused += 1
      expect(lint(blueprint).isValid).toBe(false)
    }),
    checkedWith(3_000),
  )
  expect(refused).toBeGreaterThan(300)
})

it('of any graph without loop-controllers, exactly the fallbacks that the engine refuses have an issue', () => {
  const index = fc.nat(5)
  const graphs = fc.tuple(
    fc.array(fc.option(index, { nil: undefined }), { minLength: 6, maxLength: 6 }),
    fc.array(fc.tuple(index, index), { maxLength: 8 }),
  )
  fc.assert(
    fc.property(graphs, ([fallbacks, links]) => {
      const graph = {
        id: 'graph',
        nodes: fallbacks.map((fallback, number) => ({
          id: `n${number}`,
          uses: 'work',
          config: { fallback: fallback === undefined ? undefined : `n${fallback}` },
        })),
        edges: links.map(([source, target]) => ({ source: `n${source}`, target: `n${target}` })),
      }
      const isRefused = !isPlan(planOf(graph))
      expect(lint(graph).issues.some(({ code }) => code === 'INVALID_FALLBACK')).toBe(isRefused)
    }),
    checkedWith(3_000),
  )
})

/** Acyclic, connected or all on their own, with a little of everything that ordinary nodes and edges may have. */
const validBlueprint: fc.Arbitrary<WorkflowBlueprint> = fc.gen().map((gen) => {
  const int = (max: number): number => gen(fc.nat, max)
  const pick = <T>(options: readonly T[]): T => options[int(options.length - 1)]!
  const isConnected = int(2) > 0
  const nodes: NodeDefinition[] = []
  const edges: EdgeDefinition[] = []
  for (let index = 0, size = 1 + int(8); index < size; index++) {
    const id = `n${index}`
    const earlier = `n${int(Math.max(0, index - 1))}`
    const fallback = pick([undefined, 'other', `f${index}`])
    nodes.push({
      id,
      uses: 'work',
      inputs: pick([
        undefined,
        'key',
        earlier,
        `${earlier}.path`,
        `_outputs.${earlier}`,
        { one: `_inputs.${earlier}` },
      ]),
      config: {
        joinStrategy: pick([undefined, 'all', 'any']),
        fallback,
        maxRetries: int(3),
      },
    })
    if (fallback?.startsWith('f')) nodes.push({ id: fallback, uses: 'other', config: { fallback: 'work' } })
    for (let count = isConnected && index > 0 ? 1 + int(2) : 0; count > 0; count--) {
      edges.push({
        source: `n${int(index - 1)}`,
        target: id,
        action: pick([undefined, 'go']),
        condition: pick([undefined, 'input.a > 1 && !flag']),
        transform: pick([undefined, 'input']),
      })
    }
  }
  if (int(1) > 0) nodes.reverse()
  return { id: 'valid', nodes, edges }
})

it('a valid acyclic blueprint has no issue', () => {
  fc.assert(
    fc.property(validBlueprint, (blueprint) => {
      expect(isPlan(planOf(blueprint))).toBe(true)
      expect(lint(blueprint).issues).toEqual([])
    }),
    checkedWith(500),
  )
})

it('of any graph, exactly the nodes that cannot be reached are orphans', () => {
  const edge = fc.record({ source: id, target: id })
  const own = fc.record({ id, uses: fc.constant('work'), inputs: fc.constant('key') })
  const graphs = fc.record({
    id: fc.constant('graph'),
    nodes: fc.uniqueArray(own, { selector: (node) => node.id }),
    edges: fc.array(edge, { maxLength: 10 }),
  })
  fc.assert(
    fc.property(graphs, (graph) => {
      const orphans = lint(graph).issues.filter(({ code }) => code === 'ORPHAN_NODE')
      expect(orphans.map((issue) => issue.nodeId)).toEqual(unreached(graph))
    }),
    checkedWith(1_000),
  )
})

/** By following every edge again and again, from the start nodes or, without any, from the first node of each cycle. */
function unreached(graph: WorkflowBlueprint): string[] {
  const { startNodeIds, cycles } = analyzeBlueprint(graph)
  const isNode = new Set(graph.nodes.map((node) => node.id))
  const edges = graph.edges.filter(({ source, target }) => isNode.has(source) && isNode.has(target))
  const reached = new Set(startNodeIds.length > 0 ? startNodeIds : cycles.map(([first]) => first))
  for (let before = -1; before < reached.size;) {
    before = reached.size
    for (const { source, target } of edges) if (reached.has(source)) reached.add(target)
  }
  return [...isNode].filter((nodeId) => !reached.has(nodeId))
}
