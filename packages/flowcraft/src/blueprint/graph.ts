/** A link between two nodes, as numbers. */
export interface Link {
  readonly source: number
  readonly target: number
}

/** Marks what can be reached from `starts` by `next`, as far as `mayEnter` lets it; the starts themselves included. */
export function reach(
  starts: Iterable<number>,
  next: readonly (readonly number[])[],
  mayEnter: (node: number) => boolean = () => true,
): Set<number> {
  const reached = new Set<number>()
  const todo: number[] = []
  const enter = (node: number): void => {
    if (reached.has(node) || !mayEnter(node)) return
    reached.add(node)
    todo.push(node)
  }
  for (const node of starts) enter(node)
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) for (const target of next[node]!) enter(target)
  return reached
}

/**
 * The links that close a cycle: those that lead to a node on the path of a depth-first search, which begins at each of
 * `roots` in turn and follows links in their order. Without these links there is no cycle. O(V + E).
 */
export function closingLinks(count: number, links: readonly Link[], roots: Iterable<number>): number[] {
  const from = linksFrom(count, links)
  const closing: number[] = []
  const seen = new Uint8Array(count)
  const isOnPath = new Uint8Array(count)
  const nextLink = new Uint32Array(count)
  const path: number[] = []
  const enter = (node: number): void => {
    seen[node] = 1
    isOnPath[node] = 1
    path.push(node)
  }
  for (const root of roots) {
    if (seen[root] === 0) enter(root)
    // A path of its own instead of recursion: a chain may be longer than the call stack is deep.
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const link = from[node]![nextLink[node]!]
      nextLink[node]! += 1
      if (link === undefined) {
        isOnPath[node] = 0
        path.pop()
        continue
      }
      const { target } = links[link]!
      if (isOnPath[target] === 1) closing.push(link)
      else if (seen[target] === 0) enter(target)
    }
  }
  return closing
}

/** For each node, the links that leave it, in their order. */
function linksFrom(count: number, links: readonly Link[]): number[][] {
  const from: number[][] = Array.from({ length: count }, () => [])
  for (const [index, { source }] of links.entries()) from[source]!.push(index)
  return from
}

/** The first node of each group of nodes that no other node leads to: everything is reached from these. O(V + E). */
export function sourcesOf(count: number, next: readonly (readonly number[])[]): number[] {
  const roots: number[] = []
  const seen = new Set<number>()
  for (let node = 0; node < count; node += 1) {
    if (seen.has(node)) continue
    roots.push(node)
    for (const reached of reach([node], next, (other) => !seen.has(other))) seen.add(reached)
  }
  // A later root may lead to an earlier one, never the other way round.
  const sources: number[] = []
  const covered = new Set<number>()
  for (const root of roots.reverse()) {
    if (covered.has(root)) continue
    sources.push(root)
    for (const reached of reach([root], next, (other) => !covered.has(other))) covered.add(reached)
  }
  return sources.reverse()
}
