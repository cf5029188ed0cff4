import { expect, it } from 'vitest'
import { UnsafeEvaluator } from '../../src/expressions/unsafe-evaluator.ts'

const evaluator = new UnsafeEvaluator()

it('evaluates any JavaScript, with the scope as variables', () => {
  const scope = { list: [3, 1, 2], factor: 2 }
  expect(evaluator.evaluate('list.map((item) => item * factor).sort()', scope)).toEqual([2, 4, 6])
  expect(evaluator.evaluate('{ factor }', scope)).toEqual({ factor: 2 })
  expect(evaluator.evaluate('factor // twice', scope)).toBe(2)
})

it('leaves out names that cannot be variables', () => {
  expect(evaluator.evaluate('a', { a: 1, 'b-c': 2, class: 3, true: 4, '5': 5, 'x = alert()': 6 })).toBe(1)
})

it('gives each set of names its own function', () => {
  expect(evaluator.evaluate('typeof a + typeof b', { a: 1 })).toBe('numberundefined')
  expect(evaluator.evaluate('typeof a + typeof b', { b: 1 })).toBe('undefinednumber')
  expect(evaluator.evaluate('typeof a + typeof b', { a: '' })).toBe('stringundefined')
})

it('throws what cannot be parsed, and what fails, with the code of each and the cause', () => {
  expect(() => evaluator.evaluate('a +', { a: 1 })).toThrow(
    expect.objectContaining({ code: 'EXPRESSION_INVALID', cause: expect.any(SyntaxError) }),
  )
  expect(() => evaluator.evaluate('missing', {})).toThrow(
    expect.objectContaining({
      code: 'EXPRESSION_FAILED',
      message: "Expression 'missing' failed: missing is not defined",
    }),
  )
})

it('checks the syntax without running anything', () => {
  expect(evaluator.check('process.exit(1)')).toBeUndefined()
  expect(evaluator.check('1 +')).toContain("Unexpected token ')'")
})
