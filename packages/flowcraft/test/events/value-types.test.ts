import { describe, expect, it } from 'vitest'
import { CustomValue } from '../../src/events/custom-value.ts'
import { copyOf, snapshot, type SnapshotOptions } from '../../src/events/snapshot.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'
import { valueTypesOf, type ValueType } from '../../src/events/value-type.ts'
import { Moment, Money, Parcel, Stack, types, valueTypes } from './custom-values.ts'

const where = "key 'k' set by node 'a' (execution 'x')"
const place = { where, nodeId: 'a', executionId: 'x' }
const [money] = valueTypes as [ValueType]

function record(value: unknown, options: Partial<SnapshotOptions> = {}): unknown {
  return snapshot(value, { ...place, types, ...options })
}

function read(recorded: unknown, options: Partial<SnapshotOptions> = {}): unknown {
  return copyOf(recorded, undefined, { ...place, types, ...options })
}

function withMoney(changes: Partial<ValueType>): Partial<SnapshotOptions> {
  return { types: valueTypesOf([{ ...money, ...changes }]) }
}

function fail(): never {
  throw new RangeError('no')
}

describe('an instance of a value type', () => {
  it('is recorded as a frozen marker with the name of its type and a snapshot of its data', () => {
    const { paid } = record({ paid: new Money(5n, 'EUR') }) as { paid: CustomValue }
    expect(paid).toStrictEqual(new CustomValue('Money', { cents: 5n, currency: 'EUR' }))
    expect([paid, paid.encoded].every((part) => Object.isFrozen(part))).toBe(true)
  })

  it('is written as an object of its type and data, so that it can be searched for', () => {
    const { json, notes } = encodeValue(record({ paid: new Money(5n, 'EUR') }))
    expect(json).toBe('{"paid":{"type":"Money","encoded":{"cents":"5","currency":"EUR"}}}')
    expect(notes).toBe('[[["paid"],"custom"],[["paid","encoded","cents"],"bigint"]]')
  })

  it('is given as an instance of its own for each reader, made of data that is its own too', () => {
    const recorded = record(new Parcel([{ n: 1 }]))
    const [first, second] = [read(recorded) as Parcel, read(recorded) as Parcel]
    expect(first).toBeInstanceOf(Parcel)
    first.items.push(2)
    expect(second.items).toEqual([{ n: 1 }])
    expect(read(recorded)).toEqual(second)
  })

  it('stays one instance in all its places, and shares with the rest of the value what it shared', () => {
    const items = [1]
    const parcel = new Parcel(items)
    const { json, notes } = encodeValue(record({ a: parcel, b: [parcel], items }))
    const given = read(decodeValue(json, notes)) as { a: Parcel; b: Parcel[]; items: number[] }
    expect(given.b[0]).toBe(given.a)
    expect(given.a.items).toBe(given.items)
  })

  it('may inherit from an array or from a class that is kept anyway', () => {
    const [stack, moment] = read(record([Stack.from([1, 2]), new Moment(7)])) as [Stack, Moment]
    expect(stack).toBeInstanceOf(Stack)
    expect([...stack]).toEqual([1, 2])
    expect(moment).toBeInstanceOf(Moment)
    expect(moment.getTime()).toBe(7)
  })

  it('belongs to the first type that claims it', () => {
    const greedy: ValueType = { name: 'Greedy', is: () => true, encode: () => 1, decode: () => 'greedy' }
    const asked = valueTypesOf([money, greedy])
    const recorded = record([new Money(1n, 'EUR'), new Date(0)], { types: asked })
    expect(recorded).toEqual([new CustomValue('Money', { cents: 1n, currency: 'EUR' }), new CustomValue('Greedy', 1)])
  })

  it('is looked for only among objects that are neither plain nor recorded already', () => {
    const asked: unknown[] = []
    const curious: ValueType = { ...money, name: 'Curious', is: (value) => asked.push(value) < 0 }
    const map = new Map()
    const value = { list: [1, 'a', null], bare: Object.create(null), map, known: record({ date: new Date(0) }) }
    record([value, new CustomValue('Unknown', 1)], { types: valueTypesOf([curious]) })
    expect(asked).toEqual([map])
  })

  it('is not warned of', () => {
    const warnings: string[] = []
    record([new Money(1n, 'EUR'), new CustomValue('Unknown', 1)], { onWarning: (message) => warnings.push(message) })
    expect(warnings).toEqual([])
  })
})

describe('whoever does not know the type', () => {
  const recorded = record({ paid: new Money(5n, 'EUR') })

  it('reads the marker, and may change its copy of it', () => {
    const given = read(recorded, { types: undefined }) as { paid: CustomValue & { encoded: { currency: string } } }
    expect(given.paid).toStrictEqual(new CustomValue('Money', { cents: 5n, currency: 'EUR' }))
    given.paid.encoded.currency = 'USD'
    expect(recorded).toEqual({ paid: new CustomValue('Money', { cents: 5n, currency: 'EUR' }) })
  })

  it('records the marker as what it is', () => {
    const passedOn = record(read(recorded, { types: undefined }), { types: undefined })
    const { paid } = read(passedOn) as { paid: Money }
    expect([paid.constructor, paid.cents, paid.currency]).toEqual([Money, 5n, 'EUR'])
  })
})

describe('a value type that does not do its part', () => {
  const value = { list: [new Money(1n, 'EUR')] }

  it.each(['is', 'encode'] as const)('fails the recording when its %s throws', (method) => {
    expect(() => record(value, withMoney({ [method]: fail }))).toThrow(
      expect.objectContaining({
        code: 'SERIALIZATION_FAILED',
        nodeId: 'a',
        message: `Cannot record ${where}: .list[0] made '${method}' of the value type 'Money' throw`,
        cause: new RangeError('no'),
      }),
    )
  })

  it('fails the reading when its decode throws', () => {
    const recorded = record(value)
    expect(() => read(recorded, withMoney({ decode: fail }))).toThrow(
      expect.objectContaining({
        code: 'SERIALIZATION_FAILED',
        message: `Cannot read ${where}: .list[0] made 'decode' of the value type 'Money' throw`,
        cause: new RangeError('no'),
      }),
    )
  })

  it('is told where in its data something cannot be recorded', () => {
    const act = () => record(value, withMoney({ encode: () => ({ print: fail }) }))
    expect(act).toThrow('.list[0].encode().print is a function, and only data can be recorded')
  })

  it('is refused when its data grows endlessly or too large', () => {
    const endless = { encode: () => new Money(1n, 'EUR') }
    expect(() => record(value, withMoney(endless))).toThrow('is nested deeper than 1000 levels')
    const large = { encode: () => 'a'.repeat(200) }
    expect(() => record(value, { ...withMoney(large), maxBytes: 100 })).toThrow('exceeds the limit of 100 bytes')
    const many = new Set(Array.from({ length: 20 }, () => new Money(1n, 'EUR')))
    const empty = { encode: () => null }
    expect(() => record(many, { ...withMoney(empty), maxBytes: 100 })).toThrow('exceeds the limit of 100 bytes')
  })
})

describe('an instance that is part of itself', () => {
  const ring = new Parcel([])
  ring.items.push({ ring })
  const owner: Record<string, unknown> = { name: 'owner' }
  owner['parcel'] = new Parcel([owner])
  const late: Record<string, unknown> = { list: [] as unknown[] }
  Object.assign(late, { parcel: new Parcel([late['list']]) })
  ;(late['list'] as unknown[]).push(late)

  it.each([
    ['by itself', ring, 'the value'],
    ['by way of what holds it', owner, '.parcel'],
    ['by way of what was met before it', late, '.parcel'],
  ])('cannot be recorded: %s', (_, value, path) => {
    expect(() => record(value)).toThrow(
      `Cannot record ${where}: ${path} is part of itself, which an instance of a value type cannot be: leave the way back out of what 'encode' of 'Parcel' gives`,
    )
  })

  it('cannot be when its encode gives the instance', () => {
    expect(() => record(new Money(1n, 'EUR'), withMoney({ encode: (value) => value }))).toThrow('is part of itself')
  })

  it('does not hinder cycles beside it or in its data', () => {
    const beside: Record<string, unknown> = { parcel: new Parcel([]) }
    beside['self'] = beside
    const inside: unknown[] = []
    inside.push(inside)
    const given = read(record({ beside, parcel: new Parcel(inside) })) as { beside: typeof beside; parcel: Parcel }
    expect(given.beside['self']).toBe(given.beside)
    expect(given.parcel.items[0]).toBe(given.parcel.items)
  })

  it('is read as a marker where the type is unknown, else refused, if a text has it', () => {
    const text = ['[{"type":"Parcel","encoded":[null]}]', '[[[0],"custom"],[[0,"encoded",0],"ref",[0]]]'] as const
    const [marker] = decodeValue(...text) as [CustomValue & { encoded: unknown[] }]
    expect(marker.encoded[0]).toBe(marker)
    expect(() => read([marker])).toThrow(expect.objectContaining({ code: 'SERIALIZATION_FAILED' }))
  })
})

it.each([
  ['is no object', '1', '[[[],"custom"]]'],
  ['is a list', '["Money",1]', '[[[],"custom"]]'],
  ['has no type', '{"encoded":1,"a":1}', '[[[],"custom"]]'],
  ['has no data', '{"type":"Money"}', '[[[],"custom"]]'],
  ['has something else for data', '{"type":"Money","a":1}', '[[[],"custom"]]'],
  ['has more than that', '{"type":"Money","encoded":1,"a":1}', '[[[],"custom"]]'],
  ['has a type that is no text', '{"type":1,"encoded":1}', '[[[],"custom"]]'],
  ['has a type that is undefined', '{"type":null,"encoded":1}', '[[[],"custom"],[["type"],"undefined"]]'],
  ['has a prototype for its type', '{"__proto__":"Money","encoded":1}', '[[[],"custom"]]'],
  ['has notes for what it does not have', '{"type":"a","encoded":1}', '[[[],"custom"],[["__proto__"],"undefined"]]'],
])('text is damaged where a custom value %s', (_, json, notes) => {
  expect(() => decodeValue(json, notes)).toThrow(
    expect.objectContaining({
      code: 'SERIALIZATION_FAILED',
      message: expect.stringMatching(/^Recorded text is damaged: /),
    }),
  )
})

describe('a list of value types', () => {
  it.each([
    ['what is no list', { ...money }, /'valueTypes' is object; expected a list of \{ name, is, encode, decode \}/],
    ['null', null, /'valueTypes' is null/],
    ['a type that is none', [money, null], /'valueTypes\[1\]' has no name/],
    ['a type without a name', [{ ...money, name: '' }], /'valueTypes\[0\]' has no name/],
    ['a name twice', [money, { ...money }], /'valueTypes\[1\]' has the name 'Money' of an earlier one/],
    [
      'a type without a function',
      [{ ...money, decode: undefined }],
      /'valueTypes\[0\]' \('Money'\) has no .* 'decode'/,
    ],
  ])('is refused with %s', (_, list, message) => {
    const act = () => valueTypesOf(list as readonly ValueType[])
    expect(act).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringMatching(message) }))
  })

  it('may be empty', () => {
    expect([valueTypesOf([]), valueTypesOf(undefined)]).toEqual([undefined, undefined])
  })
})
