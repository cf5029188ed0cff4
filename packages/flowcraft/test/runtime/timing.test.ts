import { describe, expect, it } from 'vitest'
import { FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter, type NodeContext } from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'
import { idle, virtualClock } from './virtual-clock.ts'

describe('retries', () => {
  it('wait as long as configured, doubled each time and capped', async () => {
    const clock = virtualClock()
    const config = { maxRetries: 5, retryDelay: 100, retryBackoff: 'exponential', retryMaxDelay: 300 } as const
    const starts: number[] = []
    const run = runRecorded(
      graph([], { a: { config } }),
      {
        a: ({ attempt }) => {
          starts.push(clock.now() - 1_000_000)
          if (attempt < 5) throw new Error(`attempt ${attempt}`)
          return { output: 'done' }
        },
      },
      {},
      {},
      { clock },
    )
    await clock.advance(10_000)
    const { result, of } = await run
    expect(starts).toEqual([0, 100, 300, 600, 900])
    expect(
      of('node:retry').map(({ payload }) => [payload.attempt, payload.delayMs, payload.error.cause?.message]),
    ).toEqual([
      [1, 100, 'attempt 1'],
      [2, 200, 'attempt 2'],
      [3, 300, 'attempt 3'],
      [4, 300, 'attempt 4'],
    ])
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 'done' } })
  })

  it('leave the writes of a failed attempt to those that come after', async () => {
    const { result } = await runRecorded(graph([], { a: { config: { maxRetries: 2 } } }), {
      a: async ({ attempt, context }) => {
        await context.set(`seen by ${attempt}`, await context.get('tries'))
        await context.set('tries', attempt)
        if (attempt === 1) throw new Error('again')
        return {}
      },
    })
    expect(result.context).toMatchObject({ 'seen by 1': undefined, 'seen by 2': 1, tries: 2 })
  })
})

describe('a timeout', () => {
  const config = { timeout: 50 }

  it('fails the attempt, aborts its signal, and leaves no writes and no late result', async () => {
    const clock = virtualClock()
    let late!: (result: object) => void
    let call: NodeContext | undefined
    const run = runRecorded(
      graph([], { a: { config } }),
      {
        a: async (context: NodeContext) => {
          call = context
          await context.context.set('half', true)
          return await new Promise<object>((resolve) => (late = resolve))
        },
      },
      {},
      {},
      { clock },
    )
    await idle()
    expect(call?.signal.aborted).toBe(false)
    await clock.advance(50)
    const { result, of } = await run
    expect(call?.signal.aborted).toBe(true)
    expect(result.errors).toMatchObject([{ name: 'NodeTimeoutError', code: 'NODE_TIMEOUT', nodeId: 'a' }])
    expect(result.context).not.toHaveProperty('half')
    late({ output: 'too late' })
    await expect(call?.context.set('later', 1)).rejects.toMatchObject({ code: 'CONTEXT_CLOSED' })
    await idle()
    expect(of('node:finish')).toEqual([])
  })

  it('is over when the attempt is', async () => {
    const clock = virtualClock()
    await runRecorded(graph([], { a: { config } }), { a: async () => ({}) }, {}, {}, { clock })
    expect(clock.waiting).toEqual([])
  })

  it('bounds each attempt anew', async () => {
    const clock = virtualClock()
    const run = runRecorded(
      graph([], { a: { config: { timeout: 50, maxRetries: 2 } } }),
      { a: ({ attempt }) => (attempt === 1 ? new Promise<object>(() => {}) : { output: 'second' }) },
      {},
      {},
      { clock },
    )
    await clock.advance(50)
    expect((await run).result.context['a']).toBe('second')
  })
})

describe('cancellation', () => {
  it('settles at once, aborts what runs, keeps context and id, and drops late outcomes', async () => {
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ logger: new NullLogger(), eventBus: new PersistentEventBusAdapter(store) })
    let late!: () => void
    let signal: AbortSignal | undefined
    const handle = runtime.start(
      graph(['a -> b', 'b -> c']),
      { n: 1 },
      {
        functionRegistry: {
          a: () => ({ output: 'a' }),
          b: ({ signal: given }) => {
            signal = given
            return new Promise<void>((resolve) => (late = resolve))
          },
          c: () => ({}),
        },
      },
    )
    await idle()
    handle.cancel(new Error('changed my mind'))
    expect(signal?.aborted).toBe(true)
    const result = await handle.result()
    late()
    await idle()
    expect(result.status).toBe('cancelled')
    expect(result.context).toMatchObject({ n: 1, a: 'a', _executionId: handle.executionId })
    const events = await store.retrieve(handle.executionId)
    expect(events.slice(-2)).toMatchObject([
      { type: 'workflow:cancel', payload: { reason: { message: 'changed my mind' } } },
      { type: 'workflow:finish', payload: { status: 'cancelled' } },
    ])
    await expect(runtime.cancel(handle.executionId)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
  })

  it('by a signal that has aborted already runs no node', async () => {
    const { result, started } = await runRecorded(
      graph(['a -> b']),
      { a: () => ({}), b: () => ({}) },
      { n: 1 },
      {
        signal: AbortSignal.abort('never mind'),
      },
    )
    expect(started).toEqual([])
    expect(result).toMatchObject({ status: 'cancelled', context: { n: 1 } })
  })

  it('ends a delay between two attempts', async () => {
    const clock = virtualClock()
    const controller = new AbortController()
    const run = runRecorded(
      graph([], { a: { config: { maxRetries: 2, retryDelay: 1000 } } }),
      {
        a: () => {
          throw new Error('always')
        },
      },
      {},
      { signal: controller.signal },
      { clock },
    )
    await idle()
    expect(clock.waiting).toEqual([1000])
    controller.abort()
    expect((await run).result.status).toBe('cancelled')
    expect(clock.waiting).toEqual([])
  })
})

describe('concurrency', () => {
  it('starts ready nodes in blueprint order as slots come free', async () => {
    let running = 0
    let most = 0
    const ids = ['a', 'b', 'c', 'd', 'e']
    const node = async () => {
      most = Math.max(most, (running += 1))
      await idle()
      running -= 1
    }
    const { started } = await runRecorded(
      graph([], Object.fromEntries(ids.map((id) => [id, {}]))),
      Object.fromEntries(ids.map((id) => [id, node])),
      {},
      { concurrency: 2 },
    )
    expect(most).toBe(2)
    expect(started).toEqual(ids)
  })
})
