import { describe, expect, it } from 'vitest'
import { FlowcraftError, NullLogger, type NodeContext } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { graph, runRecorded } from './run-recorded.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })
const fail = ({ nodeId }: NodeContext) => {
  throw new Error(`${nodeId} is broken`)
}

/** Middleware that notes when each of its methods begins and, around a node, ends. */
function noting(name: string, notes: string[]): Middleware {
  return {
    beforeNode: async (_context, nodeId) => void notes.push(`before${name} ${nodeId}`),
    afterNode: async (_context, nodeId, result, error) =>
      void notes.push(`after${name} ${nodeId} ${String(result?.output)} ${error?.message ?? 'ok'}`),
    aroundNode: async (_context, nodeId, next) => {
      notes.push(`around${name} ${nodeId}`)
      try {
        return await next()
      } finally {
        notes.push(`end${name} ${nodeId}`)
      }
    },
  }
}

describe('middleware', () => {
  it('is entered from the first to the last and left the other way round, with all hooks in the middle', async () => {
    const notes: string[] = []
    const a = () => {
      notes.push('node')
      return { output: 1 }
    }
    await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware: [noting('1', notes), noting('2', notes)] })
    expect(notes).toEqual([
      'around1 a',
      'around2 a',
      'before1 a',
      'before2 a',
      'node',
      'after1 a 1 ok',
      'after2 a 1 ok',
      'end2 a',
      'end1 a',
    ])
  })

  it('is around every node, and may have any of the methods, as an object of a class too', async () => {
    class Counter implements Middleware {
      readonly seen: string[] = []
      beforeNode(_: unknown, nodeId: string) {
        this.seen.push(nodeId)
      }
    }
    const counter = new Counter()
    const registry = { a: pass, b: pass }
    await runRecorded(graph(['a -> b']), registry, {}, {}, { middleware: [{}, counter] })
    expect(counter.seen).toEqual(['a', 'b'])
  })
})

describe('what the outermost middleware returns', () => {
  it('is the result of the node: output and action', async () => {
    const middleware: Middleware[] = [
      { aroundNode: async (_context, _id, next) => ({ ...(await next()), action: 'left' }) },
      { aroundNode: async (_context, _id, next) => ({ output: [(await next()).output] }) },
    ]
    const blueprint = graph([
      { source: 'a', target: 'b', action: 'left' },
      { source: 'a', target: 'c', action: 'right' },
    ])
    const registry = { a: () => ({ output: 'a', action: 'right' }), b: pass, c: pass }
    const { result, started, of } = await runRecorded(blueprint, registry, {}, {}, { middleware })
    expect(started).toEqual(['a', 'b'])
    expect(of('node:finish')[0]?.payload.result).toEqual({ output: ['a'], action: 'left' })
    expect(result.context).toMatchObject({ a: ['a'], b: ['b'] })
  })

  it('counts also where the node was not run at all', async () => {
    const middleware: Middleware[] = [
      { aroundNode: (_context, nodeId, next) => (nodeId === 'a' ? { output: 'cached' } : next()) },
      { beforeNode: (_context, nodeId) => expect(nodeId).toBe('b') },
    ]
    const registry = { a: fail, b: ({ input }: NodeContext) => ({ output: input }) }
    const { result, of } = await runRecorded(graph(['a -> b']), registry, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', context: { a: 'cached', b: 'cached' } })
    expect(of('node:finish')[0]?.payload).toMatchObject({ nodeId: 'a', attempt: 1, result: { output: 'cached' } })
  })

  it('counts where the node failed: then nothing has failed', async () => {
    const middleware: Middleware[] = [
      {
        async aroundNode(_context, _id, next) {
          try {
            return await next()
          } catch (error) {
            return { output: (error as Error).message }
          }
        },
      },
    ]
    const { result, of } = await runRecorded(graph(['a -> b']), { a: fail, b: pass }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 'a is broken', b: 'b' } })
    expect(of('node:error')).toEqual([])
  })

  it('counts also where the node failed with an error that ends the run, which is not retried', async () => {
    const middleware: Middleware[] = [
      { aroundNode: (_context, _id, next) => next().catch(() => ({ output: 'saved' })) },
    ]
    const a = () => {
      throw new FlowcraftError('stop', { isFatal: true })
    }
    const blueprint = graph([], { a: { config: { maxRetries: 3 } } })
    const { result, started } = await runRecorded(blueprint, { a }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', context: { a: 'saved' } })
    expect(started).toEqual(['a'])
  })

  it('is no output when it is no result, and the next one out is given an empty result', async () => {
    const given: unknown[] = []
    const nothing = { aroundNode: async (_: unknown, __: string, next: () => Promise<unknown>) => void (await next()) }
    const middleware = [
      {
        aroundNode: async (_: unknown, __: string, next: () => Promise<object>) => given[given.push(await next()) - 1],
      },
      nothing,
    ] as Middleware[]
    const { result } = await runRecorded(graph([], { a: {} }), { a: pass }, {}, {}, { middleware })
    expect(given).toEqual([{}])
    expect(result.context).not.toHaveProperty('a')
  })

  it('is given as a copy, so that what becomes of it counts only if it is returned', async () => {
    const own = { deep: { n: 1 } }
    const middleware: Middleware[] = [
      {
        async aroundNode(_context, nodeId, next) {
          const result = (await next()) as { output: typeof own }
          result.output.deep.n = 2
          return nodeId === 'kept' ? { output: { deep: { n: 1 } } } : result
        },
      },
    ]
    const registry = { kept: () => ({ output: own }), changed: () => ({ output: own }) }
    const { result } = await runRecorded(graph(['kept -> changed']), registry, {}, {}, { middleware })
    expect(result.context).toMatchObject({ kept: { deep: { n: 1 } }, changed: { deep: { n: 2 } } })
    expect(own).toEqual({ deep: { n: 1 } })
  })

  it('must be something that can be recorded', async () => {
    const middleware: Middleware[] = [{ aroundNode: () => ({ output: () => 'a function' }) }]
    const blueprint = graph([], { a: { config: { maxRetries: 3 } } })
    const { result, started } = await runRecorded(blueprint, { a: pass }, {}, {}, { middleware })
    expect(result.errors).toMatchObject([{ code: 'SERIALIZATION_FAILED', nodeId: 'a' }])
    expect(started).toEqual(['a'])
  })
})

describe('what middleware throws', () => {
  const broken = () => {
    throw new Error('middleware is broken')
  }
  const stages: Record<string, [middleware: Middleware, calls: number]> = {
    beforeNode: [{ beforeNode: broken }, 0],
    'aroundNode before next': [{ aroundNode: broken }, 0],
    'aroundNode after next': [{ aroundNode: (_context, _id, next) => next().then(broken) }, 1],
    afterNode: [{ afterNode: broken }, 1],
  }

  it.each(Object.entries(stages))('in %s fails the node, without a retry', async (_stage, [middleware, calls]) => {
    let called = 0
    const a = () => void (called += 1)
    const blueprint = graph(['a -> b'], { a: { config: { maxRetries: 3 } } })
    const run = await runRecorded(blueprint, { a, b: pass }, {}, {}, { middleware: [middleware] })
    expect(called).toBe(calls)
    expect(run.started).toEqual(['a'])
    expect(run.of('node:error')).toHaveLength(1)
    expect(run.result).toMatchObject({
      status: 'failed',
      errors: [{ nodeId: 'a', message: "Node 'a' execution failed", cause: { message: 'middleware is broken' } }],
    })
  })

  it('takes the place of the error of the node, which is logged', async () => {
    const logged: unknown[] = []
    const logger = Object.assign(new NullLogger(), {
      error: (_message: string, meta: { error?: unknown } = {}) => void logged.push(meta.error),
    })
    const middleware: Middleware[] = [{ afterNode: broken }, noting('2', [])]
    const { result } = await runRecorded(graph([], { a: {} }), { a: fail }, {}, {}, { middleware, logger })
    expect(result.errors).toMatchObject([{ cause: { message: 'middleware is broken' } }])
    expect(logged).toMatchObject([{ message: 'a is broken' }])
  })

  it('does not take the place of an error that ends the run', async () => {
    const a = () => {
      throw new FlowcraftError('stop', { isFatal: true })
    }
    const { result } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware: [{ afterNode: broken }] })
    expect(result.errors).toMatchObject([{ message: 'stop', isFatal: true }])
  })

  it('ends the run if it is fatal, without a fallback', async () => {
    const middleware: Middleware[] = [
      {
        beforeNode() {
          throw new FlowcraftError('stop', { isFatal: true })
        },
      },
    ]
    const blueprint = graph(['x -> y'], { a: { config: { fallback: 'b' } }, b: {} })
    const registry = { a: pass, b: pass, x: pass, y: pass }
    const { result, of, started } = await runRecorded(blueprint, registry, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'failed', errors: [{ message: 'stop', isFatal: true }] })
    expect(of('node:fallback')).toEqual([])
    expect(started).not.toContain('y')
  })

  it('is told to every afterNode that follows', async () => {
    const notes: string[] = []
    const middleware: Middleware[] = [
      { beforeNode: broken },
      noting('2', notes),
      { afterNode: fail.bind(null, { nodeId: 'after' } as NodeContext) },
      noting('4', notes),
    ]
    await runRecorded(graph([], { a: {} }), { a: pass }, {}, {}, { middleware })
    expect(notes).toContain('after2 a undefined middleware is broken')
    expect(notes).toContain('after4 a undefined after is broken')
    expect(notes).not.toContain('before2 a')
  })
})

describe('next', () => {
  it('runs the node once: a second call is refused, also when nobody waits for it', async () => {
    const refusals: unknown[] = []
    const middleware: Middleware[] = [
      {
        async aroundNode(_context, _id, next) {
          const first = next()
          void next()
          await next().catch((error: unknown) => refusals.push(error))
          return await first
        },
      },
    ]
    let calls = 0
    const a = () => ({ output: (calls += 1) })
    const { result } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware })
    expect(refusals).toMatchObject([
      { code: 'INPUT_INVALID', nodeId: 'a', message: expect.stringContaining("called 'next()' twice") },
    ])
    expect(result.context['a']).toBe(1)
    expect(calls).toBe(1)
  })

  it('runs nothing once its middleware has returned', async () => {
    let late!: () => Promise<unknown>
    const middleware: Middleware[] = [
      { aroundNode: (_context, _id, next) => ({ output: void (late = next) }) },
      { beforeNode: () => void expect.fail('a hook was called') },
    ]
    await runRecorded(graph([], { a: {} }), { a: () => expect.fail('the node was called') }, {}, {}, { middleware })
    await expect(late()).rejects.toMatchObject({ message: expect.stringContaining('has ended before') })
  })

  it('rejects with the very thing that the node threw', async () => {
    const thrown = { not: 'an error' }
    const caught: unknown[] = []
    const middleware: Middleware[] = [
      {
        aroundNode: (_context, _id, next) =>
          next().catch((error: unknown) => Promise.reject(caught[caught.push(error) - 1])),
      },
      { afterNode: (_context, _id, _result, error) => void caught.push(error) },
    ]
    const a = () => {
      throw thrown
    }
    const { result } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware })
    expect(caught[0]).toBeInstanceOf(Error)
    expect(caught[1]).toBe(thrown)
    expect(result.errors).toMatchObject([{ cause: { name: 'NonError', message: '{"not":"an error"}' } }])
  })
})
