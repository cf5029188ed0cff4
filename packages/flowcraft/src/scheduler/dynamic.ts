import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { kindOf, toPlanNode, type PlanEdge, type PlanNode } from '../blueprint/plan.ts'
import type { RecordedResult } from '../events/event.ts'
import type { Frontier } from './frontier.ts'
import { ownPlan, placeEdge, placeNode, type GrowingPlan } from './growth.ts'
import { needCreated } from './targets.ts'
import { requestVisit } from './visits.ts'

/** Lets the nodes that a node created join the run's plan; those that no edge leads to are ready at once. */
export function addDynamicNodes(frontier: Frontier, creatorId: string, result: RecordedResult): void {
  const { output, dynamicNodes: definitions = [], dynamicEdges = [] } = result
  const plan = ownPlan(frontier)
  const creator = plan.nodes[plan.indexOf.get(creatorId)!]!
  // A worker stands where its scatter stands.
  const { loops } = creator.worker === undefined ? creator : plan.nodes[creator.worker.scatter]!
  let end = plan.nodes.length
  const nodes = definitions.map(() => frontier.freePlaces?.pop() ?? end++)
  for (const [nth, { id }] of definitions.entries()) plan.indexOf.set(id, nodes[nth]!)
  const primaries = primariesOf(definitions, plan)
  const links = linksOf(frontier, plan, { edges: dynamicEdges, loops, created: new Set(nodes) })
  const incoming = groupBy(links, ({ target }) => target)
  const outgoing = groupBy(links, ({ source }) => source)
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
    incoming.delete(index)
    outgoing.delete(index)
  }
  for (const [node, added] of outgoing) connect(frontier, plan, node, [], added)
  for (const [node, added] of incoming) connect(frontier, plan, node, added, [])
  if (loops.length > 0) enterLoops(frontier, plan, { loops, creator: creator.index, nodes, links })
  needCreated(frontier, nodes, links)
  for (const index of nodes) {
    const { incoming: into, primaries: of, definition } = plan.nodes[index]!
    if (into.length > 0 || of.length > 0) continue
    frontier.visited[index] = true
    if (definition.inputs === undefined)
      frontier.given = (frontier.given ?? new Map<number, unknown>()).set(index, output)
    requestVisit(frontier, index, created)
  }
}

const created = Object.freeze({ kind: 'created' })

interface Added {
  readonly edges: readonly EdgeDefinition[]
  readonly loops: readonly number[]
  readonly created: ReadonlySet<number>
}

function linksOf(frontier: Frontier, plan: GrowingPlan, { edges, loops, created: own }: Added): PlanEdge[] {
  const isInside = (node: number, loop: number): boolean => own.has(node) || plan.nodes[node]!.loops.includes(loop)
  return edges.map((definition) => {
    const index = plan.edges.length
    const [source, target] = [plan.indexOf.get(definition.source)!, plan.indexOf.get(definition.target)!]
    const leaves = loops.find((loop) => !isInside(target, loop))
    const edge = { index, source, target, definition, backOf: undefined, leaves }
    placeEdge(frontier, plan, edge)
    if (leaves !== undefined) {
      frontier.createdExits ??= new Map()
      frontier.createdExits.set(index, loops.slice(loops.indexOf(leaves)))
    }
    return edge
  })
}

/** From each new node that stands in for others to those. */
function primariesOf(definitions: readonly NodeDefinition[], { indexOf }: GrowingPlan): Map<number, number[]> {
  const primaries = new Map<number, number[]>()
  for (const { id, config } of definitions) {
    const standIn = config?.fallback === undefined ? undefined : indexOf.get(config.fallback)
    if (standIn !== undefined) append(primaries, standIn, indexOf.get(id)!)
  }
  return primaries
}

function groupBy(links: readonly PlanEdge[], nodeOf: (link: PlanEdge) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const link of links) append(groups, nodeOf(link), link.index)
  return groups
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
  rewire(plan, { ...node, incoming: [...node.incoming, ...incoming], outgoing: [...node.outgoing, ...outgoing] })
}

/** What depends on a node's edges follows from them. */
export function rewire(plan: GrowingPlan, node: PlanNode): void {
  const { isRouted, sourceCount } = toPlanNode(node.definition, { ...node, edges: plan.edges, indexOf: plan.indexOf })
  plan.nodes[node.index] = { ...node, isRouted, sourceCount }
}

interface InLoops {
  readonly loops: readonly number[]
  readonly creator: number
  readonly nodes: readonly number[]
  readonly links: readonly PlanEdge[]
}

/** What is created inside loops belongs to them, until the turn is over. */
function enterLoops(frontier: Frontier, plan: GrowingPlan, { loops, creator, nodes, links }: InLoops): void {
  for (const index of loops) {
    const loop = plan.loops[index]!
    const inside = [...loop.nodes, ...nodes]
    const members = new Set(inside)
    const indices = (of: readonly PlanEdge[]): number[] => of.map((link) => link.index)
    plan.loops[index] = {
      ...loop,
      nodes: inside,
      exits: [...loop.exits, ...indices(links.filter(({ leaves }) => leaves === index))],
      innerEdges: [...loop.innerEdges, ...indices(links.filter(({ target }) => members.has(target)))],
    }
  }
  frontier.dynamic ??= []
  frontier.dynamic.push({ loops, creator, nodes, edges: links.map(({ index }) => index) })
}
