import { describe, expect, it } from 'vitest'
import { copyOf, snapshot, type SnapshotOptions } from '../../src/events/snapshot.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'

const where = { where: "node 'a' (execution 'x'), output" }

function record<T>(value: T, options: SnapshotOptions = where): T {
  return snapshot(value, options) as T
}

describe('a snapshot', () => {
  it.each([
    ['plain data', { a: 1, b: ['x', null, true, { c: undefined }] }],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', new Map([[1, 2]])],
        [{ k: 1 }, 'v'],
      ]),
    ],
    ['a Set', new Set([1, [2]])],
    ['a Date', new Date(5)],
    ['an invalid Date', new Date(NaN)],
    ['a URL', new URL('https://a.example/b?c=d#e')],
    ['a RegExp', /a\/b/giu],
    ['an Error', new TypeError('broken', { cause: new Error('inner') })],
    ['an AggregateError', new AggregateError([new Error('one')], 'many')],
    ['a Buffer', Buffer.from('hello')],
    ['a typed array', new Float32Array([1.5, NaN])],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer],
    ['special numbers', [NaN, Infinity, -Infinity, -0, 12n]],
  ])('of %s is equal to it', (_, value) => {
    expect(record(value)).toStrictEqual(value)
    expect(copyOf(record(value))).toStrictEqual(value)
  })

  it('does not change when the original does', () => {
    const value = { list: [1], map: new Map([['a', 1]]), bytes: new Uint8Array([1]) }
    const recorded = record(value)
    value.list.push(2)
    value.map.clear()
    value.bytes[0] = 9
    expect(recorded).toEqual({ list: [1], map: new Map([['a', 1]]), bytes: new Uint8Array([1]) })
  })

  it('refuses every change', () => {
    const { list, map, set, date, url, pattern } = record({
      list: [1],
      map: new Map([['a', 1]]),
      set: new Set([1]),
      date: new Date(0),
      url: new URL('http://a.example/'),
      pattern: /a/g,
    })
    for (const change of [
      () => list.push(2),
      () => map.set('b', 2),
      () => map.delete('a'),
      () => map.clear(),
      () => set.add(2),
      () => date.setFullYear(1999),
      () => (url.pathname = '/b'),
      () => pattern.exec('a'),
      () => pattern.compile('b'),
    ]) {
      expect(change).toThrow(TypeError)
    }
    url.searchParams.set('a', 'b')
    expect({ map, set, date, url }).toEqual({
      map: new Map([['a', 1]]),
      set: new Set([1]),
      date: new Date(0),
      url: new URL('http://a.example/'),
    })
    expect(() => map.set('b', 2)).toThrow(/read-only: this Map is part of a history/)
  })

  it('is given back as it is by another snapshot, also as a part', () => {
    const recorded = record({ a: { b: 1 } })
    expect(record(recorded)).toBe(recorded)
    expect(record({ part: recorded.a }).part).toBe(recorded.a)
    expect(record(decodeValue('{"a":1}'))).toEqual({ a: 1 })
  })

  it('does not take what merely is frozen for recorded', () => {
    const frozen = Object.freeze({ list: [1] })
    expect(record(frozen)).not.toBe(frozen)
  })

  it('keeps shared references and cycles', () => {
    const shared = { n: 1 }
    const value: Record<string, unknown> = { a: shared, b: [shared], m: new Map([[shared, shared]]) }
    value.self = value
    const recorded = record(value) as { a: object; b: object[]; m: Map<object, object>; self: unknown }
    expect(recorded.self).toBe(recorded)
    expect(recorded.b[0]).toBe(recorded.a)
    expect(recorded.m.get(recorded.a)).toBe(recorded.a)
  })

  it('keeps the class, stack, code and own properties of an Error, and the name of an unknown class', () => {
    class PaymentError extends Error {
      override name = 'PaymentError'
      code = 'E_PAY'
      details = { amount: 3 }
    }
    const error = new PaymentError('declined')
    const recorded = record(error)
    expect(recorded).toBeInstanceOf(Error)
    expect(recorded).toMatchObject({ name: 'PaymentError', message: 'declined', code: 'E_PAY', details: { amount: 3 } })
    expect(recorded.stack).toBe(error.stack)
    expect(record(new RangeError('r'))).toBeInstanceOf(RangeError)
  })

  it('keeps an own __proto__ key as a key', () => {
    const recorded = record(JSON.parse('{"__proto__":{"polluted":1}}') as object)
    expect(Object.keys(recorded)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(recorded)).toBe(Object.prototype)
    expect('polluted' in recorded).toBe(false)
    expect(JSON.stringify(copyOf(recorded))).toBe('{"__proto__":{"polluted":1}}')
  })

  it('makes array holes undefined and objects without prototype plain', () => {
    // oxlint-disable-next-line no-sparse-arrays -- holes are the subject
    expect(record([1, , 2])).toStrictEqual([1, undefined, 2])
    expect(record(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
  })

  it('takes only the window of a view, not the pool behind it', () => {
    expect((record(Buffer.from('hi')) as Buffer).buffer.byteLength).toBe(2)
  })
})

describe('an instance of another class', () => {
  class Money {
    readonly #secret = 1
    amount = 3
    twice() {
      return this.amount * 2 + this.#secret
    }
  }
  class Temperature {
    toJSON() {
      return { celsius: 20, at: new Date(0) }
    }
  }

  it('is recorded as its own enumerable properties, or by toJSON', () => {
    expect(record([new Money(), new Temperature()])).toStrictEqual([{ amount: 3 }, { celsius: 20, at: new Date(0) }])
  })

  it('is warned of once for each class, naming where and path', () => {
    const warnings: string[] = []
    const options = { ...where, onWarning: (message: string) => void warnings.push(message), warned: new WeakSet() }
    record({ paid: [new Money(), new Money()], t: new Temperature() }, options)
    record(new Money(), options)
    expect(warnings).toEqual([
      "node 'a' (execution 'x'), output: .paid[0] is an instance of Money: recorded as plain data, without its class",
      "node 'a' (execution 'x'), output: .t is an instance of Temperature: recorded as plain data, without its class",
    ])
  })
})

describe('what cannot be recorded', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
  const veryDeep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => ({ inner }), 1)

  it.each([
    ['a function', { items: [1, 2, 3, { callback: () => 1 }] }, '.items[3].callback is a function'],
    ['a symbol', { 'a b': [Symbol('s')] }, '["a b"][0] is a symbol'],
    ['a Map key', { m: new Map([[() => 1, 1]]) }, '.m.keys()[0] is a function'],
    ['a Map value', { m: new Map([['k', Symbol('s')]]) }, '.m.get("k") is a symbol'],
    ['a Set item', new Set([1, () => 1]), '.values()[1] is a function'],
    ['a part of an Error', new Error('e', { cause: { f: () => 1 } }), '.cause.f is a function'],
    ['the value itself', () => 1, 'the value is a function'],
    ['a level too many', deep(1002), 'is nested deeper than 1000 levels'],
    ['extreme depth', veryDeep, 'is nested deeper than 1000 levels'],
    [
      'an endless toJSON',
      new (class Endless {
        toJSON(): Endless {
          return new Endless()
        }
      })(),
      'is nested deeper',
    ],
  ])('is named with its path: %s', (_, value, fault) => {
    const act = () => record(value, { ...where, nodeId: 'a', executionId: 'x' })
    expect(act).toThrow(expect.objectContaining({ code: 'SERIALIZATION_FAILED', nodeId: 'a', executionId: 'x' }))
    expect(act).toThrow(/^Cannot record node 'a' \(execution 'x'\), output: /)
    expect(act).toThrow(fault)
  })

  it('names a getter that throws, and keeps what it threw', () => {
    const cause = new Error('no')
    const value = {
      a: [
        {
          get b() {
            throw cause
          },
        },
      ],
    }
    expect(() => record(value)).toThrow(expect.objectContaining({ cause }))
    expect(() => record(value)).toThrow('.a[0].b cannot be read')
  })

  it('includes proxies that refuse', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(() => record({ proxy })).toThrow(expect.objectContaining({ code: 'SERIALIZATION_FAILED' }))
  })

  it.each([
    ['a'.repeat(200)],
    [new Uint8Array(200)],
    [Array.from({ length: 200 }, () => 1)],
    [Object.assign([], { length: 1e9 })],
  ])('includes what is larger than maxBytes', (big) => {
    expect(() => record({ big }, { ...where, maxBytes: 100 })).toThrow(
      '.big is where the value exceeds the limit of 100 bytes',
    )
  })
})

describe('a copy', () => {
  it('can be changed without changing what was recorded', () => {
    const recorded = record({ map: new Map([['a', [1]]]), date: new Date(0), url: new URL('http://a.example') })
    const copy = copyOf(recorded) as typeof recorded
    copy.map.get('a')?.push(2)
    copy.map.set('b', [])
    copy.date.setTime(9)
    copy.url.pathname = '/b'
    expect(recorded).toEqual({ map: new Map([['a', [1]]]), date: new Date(0), url: new URL('http://a.example') })
  })

  it('leaves what a run that nothing records passes by reference', () => {
    const socket = { send: () => 1 }
    expect(copyOf({ socket }, new WeakSet([socket]))).toEqual({ socket })
    expect((copyOf({ socket }, new WeakSet([socket])) as { socket: object }).socket).toBe(socket)
  })
})

it('writes a value of the greatest depth, in every kind of container', () => {
  for (const wrap of [
    (x: unknown) => [x],
    (x: unknown) => ({ x }),
    (x: unknown) => new Map([[1, x]]),
    (x: unknown) => new Error('e', { cause: x }),
  ]) {
    const deepest = Array.from({ length: 1000 }).reduce<unknown>((inner) => wrap(inner), undefined)
    const { json, notes } = encodeValue(record(deepest))
    expect(encodeValue(decodeValue(json, notes))).toEqual({ json, notes })
  }
})
