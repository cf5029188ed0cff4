import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isFlowcraftError } from '../../src/errors.ts'
import { ExpressionEvaluator } from '../../src/expressions/expression-evaluator.ts'
import { checkedWith } from '../laws/runs.ts'

const names = ['a', 'b', 'o', 'list', 'none'] as const

const primitive = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, -3, 0.5, '', '1', 'x', 'y', true, false, null, undefined),
  fc.integer({ min: -100, max: 100 }),
)

const scopes = fc.record({
  a: primitive,
  b: primitive,
  o: fc.record({ x: primitive, y: fc.record({ x: primitive }) }),
  list: fc.array(primitive, { maxLength: 3 }),
  none: fc.constant(undefined),
})

const operators = '|| ?? && == != === !== < <= > >= in + - * / % **'.split(' ')

/** Source text, mostly without parentheses, so that precedence is put to the test as well. */
const { source } = fc.letrec<{ source: string; owner: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(...names, '1', '2.5', "'x'", '"1"', 'true', 'null', 'undefined', 'NaN'),
    tie('owner'),
    fc.tuple(tie('source'), fc.constantFrom(...operators), tie('source')).map((parts) => parts.join(' ')),
    fc.tuple(fc.constantFrom('!', '-', '+', 'typeof'), tie('source')).map((parts) => parts.join(' ')),
    fc.tuple(tie('source'), tie('source'), tie('source')).map(([test, yes, no]) => `${test} ? ${yes} : ${no}`),
  ),
  owner: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...names),
    tie('source').map((inner) => `(${inner})`),
    fc.array(tie('source'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.tuple(tie('owner'), fc.constantFrom('.x', '.y', '?.x', '?.y', '.length')).map((parts) => parts.join('')),
    fc.tuple(tie('owner'), fc.constantFrom('[', '?.['), tie('source')).map((parts) => `${parts.join('')}]`),
  ),
}))

type Outcome = { readonly value: unknown } | 'invalid' | 'failed' | 'refused'

function ours(text: string, scope: Readonly<Record<string, unknown>>): Outcome {
  try {
    return { value: new ExpressionEvaluator().evaluate(text, scope) }
  } catch (error) {
    if (isFlowcraftError(error, 'EXPRESSION_INVALID')) return 'invalid'
    if (!isFlowcraftError(error, 'EXPRESSION_FAILED')) throw error
    return /an (object|array) cannot be/.test(error.message) ? 'refused' : 'failed'
  }
}

function javascript(text: string, scope: Readonly<Record<string, unknown>>): Outcome {
  let run
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- the reference that the law compares with
    run = new Function(...names, `return (${text})`) as (...values: unknown[]) => unknown
  } catch {
    return 'invalid'
  }
  try {
    return { value: run(...names.map((name) => scope[name])) }
  } catch {
    return 'failed'
  }
}

it('means what JavaScript means by it, or is refused where JavaScript would run code to compare objects', () => {
  fc.assert(
    fc.property(source, scopes, (text, scope) => {
      const outcome = ours(text, scope)
      fc.pre(outcome !== 'refused')
      expect(outcome).toStrictEqual(javascript(text, scope))
    }),
    checkedWith(2_000),
  )
})

const scraps =
  '. ?. [ ] ( ) { } , ; : ? => = == === ! != ! < > + ++ - -- * ** / % & && | || ?? in typeof new this ' +
  'a b 1 0 .5 e \' " ` \\ u0041 # @ ü \u00a0'

it('is JavaScript whenever it is accepted, and never fails with anything but an error of this library', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...scraps.split(' ')), { maxLength: 12 }),
      fc.constantFrom('', ' '),
      (parts, glue) => {
        const text = parts.join(glue)
        expect(ours(text, {}) === 'invalid' || javascript(text, {}) !== 'invalid').toBe(true)
      },
    ),
    checkedWith(5_000),
  )
})

it('reads nothing from the scope but the names that it gives', () => {
  fc.assert(
    fc.property(source, scopes, (text, scope) => {
      const touched = new Set<PropertyKey>()
      const watched = new Proxy(scope, {
        getOwnPropertyDescriptor: (target, key) => {
          touched.add(key)
          return Reflect.getOwnPropertyDescriptor(target, key)
        },
      })
      ours(text, watched)
      expect([...touched].filter((name) => !new ExpressionEvaluator().names(text).includes(String(name)))).toEqual([])
    }),
    checkedWith(500),
  )
})

it('survives any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 200 })), (text) => {
      expect(() => ours(text, {})).not.toThrow()
    }),
    checkedWith(2_000),
  )
})
