import type { EdgeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'

/**
 * Where the edges of one blueprint are in another: by the index of each in `from`, its index in `to`, or -1 for one that
 * is gone. `undefined` when none has moved. An edge between the same nodes is the same one, be its action, its condition or
 * its transform another; among several, those belong together that stand where they stood, or else differ least, in their
 * order. O(E).
 * @param dynamicEdges How many edges nodes created, which count on behind the blueprint's. Default 0.
 */
export function edgeMapOf(
  from: WorkflowBlueprint,
  to: WorkflowBlueprint,
  dynamicEdges = 0,
): readonly number[] | undefined {
  const [before, now] = [from.edges, to.edges]
  const isSame = before.every((edge, index) => now[index] !== undefined && isEqual(edge, now[index]))
  if (isSame && (dynamicEdges === 0 || before.length === now.length)) return undefined
  const map = matchEdges(before, now)
  for (let nth = 0; nth < dynamicEdges; nth += 1) map.push(now.length + nth)
  return map.every((index, place) => index === place) ? undefined : map
}

/** By how much two edges between the same nodes may differ and yet be one, the least first. */
const likenesses: readonly ((edge: EdgeDefinition) => readonly unknown[])[] = [
  ({ source, target, action, condition, transform }) => [source, target, action, condition, transform],
  ({ source, target, action, condition }) => [source, target, action, condition],
  ({ source, target, action }) => [source, target, action],
  ({ source, target }) => [source, target],
]

function matchEdges(before: readonly EdgeDefinition[], now: readonly EdgeDefinition[]): number[] {
  const map = before.map((edge, index) => (now[index] !== undefined && isEqual(edge, now[index]) ? index : -1))
  const isTaken = now.map((_, index) => map[index] === index)
  let open = map.filter((index) => index < 0).length
  for (const likeness of likenesses) {
    if (open === 0) break
    const places = new Map<string, number[]>()
    for (let index = now.length - 1; index >= 0; index -= 1) {
      if (isTaken[index] === true) continue
      const key = keyOf(likeness(now[index]!))
      const same = places.get(key)
      if (same === undefined) places.set(key, [index])
      else same.push(index)
    }
    for (const [index, edge] of before.entries()) {
      if (map[index] !== -1) continue
      const found = places.get(keyOf(likeness(edge)))?.pop()
      if (found === undefined) continue
      map[index] = found
      isTaken[found] = true
      open -= 1
    }
  }
  return map
}

function keyOf(parts: readonly unknown[]): string {
  // What is absent must not read as a text that is there.
  return JSON.stringify(parts.map((part) => part ?? null))
}

function isEqual(a: EdgeDefinition, b: EdgeDefinition): boolean {
  return (
    a === b ||
    (a.source === b.source &&
      a.target === b.target &&
      a.action === b.action &&
      a.condition === b.condition &&
      a.transform === b.transform)
  )
}
