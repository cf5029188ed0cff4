import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { kindOf, toPlanNode, type PlanEdge, type PlanNode } from '../blueprint/plan.ts'
import type { DynamicGroup, Frontier } from './frontier.ts'
import { ownPlan, placeEdge, placeNode, type GrowingPlan } from './growth.ts'
import { requestVisit } from './visits.ts'

/** Lets the nodes that a node created join the run's plan; those that no edge leads to are ready at once. */
export function addDynamicNodes(
  frontier: Frontier,
  creatorId: string,
  definitions: readonly NodeDefinition[],
  edges: readonly EdgeDefinition[],
): void {
  const plan = ownPlan(frontier)
  const creator = plan.indexOf.get(creatorId)!
  let end = plan.nodes.length
  const nodes = definitions.map(() => frontier.freePlaces?.pop() ?? end++)
  for (const [nth, { id }] of definitions.entries()) plan.indexOf.set(id, nodes[nth]!)
  const isCreated = new Set(nodes)
  const { loops } = plan.nodes[creator]!
  const isInside = (node: number, loop: number): boolean => isCreated.has(node) || plan.nodes[node]!.loops.includes(loop)
  const incoming = new Map<number, number[]>()
  const outgoing = new Map<number, number[]>()
  const links = edges.map((definition): PlanEdge => {
    const index = plan.edges.length
    const [source, target] = [plan.indexOf.get(definition.source)!, plan.indexOf.get(definition.target)!]
    const leaves = loops.find((loop) => !isInside(target, loop))
    const edge = { index, source, target, definition, backOf: undefined, leaves }
    placeEdge(frontier, plan, edge)
    append(outgoing, source, index)
    append(incoming, target, index)
    return edge
  })
  const primaries = new Map<number, number[]>()
  for (const [nth, { config }] of definitions.entries()) {
    const standIn = config?.fallback === undefined ? undefined : plan.indexOf.get(config.fallback)
    if (standIn !== undefined) append(primaries, standIn, nodes[nth]!)
  }
  for (const [nth, definition] of definitions.entries()) {
    const index = nodes[nth]!
    const parts = {
      index,
      kind: kindOf(definition, plan.overridden),
      incoming: incoming.get(index) ?? [],
      outgoing: outgoing.get(index) ?? [],
      edges: plan.edges,
      indexOf: plan.indexOf,
      primaries: primaries.get(index) ?? [],
      loops,
      closes: undefined,
    }
    placeNode(frontier, plan, toPlanNode(definition, parts))
  }
  for (const [node, added] of outgoing) if (!isCreated.has(node)) connect(frontier, plan, node, [], added)
  for (const [node, added] of incoming) if (!isCreated.has(node)) connect(frontier, plan, node, added, [])
  if (loops.length > 0) {
    enterLoops(plan, loops, nodes, links, isInside)
    frontier.dynamic ??= []
    frontier.dynamic.push({ creator, nodes, edges: links.map(({ index }) => index) })
  }
  for (const index of nodes) {
    if (incoming.has(index) || primaries.has(index)) continue
    frontier.visited[index] = true
    requestVisit(frontier, index, { kind: 'created', creator })
  }
}

/** Forgets what was created in the last turn of a loop, but for the edges that leave it. */
export function forgetDynamicNodes(frontier: Frontier, loop: number): void {
  if (frontier.dynamic === undefined) return
  const plan = ownPlan(frontier)
  const ends = (group: DynamicGroup): boolean => plan.nodes[group.creator]!.loops.includes(loop)
  for (const group of frontier.dynamic.filter(ends)) {
    const inner = new Set(group.edges.filter((edge) => !leavesLoop(plan.edges[edge]!, loop, plan)))
    for (const edge of inner) {
      const { source, target } = plan.edges[edge]!
      for (const end of [source, target]) if (!group.nodes.includes(end)) disconnect(plan, end, inner)
    }
    disconnect(plan, group.creator, new Set(group.edges))
    for (const index of plan.nodes[group.creator]!.loops) {
      const { nodes, innerEdges } = plan.loops[index]!
      plan.loops[index] = {
        ...plan.loops[index]!,
        nodes: nodes.filter((node) => !group.nodes.includes(node)),
        innerEdges: innerEdges.filter((edge) => !inner.has(edge)),
      }
    }
    for (const node of group.nodes) plan.indexOf.delete(plan.nodes[node]!.id)
    frontier.freePlaces = [...(frontier.freePlaces ?? []), ...group.nodes].sort((a, b) => b - a)
  }
  frontier.dynamic = frontier.dynamic.filter((group) => !ends(group))
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

/** Gives a node of the plan more edges, on which nothing has been decided yet. */
function connect(
  frontier: Frontier,
  plan: GrowingPlan,
  index: number,
  incoming: readonly number[],
  outgoing: readonly number[],
): void {
  const node = plan.nodes[index]!
  frontier.unresolved[index]! += incoming.length
  frontier.undecided[index]! += outgoing.length
  replace(plan, { ...node, incoming: [...node.incoming, ...incoming], outgoing: [...node.outgoing, ...outgoing] })
}

function disconnect(plan: GrowingPlan, index: number, edges: ReadonlySet<number>): void {
  const node = plan.nodes[index]!
  const isKept = (edge: number): boolean => !edges.has(edge)
  replace(plan, { ...node, incoming: node.incoming.filter(isKept), outgoing: node.outgoing.filter(isKept) })
}

/** What depends on a node's edges follows from them. */
function replace(plan: GrowingPlan, node: PlanNode): void {
  const { edges, indexOf } = plan
  const { worker } = node
  plan.nodes[node.index] = { ...toPlanNode(node.definition, { ...node, edges, indexOf }), worker }
}

function enterLoops(
  plan: GrowingPlan,
  loops: readonly number[],
  nodes: readonly number[],
  links: readonly Pick<PlanEdge, 'index' | 'source' | 'target'>[],
  isInside: (node: number, loop: number) => boolean,
): void {
  for (const index of loops) {
    const loop = plan.loops[index]!
    const exits = links.filter((link) => plan.edges[link.index]!.leaves === index)
    const inner = links.filter(({ target }) => isInside(target, index))
    plan.loops[index] = {
      ...loop,
      nodes: [...loop.nodes, ...nodes],
      exits: [...loop.exits, ...exits.map((link) => link.index)],
      innerEdges: [...loop.innerEdges, ...inner.map((link) => link.index)],
    }
  }
}

function leavesLoop({ target }: PlanEdge, loop: number, plan: GrowingPlan): boolean {
  return !plan.loops[loop]!.nodes.includes(target)
}
