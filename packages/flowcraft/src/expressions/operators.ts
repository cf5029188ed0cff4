import type { BinaryOperator, UnaryOperator } from './syntax.ts'

/** The longest text that `+` makes, in characters. */
const maxTextLength = 1_000_000

type Primitive = string | number | bigint | boolean | null | undefined

/**
 * The own property `key` of an object, an array or a text, else `undefined`: nothing is found through a prototype.
 * The one exception is the `size` of a Map or Set. A function has no properties here.
 */
export function readOwn(value: unknown, key: string | number): unknown {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return undefined
  // A text can be asked for its own properties just like an object.
  const owner = value as Readonly<Record<string | number, unknown>>
  if (Object.hasOwn(owner, key)) return owner[key]
  if (key === 'size' && (value instanceof Map || value instanceof Set)) return value.size
  return undefined
}

/** `value` as the key of a property. @throws `TypeError` for what would run code to become one. */
export function toKey(value: unknown): string | number {
  return typeof value === 'number' ? value : String(primitive(value, 'be a key'))
}

/** What each operator with one operand computes. */
export const unary: Readonly<Record<UnaryOperator, (operand: unknown) => unknown>> = {
  '!': (operand) => !operand,
  '-': (operand) => -number(operand, '-'),
  '+': (operand) => +number(operand, '+'),
  typeof: (operand) => typeof operand,
}

/** What each operator with two operands computes; the three that may not need their second one are not here. */
export const binary: Readonly<
  Record<Exclude<BinaryOperator, '&&' | '||' | '??'>, (left: unknown, right: unknown) => unknown>
> = {
  '===': (left, right) => left === right,
  '!==': (left, right) => left !== right,
  '==': looselyEqual,
  '!=': (left, right) => !looselyEqual(left, right),
  '<': (left, right) => number(left, '<') < number(right, '<'),
  '<=': (left, right) => number(left, '<=') <= number(right, '<='),
  '>': (left, right) => number(left, '>') > number(right, '>'),
  '>=': (left, right) => number(left, '>=') >= number(right, '>='),
  '+': (left, right) => add(number(left, '+'), number(right, '+')),
  '-': (left, right) => number(left, '-') - number(right, '-'),
  '*': (left, right) => number(left, '*') * number(right, '*'),
  '/': (left, right) => number(left, '/') / number(right, '/'),
  '%': (left, right) => number(left, '%') % number(right, '%'),
  '**': (left, right) => power(number(left, '**'), number(right, '**')),
  in: hasKey,
}

/** Any primitive, under the type that lets the compiler accept JavaScript's own operator on every mix of them. */
function number(value: unknown, operator: string): number {
  return primitive(value, `be an operand of ${operator}`) as number
}

/** A Date counts as its time. Any other object would have to be asked what it is worth, and that is user code. */
function primitive(value: unknown, use: string): Primitive {
  if (value instanceof Date) return Date.prototype.getTime.call(value)
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`${kindOf(value)} cannot ${use}`)
  }
  return value as Primitive
}

function kindOf(value: object | symbol): string {
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function looselyEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if ((left ?? null) === null || (right ?? null) === null) return (left ?? null) === (right ?? null)
  if (isObject(left) && isObject(right) && !(left instanceof Date && right instanceof Date)) return false
  return primitive(left, 'be an operand of ==') == primitive(right, 'be an operand of ==')
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function'
}

function add(left: number, right: number): unknown {
  const sum: unknown = left + right
  if (typeof sum === 'string' && sum.length > maxTextLength) {
    throw new RangeError(`+ made a text of more than ${maxTextLength} characters`)
  }
  return sum
}

function power(base: number, exponent: number): number {
  if (typeof base === 'bigint') throw new TypeError('** cannot raise a bigint: the result has no bound')
  return base ** exponent
}

function hasKey(key: unknown, target: unknown): boolean {
  if (typeof target !== 'object' || target === null) {
    throw new TypeError(`the right side of 'in' is ${target === null ? 'null' : typeof target}, not an object or array`)
  }
  return Object.hasOwn(target, toKey(key))
}
