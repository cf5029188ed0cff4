import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  UnsafeEvaluator,
  type NodeContext,
  type RuntimeOptions,
} from 'flowcraft'
import { CustomValue } from '../../src/events/custom-value.ts'
import { centsIn, Money, Parcel, valueTypes, withInstances } from '../events/custom-values.ts'
import { runWithInstances } from '../events/run-with-instances.ts'
import { portrait } from '../events/values.ts'
import { graph, runRecorded } from './run-recorded.ts'
import { checkedWith } from '../laws/runs.ts'

const marker = new CustomValue('Money', { cents: 5n, currency: 'EUR' })
const fiveEuro = (): Money => new Money(5n, 'EUR')
const [money] = valueTypes

function withMoney(changes: object): RuntimeOptions {
  return { valueTypes: [{ ...money!, ...changes }] }
}

function fail(): never {
  throw new RangeError('no')
}

it('instances reach nodes, the result and its replay by every way', async () => {
  const price = new Parcel([fiveEuro(), { list: [fiveEuro()] }])
  const { result, replayed, seen, events } = await runWithInstances(price, new InMemoryEventStore())
  expect(result.status).toBe('completed')
  expect(seen.map(centsIn)).toEqual(Array(7).fill([5n, 5n]))
  for (const { context } of [result, replayed]) {
    for (const key of ['initial', 'written', 'a', 'b']) expect(centsIn(context[key])).toEqual([5n, 5n])
    expect(context['a']).toBeInstanceOf(Parcel)
  }
  expect(replayed.context).toEqual(result.context)
  expect(JSON.stringify(events, bigintAsText)).toContain('{"type":"Money","encoded":{"cents":"5","currency":"EUR"}}')
})

it('any value with instances in it is the same in a run and in its replay', async () => {
  await fc.assert(
    fc.asyncProperty(withInstances(), async (value) => {
      const { result, replayed, seen } = await runWithInstances(value, new InMemoryEventStore())
      for (const each of seen) expect(portrait(each)).toBe(portrait(value))
      expect(portrait(replayed.context)).toBe(portrait(result.context))
      expect(centsIn(replayed.context)).toEqual(centsIn(result.context))
    }),
    checkedWith(50),
  )
})

it('a run that nothing records gives instances too', async () => {
  const runtime = new FlowRuntime({ valueTypes })
  const functionRegistry = {
    a: () => ({ output: { price: fiveEuro() } }),
    b: ({ input }: NodeContext) => ({ output: (input as { price: Money }).price.cents }),
  }
  const edge = { source: 'a', target: 'b', condition: "input.price.currency == 'EUR'" }
  const { context } = await runtime.run(graph([edge]), { start: fiveEuro() }, { functionRegistry })
  expect(context).toMatchObject({ b: 5n, start: fiveEuro(), a: { price: fiveEuro() } })
})

describe('an expression', () => {
  const functionRegistry = { a: () => ({ output: fiveEuro() }), b: ({ input }: NodeContext) => ({ output: input }) }

  it.each([
    ['a property', "input.currency == 'EUR'", {}],
    ['what is private', 'input.cents === 5n && context.a.cents === 5n', { evaluator: new UnsafeEvaluator() }],
  ])('sees %s of an instance', async (_, condition, options) => {
    const edge = { source: 'a', target: 'b', condition, transform: '[input]' }
    const { result } = await runRecorded(graph([edge]), functionRegistry, {}, {}, { valueTypes, ...options })
    expect(result.context['b']).toEqual([fiveEuro()])
    expect((result.context['b'] as Money[])[0]).toBeInstanceOf(Money)
  })

  it('cannot change what is recorded by way of an instance', async () => {
    const nodes = { a: () => ({ output: new Parcel([1]) }), b: functionRegistry.b }
    const edge = { source: 'a', target: 'b', condition: 'input.items.push(2) && context.a.items.push(3)' }
    const options = { valueTypes, evaluator: new UnsafeEvaluator() }
    const { result } = await runRecorded(graph([edge]), nodes, {}, {}, options)
    expect(result.context['b']).toEqual(new Parcel([1]))
  })

  it('fails when the instance that it needs cannot be made', async () => {
    const edge = { source: 'a', target: 'b', condition: "input.currency == 'EUR'" }
    const { of } = await runRecorded(graph([edge]), functionRegistry, {}, {}, withMoney({ decode: fail }))
    const [evaluated] = of('edge:evaluate')
    expect(evaluated?.payload.error).toMatchObject({
      code: 'EXPRESSION_FAILED',
      cause: { code: 'SERIALIZATION_FAILED' },
    })
  })
})

it('a reason for cancelling is recorded with its instances', async () => {
  const controller = new AbortController()
  const functionRegistry = { a: () => controller.abort({ refund: fiveEuro() }) }
  const { signal } = controller
  const { of } = await runRecorded(graph([], { a: {} }), functionRegistry, {}, { signal }, { valueTypes })
  expect(of('workflow:cancel')[0]?.payload.reason).toStrictEqual({ refund: marker })
})

it('errors, which are data, have markers in their properties, and nothing where an instance cannot be recorded', async () => {
  const details = { price: fiveEuro(), parcel: new Parcel([fail]) }
  const functionRegistry = {
    a() {
      throw Object.assign(new Error('declined'), details, { errors: [Object.assign(new Error('inner'), details)] })
    },
  }
  const { result } = await runRecorded(graph([], { a: {} }), functionRegistry, {}, {}, { valueTypes })
  expect(result.errors?.[0]?.cause?.properties).toStrictEqual({
    price: marker,
    errors: [expect.objectContaining({ message: 'inner', properties: { price: marker } })],
  })
})

it('the text of a context brings instances back, also as the start of another run', async () => {
  const runtime = new FlowRuntime({ valueTypes })
  const { serializedContext } = await runtime.run(graph([], { a: {} }), { price: fiveEuro() }, registryOf('a'))
  const { price } = runtime.serializer.deserialize(serializedContext) as { price: Money }
  expect(price.cents).toBe(5n)
  const again = await runtime.run(graph([], { a: {} }), JSON.stringify(withPrice(serializedContext)), registryOf('a'))
  expect(centsIn(again.context)).toEqual([5n])
})

describe('a runtime that does not know the type', () => {
  it('replays markers in the place of instances', async () => {
    const { events } = await runWithInstances(fiveEuro(), new InMemoryEventStore())
    const replayed = await new FlowRuntime().replay(graph([], { a: {} }), events)
    expect(replayed.context).toMatchObject({ initial: marker, a: marker })
    expect(replayed.context['a']).toStrictEqual(marker)
  })

  it('passes markers on, so that one that knows the type gets its instances', async () => {
    const functionRegistry = { a: ({ context }: NodeContext) => context.get('given').then((output) => ({ output })) }
    const { events } = await runRecorded(graph([], { a: {} }), functionRegistry, { given: marker })
    const replayed = await new FlowRuntime({ valueTypes }).replay(graph([], { a: {} }), events)
    expect(centsIn(replayed.context['_outputs.a'])).toEqual([5n])
  })
})

describe('a value type that throws', () => {
  it('fails the node whose output it cannot encode', async () => {
    const functionRegistry = { a: () => ({ output: { list: [fiveEuro()] } }) }
    const { result } = await runRecorded(graph([], { a: {} }), functionRegistry, {}, {}, withMoney({ encode: fail }))
    expect(result.errors).toMatchObject([
      {
        code: 'SERIALIZATION_FAILED',
        nodeId: 'a',
        message: `Cannot record output of node 'a' (execution '${result.executionId}'): .list[0] made 'encode' of the value type 'Money' throw`,
        cause: { name: 'RangeError', message: 'no' },
      },
    ])
  })

  it('fails each attempt that reads what it cannot decode', async () => {
    const functionRegistry = { a: () => ({ output: fiveEuro() }), b: ({ input }: NodeContext) => ({ output: input }) }
    const { result, of } = await runRecorded(
      graph(['a -> b'], { b: { config: { maxRetries: 2 } } }),
      functionRegistry,
      {},
      {},
      withMoney({ decode: fail }),
    )
    expect(of('node:start').map(({ payload }) => payload.nodeId)).toEqual(['a', 'b', 'b'])
    expect(result.errors).toMatchObject([
      {
        code: 'SERIALIZATION_FAILED',
        nodeId: 'b',
        message: `Cannot read a value of execution '${result.executionId}': the value made 'decode' of the value type 'Money' throw`,
      },
    ])
    expect(codeOf(() => result.context)).toBe('SERIALIZATION_FAILED')
  })

  it('decodes nothing that nobody reads', async () => {
    const functionRegistry = { a: () => ({ output: fiveEuro() }), b: () => ({ output: 1 }) }
    const { result } = await runRecorded(graph(['a -> b']), functionRegistry, {}, {}, withMoney({ decode: fail }))
    expect(result.status).toBe('completed')
  })
})

it('value types with a fault are refused when the runtime is made', () => {
  const types = [...valueTypes, ...valueTypes]
  expect(() => new FlowRuntime({ valueTypes: types })).toThrow(FlowcraftError)
  expect(codeOf(() => new FlowRuntime({ valueTypes: types }))).toBe('INPUT_INVALID')
})

function registryOf(id: string) {
  return { functionRegistry: { [id]: () => ({}) } }
}

/** Of the text of a context, what another run may begin with. */
function withPrice(serializedContext: string): object {
  const { price, _types } = JSON.parse(serializedContext) as Record<string, unknown>
  return { price, _types }
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function codeOf(act: () => unknown): unknown {
  try {
    act()
    return 'none'
  } catch (error) {
    return isFlowcraftError(error) ? error.code : error
  }
}
