import jsep from 'jsep'
import { expect, it } from 'vitest'
import { parse } from '../../src/expressions/parse.ts'

it('leaves the grammar of jsep as others on the page know it', () => {
  const before = jsep('a | (b in c)')
  parse("'x' in typeof a")
  expect(() => parse('a |')).toThrow('Unexpected "|" at character 2')
  expect(jsep('a | (b in c)')).toEqual(before)
  expect(Object.keys(jsep.binary_ops)).toContain('|')
})

it('does not notice what others teach jsep', () => {
  jsep.addBinaryOp('=', 0.9, true)
  jsep.addLiteral('user', 'root')
  try {
    expect(() => parse('user = 1')).toThrow('Unexpected "=" at character 5')
    expect(parse('user')).toMatchObject({ type: 'Identifier', name: 'user' })
  } finally {
    jsep.removeBinaryOp('=')
    jsep.removeLiteral('user')
  }
})
