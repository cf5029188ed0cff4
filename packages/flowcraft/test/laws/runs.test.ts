import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { checkedWith } from './runs.ts'

beforeEach(() => {
  for (const name of ['FLOWCRAFT_SEED', 'FLOWCRAFT_RUNS', 'FLOWCRAFT_SHRINK']) vi.stubEnv(name, undefined)
})
afterEach(() => void vi.unstubAllEnvs())

function casesOf(standard: number): number[] {
  const cases: number[] = []
  fc.assert(
    fc.property(fc.integer(), (each) => void cases.push(each)),
    checkedWith(standard),
  )
  return cases
}

it('a property looks at the same cases each time', () => {
  const cases = casesOf(20)
  expect(cases).toHaveLength(20)
  expect(casesOf(20)).toEqual(cases)
})

it.each([
  ['one', 1_621_043_855],
  ['another', -1_715_319_346],
])('a property in %s test looks at cases of its own', (_, seed) => {
  expect(checkedWith(20).seed).toBe(seed)
})

it('other cases are a matter of choice, and so is how many', () => {
  vi.stubEnv('FLOWCRAFT_SEED', 'random')
  expect(casesOf(20)).not.toEqual(casesOf(20))
  vi.stubEnv('FLOWCRAFT_SEED', '-12')
  vi.stubEnv('FLOWCRAFT_RUNS', '3000')
  expect(checkedWith(20)).toEqual({ seed: -12, numRuns: 30, endOnFailure: false })
})

it.each([
  ['FLOWCRAFT_SEED', 'chance', `FLOWCRAFT_SEED is 'chance'; it takes a whole number, or 'random'`],
  ['FLOWCRAFT_RUNS', '0', `FLOWCRAFT_RUNS is '0'; it takes a whole number from 1`],
])('%s must not be %s', (name, text, message) => {
  vi.stubEnv(name, text)
  expect(() => checkedWith(20)).toThrow(message)
})
