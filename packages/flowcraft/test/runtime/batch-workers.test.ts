import { describe, expect, it } from 'vitest'
import { BaseNode, createFlow, type Middleware, type NodeContext, type NodeResult } from 'flowcraft'
import { recordingRuntime, runFlow } from './run-recorded.ts'
import { idle, virtualClock } from './virtual-clock.ts'

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const list = (count: number) => async () => ({ output: items(count) })

/** Counts how many of its calls are going on at a time. */
function gauge() {
  const counts = { now: 0, most: 0, calls: 0 }
  const within = async <T>(work: () => T | Promise<T>): Promise<T> => {
    counts.calls += 1
    counts.now += 1
    counts.most = Math.max(counts.most, counts.now)
    await idle()
    try {
      return await work()
    } finally {
      counts.now -= 1
    }
  }
  return { counts, within }
}

describe('the concurrency of a batch', () => {
  it.each([1, 2, 3])('bounds how many workers run to %i', async (concurrency) => {
    const { counts, within } = gauge()
    const flow = createFlow('f')
      .node('list', list(10))
      .batch('b', ({ input }: NodeContext) => within(() => ({ output: input })), {
        inputKey: 'list',
        chunkSize: 5,
        concurrency,
      })
      .edge('list', 'b')
    const { result, started } = await runFlow(flow)
    expect(result.context['b_gather']).toEqual(items(10))
    expect(counts).toEqual({ now: 0, most: concurrency, calls: 10 })
    expect(started.filter((id) => id.startsWith('b['))).toEqual(items(10).map((index) => `b[${index}]`))
  })

  it('holds when workers are retried, at once or later, and when a registry key stands in for them', async () => {
    for (const retryDelay of [0, 10]) {
      const { counts, within } = gauge()
      const clock = virtualClock()
      const flow = createFlow('f')
        .node('list', list(6))
        .batch(
          'b',
          ({ input, attempt }: NodeContext) =>
            within((): NodeResult => {
              if (attempt < 3 || input === 5) throw new Error('again')
              return { output: input }
            }),
          { inputKey: 'list', concurrency: 2, config: { maxRetries: 3, retryDelay, fallback: 'spare' } },
        )
        .edge('list', 'b')
      const { runtime, look } = recordingRuntime({
        clock,
        registry: { spare: ({ input }) => within(() => ({ output: `spare ${String(input)}` })) },
      })
      const running = flow.run(runtime)
      for (let turn = 0; turn < 60; turn += 1) await clock.advance(10)
      const { result } = await look(flow.toBlueprint(), await running)
      expect(result).toMatchObject({ status: 'completed', context: { b_gather: [0, 1, 2, 3, 4, 'spare 5'] } })
      expect(counts).toEqual({ now: 0, most: 2, calls: 19 })
    }
  })

  it('is bounded by that of the run as well', async () => {
    const { counts, within } = gauge()
    const worker = ({ input }: NodeContext) => within(() => ({ output: input }))
    const flow = createFlow('f')
      .node('list', list(5))
      .batch('a', worker, { inputKey: 'list' })
      .batch('b', worker, { inputKey: 'list', concurrency: 4 })
      .edge('list', 'a')
      .edge('list', 'b')
    const { result } = await runFlow(flow, {}, { concurrency: 3 })
    expect(result.context).toMatchObject({ a_gather: items(5), b_gather: items(5) })
    expect(counts).toEqual({ now: 0, most: 3, calls: 10 })
  })

  it('is one of running workers: those that wait make room', async () => {
    const flow = createFlow('f')
      .node('list', list(3))
      .batch('b', async () => ({ wait: {} }), { inputKey: 'list', concurrency: 1 })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context['_awaitingNodeIds']).toEqual(['b[0]', 'b[1]', 'b[2]'])
  })
})

describe('a worker', () => {
  it('is retried by the configuration of its batch', async () => {
    const flow = createFlow('f')
      .node('list', list(3))
      .batch(
        'b',
        async ({ input, attempt }: NodeContext) => {
          if (input === 1 && attempt < 3) throw new Error(`no ${attempt}`)
          return { output: attempt }
        },
        { inputKey: 'list', config: { maxRetries: 3 } },
      )
      .edge('list', 'b')
    const { result, of } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [1, 3, 1] } })
    expect(of('node:retry').map(({ payload }) => [payload.nodeId, payload.attempt])).toEqual([
      ['b[1]', 1],
      ['b[1]', 2],
    ])
  })

  it('is bounded in time by the configuration of its batch', async () => {
    const clock = virtualClock()
    const signals: AbortSignal[] = []
    const flow = createFlow('f')
      .node('list', list(3))
      .batch(
        'b',
        async ({ input, signal }: NodeContext) => {
          if (input === 1) await new Promise(() => signals.push(signal))
          return { output: input }
        },
        { inputKey: 'list', onError: 'collect', config: { timeout: 50 } },
      )
      .edge('list', 'b')
    const { runtime, look } = recordingRuntime({ clock })
    const running = flow.run(runtime)
    await clock.advance(100)
    const { result } = await look(flow.toBlueprint(), await running)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(result.context['b_gather']).toMatchObject([
      { status: 'fulfilled', value: 0 },
      { status: 'rejected', reason: { code: 'NODE_TIMEOUT', nodeId: 'b[1]' } },
      { status: 'fulfilled', value: 2 },
    ])
    expect(clock.waiting).toEqual([])
  })

  it('has its fallback by a registry key', async () => {
    const keys: string[] = []
    const flow = createFlow('f')
      .node('list', list(3))
      .batch('b', odd, { inputKey: 'list', chunkSize: 1, config: { fallback: 'spare' } })
      .edge('list', 'b')
    const spare = async ({ input, nodeId, idempotencyKey }: NodeContext) => {
      keys.push(idempotencyKey)
      return { output: `${nodeId} spare ${String(input)}` }
    }
    const { result, started } = await runFlow(flow, {}, {}, { registry: { spare } })
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: ['b[0] spare 0', 1, 'b[2] spare 2'] } })
    expect(result.errors).toBeUndefined()
    expect(started).toEqual(['list', 'b_scatter', 'b[0]', 'b[0]', 'b[1]', 'b[2]', 'b[2]', 'b_gather'])
    expect(keys).toEqual([`${result.executionId}/b[0]/0/fallback`, `${result.executionId}/b[2]/0/fallback`])
  })

  it('has its fallback by a node, which serves one after the other', async () => {
    const { counts, within } = gauge()
    const flow = createFlow('f')
      .node('list', list(4))
      .node('spare', ({ input, iteration }: NodeContext) => within(() => ({ output: [input, iteration] })))
      .batch('b', odd, { inputKey: 'list', config: { fallback: 'spare' } })
      .node('after', async ({ input }) => ({ output: input }))
      .edge('list', 'b')
      .edge('spare', 'after')
    const { result, of, started } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [[0, 0], 1, [2, 1], 3] } })
    expect(counts).toEqual({ now: 0, most: 1, calls: 2 })
    expect(of('node:start').flatMap(({ payload }) => payload.fallbackFor ?? [])).toEqual(['b[0]', 'b[2]'])
    expect(started.filter((id) => id === 'after')).toHaveLength(1)
    expect(result.context['after']).toEqual([0, 0])
  })

  it('has failed when its fallback fails too', async () => {
    const flow = createFlow('f')
      .node('list', list(2))
      .node('spare', async () => fail('spare broken'))
      .batch('b', odd, { inputKey: 'list', config: { fallback: 'spare' } })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.errors?.map(({ nodeId, code }) => [nodeId, code])).toEqual([
      ['b[0]', 'NODE_FAILED'],
      ['spare', 'NODE_FAILED'],
      ['b_gather', 'BATCH_FAILED'],
    ])
  })

  it('leaves a fallback that no worker needs alone', async () => {
    const flow = createFlow('f')
      .node('list', list(2))
      .node('spare', async () => ({ output: 'spare' }))
      .node('after', async () => ({}))
      .batch('b', async ({ input }: NodeContext) => ({ output: input }), {
        inputKey: 'list',
        chunkSize: 1,
        config: { fallback: 'spare' },
      })
      .edge('list', 'b')
      .edge('spare', 'after')
    const { result, of } = await runFlow(flow)
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [0, 1] } })
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['spare', 'fallback-not-needed'],
      ['after', 'not-chosen'],
    ])
  })

  it('may be a class, of which each worker has its own instance', async () => {
    let instances = 0
    class Worker extends BaseNode {
      readonly #number = (instances += 1)
      #prepared = 0
      override async prep({ input }: NodeContext) {
        this.#prepared += 1
        return input
      }
      async exec(item: unknown, { attempt }: NodeContext) {
        if (item === 1 && attempt === 1) throw new Error('once')
        return { output: [item, this.#number, this.#prepared, attempt] }
      }
    }
    const flow = createFlow('f')
      .node('list', list(3))
      .batch('b', Worker, { inputKey: 'list', chunkSize: 1, config: { maxRetries: 2 } })
      .edge('list', 'b')
    const { result } = await runFlow(flow)
    expect(result.context['b_gather']).toEqual([
      [0, 1, 1, 1],
      [1, 2, 1, 2],
      [2, 3, 1, 1],
    ])
  })

  it('has middleware around it, once for each worker', async () => {
    const trace: string[] = []
    const middleware: Middleware = {
      async aroundNode(context, nodeId, next) {
        trace.push(`> ${nodeId}`)
        await context.set('around', nodeId)
        const result = await next()
        trace.push(`< ${nodeId}`)
        return nodeId === 'list' ? result : { ...result, output: [result.output] }
      },
    }
    const flow = createFlow('f')
      .node('list', list(2))
      .batch(
        'b',
        async ({ input, attempt }: NodeContext) => {
          if (attempt === 1) fail('once')
          return { output: input }
        },
        { inputKey: 'list', chunkSize: 1, config: { maxRetries: 2 } },
      )
      .edge('list', 'b')
    const { result } = await runFlow(flow, {}, {}, { middleware: [middleware] })
    expect(result).toMatchObject({ status: 'completed', context: { b_gather: [[0], [1]], around: 'b[1]' } })
    expect(trace).toEqual(['> list', '< list', '> b[0]', '< b[0]', '> b[1]', '< b[1]'])
  })
})

const odd = async ({ input }: NodeContext) => (Number(input) % 2 === 1 ? { output: input } : fail('even'))

function fail(message: string): never {
  throw new Error(message)
}
