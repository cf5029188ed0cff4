import { describe, expect, it } from 'vitest'
import type { NodeContext } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { deferred } from '../../src/history/deferred.ts'
import { graph } from './run-recorded.ts'
import { start } from './start-recorded.ts'
import { idle, virtualClock } from './virtual-clock.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })

describe('cancellation', () => {
  type Stage = 'aroundNode' | 'beforeNode' | 'node' | 'delay' | 'afterNode' | 'end of aroundNode'
  const order: readonly Stage[] = ['aroundNode', 'beforeNode', 'node', 'delay', 'afterNode', 'end of aroundNode']

  it.each(order)('during %s settles at once; nothing that comes later counts', async (stage) => {
    const clock = virtualClock()
    const gate = deferred<void>()
    const calls: string[] = []
    const late: Promise<unknown>[] = []
    const reach = async (reached: Stage, context?: NodeContext['context']) => {
      calls.push(reached)
      if (reached !== stage) return
      await gate.promise
      if (context) late.push(context.set('late', true))
    }
    const cleanedUp: unknown[] = []
    const middleware: Middleware[] = [
      {
        async aroundNode(context, _id, next) {
          try {
            await reach('aroundNode', context)
            const result = await next()
            await reach('end of aroundNode', context)
            return result
          } catch (error) {
            cleanedUp.push(error)
            throw error
          }
        },
        beforeNode: (context) => reach('beforeNode', context),
        afterNode: (context) => reach('afterNode', context),
      },
      {
        aroundNode: (_context, _id, next) => (calls.push('second aroundNode'), next()),
        beforeNode: () => void calls.push('second beforeNode'),
        afterNode: () => void calls.push('second afterNode'),
      },
    ]
    const a = async ({ context, attempt }: NodeContext) => {
      await reach('node', context)
      if (stage !== 'delay') return { output: 'too late' }
      calls.push('delay')
      throw new Error(`attempt ${attempt}`)
    }
    const config = { maxRetries: 2, retryDelay: 100, timeout: 5000 }
    const { handle, typesSoFar } = start(graph([], { a: { config } }), { a }, { middleware, clock })
    await idle()
    expect(calls.at(-1)).toBe(stage)
    handle.cancel('enough')
    const result = await handle.result()
    expect(result.status).toBe('cancelled')
    expect(clock.waiting).toEqual([])
    const types = await typesSoFar()
    expect(types.slice(-2)).toEqual(['workflow:cancel', 'workflow:finish'])

    // Whoever waits for `next` learns of it at once, so that it can clean up.
    const waitsForNext = stage !== 'aroundNode' && stage !== 'end of aroundNode'
    expect(cleanedUp).toEqual(waitsForNext ? ['enough'] : [])

    gate.resolve()
    await idle()
    expect(calls.at(-1)).toBe(stage)
    expect(await typesSoFar()).toEqual(types)
    const refused = stage === 'delay' ? [] : [{ status: 'rejected', reason: { code: 'CONTEXT_CLOSED' } }]
    expect(await Promise.allSettled(late)).toMatchObject(refused)
    expect(cleanedUp).toEqual(stage === 'end of aroundNode' ? [] : ['enough'])
  })

  it('does not wait for middleware that never returns', async () => {
    const middleware: Middleware[] = [{ aroundNode: () => new Promise(() => {}) }]
    const { handle } = start(graph(['a -> b']), { a: pass, b: pass }, { middleware })
    await idle()
    handle.cancel()
    expect((await handle.result()).status).toBe('cancelled')
  })
})
