import { describe, expect, it } from 'vitest'
import {
  FlowRuntime,
  InMemoryEventStore,
  PersistentEventBusAdapter,
  UnsafeEvaluator,
  type NodeContext,
} from 'flowcraft'
import { graph } from '../runtime/run-recorded.ts'

/** Bytes cannot be frozen, and yet nobody who looks at them may change what was recorded. */
describe('recorded bytes are not changed by', () => {
  const functionRegistry = {
    a: () => ({ output: new Map([['bytes', new Uint8Array([7])]]) }),
    b: ({ input }: NodeContext) => ({ output: input }),
  }
  const expected = new Map([['bytes', new Uint8Array([7])]])

  it('a listener', async () => {
    const store = new InMemoryEventStore()
    const eventBus = new PersistentEventBusAdapter(store)
    eventBus.on('node:finish', ({ payload }) => {
      ;(payload.result.output as typeof expected).get('bytes')?.fill(99)
    })
    const result = await new FlowRuntime({ eventBus }).run(graph(['a -> b']), {}, { functionRegistry })
    expect(result.context['b']).toEqual(expected)
  })

  it('a reader of the store', async () => {
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
    const result = await runtime.run(graph(['a -> b']), {}, { functionRegistry })
    for (const { payload } of await store.retrieve(result.executionId)) {
      if ('result' in payload && typeof payload.result === 'object') {
        ;(payload.result.output as typeof expected).get('bytes')?.fill(99)
      }
    }
    const replayed = await runtime.replay(graph(['a -> b']), await store.retrieve(result.executionId))
    expect(replayed.context['b']).toEqual(expected)
  })

  it('an expression', async () => {
    const runtime = new FlowRuntime({ evaluator: new UnsafeEvaluator() })
    const edge = {
      source: 'a',
      target: 'b',
      condition: "input.get('bytes').fill(99), context.a.get('bytes').fill(99), true",
    }
    const result = await runtime.run(graph([edge]), {}, { functionRegistry })
    expect(result.context['b']).toEqual(expected)
  })
})
