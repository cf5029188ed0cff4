import { describe, expect, it } from 'vitest'
import { BaseNode, createFlow, FlowRuntime, NullLogger, type NodeContext } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { graph, runRecorded } from './run-recorded.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })

describe('a fallback', () => {
  const middleware: Middleware[] = [
    {
      async beforeNode(context, nodeId) {
        await context.set('entered', [...(((await context.get('entered')) as string[] | undefined) ?? []), nodeId])
      },
      aroundNode: async (_context, _id, next) => ({ output: [(await next()).output] }),
    },
  ]
  const fail = () => {
    throw new Error('broken')
  }

  it('that is a node is wrapped like any node', async () => {
    const blueprint = graph(['a -> c'], { a: { config: { fallback: 'b' } }, b: {} })
    const { result } = await runRecorded(blueprint, { a: fail, b: pass, c: pass }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', context: { a: ['b'], b: ['b'], c: ['c'] } })
    expect(result.context['entered']).toEqual(['a', 'b', 'c'])
  })

  it('that is a registry key is wrapped on its own, under the id of its node', async () => {
    const blueprint = graph([], { a: { config: { fallback: 'spare', maxRetries: 2 } } })
    const { result, of } = await runRecorded(blueprint, { a: fail, spare: pass }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', context: { a: ['a'], entered: ['a', 'a'] } })
    expect(of('node:start').map(({ payload }) => payload.attempt)).toEqual([1, 2, 3])
  })

  it('runs when the middleware itself has failed', async () => {
    const broken: Middleware = { beforeNode: (_context, nodeId) => (nodeId === 'a' ? fail() : undefined) }
    const blueprint = graph([], { a: { config: { fallback: 'b' } }, b: {} })
    const { result } = await runRecorded(blueprint, { a: pass, b: pass }, {}, {}, { middleware: [broken] })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 'b' } })
  })
})

it('a class node has its whole life inside of middleware', async () => {
  const calls: string[] = []
  class Lifecycle extends BaseNode {
    override async prep() {
      calls.push('prep')
    }
    async exec(_: unknown, { attempt }: NodeContext): Promise<void> {
      calls.push(`exec ${attempt}`)
      throw new Error('broken')
    }
    override async fallback() {
      calls.push('fallback')
      return { output: 'rescued' }
    }
    override async recover() {
      calls.push('recover')
    }
  }
  const around: Middleware = {
    async aroundNode(_context, _id, next) {
      calls.push('around')
      const result = await next()
      calls.push(`end ${String(result.output)}`)
      return result
    },
  }
  const blueprint = graph([], { a: { config: { maxRetries: 2 } } })
  const { result } = await runRecorded(blueprint, { a: Lifecycle }, {}, {}, { middleware: [around] })
  expect(calls).toEqual(['around', 'prep', 'exec 1', 'exec 2', 'fallback', 'recover', 'end rescued'])
  expect(result.context['a']).toBe('rescued')
})

describe('a node that asks for more than its output', () => {
  const copying: Middleware = { aroundNode: async (_context, _id, next) => ({ ...(await next()) }) }

  it('waits, inside of middleware that passes its result on', async () => {
    const until = 5_000_000_000_000
    const a = () => ({ wait: { event: 'approval', until: new Date(until) } })
    const { result, of } = await runRecorded(graph(['a -> b']), { a, b: pass }, {}, {}, { middleware: [copying] })
    expect(result.status).toBe('awaiting')
    expect(of('node:wait')).toMatchObject([{ payload: { nodeId: 'a', event: 'approval', wakeUpAt: until } }])
  })

  it('adds nodes, which are wrapped too', async () => {
    const a = () => ({ dynamicNodes: [{ id: 'new', uses: 'b' }] })
    const replacing: Middleware = {
      aroundNode: async (_context, nodeId, next) => (nodeId === 'new' ? { output: 'wrapped' } : await next()),
    }
    const registry = { a, b: pass }
    const { result } = await runRecorded(graph([], { a: {} }), registry, {}, {}, { middleware: [replacing, copying] })
    expect(result).toMatchObject({ status: 'completed', context: { new: 'wrapped' } })
  })
})

describe('what the engine itself runs', () => {
  const ids: string[] = []
  const noting: Middleware = { aroundNode: (_context, nodeId, next) => (ids.push(nodeId), next()) }

  it('is not wrapped, but the workers of a batch and the nodes of a subflow are', async () => {
    ids.length = 0
    const runtime = new FlowRuntime({
      logger: new NullLogger(),
      middleware: [noting],
      registry: { inner: ({ input }) => ({ output: input }) },
      blueprints: { child: { id: 'child', nodes: [{ id: 'inner', uses: 'inner' }], edges: [] } },
    })
    const flow = createFlow('outer')
      .node('list', () => ({ output: [1, 2] }))
      .batch('double', ({ input }: NodeContext<object, object, number>) => ({ output: input * 2 }), {
        inputKey: 'list',
      })
      .subflow('sub', { blueprintId: 'child' })
      .edge('list', 'double')
      .edge('double', 'sub')
    const result = await flow.run(runtime, {})
    expect(result).toMatchObject({ status: 'completed', context: { '_outputs.sub': [2, 4] } })
    expect(ids).toEqual(['list', 'double[0]', 'double[1]', 'inner'])
  })

  it('runs the middleware again in each turn of a loop', async () => {
    ids.length = 0
    const flow = createFlow('loop')
      .node('count', async ({ context }) => {
        const n = Number((await context.get('n')) ?? 0) + 1
        await context.set('n', n)
        return { output: n }
      })
      .loop('again', { startNodeId: 'count', endNodeId: 'count', condition: 'n < 3' })
    const result = await flow.run(new FlowRuntime({ logger: new NullLogger(), middleware: [noting] }), {})
    expect(result).toMatchObject({ status: 'completed', context: { n: 3 } })
    expect(ids).toEqual(['count', 'count', 'count'])
  })
})
