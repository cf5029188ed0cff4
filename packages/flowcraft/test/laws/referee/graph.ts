/** Nodes, and the edges among them that count at the moment. */
export interface Graph {
  readonly edges: readonly { readonly source: string; readonly target: string }[]
}

/** `from`, and every node that can be reached from it without passing `avoid`. */
export function reachableFrom({ edges }: Graph, from: string, avoid?: string): Set<string> {
  const seen = new Set([from])
  for (const at of seen) {
    for (const { source, target } of edges) if (source === at && target !== avoid) seen.add(target)
  }
  return seen
}

/** `to`, and every node from which it can be reached. */
export function reaching({ edges }: Graph, to: string): Set<string> {
  return reachableFrom({ edges: edges.map(({ source, target }) => ({ source: target, target: source })) }, to)
}

/** The edges that lead back to a node on the way to them, in a search in depth from `starts`. */
export function backEdgesOf<E extends { readonly source: string; readonly target: string }>(
  edges: readonly E[],
  starts: readonly string[],
): E[] {
  const found: E[] = []
  const states = new Map<string, 'open' | 'done'>()
  const visit = (id: string): void => {
    states.set(id, 'open')
    for (const edge of edges) {
      if (edge.source !== id) continue
      const state = states.get(edge.target)
      if (state === 'open') found.push(edge)
      else if (state === undefined) visit(edge.target)
    }
    states.set(id, 'done')
  }
  for (const id of starts) if (!states.has(id)) visit(id)
  return found
}
