/** How much a drawing needs something: 2 what failed, 1 what is notable, 0 the rest. */
export type Weight = 0 | 1 | 2

/** `items` by weight; those of weight 0 from both ends: where a run begins and what it comes to. Linear. */
export function byImportance<T>(items: readonly T[], weightOf: (item: T) => Weight): readonly T[] {
  const classes: Record<Weight, T[]> = { 0: [], 1: [], 2: [] }
  for (const item of items) classes[weightOf(item)].push(item)
  const rest = classes[0]
  const tail = rest.splice(Math.ceil(rest.length / 2)).reverse()
  const fromBothEnds = rest.flatMap((item, index) => [item, ...tail.slice(index, index + 1)])
  return [...classes[2], ...classes[1], ...fromBothEnds]
}
