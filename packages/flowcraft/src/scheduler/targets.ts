import type { Plan } from '../blueprint/plan.ts'
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
  return reach(
    targets.flatMap((id) => plan.indexOf.get(id) ?? []),
    sources,
  )
}

/** Lets every node start again. */
export function lift(frontier: Frontier): void {
  frontier.needed = undefined
  for (const node of frontier.withheld?.members() ?? []) frontier.ready.add(node)
  frontier.withheld = undefined
}
