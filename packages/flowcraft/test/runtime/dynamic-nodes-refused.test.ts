import { describe, expect, it } from 'vitest'
import { FlowRuntime, NullLogger, type NodeContext, type NodeResult } from 'flowcraft'
import { creating, edge, node, registry, runWith } from './dynamic-parts.ts'
import { graph, runRecorded } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

describe('a node fails when it creates', () => {
  const blueprint = graph(['first -> a', 'a -> b', 'b -> c', 'x -> y'], {
    b: {},
    s: { uses: 'batch-scatter', params: { workerUsesKey: 'named', gatherNodeId: 'g' }, inputs: 'none' },
    g: { uses: 'batch-gather', params: {} },
  })
  const whole = { ...blueprint, edges: [...blueprint.edges, edge('c', 's'), edge('s', 'g')] }
  const nodes = (...list: unknown[]) => ({ dynamicNodes: list })
  const edges = (list: unknown, ids = ['d', 'e']) => ({ dynamicNodes: ids.map((id) => node(id)), dynamicEdges: list })

  it.each<[what: string, created: object, message: string]>([
    ['an id of the blueprint', nodes(node('c')), `node id 'c' is taken; ids are unique in a run`],
    ['its own id', nodes(node('a')), `node id 'a' is taken`],
    ['one id twice', nodes(node('d'), node('d')), `node id 'd' is taken`],
    ['the id of a worker to come', nodes(node('s[7]')), `node id 's[7]' is that of a worker of batch 's'`],
    ['an unknown use', nodes(node('d', { uses: 'ghost' })), `node 'd' uses 'ghost', for which there is no implement`],
    [
      'a loop',
      nodes(node('d', { uses: 'loop-controller' })),
      `node 'd' uses 'loop-controller', which cannot be created`,
    ],
    ['a batch', nodes(node('d', { uses: 'batch-scatter' })), `node 'd' uses 'batch-scatter', which cannot be created`],
    ['a sleep of no length', nodes(node('d', { uses: 'sleep' })), `sleep 'd' has params.duration undefined; expected`],
    [
      'a wait of no length',
      nodes(node('d', { uses: 'wait', params: { timeout: 'soon' } })),
      `wait 'd' has params.timeout 'soon'; expected`,
    ],
    ['a subflow of nothing', nodes(node('d', { uses: 'subflow' })), `subflow 'd' has no params.blueprintId`],
    [
      'a subflow that nobody knows',
      nodes(node('d', { uses: 'subflow', params: { blueprintId: 'ghost' } })),
      `node 'd' runs blueprint 'ghost', which the runtime does not know`,
    ],
    [
      'a fallback that nobody knows',
      nodes(node('d', { config: { fallback: 'ghost' } })),
      `node 'd' has the fallback 'ghost', which is neither a new node nor in a registry`,
    ],
    [
      'a fallback of the blueprint',
      nodes(node('d', { config: { fallback: 'c' } })),
      `node 'd' has the fallback 'c', a node that the run has already`,
    ],
    [
      'an edge from elsewhere',
      edges([edge('x', 'd')]),
      `edge 'x' → 'd' starts at a node that is neither 'a' nor a new one`,
    ],
    ['an edge from what has run', edges([edge('first', 'd')]), `edge 'first' → 'd' starts at a node that is neither`],
    ['an edge to nowhere', edges([edge('a', 'ghost')]), `edge 'a' → 'ghost' ends at 'ghost', which is no node`],
    [
      'an edge to what has run',
      edges([edge('d', 'first')]),
      `edge 'd' → 'first' ends at 'first', which has been decided`,
    ],
    ['an edge to itself', edges([edge('a', 'a')]), `edge 'a' → 'a' ends at 'a', which has been decided about already`],
    ['a cycle', edges([edge('d', 'e'), edge('e', 'd')]), `its edges close a cycle`],
    ['a node that leads to itself', edges([edge('d', 'd')]), `its edges close a cycle`],
    [
      'a cycle by way of a fallback',
      { dynamicNodes: [node('d', { config: { fallback: 'e' } }), node('e')], dynamicEdges: [edge('e', 'd')] },
      `its edges close a cycle`,
    ],
    [
      'fallbacks of each other',
      nodes(node('d', { config: { fallback: 'e' } }), node('e', { config: { fallback: 'd' } })),
      `its edges close a cycle`,
    ],
    ['a bad condition', edges([edge('a', 'd', { condition: '1 +' })]), `edge 'a' → 'd' has a bad condition '1 +'`],
    ['a bad transform', edges([edge('a', 'd', { transform: ')' })]), `edge 'a' → 'd' has a bad transform ')'`],
    ['no list of nodes', { dynamicNodes: { id: 'd' } }, `its nodes are an object, and no array`],
    ['a text for nodes', { dynamicNodes: 'd' }, `its nodes are 'd', and no array`],
    ['no list of edges', edges(5), `its edges are 5, and no array`],
    ['null for a node', nodes(null), `its nodes have an entry that is no object`],
    ['a list with holes', nodes(...Array<unknown>(1), node('d')), `its nodes have an entry that is no object`],
    ['an array for an edge', edges([['a', 'd']]), `its edges have an entry that is no object`],
    ['a node without an id', nodes({ uses: 'named' }), `a node has the id undefined, and no text`],
    ['an empty id', nodes(node('')), `a node has the id '', and no text`],
    ['a number for an id', nodes({ id: 5, uses: 'named' }), `a node has the id 5, and no text`],
    ['a node without uses', nodes({ id: 'd' }), `node 'd' has a uses that is undefined, and no text`],
    ['bad inputs', nodes({ id: 'd', uses: 'named', inputs: [5] }), `node 'd' has inputs that are neither`],
    ['bad params', nodes({ id: 'd', uses: 'named', params: 5 }), `node 'd' has params that are no object`],
    [
      'a bad config',
      nodes({ id: 'd', uses: 'named', config: null }),
      `node 'd' has a config that is null, and no object`,
    ],
    [
      'a bad timeout',
      nodes({ id: 'd', uses: 'named', config: { timeout: { toString: null } } }),
      `node 'd' has config.timeout an object; expected`,
    ],
    ['an edge without ends', edges([{}]), `edge undefined → undefined has a source that is undefined, and no text`],
    [
      'a hostile source',
      edges([{ source: { toString: 1 }, target: 'd' }]),
      `edge an object → d has a source that is an`,
    ],
    ['a number for an action', edges([edge('a', 'd', { action: 5 as never })]), `edge a → d has a action that is 5`],
  ])('%s', async (_, created, message) => {
    const functions = {
      first: registry.pass,
      a: () => ({ output: 1, ...created }),
      b: registry.pass,
      c: registry.pass,
      x: registry.pass,
      y: registry.pass,
    }
    const { result, started, of } = await runWith(whole, functions)
    expect(result.status).toBe('failed')
    expect(result.errors).toMatchObject([{ nodeId: 'a', code: 'DYNAMIC_NODES_INVALID', isFatal: false }])
    expect(result.errors?.[0]?.message).toContain(message)
    expect(result.errors?.[0]?.message).toMatch(/^Node 'a' \(execution '[^']+'\) created what cannot join the run: /)
    expect(new Set(started)).toEqual(new Set(['first', 'x', 'a', 'y']))
    expect(of('node:finish').map(({ payload }) => payload.nodeId)).not.toContain('a')
  })

  it('what another node has created in the meantime', async () => {
    const { result } = await runWith(graph([], { a: {}, b: {} }), {
      a: creating([node('d')]),
      b: creating([node('d')]),
    })
    expect(result).toMatchObject({ status: 'failed', context: { d: 'd(out)' }, errors: [{ nodeId: 'b' }] })
  })

  it('what cannot be recorded', async () => {
    const { result } = await runWith(graph([], { a: {} }), {
      a: () => ({ dynamicNodes: [{ id: 'd', uses: 'named', params: { f: () => 1 } }] }),
    })
    expect(result.errors).toMatchObject([{ nodeId: 'a', code: 'SERIALIZATION_FAILED' }])
  })

  it('an edge to a fallback that has served already, though others may need it yet', async () => {
    const { result } = await runWith(
      graph(['first -> a'], {
        first: { uses: 'fail', config: { fallback: 'spare' } },
        other: { uses: 'slow', config: { fallback: 'spare' } },
        spare: {},
      }),
      {
        spare: () => ({ output: 1 }),
        slow: async () => await idle(),
        a: creating([node('d')], [edge('d', 'spare')]),
      },
    )
    expect(result.errors).toMatchObject([{ nodeId: 'a', code: 'DYNAMIC_NODES_INVALID' }])
  })

  it('a cycle through nodes that the run has', async () => {
    const { pass } = registry
    const cyclic = graph(['first -> a', 'other -> x', 'x -> y', 'y -> a'], { a: { config: { joinStrategy: 'any' } } })
    const { result } = await runWith(cyclic, {
      first: pass,
      other: async () => await idle(),
      x: pass,
      y: pass,
      a: creating([node('d')], [edge('a', 'd'), edge('d', 'x')]),
    })
    expect(result.errors).toMatchObject([{ nodeId: 'a', message: expect.stringContaining('its edges close a cycle') }])
  })

  const later = ({ attempt }: NodeContext) => ({
    output: attempt,
    dynamicNodes: [node(attempt < 3 ? 'b' : 'd'), node('e')],
  })

  it.each([false, true])('but may try again (with middleware: %s)', async (hasMiddleware) => {
    const trace: string[] = []
    const middleware = [
      {
        aroundNode: async (_: unknown, nodeId: string, next: () => Promise<NodeResult>) => {
          trace.push(nodeId)
          return await next()
        },
      },
    ]
    const { result, of, started } = await runRecorded(
      graph(['a -> b'], { a: { config: { maxRetries: 3 } } }),
      { ...registry, a: later, b: registry.pass },
      {},
      {},
      hasMiddleware ? { middleware } : {},
    )
    expect(result).toMatchObject({ status: 'completed', context: { d: 'd(3)', e: 'e(3)' } })
    expect(of('node:retry').map(({ payload }) => payload.error.code)).toEqual(Array(2).fill('DYNAMIC_NODES_INVALID'))
    expect(started).toEqual(['a', 'a', 'a', 'b', 'd', 'e'])
    expect(trace).toEqual(hasMiddleware ? ['a', 'b', 'd', 'e'] : [])
  })

  it('but may have a fallback', async () => {
    const { result } = await runWith(graph(['a -> b'], { a: { config: { fallback: 'named' } } }), {
      a: creating([node('b')]),
      b: registry.pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { b: 'a(undefined)' } })
  })

  it('also in a run that nothing records, where anything may come', async () => {
    const runtime = new FlowRuntime({ logger: new NullLogger(), registry })
    const hostile = {
      id: 'd',
      params: { f: () => 1 },
      get uses(): string {
        throw new Error('not for you')
      },
    }
    const { status, errors } = await runtime.run(
      graph([], { a: {} }),
      {},
      {
        functionRegistry: { a: () => ({ dynamicNodes: [hostile] }) },
      },
    )
    expect([status, errors?.[0]?.code]).toEqual(['failed', 'DYNAMIC_NODES_INVALID'])
  })
})
