import { afterEach, expect, it, vi } from 'vitest'
import { PropertyEvaluator } from '../../src/expressions/property-evaluator.ts'

const evaluator = new PropertyEvaluator()
const scope = { result: { output: { status: 'ok', list: ['a'] }, $id: 1 }, nothing: null }

afterEach(() => vi.restoreAllMocks())

it.each([
  ['result.output.status', 'ok'],
  ['result.output.list.0', 'a'],
  ['result.output.list.length', 1],
  ['result.$id', 1],
  ['result.missing.deeper', undefined],
  ['nothing.deeper', undefined],
  ['result..output', undefined],
  ['result.constructor', undefined],
  ['__proto__.toString', undefined],
  ['constructor', undefined],
])('%s is %o', (path, value) => {
  expect(evaluator.evaluate(path, scope)).toBe(value)
})

it.each(['result.output.status === "ok"', 'run()', "result['output']", '', 'a b', 'result.output\n'])(
  'reports %o on the console and gives undefined',
  (expression) => {
    const report = vi.spyOn(console, 'error').mockReturnValue()
    expect(evaluator.evaluate(expression, scope)).toBeUndefined()
    expect(report).toHaveBeenCalledOnce()
  },
)

it('names the first part of the path only', () => {
  expect(evaluator.names('result.output')).toEqual(['result'])
  expect(evaluator.names('result output')).toEqual([])
})
