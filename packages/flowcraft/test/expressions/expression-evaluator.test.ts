import { describe, expect, it } from 'vitest'
import { isFlowcraftError } from '../../src/errors.ts'
import { ExpressionEvaluator } from '../../src/expressions/expression-evaluator.ts'

const evaluator = new ExpressionEvaluator()

const scope = {
  input: { amount: 150, tags: ['new', 'vip'], 'two words': 2, ['__proto__']: undefined },
  user: { name: 'Ada', role: 'admin', manager: null },
  _outputs: { first: 1 },
  $x: 5,
  key: 'amount',
  zero: 0,
  due: new Date(1_000),
  later: new Date(2_000),
  sameAsDue: new Date(1_000),
  big: 10n,
  seen: new Map([['a', 1]]),
  run: () => 'ran',
  mark: Symbol('mark'),
  tricky: { valueOf: () => 7, toString: () => 'seven' },
}

function outcomeOf(expression: string, context: Readonly<Record<string, unknown>> = scope): unknown {
  try {
    return evaluator.evaluate(expression, context)
  } catch (error) {
    if (!isFlowcraftError(error)) throw error
    return error.code
  }
}

describe('an expression', () => {
  it.each([
    ["input.amount > 100 && user.role === 'admin'", true],
    ["input['two words'] + _outputs.first + $x", 8],
    ['input[key]', 150],
    ['input.tags[1]', 'vip'],
    ['input.tags.length', 2],
    ['input.tags[input.tags.length - 1]', 'vip'],
    ['user.name[0]', 'A'],
    ["'tags' in input", true],
    ["'toString' in input", false],
    ['1 in input.tags', true],
    ["'vip' in input.tags", false],
    ['user.manager?.name', undefined],
    ['user.manager?.name.first.letter', undefined],
    ['nobody?.[key].more', undefined],
    ['nobody ?? user.name', 'Ada'],
    ['zero || 3', 3],
    ['zero ?? 3', 0],
    ['zero && nobody.name', 0],
    ['input.amount > 100 ? "big" : zero ? 1 : 2', 'big'],
    ['-2 + 3 * 2 ** 3 ** 1', 22],
    ['(-2) ** 2', 4],
    ['[1, user.name, [zero]]', [1, 'Ada', [0]]],
    ['[]', []],
    ["'it\\'s \\u0041\\x42\\u{43}\\n'", "it's ABC\n"],
    ['1e3 + .5', 1000.5],
    ['NaN === NaN', false],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['nobody == null && nobody !== null', true],
    ['user == null', false],
    ['typeof user.name', 'string'],
    ['typeof nobody', 'undefined'],
    ['big * 2', 'EXPRESSION_FAILED'],
    ['big * big', 100n],
    ['seen.size', 1],
    ['  user\n.name  ', 'Ada'],
  ])('%s is %o', (expression, value) => {
    expect(outcomeOf(expression)).toStrictEqual(value)
  })

  it.each([
    ['due < later', true],
    ['later - due', 1_000],
    ['due + 1', 1_001],
    ['due == sameAsDue', true],
    ['due === sameAsDue', false],
    ['due == 1000', true],
  ])('takes a Date for its time: %s is %o', (expression, value) => {
    expect(outcomeOf(expression)).toBe(value)
  })

  it.each([
    'tricky + 1',
    '-tricky',
    'tricky < 8',
    'tricky == 7',
    'input[tricky]',
    "input.tags + ''",
    'mark + 1',
    'run == 1',
  ])('never asks an object what it is worth: %s throws', (expression) => {
    expect(outcomeOf(expression)).toBe('EXPRESSION_FAILED')
  })

  it('says what was missing, and what to write instead', () => {
    expect(() => evaluator.evaluate('user.manager.name === 1', scope)).toThrow(
      "Expression 'user.manager.name === 1' failed: 'user.manager' is null; cannot read 'name'; " +
        'write user.manager?.name where it may be missing',
    )
  })

  it('says where it stops being an expression', () => {
    expect(evaluator.check('input.amount >')).toBe('Expected expression after > at character 14')
    expect(evaluator.check('input.amount = 1')).toBe('Unexpected "=" at character 13')
    expect(evaluator.check('input.amount > 1')).toBeUndefined()
    expect(evaluator.check(5 as unknown as string)).toBe('It is of type number, not a text')
  })

  it('gives the cause of what a getter throws', () => {
    const cause = new Error('not loaded')
    const lazy = Object.defineProperty({}, 'value', {
      get: () => {
        throw cause
      },
    })
    expect(() => evaluator.evaluate('lazy.value', { lazy })).toThrow(
      expect.objectContaining({ code: 'EXPRESSION_FAILED', cause }),
    )
  })

  it('names what it can read from the scope, and nothing else', () => {
    expect(evaluator.names('input.amount > limit && user[key].name in [undefined, input]')).toEqual([
      'input',
      'limit',
      'user',
      'key',
    ])
    expect(evaluator.names('input.')).toEqual([])
  })

  it('keeps its value when more expressions are used than it remembers', () => {
    for (let turn = 0; turn < 2_500; turn++) expect(evaluator.evaluate(`${turn} + zero`, scope)).toBe(turn)
  })
})

describe('an attack', () => {
  it.each([
    ["constructor.constructor('return process')()", 'EXPRESSION_INVALID'],
    ['run()', 'EXPRESSION_INVALID'],
    ['run?.()', 'EXPRESSION_INVALID'],
    ['(1, run)()', 'EXPRESSION_INVALID'],
    ["''.constructor", undefined],
    ['[].__proto__', undefined],
    ['[].concat', undefined],
    ["user['__proto__']", undefined],
    ["user['con' + 'structor']", undefined],
    ["user[['constructor']]", 'EXPRESSION_FAILED'],
    ["user['con\\u0073tructor']", undefined],
    ['user.toString', undefined],
    ['user.hasOwnProperty', undefined],
    ['run.constructor', undefined],
    ['run.prototype', undefined],
    ['run.name', undefined],
    ['seen.get', undefined],
    ['due.getTime', undefined],
    ['zero.constructor', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['hasOwnProperty', undefined],
    ['globalThis', undefined],
    ['process', undefined],
    ['arguments', undefined],
    ['this', 'EXPRESSION_INVALID'],
    ['new.target', 'EXPRESSION_INVALID'],
    ['run`x`', 'EXPRESSION_INVALID'],
    ['`${run}`', 'EXPRESSION_INVALID'],
    ['x=>x', 'EXPRESSION_INVALID'],
    ['function(){}', 'EXPRESSION_INVALID'],
    ['new Date', 'EXPRESSION_INVALID'],
    ['a=1', 'EXPRESSION_INVALID'],
    ['user.name = 1', 'EXPRESSION_INVALID'],
    ['a++', 'EXPRESSION_INVALID'],
    ['--a', 'EXPRESSION_INVALID'],
    ['a += 1', 'EXPRESSION_INVALID'],
    ['delete user.name', 'EXPRESSION_INVALID'],
    ["import('fs')", 'EXPRESSION_INVALID'],
    ['a, b', 'EXPRESSION_INVALID'],
    ['a; b', 'EXPRESSION_INVALID'],
    ['{}', 'EXPRESSION_INVALID'],
    ['/(a+)+$/', 'EXPRESSION_INVALID'],
    ['a /* x */', 'EXPRESSION_INVALID'],
    ['big ** big ** big', 'EXPRESSION_FAILED'],
    ['zero ** big', 'EXPRESSION_FAILED'],
  ])('%s comes to %o', (expression, outcome) => {
    expect(outcomeOf(expression)).toBe(outcome)
  })

  it.each([
    ['(', '(', 1_000_000],
    ['(', '(', 9_999],
    ['[', '[', 9_999],
    ['a[', 'a[', 4_999],
    ['!', '!', 9_999],
    ['- ', '- ', 4_999],
    ['a ? ', 'a?', 4_999],
    ['a ? 1 : ', 'a?1:', 2_499],
    ['a.', 'a.', 100_000],
    ['1 +', '1+', 4_999],
    ['2 **', '2**', 3_333],
    ['a ||', 'a||', 3_333],
  ])('of very many "%s" is refused', (_, part, times) => {
    expect(outcomeOf(`${part.repeat(times)}a`)).toBe('EXPRESSION_INVALID')
  })

  it('that doubles a text in every turn of a loop comes to an end', () => {
    const half = 'x'.repeat(500_000)
    expect(evaluator.evaluate('half + half', { half })).toHaveLength(1_000_000)
    expect(outcomeOf("half + half + '!'", { half })).toBe('EXPRESSION_FAILED')
  })

  it('can have a path as long as an expression may be, and a thousand operators', () => {
    expect(outcomeOf(`nobody?.a${'.a'.repeat(4_000)}`)).toBe(undefined)
    expect(outcomeOf(`0${' + 1'.repeat(999)}`)).toBe(999)
    expect(outcomeOf(`${'('.repeat(199)}7${')'.repeat(199)}`)).toBe(7)
  })

  it('reads what data holds under a dangerous name', () => {
    const data: unknown = JSON.parse('{ "__proto__": { "constructor": 1 } }')
    expect(outcomeOf('data.__proto__.constructor', { data })).toBe(1)
  })
})
