import fc from 'fast-check'
import { CustomValue } from '../../src/events/custom-value.ts'

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', '', '.', '0', 'toJSON', '_types', 'a\0', '\ufffd'),
)

const errorClass = fc.constantFrom(
  (message: string, cause: unknown) => new Error(message, { cause }),
  (message: string, cause: unknown) => new RangeError(message, { cause }),
  (message: string, cause: unknown) => new AggregateError([cause, new TypeError(message)], message),
  (message: string, cause: unknown) =>
    Object.assign(new Error(message, { cause }), { name: 'CustomError', code: 'E_1' }),
)

/** Any value that can be recorded, of every kind, with shared references and cycles. */
export const recordable: fc.Arbitrary<unknown> = fc.oneof(anything(), withLinks())

function anything(): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.anything({
        maxDepth: 1,
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
        withSparseArray: true,
      }),
      fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udc00', '\\', 'u0000', '"', '😀', 'a', '\u001f') }),
      fc.constantFrom(-0, NaN, Infinity, -Infinity, undefined, 10n ** 40n, new Date(NaN), new Date(8.64e15)),
      fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => new URL(url)),
      fc
        .tuple(fc.constantFrom('a/b', '[/]', '\0', '\n', '(?:)', '\ud800'), fc.constantFrom('', 'gi', 'y'), fc.nat())
        .map(toRegExp),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.uint8Array().map((bytes) => bytes.slice().buffer),
      fc.uint8Array({ minLength: 3 }).map((bytes) => new DataView(bytes.buffer, bytes.byteOffset + 1, 2)),
    ),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
      fc.tuple(fc.string(), tie('value')).map(([type, encoded]) => new CustomValue(type, encoded)),
      fc.tuple(errorClass, fc.string(), tie('value'), fc.dictionary(key, tie('value'), { maxKeys: 2 })).map(toError),
    ),
  })).value
}

/** Containers that refer to each other at random, so that sharing and cycles of every shape come up. */
function withLinks(): fc.Arbitrary<unknown> {
  const kinds = fc.array(fc.constantFrom('array', 'record', 'map', 'set', 'error', 'date'), {
    minLength: 1,
    maxLength: 8,
  })
  const links = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 16 })
  return fc.tuple(kinds, links).map(([kindsOfNodes, pairs]) => {
    const nodes = kindsOfNodes.map(emptyOf)
    for (const [from, to] of pairs) link(nodes[from % nodes.length], nodes[to % nodes.length])
    return nodes
  })
}

function emptyOf(kind: string): object {
  if (kind === 'array') return []
  if (kind === 'map') return new Map()
  if (kind === 'set') return new Set()
  if (kind === 'error') return new Error('linked')
  return kind === 'date' ? new Date(1) : {}
}

function link(from: unknown, to: unknown): void {
  if (Array.isArray(from)) from.push(to)
  else if (from instanceof Map) from.set(from.size % 2 === 0 ? to : from.size, to)
  else if (from instanceof Set) from.add(to)
  else if (from instanceof Error) from.cause = to
  else if (!(from instanceof Date)) Object.assign(from as object, { [`k${Object.keys(from as object).length}`]: to })
}

function toRegExp([source, flags, lastIndex]: [string, string, number]): RegExp {
  const expression = new RegExp(source, flags)
  expression.lastIndex = lastIndex
  return expression
}

function toError([make, message, cause, own]: [
  (message: string, cause: unknown) => Error,
  string,
  unknown,
  object,
]): Error {
  const error = make(message, cause)
  for (const [name, value] of Object.entries(own)) {
    if (name !== '__proto__') Object.defineProperty(error, `own ${name}`, { value, enumerable: true })
  }
  return error
}

/**
 * A value as text in which two values look the same only if they are: types, key order, hidden properties of errors,
 * and which parts are one object.
 */
export function portrait(value: unknown, ids: Map<object, number> = new Map()): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  const known = ids.get(value)
  if (known !== undefined) return `#${known}`
  ids.set(value, ids.size)
  return `${Object.prototype.toString.call(value)}${Object.getPrototypeOf(value).constructor.name}${partsOf(value, ids)}`
}

function partsOf(value: object, ids: Map<object, number>): string {
  if (value instanceof Date) return String(value.getTime())
  if (value instanceof URL) return value.href
  if (value instanceof RegExp) return `${JSON.stringify(String(value))}@${value.lastIndex}`
  if (value instanceof ArrayBuffer) return String(new Uint8Array(value))
  if (ArrayBuffer.isView(value)) return String(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (value instanceof Map || value instanceof Set)
    return `{${[...value]
      .flat(value instanceof Map ? 1 : 0)
      .map((part) => portrait(part, ids))
      .join()}}`
  const keys = value instanceof Error ? Object.getOwnPropertyNames(value).sort() : Object.keys(value)
  const parts = keys.map((name) => {
    const { enumerable } = Object.getOwnPropertyDescriptor(value, name)!
    // In later versions of Node, the stack of an error is an accessor.
    return `${JSON.stringify(name)}${enumerable ? '' : '(hidden)'}:${portrait(Reflect.get(value, name), ids)}`
  })
  return `{${parts.join()}}${Array.isArray(value) ? value.length : ''}`
}
