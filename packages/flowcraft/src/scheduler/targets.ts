import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import { reach } from '../blueprint/graph.ts'
import type { Frontier } from './frontier.ts'

/** The nodes from which a target can be reached, the targets included. O(V + E). */
export function neededFor(plan: Plan, targets: readonly string[]): ReadonlySet<number> {
  const sources: number[][] = plan.nodes.map(() => [])
  for (const { source, target } of plan.edges) sources[target]!.push(source)
  for (const { index, fallbackNode } of plan.nodes) {
    if (fallbackNode === undefined) continue
    // A fallback stands where its primary stands: both lead to each other's targets.
    sources[index]!.push(fallbackNode)
    sources[fallbackNode]!.push(index)
  }
  // A loop neither goes on nor lets go of what leaves it before all of its nodes have come to rest.
  for (const { head, nodes } of plan.loops) for (const node of nodes) sources[head]!.push(node)
  return reach(
    targets.flatMap((id) => plan.indexOf.get(id) ?? []),
    sources,
  )
}

/** Adds those nodes that have just been created from which a target can be reached. */
export function needCreated(frontier: Frontier, nodes: readonly number[], links: readonly PlanEdge[]): void {
  if (frontier.needed === undefined) return
  const { plan } = frontier
  const needed = new Set(frontier.needed)
  // Their places may have been those of others.
  for (const node of nodes) needed.delete(node)
  const sources = new Map<number, number[]>()
  for (const node of nodes) {
    const { primaries, fallbackNode } = plan.nodes[node]!
    sources.set(node, fallbackNode === undefined ? [...primaries] : [...primaries, fallbackNode])
  }
  for (const { source, target } of links) sources.get(target)?.push(source)
  const todo = links.filter(({ target }) => needed.has(target)).map(({ source }) => source)
  // In a loop that is needed, every node is.
  for (const node of nodes) if (plan.nodes[node]!.loops.length > 0) todo.push(node)
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const before = sources.get(node)
    if (before === undefined || needed.has(node)) continue
    needed.add(node)
    todo.push(...before)
  }
  frontier.needed = needed
}

/** Lets every node start again. */
export function lift(frontier: Frontier): void {
  frontier.needed = undefined
  for (const node of frontier.withheld?.members() ?? []) frontier.ready.add(node)
  frontier.withheld = undefined
}
