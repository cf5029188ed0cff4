import { describe, expect, it } from 'vitest'
import { snapshot } from '../../src/events/snapshot.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'

const encode = (value: unknown) => encodeValue(snapshot(value, { where: 'a test' }))
const corrupt = expect.objectContaining({ code: 'SERIALIZATION_FAILED' }) as Error

describe('the text of a value', () => {
  it('is readable JSON, with the types in notes beside it', () => {
    const shared = new Date(0)
    const { json, notes } = encode({
      at: shared,
      again: shared,
      tags: new Map([['a', 1n]]),
      none: undefined,
      pattern: /x\/y/g,
    })
    expect(JSON.parse(json)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      again: null,
      tags: [['a', '1']],
      none: null,
      pattern: '/x\\/y/g',
    })
    expect(JSON.parse(notes ?? '')).toEqual([
      [['at'], 'Date'],
      [['again'], 'ref', ['at']],
      [['tags'], 'Map'],
      [['tags', 0, 1], 'bigint'],
      [['none'], 'undefined'],
      [['pattern'], 'RegExp', ['x\\/y', 'g', 0]],
    ])
  })

  it('keeps NUL and lone surrogates out of the JSON, and only these', () => {
    expect(encode('a\0b\ud800')).toEqual({ json: '"a\ufffdb\ufffd"', notes: '[[[],"string","a\\u0000b\\ud800"]]' })
    for (const plain of ['\\u0000', '\u0001', '😀', '\\\\ud800']) {
      expect(encode(plain)).toEqual({ json: JSON.stringify(plain) })
    }
  })

  it('keeps keys apart that look the same without their NUL', () => {
    const value = { '\0': 1, '\ufffd': 2, '\ud800': 3 }
    const { json, notes } = encode(value)
    expect(decodeValue(json, notes)).toEqual(value)
    expect(json).toBe('{"\ufffd\ufffd":1,"\ufffd":2,"\ufffd\ufffd\ufffd":3}')
  })

  it('is made of plain data that is not a snapshot too, as long as it can be recorded', () => {
    expect(encodeValue({ a: [1, { b: 'x' }] })).toEqual({ json: '{"a":[1,{"b":"x"}]}' })
    expect(() => encodeValue({ a: [() => 1] })).toThrow('Cannot write .a[0]: a function cannot be written')
    const list = [1]
    expect(encodeValue({ a: list, b: list })).toEqual({ json: '{"a":[1],"b":null}', notes: '[[["b"],"ref",["a"]]]' })
  })
})

describe('a value that was read', () => {
  it('is deep-frozen', () => {
    const value = decodeValue('{"a":[{"b":1}],"m":[["k",[1]]]}', '[[["m"],"Map"]]') as {
      a: object[]
      m: Map<string, number[]>
    }
    expect([value, value.a, value.a[0], value.m, value.m.get('k')].every((part) => Object.isFrozen(part))).toBe(true)
    expect(() => value.m.clear()).toThrow(TypeError)
  })

  it('has no prototype of its own choosing', () => {
    for (const notes of [undefined, '[[["__proto__","polluted"],"undefined"]]']) {
      const value = decodeValue('{"__proto__":{"polluted":1}}', notes) as object
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(Object.keys(value)).toEqual(['__proto__'])
      expect('polluted' in {}).toBe(false)
    }
  })
})

describe('damaged text', () => {
  const deep = 100_000

  it.each([
    ['no JSON', '{', undefined],
    ['great depth', '['.repeat(deep) + ']'.repeat(deep), undefined],
    ['great depth with notes', '{"d":1,"a":'.repeat(deep) + '1' + '}'.repeat(deep), '[[["d"],"undefined"]]'],
    ['notes that are no JSON', '1', '['],
    ['notes that are no list', '1', '{}'],
    ['a note that is no list', '1', '[1]'],
    ['a path that is no list', '1', '[["a","Map"]]'],
    ['a path of great depth', '1', `[[[${'0,'.repeat(deep)}0],"Map"]]`],
    ['a path to nothing', '{"a":1}', '[[["b"],"undefined"]]'],
    ['a path into a prototype', '{"a":1}', '[[["__proto__"],"Map"]]'],
    ['a path into a constructor', '{"a":1}', '[[["constructor","prototype"],"undefined"]]'],
    ['an index written as text', '[1]', '[[["0"],"undefined"]]'],
    ['two types for one part', '1', '[[[],"undefined"],[[],"undefined"]]'],
    ['an unknown type', '1', '[[[],"Promise"]]'],
    ['a type from a prototype', '1', '[[[],"__proto__"]]'],
    ['a Map that is no list', '{}', '[[[],"Map"]]'],
    ['a Map entry that is no pair', '[[1,2,3]]', '[[[],"Map"]]'],
    ['a Date that is none', '"x"', '[[[],"Date"]]'],
    ['a URL that is none', '"x"', '[[[],"URL"]]'],
    ['a RegExp that is none', '"/(/"', '[[[],"RegExp",["(","",0]]]'],
    ['a bigint that is none', '"1.5"', '[[[],"bigint"]]'],
    ['a number that is none', '"__proto__"', '[[[],"number"]]'],
    ['bytes that are not base64', '"*"', '[[[],"Buffer"]]'],
    ['bytes that do not fill a typed array', '"AAA="', '[[[],"Float64Array"]]'],
    ['an Error without message', '{"name":"Error"}', '[[[],"Error"]]'],
    ['a reference to nothing', '[null]', '[[[0],"ref",["x"]]]'],
    ['a reference to what comes later', '[null,[]]', '[[[0],"ref",[1]]]'],
    ['a reference to a primitive', '[1,null]', '[[[1],"ref",[0]]]'],
  ])('is a SerializationError: %s', (_, json, notes) => {
    expect(() => decodeValue(json, notes)).toThrow(corrupt)
  })
})
