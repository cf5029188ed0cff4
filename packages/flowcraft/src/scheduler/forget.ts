import { rewire } from './dynamic.ts'
import type { DynamicGroup, Frontier } from './frontier.ts'
import { ownPlan, type GrowingPlan } from './growth.ts'

/**
 * Forgets what was created in the last turn of a loop. Edges that leave the loop stay until the turn of a loop around it
 * is over: they take effect when this one rests.
 */
export function forgetDynamicNodes(frontier: Frontier, loop: number): void {
  if (frontier.dynamic === undefined) return
  const ending = frontier.dynamic.filter(({ loops }) => loops.includes(loop))
  if (ending.length === 0) return
  const plan = ownPlan(frontier)
  const { nodes: members, innerLoops } = plan.loops[loop]!
  const isInside = new Set(members)
  const gone: Gone = { nodes: new Set(), edges: new Set(), ends: new Set(), loops: new Set() }
  const leaving: DynamicGroup[] = []
  for (const { loops, creator, nodes, edges } of ending) {
    for (const node of nodes) gone.nodes.add(node)
    if (edges.length > 0) gone.ends.add(creator)
    for (const index of loops) gone.loops.add(index)
    const staying: number[] = []
    for (const edge of edges) {
      const { target, leaves } = plan.edges[edge]!
      if (!isInside.has(target)) staying.push(edge)
      else {
        gone.edges.add(edge)
        frontier.createdExits?.delete(edge)
        gone.ends.add(target)
        if (leaves !== undefined) gone.loops.add(leaves)
      }
    }
    const around = loops.filter((other) => other !== loop && !innerLoops.includes(other))
    if (staying.length > 0 && around.length > 0) leaving.push({ loops: around, creator, nodes: [], edges: staying })
  }
  take(plan, gone, new Set(ending.flatMap(({ edges }) => edges)))
  frontier.freePlaces = [...(frontier.freePlaces ?? []), ...gone.nodes].sort((a, b) => b - a)
  frontier.dynamic = [...frontier.dynamic.filter((group) => !ending.includes(group)), ...leaving]
}

interface Gone {
  readonly nodes: Set<number>
  readonly edges: Set<number>
  /** Nodes that edges were created for. */
  readonly ends: Set<number>
  /** Loops that had any of it. */
  readonly loops: Set<number>
}

/** @param created All edges of what is forgotten, those that stay included: nothing leads out by them once more. */
function take(plan: GrowingPlan, { nodes, edges, ends, loops }: Gone, created: ReadonlySet<number>): void {
  const stays = (edge: number): boolean => !edges.has(edge)
  for (const index of loops) {
    const loop = plan.loops[index]!
    plan.loops[index] = {
      ...loop,
      nodes: loop.nodes.filter((node) => !nodes.has(node)),
      exits: loop.exits.filter(stays),
      innerEdges: loop.innerEdges.filter(stays),
    }
  }
  for (const index of ends) {
    if (nodes.has(index)) continue
    const node = plan.nodes[index]!
    const outgoing = node.outgoing.filter((edge) => !created.has(edge))
    rewire(plan, { ...node, incoming: node.incoming.filter(stays), outgoing })
  }
  for (const node of nodes) plan.indexOf.delete(plan.nodes[node]!.id)
}
