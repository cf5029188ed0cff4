import { expect, it } from 'vitest'
import { differenceOf, shown } from '../src/store-contract/difference.ts'

const shared = { a: 1 }
const cycle: unknown[] = []
cycle.push(cycle)

it.each<[unknown, unknown]>([
  [1, 1],
  [Number.NaN, Number.NaN],
  [-0, -0],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [new Date(5), new Date(5)],
  [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
  [new Set([1n]), new Set([1n])],
  [new Uint8Array([1]), new Uint8Array([1])],
  [new Error('a', { cause: 1 }), new Error('a', { cause: 1 })],
  [
    [shared, { ...shared }],
    [shared, shared],
  ],
])('%o equals %o', (found, expected) => {
  expect(differenceOf(found, expected)).toBeUndefined()
})

it.each<[unknown, unknown, string]>([
  [0, -0, 'it is 0, expected -0'],
  [{ a: 1 }, { a: 2 }, `'a' is 1, expected 2`],
  [{}, { a: undefined }, `it lacks 'a'`],
  [{ a: undefined }, {}, `it has 'a' which is not expected`],
  [[1, 2], [1], 'it has length 2, expected 1: [1, 2]'],
  [{ list: [{ n: 1n }] }, { list: [{ n: 2n }] }, `'list.0.n' is 1n, expected 2n`],
  [null, {}, 'it is null, expected {  }'],
  [[], {}, 'it is [], expected {  }'],
  [new Date(5), new Date(6), 'it is Date 5, expected Date 6'],
  [new Date(5), '5', 'it is Date 5, expected "5"'],
  [/a/g, /a/i, 'it is RegExp /a/g 0, expected RegExp /a/i 0'],
  [new Map([['a', 1]]), new Map([['a', 2]]), `'0.1' is 1, expected 2`],
  [new Set([1]), new Map([[1, 1]]), 'it is { 0: 1 }, expected { 0: [1, 1] }'],
  [new Uint8Array([1]), new Uint16Array([1]), 'it is Uint8Array 1, expected Uint16Array 1,0'],
  [new Error('a', { cause: 1 }), new Error('a', { cause: 2 }), `'cause' is 1, expected 2`],
  [new TypeError('a'), new Error('a'), 'it is TypeError "a", expected Error "a"'],
  [{ a: shared, b: { ...shared } }, { a: shared, b: shared }, `'b' is not shared as it was`],
])('%o differs from %o', (found, expected, difference) => {
  expect(differenceOf(found, expected)).toBe(difference)
})

it('ends at cycles, and sees where one is missing', () => {
  const other: unknown[] = []
  other.push(other)
  expect(differenceOf({ c: other }, { c: cycle })).toBeUndefined()
  expect(differenceOf({ c: [[]] }, { c: cycle })).toBe(`'c.0' is not shared as it was`)
})

it('shows a large value in a few words', () => {
  expect(shown('x'.repeat(1000)).length).toBeLessThan(130)
  expect(shown(Array.from({ length: 1000 }, (_, index) => ({ index }))).length).toBeLessThan(410)
  expect(shown(cycle)).toBe('[[[[…]]]]')
})
