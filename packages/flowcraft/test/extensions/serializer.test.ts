import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonSerializer } from '../../src/extensions/serializer.ts'
import { checkedWith } from '../laws/runs.ts'

const serializer = new JsonSerializer()

describe('JsonSerializer', () => {
  it('writes a plain context as JSON.stringify does', () => {
    const context = { a: 1, '_outputs.b': { c: ['x', null] } }
    expect(serializer.serialize(context)).toBe(JSON.stringify(context))
    expect(serializer.deserialize(JSON.stringify(context))).toEqual(context)
  })

  it('writes richer values beside their types, and gives them back', () => {
    const context = { at: new Date(0), seen: new Map([['a', undefined]]), plain: 1 }
    const text = serializer.serialize(context)
    expect(JSON.parse(text)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      seen: [['a', null]],
      plain: 1,
      _types: [
        [['at'], 'Date'],
        [['seen'], 'Map'],
        [['seen', 0, 1], 'undefined'],
      ],
    })
    expect(serializer.deserialize(text)).toStrictEqual(context)
  })

  it('gives back contexts that can be changed', () => {
    const context = serializer.deserialize(serializer.serialize({ seen: new Set([1]) })) as {
      seen: Set<number>
      more?: 1
    }
    context.seen.add(2)
    context.more = 1
    expect(context).toEqual({ seen: new Set([1, 2]), more: 1 })
  })

  it('gives back every context', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a\0'))
    const context = fc.dictionary(key, fc.anything({ withDate: true, withMap: true, withBigInt: true }), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(context, (value) => {
        expect(serializer.deserialize(serializer.serialize(value))).toEqual(value)
      }),
      checkedWith(300),
    )
  })

  it.each([
    '',
    '[]',
    '1',
    'null',
    '{',
    '{"_types":5}',
    '{"a":1,"_types":[[[],"Map"]]}',
    '{"_types":[[[],"undefined"]]}',
  ])('refuses text that is no context: %j', (text) => {
    expect(() => serializer.deserialize(text)).toThrow(expect.objectContaining({ code: 'SERIALIZATION_FAILED' }))
  })

  it('refuses what it would lose', () => {
    expect(() => serializer.serialize({ a: () => 1 })).toThrow('the context: .a is a function')
    expect(() => serializer.serialize({ _types: 1 })).toThrow("'_types' is reserved")
  })

  it('does not let text choose a prototype', () => {
    const context = serializer.deserialize('{"__proto__":{"polluted":1},"b":null,"_types":[[["b"],"undefined"]]}')
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype)
    expect('polluted' in context).toBe(false)
  })
})
