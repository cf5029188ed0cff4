import fc from 'fast-check'
import { CustomValue } from '../../src/events/custom-value.ts'
import { valueTypesOf, type ValueType } from '../../src/events/value-type.ts'

/** A class whose state nobody sees. */
export class Money {
  readonly #cents: bigint
  readonly currency: string

  constructor(cents: bigint, currency: string) {
    this.#cents = cents
    this.currency = currency
  }

  get cents(): bigint {
    return this.#cents
  }
}

/** A class that holds anything, instances of its own among it. */
export class Parcel {
  readonly items: unknown[]

  constructor(items: unknown[]) {
    this.items = items
  }
}

/** Classes that inherit from what the history knows without their help. */
export class Stack extends Array<unknown> {}
export class Moment extends Date {}
class Declined extends Error {}

const money: ValueType<Money> = {
  name: 'Money',
  is: (value) => value instanceof Money,
  encode: ({ cents, currency }) => ({ cents, currency }),
  decode(encoded) {
    const { cents, currency } = encoded as Money
    return new Money(cents, currency)
  },
}

const parcel: ValueType<Parcel> = {
  name: 'Parcel',
  is: (value) => value instanceof Parcel,
  encode: ({ items }) => items,
  decode: (encoded) => new Parcel(encoded as unknown[]),
}

const stack: ValueType<Stack> = {
  name: 'Stack\0',
  is: (value) => value instanceof Stack,
  encode: (value) => [...value],
  decode: (encoded) => Stack.from(encoded as unknown[]),
}

const moment: ValueType<Moment> = {
  name: 'Moment',
  is: (value) => value instanceof Moment,
  encode: (value) => new Date(value),
  decode: (encoded) => new Moment(encoded as Date),
}

const declined: ValueType<Declined> = {
  name: 'Declined',
  is: (value) => value instanceof Declined,
  encode: ({ message, stack }) => ({ message, stack }),
  decode(encoded) {
    const { message, stack } = encoded as { message: string; stack: string }
    return Object.assign(new Declined(message), { stack })
  },
}

/** A type for each class here. */
export const valueTypes: readonly ValueType[] = [money, parcel, stack, moment, declined]

export const types = valueTypesOf(valueTypes)

/** Any value that can be recorded with `types`, with instances anywhere in it. It has no cycles. */
export function withInstances(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }).map((items) => new Parcel(items)),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => Stack.from(items)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
      tie('value').map((cause) => new RangeError('out of reach', { cause })),
    ),
  })).value
}

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(fc.bigInt(), fc.string()).map(([cents, currency]) => new Money(cents, currency)),
  fc.nat().map((time) => new Moment(time)),
  fc.string().map((message) => new Declined(message)),
  fc.constantFrom(undefined, null, -0, NaN, 10n ** 20n, 'text', '\0', true, new CustomValue('Unknown', [1n])),
  fc.uint8Array(),
)

const makers = [
  () => [],
  () => ({}),
  () => new Map(),
  () => new Set(),
  () => new Error('linked'),
  () => new Parcel([]),
  () => new Stack(),
] as const

/** Objects that refer to each other at random, instances among them, so that every shape of sharing and cycle comes up. */
export function linked(): fc.Arbitrary<object[]> {
  const kinds = fc.array(fc.constantFrom(...makers), { minLength: 1, maxLength: 7 })
  const links = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 })
  return fc.tuple(kinds, links).map(([makersOfNodes, pairs]) => {
    const nodes: object[] = makersOfNodes.map((make) => make())
    for (const [from, to] of pairs) link(nodes[from % nodes.length]!, nodes[to % nodes.length])
    return nodes
  })
}

/** Every object in a value. */
export function objectsIn(value: unknown, found: Set<object> = new Set()): Set<object> {
  if (!isObject(value) || found.has(value)) return found
  found.add(value)
  const parts: unknown[] = value instanceof Map || value instanceof Set ? [...value] : []
  for (const key of Object.getOwnPropertyNames(value)) parts.push(Reflect.get(value, key))
  for (const part of parts.flat()) objectsIn(part, found)
  return found
}

/** What no portrait of a value shows: the private state of the `Money` in it. */
export function centsIn(value: unknown): bigint[] {
  return [...objectsIn(value)].filter((object) => object instanceof Money).map(({ cents }) => cents)
}

/** Whether an instance of `Parcel` or `Stack` is part of itself. */
export function hasInstanceInCycle(nodes: readonly object[]): boolean {
  return nodes.some((node) => (node instanceof Parcel || node instanceof Stack) && partsBelow(node).has(node))
}

function partsBelow(object: object): Set<unknown> {
  const found = new Set<unknown>(partsOf(object))
  for (const part of found) for (const below of partsOf(part as object)) found.add(below)
  return found
}

function partsOf(object: object): object[] {
  if (object instanceof Map) return [...object].flat().filter(isObject)
  if (object instanceof Set) return [...object].filter(isObject)
  if (object instanceof Error) return [object.cause].filter(isObject)
  return Object.values(object).filter(isObject)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function link(from: object, to: unknown): void {
  if (Array.isArray(from)) from.push(to)
  else if (from instanceof Parcel) from.items.push(to)
  else if (from instanceof Map) from.set(from.size % 2 === 0 ? to : from.size, to)
  else if (from instanceof Set) from.add(to)
  else if (from instanceof Error) Object.defineProperty(from, 'cause', { value: to, configurable: true })
  else Object.assign(from, { [`k${Object.keys(from).length}`]: to })
}
