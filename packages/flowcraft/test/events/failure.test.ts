import { describe, expect, it } from 'vitest'
import { FlowcraftError, NodeTimeoutError } from '../../src/errors.ts'
import { toWorkflowError } from '../../src/events/failure.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'

const place = { nodeId: 'pay', blueprintId: 'shop', executionId: 'x1', now: 0 }
const of = (thrown: unknown) => toWorkflowError(thrown, place)

describe('a thrown error as data', () => {
  it('keeps what an error of this library says', () => {
    expect(of(new NodeTimeoutError('pay', 50, { cause: new TypeError('slow') }))).toMatchObject({
      message: "Node 'pay' did not finish within 50 ms",
      name: 'NodeTimeoutError',
      code: 'NODE_TIMEOUT',
      nodeId: 'pay',
      blueprintId: 'shop',
      executionId: 'x1',
      isFatal: false,
      timestamp: '1970-01-01T00:00:00.000Z',
      cause: { name: 'TypeError', message: 'slow' },
    })
  })

  it('keeps any other error as the cause, with its own causes', () => {
    const error = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E1', status: 404 })
    expect(of(error)).toMatchObject({
      message: "Node 'pay' execution failed",
      name: 'FlowcraftError',
      code: 'NODE_FAILED',
      stack: error.stack,
      cause: {
        name: 'TypeError',
        message: 'outer',
        code: 'E1',
        stack: error.stack,
        properties: { status: 404 },
        cause: { name: 'RangeError', message: 'inner' },
      },
    })
  })

  it('leaves out properties that cannot be recorded, and keeps the others', () => {
    const error = Object.assign(new Error('e'), {
      request: { send: () => 1 },
      at: new Date(0),
      big: 'x'.repeat(2 ** 21),
    })
    expect(of(error).cause?.properties).toEqual({ at: new Date(0) })
  })

  it('keeps the errors of an AggregateError', () => {
    const error = new AggregateError([new Error('one'), 'two'], 'both')
    expect(of(error).cause?.properties?.errors).toMatchObject([
      { name: 'Error', message: 'one' },
      { name: 'NonError', message: 'two' },
    ])
  })

  it('is fatal when any error in the chain is', () => {
    const fatal = new FlowcraftError('stop', { isFatal: true })
    expect(of(fatal).isFatal).toBe(true)
    expect(of(new Error('a', { cause: new Error('b', { cause: fatal }) })).isFatal).toBe(true)
    expect(of(Object.assign(new Error('not ours'), { isFatal: true })).isFatal).toBe(false)
  })

  it('cuts cycles and long chains of causes', () => {
    const loop = new Error('loop')
    loop.cause = loop
    expect(of(loop).cause).not.toHaveProperty('cause')
    let error = new Error('innermost')
    for (let i = 0; i < 10_000; i++) error = new Error(`${i}`, { cause: error })
    let length = 0
    for (let cause = of(error).cause; cause; cause = cause.cause) length++
    expect(length).toBe(33)
  })

  it('names the execution when no node failed', () => {
    const error = toWorkflowError(new Error('e'), { ...place, nodeId: undefined })
    expect(error.message).toBe("Execution 'x1' failed")
    expect('nodeId' in error).toBe(false)
  })

  it('is deep-frozen and equal after it was written and read', () => {
    const error = of(new Error('e', { cause: Object.assign(new Error('c'), { at: new Date(0) }) }))
    const { json, notes } = encodeValue(error)
    expect(decodeValue(json, notes)).toStrictEqual(error)
    expect(Object.isFrozen(error.cause?.cause)).toBe(true)
  })
})

describe('a thrown value that is no error', () => {
  it.each([
    ['text', 'text', 'text'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a bigint', 12n, '12'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object', { reason: 'no' }, '{"reason":"no"}'],
    [
      'a hostile object',
      {
        toString: () => {
          throw new Error('no')
        },
        toJSON: () => {
          throw new Error('no')
        },
      },
      '[object Object]',
    ],
  ])('is kept as a message: %s', (_, thrown, message) => {
    expect(of(thrown)).toMatchObject({ code: 'NODE_FAILED', cause: { name: 'NonError', message } })
  })

  it.each([
    ['a revoked proxy', revoked],
    ['a proxy that always throws', () => new Proxy(new Error('e'), alwaysThrows())],
    ['a function', () => () => 1],
    ['an Error with throwing getters', hostileError],
    ['an Error whose errors throw', () => Object.assign(new Error('e'), { errors: revoked() })],
  ])('never makes describing it fail: %s', (_, make) => {
    expect(of(make())).toMatchObject({ message: "Node 'pay' execution failed", nodeId: 'pay' })
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function alwaysThrows(): ProxyHandler<Error> {
  const refuse = () => {
    throw new Error('trap')
  }
  return { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse }
}

function hostileError(): Error {
  const error = new Error('e')
  for (const key of ['stack', 'message', 'name', 'cause', 'code', 'other']) {
    Object.defineProperty(error, key, {
      enumerable: true,
      get: () => {
        throw new Error('getter')
      },
    })
  }
  return error
}
