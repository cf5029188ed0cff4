import { describe, expect, it } from 'vitest'
import { FlowRuntime, type NodeContext } from 'flowcraft'
import type { Middleware } from '../../src/extensions/middleware.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'
import { watchLive } from '../laws/live-states.ts'
import { portraitOfState } from '../laws/state-portrait.ts'
import { graph, runRecorded } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })

describe('the context of middleware', () => {
  it('is seen by the node, sees what the node wrote, and is recorded with the outcome', async () => {
    const seen: unknown[] = []
    const middleware: Middleware[] = [
      {
        async aroundNode(context, _id, next) {
          await context.set('order', ['around'])
          await context.set('gone', 1)
          await context.delete('initial')
          const result = await next()
          seen.push(await context.get('order'), await context.has('gone'), await context.getAll())
          await context.set('last', 'around')
          return result
        },
        async beforeNode(context) {
          await context.set('order', [...((await context.get('order')) as string[]), 'before'])
        },
      },
    ]
    const a = async ({ context }: NodeContext) => {
      seen.push(await context.has('initial'), await context.has('gone'), await context.getAll())
      await context.set('order', [...((await context.get('order')) as string[]), 'node'])
      seen.push(await context.delete('gone'), await context.get('gone'))
    }
    const run = await runRecorded(graph([], { a: {} }), { a }, { initial: true }, {}, { middleware })
    expect(seen).toEqual([
      false,
      true,
      { _executionId: run.result.executionId, gone: 1, order: ['around', 'before'] },
      true,
      undefined,
      ['around', 'before', 'node'],
      false,
      { _executionId: run.result.executionId, order: ['around', 'before', 'node'] },
    ])
    expect(run.events.map(({ type }) => type)).toEqual([
      'workflow:start',
      'node:start',
      ...Array<string>(7).fill('context:change'),
      'node:finish',
      'workflow:finish',
    ])
    expect(run.result.context).toMatchObject({ order: ['around', 'before', 'node'], last: 'around' })
    expect(run.result.context).not.toHaveProperty('initial')
  })

  it('is recorded with the error of a node that fails', async () => {
    const middleware: Middleware[] = [{ beforeNode: (context) => context.set('tried', true) }]
    const a = () => {
      throw new Error('broken')
    }
    const { result, events } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'failed', context: { tried: true } })
    expect(events.map(({ type }) => type).slice(2, 4)).toEqual(['context:change', 'node:error'])
  })

  it('is closed for the node when that has returned', async () => {
    let late!: () => Promise<void>
    const middleware: Middleware[] = [
      {
        async afterNode() {
          await expect(late()).rejects.toMatchObject({ code: 'CONTEXT_CLOSED' })
        },
      },
    ]
    const a = ({ context }: NodeContext) => void (late = () => context.set('late', 1))
    const { result } = await runRecorded(graph([], { a: {} }), { a }, {}, {}, { middleware })
    expect(result).toMatchObject({ status: 'completed', errors: undefined })
  })

  it('is closed when the outermost has returned', async () => {
    let late!: () => Promise<void>
    const middleware: Middleware[] = [{ beforeNode: (context) => void (late = () => context.set('late', 1)) }]
    const { result } = await runRecorded(graph([], { a: {} }), { a: pass }, {}, {}, { middleware })
    await expect(late()).rejects.toMatchObject({ code: 'CONTEXT_CLOSED', nodeId: 'a' })
    expect(result.context).not.toHaveProperty('late')
  })
})

it('replay shows a run with middleware as it was, at every event', async () => {
  const live = new Map<number, string>()
  const unwatch = watchLive('with middleware', (state) => live.set(state.seq, portraitOfState(state)))
  const middleware: Middleware[] = [
    {
      async aroundNode(context, nodeId, next) {
        await context.set('last', nodeId)
        if (nodeId === 'cached') return { output: 'cached' }
        const result = await next().catch(() => ({ output: 'recovered' }))
        await idle()
        await context.set(`saw ${nodeId}`, result)
        return { output: { wrapped: result } }
      },
    },
  ]
  const registry = {
    a: pass,
    cached: pass,
    failing: async ({ context, attempt }: NodeContext) => {
      await context.set('last', `failing ${attempt}`)
      throw new Error('always')
    },
  }
  const blueprint = graph(['a -> cached', 'a -> failing'], { failing: { config: { maxRetries: 2, retryDelay: 1 } } })
  const options = { middleware, idGenerator: () => 'with middleware' }
  const { result, events } = await runRecorded(blueprint, registry, {}, { concurrency: 1 }, options)
  unwatch()
  expect(result).toMatchObject({ status: 'completed', context: { failing: { wrapped: { output: 'recovered' } } } })

  const draft = draftOf(initialState)
  for (const event of events) {
    apply(draft, event)
    if (live.has(event.seq)) expect(portraitOfState(draft)).toBe(live.get(event.seq))
  }
  const replayed = await new FlowRuntime().replay(blueprint, events)
  expect(replayed.context).toEqual(result.context)
  expect(replayed.errors).toEqual(result.errors)
})
