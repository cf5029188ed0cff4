import { describe, expect, it } from 'vitest'
import {
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  NullLogger,
  PersistentEventBusAdapter,
  type ILogger,
  type NodeContext,
  type WorkflowBlueprint,
} from 'flowcraft'
import { graph, runRecorded } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

const pass = ({ nodeId }: NodeContext) => ({ output: nodeId })

describe('bad input is refused before anything of a run happens', () => {
  it.each([
    ['inputs', { inputs: 5 }],
    ['inputs', { inputs: null }],
    ['inputs', { inputs: { x: 1 } }],
    ['config', { config: null }],
    ['config.maxRetries', { config: { maxRetries: 2.5 } }],
    ['config.timeout', { config: { timeout: -1 } }],
    ['params', { params: 5 }],
    ['plain JSON', { params: { at: new Date(0) } }],
  ])('%s of a node: %o', async (named, wrong) => {
    const blueprint = graph(['a -> b'], { b: wrong as object })
    await expect(runRecorded(blueprint, { a: pass, b: pass })).rejects.toMatchObject({
      code: 'BLUEPRINT_INVALID',
      message: expect.stringContaining(named) as string,
    })
  })

  it.each([[0], [Number.NaN], [1.5]])('a concurrency of %d', async (concurrency) => {
    await expect(runRecorded(graph(['a -> b']), { a: pass, b: pass }, {}, { concurrency })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })

  it.each([[new Map()], [[]], [new Date(0)]])('an initial state that is %o', async (state) => {
    const runtime = new FlowRuntime()
    await expect(runtime.run(graph([], { a: {} }), state, { functionRegistry: { a: pass } })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })

  it('a key of the engine in the initial state', async () => {
    await expect(runRecorded(graph([], { a: {} }), { a: pass }, { _executionId: 'mine' })).rejects.toMatchObject({
      code: 'CONTEXT_KEY_RESERVED',
    })
  })

  it('events that are no list, in a replay', async () => {
    const replay = new FlowRuntime().replay(graph([], { a: {} }), undefined as never)
    await expect(replay).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})

describe('a run is not harmed by', () => {
  it('a logger that throws, or lacks what it is asked for', async () => {
    const blueprint = graph([{ source: 'a', target: 'b', action: 'go' }])
    const broken: ILogger[] = [{} as ILogger, new Proxy({} as ILogger, { get: () => () => fail() })]
    for (const logger of broken) {
      const registry = { a: () => ({ action: 'other' }), b: pass }
      const { result } = await runRecorded(blueprint, registry, {}, {}, { logger })
      expect(result.status).toBe('completed')
    }
  })

  it('a reason for cancelling that cannot be read', async () => {
    const unreadable = new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail(), ownKeys: () => fail() })
    const { result } = await runRecorded(
      graph([], { a: {} }),
      { a: () => new Promise(() => {}) },
      {},
      {
        signal: AbortSignal.abort(unreadable),
      },
    )
    expect(result.status).toBe('cancelled')
  })

  it('a write that comes too late and is not awaited', async () => {
    const warnings: string[] = []
    const logger = Object.assign(new NullLogger(), { warn: (message: string) => warnings.push(message) })
    let late!: () => void
    const blueprint = graph(['a -> b'])
    await runRecorded(
      blueprint,
      {
        a: ({ context }: NodeContext) => {
          late = () => void context.set('late', 1)
        },
        b: pass,
      },
      {},
      {},
      { logger },
    )
    late()
    await idle()
    expect(warnings).toEqual([expect.stringContaining("cannot write key 'late'")])
  })

  it('a store that rejects with what nobody can read', async () => {
    const unreadable = new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail(), has: () => fail() })
    const store = Object.assign(new InMemoryEventStore(), { append: () => Promise.reject(unreadable as Error) })
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
    for (let run = 0; run < 2; run += 1) {
      const failed = runtime.run(graph([], { a: {} }), {}, { functionRegistry: { a: pass } })
      await expect(failed).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
    }
  })

  it('an evaluator that gives a promise: the condition fails, and is not taken for true', async () => {
    const evaluator = { evaluate: () => Promise.resolve(true) }
    const blueprint = graph([{ source: 'a', target: 'b', condition: 'x' }])
    const { of } = await runRecorded(blueprint, { a: pass, b: pass }, {}, {}, { evaluator })
    expect(of('edge:evaluate')[0]?.payload.reason).toBe('condition-error')
  })
})

it('a patch with an operation that does not exist changes nothing', async () => {
  const { result } = await runRecorded(
    graph([], { a: {} }),
    { a: ({ context }: NodeContext) => context.patch([{ op: 'zap', key: 'kept' } as never]) },
    { kept: 1 },
  )
  expect(result.errors).toMatchObject([{ code: 'INPUT_INVALID' }])
  expect(result.context['kept']).toBe(1)
})

it('the result of a run with values that cannot be recorded can be spread', async () => {
  const handler = () => 1
  const runtime = new FlowRuntime()
  const result = await runtime.run(
    graph([], { a: {} }),
    {},
    { functionRegistry: { a: () => ({ output: { handler } }) } },
  )
  expect({ ...result }.context['a']).toEqual({ handler })
  expect(() => result.serializedContext).toThrow(FlowcraftError)
})

it('inputs by a path fall through to the context where the output has no such path', async () => {
  const { result } = await runRecorded(
    graph(['a -> b'], { b: { inputs: 'a.x' } }),
    { a: () => ({ output: { y: 1 } }), b: ({ input }: NodeContext) => ({ output: input }) },
    { a: { x: 5 } },
  )
  expect(result.context['b']).toBe(5)
})

it('conditions and transforms know input, result and context', async () => {
  const edge = { source: 'a', target: 'b', condition: "result.action == 'go' && context.n == 1" }
  const blueprint: WorkflowBlueprint = graph([
    { ...edge, action: 'go', transform: 'result.output + context.n + input' },
  ])
  const registry = { a: () => ({ output: 10, action: 'go' }), b: ({ input }: NodeContext) => ({ output: input }) }
  const { result } = await runRecorded(blueprint, registry, { n: 1 })
  expect(result.context['b']).toBe(21)
})

it('a text that is too large fails its node, not the store', async () => {
  const blueprint = graph([], { a: {} })
  const { result } = await runRecorded(blueprint, { a: () => ({ output: 'x'.repeat(70 * 2 ** 20) }) })
  expect(result.errors?.map((error) => isFlowcraftError(error) || error.code)).toEqual(['SERIALIZATION_FAILED'])
})

function fail(): never {
  throw new Error('not to be read')
}
