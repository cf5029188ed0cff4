import type { PlanLoop } from '../blueprint/loops.ts'
import type { Plan, PlanEdge, PlanNode } from '../blueprint/plan.ts'
import { resolution, type Frontier } from './frontier.ts'

/** A plan that belongs to one run, and grows with it. */
export interface GrowingPlan extends Plan {
  readonly nodes: PlanNode[]
  readonly edges: PlanEdge[]
  readonly indexOf: Map<string, number>
  readonly loops: PlanLoop[]
}

/** The run's own plan; a copy of the blueprint's is made the first time. O(V + E) then. */
export function ownPlan(frontier: Frontier): GrowingPlan {
  if (!frontier.hasOwnPlan) {
    const { nodes, edges, indexOf, loops } = frontier.plan
    const own: GrowingPlan = {
      ...frontier.plan,
      nodes: [...nodes],
      edges: [...edges],
      indexOf: new Map(indexOf),
      loops: [...loops],
    }
    frontier.plan = own
    frontier.hasOwnPlan = true
  }
  // It was made above, or by an earlier call.
  return frontier.plan as GrowingPlan
}

/** Gives a node its place in the run's plan, with nothing resolved yet. */
export function placeNode(frontier: Frontier, plan: GrowingPlan, node: PlanNode): void {
  const { index } = node
  plan.nodes[index] = node
  plan.indexOf.set(node.id, index)
  frontier.unresolved[index] = node.incoming.length
  frontier.firstTaken[index] = undefined
  frontier.failedEdge[index] = undefined
  frontier.lastEdge[index] = undefined
  frontier.visited[index] = false
  frontier.servedAsFallback[index] = false
  frontier.undecided[index] = node.outgoing.length
  frontier.openPrimaries[index] = node.primaries.length
  frontier.hasReleased[index] = false
  frontier.nextVisit[index] = undefined
  frontier.continuation[index] = undefined
  frontier.hasSkippedSource[index] = false
}

/** Gives an edge its place in the run's plan. */
export function placeEdge(frontier: Frontier, plan: GrowingPlan, edge: PlanEdge): void {
  plan.edges[edge.index] = edge
  frontier.decided[edge.index] = false
  frontier.resolutions[edge.index] = resolution.open
  frontier.held[edge.index] = 0
}
