import fc from 'fast-check'
import { snapshot } from '../../../src/events/snapshot.ts'
import { recordable } from '../../events/values.ts'

/** Random choices, each of which shrinks towards its first or smallest. */
export interface Draw {
  int(min: number, max: number): number
  chance(percent: number): boolean
  pick<T>(choices: readonly T[]): T
  /** A recorded value of any type that can be recorded. */
  value(): unknown
}

/** Choices that fast-check makes, repeats by seed and shrinks. */
export function drawFrom(gen: fc.GeneratorValue): Draw {
  const int = (min: number, max: number): number => (min === max ? min : gen(fc.integer, { min, max }))
  return {
    int,
    chance: (percent) => int(0, 99) >= 100 - percent,
    // The index lies within the list, which is never empty.
    pick: (choices) => choices[int(0, choices.length - 1)]!,
    value: () => gen(anyValue),
  }
}

const recorded = recordable.map((value) => snapshot(value, { where: 'a random value' }))

function anyValue(): fc.Arbitrary<unknown> {
  return recorded
}
