import { describe, expect, it } from 'vitest'
import type { NodeContext } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { deferred } from '../../src/history/deferred.ts'
import { graph, runRecorded } from './run-recorded.ts'
import { start } from './start-recorded.ts'
import { virtualClock } from './virtual-clock.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })

/** Fails until the attempt of this number. */
const succeedsAt =
  (number: number) =>
  async ({ attempt, context }: NodeContext) => {
    await context.set('tries', attempt)
    if (attempt < number) throw new Error(`attempt ${attempt}`)
    return { output: attempt }
  }

describe('retries inside of middleware', () => {
  it('are recorded as they happen, with their delay; the hooks run once for all of them', async () => {
    const clock = virtualClock()
    const calls: string[] = []
    const middleware: Middleware[] = [
      {
        beforeNode: () => void calls.push('before'),
        afterNode: (_context, _id, result) => void calls.push(`after ${String(result?.output)}`),
        aroundNode: (_context, _id, next) => (calls.push('around'), next()),
      },
    ]
    const config = { maxRetries: 3, retryDelay: 100 }
    const blueprint = graph([], { a: { config } })
    const { handle, typesSoFar } = start(blueprint, { a: succeedsAt(3) }, { middleware, clock })
    expect((await typesSoFar()).filter((type) => type === 'node:retry')).toHaveLength(1)
    expect(clock.waiting).toEqual([100])
    await clock.advance(200)
    expect((await handle.result()).context).toMatchObject({ a: 3, tries: 3 })
    expect(calls).toEqual(['around', 'before', 'after 3'])
    expect((await typesSoFar()).filter((type) => type.startsWith('node:'))).toEqual([
      'node:start',
      'node:retry',
      'node:start',
      'node:retry',
      'node:start',
      'node:finish',
    ])
  })

  it.each([
    ['finish', 2],
    ['error', 3],
  ])(
    'leave the last %s to be recorded when the outermost has returned, and until then the slot is taken',
    async (end, number) => {
      const gate = deferred<void>()
      const waits: Middleware = {
        async aroundNode(_context, _id, next) {
          try {
            return await next()
          } finally {
            await gate.promise
          }
        },
      }
      const blueprint = graph([], { a: { config: { maxRetries: 2 } }, b: {} })
      const { handle, typesSoFar } = start(
        blueprint,
        { a: succeedsAt(number), b: pass },
        { middleware: [waits, {}] },
        1,
      )
      expect((await typesSoFar()).slice(1)).toEqual(['node:start', 'context:change', 'node:retry', 'node:start'])
      gate.resolve()
      await handle.result()
      expect((await typesSoFar()).slice(5, 8)).toEqual(['context:change', `node:${end}`, 'node:start'])
    },
  )

  it('see what middleware wrote before, unless an attempt has written it since', async () => {
    const middleware: Middleware[] = [
      {
        async beforeNode(context) {
          await context.set('tries', 'none')
          await context.set('kept', 'by middleware')
        },
      },
    ]
    const seen: unknown[] = []
    const a = async (call: NodeContext) => {
      seen.push(await call.context.get('tries'), await call.context.get('kept'))
      return await succeedsAt(2)(call)
    }
    const blueprint = graph([], { a: { config: { maxRetries: 2 } } })
    const { result, of } = await runRecorded(blueprint, { a }, {}, {}, { middleware })
    expect(seen).toEqual(['none', 'by middleware', 1, 'by middleware'])
    expect(result.context).toMatchObject({ tries: 2, kept: 'by middleware' })
    expect(of('context:change').map(({ payload }) => [payload.attempt, payload.key, payload.value])).toEqual([
      [1, 'tries', 1],
      [2, 'kept', 'by middleware'],
      [2, 'tries', 2],
    ])
  })

  it('are over when the middleware gets an error: one that it throws is not retried', async () => {
    const middleware: Middleware[] = [{ aroundNode: (_c, _id, next) => next().catch((e: Error) => Promise.reject(e)) }]
    const blueprint = graph([], { a: { config: { maxRetries: 2 } } })
    const { result, of } = await runRecorded(blueprint, { a: succeedsAt(9) }, {}, {}, { middleware })
    expect(of('node:start')).toHaveLength(2)
    expect(result.errors).toMatchObject([{ cause: { message: 'attempt 2' } }])
  })
})

it('a result that cannot be read again is an error for the middleware', async () => {
  class Money {}
  const money = {
    name: 'money',
    is: (value: unknown) => value instanceof Money,
    encode: () => 1,
    decode: () => {
      throw new Error('no longer known')
    },
  }
  const caught: unknown[] = []
  const middleware: Middleware[] = [{ afterNode: (_context, _id, _result, error) => void caught.push(error) }]
  const options = { middleware, valueTypes: [money] }
  const blueprint = graph([], { a: { config: { maxRetries: 2 } } })
  const { result, started } = await runRecorded(blueprint, { a: () => ({ output: new Money() }) }, {}, {}, options)
  expect(result.errors).toMatchObject([{ nodeId: 'a', code: 'SERIALIZATION_FAILED' }])
  expect(caught).toMatchObject([{ code: 'SERIALIZATION_FAILED' }])
  expect(started).toEqual(['a'])
})

describe('a timeout', () => {
  const config = { timeout: 50 }

  it('bounds an attempt, and not the middleware around it', async () => {
    const clock = virtualClock()
    const slow: Middleware = {
      async aroundNode(_context, _id, next) {
        await new Promise<void>((resolve) => void clock.setTimer(500, resolve))
        return await next()
      },
    }
    const run = runRecorded(graph([], { a: { config } }), { a: pass }, {}, {}, { middleware: [slow], clock })
    await clock.advance(500)
    expect((await run).result).toMatchObject({ status: 'completed', context: { a: 'a' } })
  })

  it('loses what the attempt wrote, and nothing that middleware wrote', async () => {
    const clock = virtualClock()
    const middleware: Middleware[] = [
      {
        async aroundNode(context, _id, next) {
          await context.set('before', 1)
          const failed = await next().catch((error: Error) => error.name)
          await context.set('after', [failed, await context.has('attempt')])
          return { output: 'recovered' }
        },
      },
    ]
    const a = async ({ context }: NodeContext) => {
      await context.set('attempt', true)
      await new Promise(() => {})
    }
    const run = runRecorded(graph([], { a: { config } }), { a }, {}, {}, { middleware, clock })
    await clock.advance(50)
    const { context } = (await run).result
    expect(context).toMatchObject({ before: 1, after: ['NodeTimeoutError', false], a: 'recovered' })
    expect(context).not.toHaveProperty('attempt')
  })
})

describe('middleware that does not wait for next', () => {
  const impatient: Middleware[] = [
    { aroundNode: (_context, _id, next) => (void next(), { output: 'early' }) },
    { aroundNode: (_context, _id, next) => next() },
  ]

  it('cuts off the attempt: its signal aborts, and it leaves no writes', async () => {
    const signals: AbortSignal[] = []
    const a = async ({ context, signal }: NodeContext) => {
      signals.push(signal)
      await context.set('cut off', true)
      await new Promise(() => {})
    }
    const { result } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware: impatient })
    expect(result).toMatchObject({ status: 'completed', context: { a: 'early' } })
    expect(result.context).not.toHaveProperty('cut off')
    expect(signals[0]?.reason).toMatchObject({ nodeId: 'a', message: expect.stringContaining('has ended before') })
  })

  it('is not changed by what becomes of the attempt later', async () => {
    const gate = deferred<void>()
    const a = async () => {
      await gate.promise
      throw new Error('too late')
    }
    const blueprint = graph(['a -> b'], { a: { config: { maxRetries: 2 } } })
    const registry = { a, b: () => new Promise<void>(() => {}) }
    const middleware: Middleware[] = [
      { aroundNode: (_context, nodeId, next) => (nodeId === 'a' ? (void next(), { output: 'early' }) : next()) },
    ]
    const { handle, typesSoFar } = start(blueprint, registry, { middleware })
    const types = await typesSoFar()
    expect(types.filter((type) => type.startsWith('node:'))).toEqual(['node:start', 'node:finish', 'node:start'])
    gate.resolve()
    expect(await typesSoFar()).toEqual(types)
    handle.cancel()
  })

  it('between two attempts has its say as soon as the next one has started', async () => {
    const clock = virtualClock()
    const gate = deferred<void>()
    const calls: number[] = []
    let late!: () => Promise<void>
    const middleware: Middleware[] = [
      {
        async aroundNode(context, _id, next) {
          late = () => context.set('late', true)
          return await Promise.race([next(), gate.promise.then(() => ({ output: 'early' }))])
        },
      },
    ]
    const a = ({ attempt }: NodeContext) => {
      calls.push(attempt)
      throw new Error('again')
    }
    const blueprint = graph([], { a: { config: { maxRetries: 3, retryDelay: 100 } } })
    const { handle, typesSoFar } = start(blueprint, { a }, { middleware, clock })
    expect((await typesSoFar()).at(-1)).toBe('node:retry')
    gate.resolve()
    expect((await typesSoFar()).at(-1)).toBe('node:retry')
    await expect(late()).rejects.toMatchObject({ code: 'CONTEXT_CLOSED' })
    await clock.advance(100)
    expect((await handle.result()).context['a']).toBe('early')
    expect(calls).toEqual([1])
    expect((await typesSoFar()).slice(-3)).toEqual(['node:start', 'node:finish', 'workflow:finish'])
  })
})
