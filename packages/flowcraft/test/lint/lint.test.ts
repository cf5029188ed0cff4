import { describe, expect, it } from 'vitest'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'
import {
  child,
  edges,
  evaluator,
  found,
  gather,
  lint,
  loop,
  node,
  registry,
  scatter,
  sleep,
  subflow,
  withFallback,
} from './blueprints.ts'

describe('the linter reports', () => {
  it.each([
    [
      'an edge from what is no node',
      [[node('a')], edges('ghost>a')],
      [
        "INVALID_EDGE_SOURCE ghost a: Edge 0 ('ghost' → 'a') has the source 'ghost', which is no node; add that node, or correct or remove the edge",
      ],
    ],
    [
      'an edge to what is no node',
      [[node('a')], edges('a>ghost')],
      [
        "INVALID_EDGE_TARGET a ghost: Edge 0 ('a' → 'ghost') has the target 'ghost', which is no node; add that node, or correct or remove the edge",
      ],
    ],
    [
      'a node without an implementation',
      [[node('a', { uses: 'wrok' })]],
      [
        "MISSING_NODE_IMPLEMENTATION a wrok: Node 'a' uses 'wrok', for which there is no implementation; register one, or correct the key",
      ],
    ],
    [
      'an id that is there twice, and what the second one uses',
      [[node('a'), node('a', { uses: 7 })]],
      [
        "DUPLICATE_NODE_ID a -: Node 'a' is there more than once; ids are unique, so rename all but one, and their edges with them",
        "MISSING_NODE_IMPLEMENTATION a -: Node 'a' has the uses 7; expected the key of a built-in or of the registry",
      ],
    ],
    [
      'a cycle that no start node leads to',
      [[node('a'), node('b'), node('c'), node('d')], edges('a>b c>d d>c')],
      [
        "ORPHAN_NODE c -: Node 'c' can never run: no start node leads to it; connect it with a node that runs, or remove it",
        "ORPHAN_NODE d -: Node 'd' can never run: no start node leads to it; connect it with a node that runs, or remove it",
      ],
    ],
    [
      'a node without edges, where others have some',
      [[node('a'), node('b'), node('lone')], edges('a>b')],
      [
        "ORPHAN_NODE lone -: Node 'lone' has no edges, while others have; connect it, or give it 'inputs' if it is to run on its own",
      ],
    ],
    [
      'a batch whose worker has no implementation',
      [[scatter({ workerUsesKey: 'wrok' }), gather()], edges('b_scatter>b_gather')],
      [
        "INVALID_BATCH_WORKER_KEY b_scatter wrok: Node 'b_scatter' has the params.workerUsesKey 'wrok', for which there is no implementation; register one, or correct it",
      ],
    ],
    [
      'a subflow of no blueprint',
      [[subflow({ blueprintId: 'unknown' })]],
      [
        "INVALID_SUBFLOW_BLUEPRINT_ID sub unknown: Node 'sub' has the params.blueprintId 'unknown', which is none of the blueprints; add it to them, or correct the id",
      ],
    ],
    [
      'a condition that cannot be parsed',
      [[node('a'), node('b')], edges('a>b', { condition: 'input >' })],
      [
        `INVALID_EXPRESSION a b: Edge 0 ('a' → 'b') has the condition 'input >': ${evaluator.check('input >')}; expected an expression that can be evaluated`,
      ],
    ],
    [
      'a loop without a condition, and without an edge to repeat by',
      [[node('a'), loop({ params: {} })], edges('a>loop loop>a')],
      [
        "INVALID_EXPRESSION loop -: Node 'loop' has the params.condition undefined: it is missing; expected an expression that says whether to repeat",
        "UNREACHABLE_ACTION loop -: Node 'loop' is a loop-controller with 0 edges for its action 'continue'; expected one, to the first node of the loop",
      ],
    ],
    [
      'a fallback that stands for nothing',
      [[withFallback('a', 'ghost')]],
      [
        "INVALID_FALLBACK a ghost: Node 'a' has the config.fallback 'ghost', which is neither a node nor a key of the registry; name another node or a key of the registry, or remove it",
      ],
    ],
    [
      'fallbacks in a ring, once',
      [[node('a'), withFallback('b', 'c'), withFallback('c', 'd'), withFallback('d', 'c')], edges('a>b')],
      [
        "INVALID_FALLBACK d c: Node 'd' has the config.fallback 'c', which comes before it by edges or fallbacks; name another node or a key of the registry, or remove it",
      ],
    ],
    [
      'an action that a loop-controller never gives',
      [[node('a'), loop(), node('z')], edges('a>loop loop>a:continue loop>z:brake')],
      [
        "UNREACHABLE_ACTION loop z: Edge 2 ('loop' → 'z') has the action 'brake', which a loop-controller never gives, so it is never taken; expected 'continue' or 'break'",
      ],
    ],
    [
      'an action of a built-in that gives none',
      [[sleep('5s'), node('a')], edges('nap>a:done')],
      [
        "UNREACHABLE_ACTION nap a: Edge 0 ('nap' → 'a') has the action 'done', which a sleep never gives, so it is never taken; remove the action",
      ],
    ],
    [
      'an input from what is no node',
      [[node('a', { inputs: '_outputs.ghost' })]],
      [
        "INVALID_INPUT a _outputs.ghost: Node 'a' has '_outputs.ghost' in its inputs, but there is no node 'ghost'; name a node of this blueprint",
      ],
    ],
    [
      'a path behind _outputs, which the engine takes for an id',
      [[node('a'), node('b', { inputs: { total: '_outputs.a.total' } })], edges('a>b')],
      [
        "INVALID_INPUT b _outputs.a.total: Node 'b' has '_outputs.a.total' in its inputs, but there is no node 'a.total'; for a part of the output of 'a', write 'a.total'",
      ],
    ],
    [
      'a path behind _inputs, for which there is no other way',
      [[node('a'), node('b', { inputs: '_inputs.a.total' })], edges('a>b')],
      [
        "INVALID_INPUT b _inputs.a.total: Node 'b' has '_inputs.a.total' in its inputs, but there is no node 'a.total'; name a node of this blueprint",
      ],
    ],
    [
      'a sleep without a duration',
      [[sleep('soon')]],
      [
        "INVALID_INPUT nap -: Node 'nap' has the params.duration 'soon'; expected milliseconds, or a text such as '5s', '10m', '2h' or '1d'",
      ],
    ],
    [
      'what the engine would refuse in the config of a node',
      [[node('a', { config: { timeout: -1 } })]],
      ["INVALID_INPUT a -: Node 'a' has config.timeout -1; expected a number of at least 0"],
    ],
  ] as const)('%s', (_, given, issues) => {
    expect(found(...(given as unknown as Parameters<typeof lint>))).toEqual(issues)
  })

  it('everything at once', () => {
    const { issues } = lint(
      [node('a', { uses: 'x', inputs: '_inputs.y' }), node('a'), withFallback('b', 'b')],
      edges('a>c'),
    )
    expect(issues.map(({ code }) => code)).toEqual([
      'MISSING_NODE_IMPLEMENTATION',
      'INVALID_INPUT',
      'DUPLICATE_NODE_ID',
      'INVALID_EDGE_TARGET',
      'INVALID_FALLBACK',
      'ORPHAN_NODE',
    ])
  })
})

describe('what the linter is given', () => {
  const blueprint = { id: 'flow', nodes: [subflow(), node('a')], edges: edges('sub>a', { condition: 'input >' }) }
  const codes = (...rest: unknown[]) => {
    const [implementations = registry, ...others] = rest
    const options = others.length < 2 ? [others[0], { evaluator: { check: () => undefined } }] : others
    const given = [blueprint, implementations, ...options] as unknown as Parameters<typeof lintBlueprint>
    return lintBlueprint(...given).issues.map(({ code }) => code)
  }

  it('may be registries and blueprints as maps or as objects', () => {
    expect(codes(registry, new Map([['known', child]]))).toEqual([])
    expect(codes({ work: () => undefined }, { known: child })).toEqual([])
    expect(codes({}, new Map())).toEqual(['MISSING_NODE_IMPLEMENTATION', 'INVALID_SUBFLOW_BLUEPRINT_ID'])
    expect(codes(registry, {})).toEqual(['INVALID_SUBFLOW_BLUEPRINT_ID'])
  })

  it('knows no key that a plain object merely inherits', () => {
    const inherits = {
      id: 'flow',
      nodes: [node('a', { uses: 'toString' }), subflow({ blueprintId: 'valueOf' })],
      edges: [],
    }
    expect(lintBlueprint(inherits, {}, {}).issues.map(({ code }) => code)).toEqual([
      'MISSING_NODE_IMPLEMENTATION',
      'INVALID_SUBFLOW_BLUEPRINT_ID',
    ])
  })

  it('wants a condition in every loop, also without an evaluator', () => {
    const links = edges('a>loop loop>a:continue')
    const empty = { id: 'flow', nodes: [node('a'), loop({ params: { condition: '' } })], edges: links }
    expect(lintBlueprint(empty, registry).issues.map(({ code }) => code)).toEqual(['INVALID_EXPRESSION'])
  })

  it('lets a subflow name any blueprint where none are given', () => {
    expect(codes(registry)).toEqual([])
  })

  it('decides with its evaluator what an expression is', () => {
    expect(codes(registry, undefined, { evaluator })).toEqual(['INVALID_EXPRESSION'])
    expect(codes(registry, undefined, { evaluator: { check: () => undefined } })).toEqual([])
    expect(codes(registry, undefined, { evaluator: { evaluate: () => true } })).toEqual([])
  })

  it('makes a built-in an ordinary node where the registry has an implementation of that name', () => {
    const own = { id: 'flow', nodes: [sleep('soon'), node('a')], edges: edges('nap>a:woken') }
    expect(lintBlueprint(own, registry).issues.map(({ code }) => code)).toEqual(['INVALID_INPUT', 'UNREACHABLE_ACTION'])
    const overriding = new Map([...registry, ['sleep', () => ({ output: 1 })] as const])
    expect(lintBlueprint(own, overriding).issues).toEqual([])
  })

  it('may be a chain of 30 000 nodes, each the fallback of the one before', () => {
    const length = 30_000
    const nodes = Array.from({ length }, (_, index) =>
      index + 1 < length ? withFallback(`n${index}`, `n${index + 1}`) : node(`n${index}`),
    )
    const links = nodes.slice(1).map(({ id }, index) => ({ source: `n${index}`, target: id }))
    expect(lintBlueprint({ id: 'long', nodes, edges: links }, registry).issues).toEqual([])
  })

  it('may be long, and the messages are short', () => {
    const length = 1_000
    const long = 'x'.repeat(10_000)
    const ring = Array.from({ length }, (_, index) => withFallback(`n${index}`, `n${(index + 1) % length}`))
    const nodes = [...ring, node(long, { uses: long, inputs: `_outputs.${long}y`, params: { duration: long } })]
    const { issues } = lintBlueprint({ id: long, nodes, edges: edges(`${long}>${long}z`) }, registry)
    expect(issues.length).toBeGreaterThan(3)
    for (const { message } of issues) expect(message.length).toBeLessThan(500)
  })
})
