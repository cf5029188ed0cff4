import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { isPlan, planOf, type Plan } from '../../src/blueprint/plan.ts'

/** A copy of a blueprint in which some parts are others. */
export function changed(blueprint: WorkflowBlueprint, change: (copy: WorkflowBlueprint) => void): WorkflowBlueprint {
  const copy = structuredClone(blueprint)
  change(copy)
  return copy
}

/** The same with every expression written in another way. */
export function reworded(blueprint: WorkflowBlueprint): WorkflowBlueprint {
  return changed(blueprint, ({ nodes, edges }) => {
    for (const edge of edges) {
      if (edge.condition !== undefined) edge.condition = `(${edge.condition})`
      if (edge.transform !== undefined) edge.transform = `(${edge.transform})`
    }
    for (const { params } of nodes) {
      if (typeof params?.['condition'] === 'string') params['condition'] = `(${params['condition']})`
    }
  })
}

/**
 * The same with nodes and edges in another order. What has a meaning stays: the order of edges to one node, of which the
 * first or the last one may deliver.
 */
export function shuffled(blueprint: WorkflowBlueprint, next: (below: number) => number): WorkflowBlueprint {
  return changed(blueprint, (copy) => {
    copy.nodes = inAnyOrder(copy.nodes, next)
    const into = new Map<string, EdgeDefinition[]>()
    for (const edge of copy.edges) into.set(edge.target, [...(into.get(edge.target) ?? []), edge])
    const targets = inAnyOrder(
      copy.edges.map(({ target }) => target),
      next,
    )
    copy.edges = targets.map((target) => into.get(target)!.shift()!)
  })
}

function inAnyOrder<T>(items: readonly T[], next: (below: number) => number): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = next(last + 1)
    const item = order[last]!
    order[last] = order[other]!
    order[other] = item
  }
  return order
}

/** Whether two blueprints begin at the same nodes and turn in the same loops: where there are mere cycles, order tells. */
export function turnsAlike(a: WorkflowBlueprint, b: WorkflowBlueprint): boolean {
  return JSON.stringify(turnsOf(a)) === JSON.stringify(turnsOf(b))
}

function turnsOf(blueprint: WorkflowBlueprint): unknown {
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error('A random flow has a plan')
  const idOf = (node: number): string => plan.nodes[node]!.id
  const loops = plan.loops.map(({ head, nodes, backEdges }) => [
    idOf(head),
    idsOf(plan, nodes),
    edgesOf(plan, backEdges),
  ])
  return [idsOf(plan, plan.startNodes), loops.map((loop) => JSON.stringify(loop)).sort()]
}

function idsOf({ nodes }: Plan, of: readonly number[]): string[] {
  return of.map((node) => nodes[node]!.id).sort()
}

function edgesOf({ edges }: Plan, of: readonly number[]): string[] {
  return of.map((edge) => JSON.stringify(edges[edge]!.definition)).sort()
}

/** A node of a blueprint. */
export function nodeOf(blueprint: WorkflowBlueprint, id: string): NodeDefinition {
  const node = blueprint.nodes.find((each) => each.id === id)
  if (node === undefined) throw new Error(`There is no node '${id}'`)
  return node
}

/** The first edge of a blueprint between two nodes. */
export function edgeOf(blueprint: WorkflowBlueprint, source: string, target: string): EdgeDefinition {
  const edge = blueprint.edges.find((each) => each.source === source && each.target === target)
  if (edge === undefined) throw new Error(`There is no edge '${source}' → '${target}'`)
  return edge
}

/** A copy of a blueprint with one or two random changes. It may be one that cannot run. */
export function mutated(blueprint: WorkflowBlueprint, next: (below: number) => number): WorkflowBlueprint {
  return changed(blueprint, (copy) => {
    for (let nth = 0; nth <= next(2); nth += 1) mutations[next(mutations.length)]!(copy, next)
  })
}

const mutations: readonly ((copy: WorkflowBlueprint, next: (below: number) => number) => void)[] = [
  ({ edges }, next) => edges.splice(next(edges.length), 1),
  ({ edges, nodes }, next) => {
    const edge = edges[next(edges.length)]
    if (edge !== undefined) edge.target = nodes[next(nodes.length)]!.id
  },
  ({ edges, nodes }, next) => {
    edges.push({ source: nodes[next(nodes.length)]!.id, target: nodes[next(nodes.length)]!.id })
  },
  ({ edges }, next) => {
    const edge = edges[next(edges.length)]
    if (edge !== undefined) edge.action = ['go', 'stop', 'continue'][next(3)]!
  },
  ({ edges }, next) => {
    const edge = edges[next(edges.length)]
    if (edge !== undefined) edge.condition = ['flag', '!flag', 'input', 'input.a.b'][next(4)]!
  },
  (copy, next) => {
    const [{ id }] = copy.nodes.splice(next(copy.nodes.length), 1) as [NodeDefinition]
    copy.edges = copy.edges.filter(({ source, target }) => source !== id && target !== id)
    if (copy.nodes.length === 0) copy.nodes.push({ id: 'left', uses: 'left' })
  },
  ({ nodes }, next) => {
    const node = nodes[next(nodes.length)]!
    node.uses = ['wait', 'other', 'sleep', 'loop-controller'][next(4)]!
    node.params = { ...node.params, duration: 5, condition: 'input' }
  },
  ({ nodes, edges }, next) => {
    const edge = edges[next(edges.length)]
    if (edge === undefined) return
    nodes.push({ id: `new${nodes.length}`, uses: 'new' })
    edges.push({ source: `new${nodes.length - 1}`, target: edge.target })
    edge.target = `new${nodes.length - 1}`
  },
  ({ nodes }, next) => {
    const node = nodes[next(nodes.length)]!
    node.config = {
      ...node.config,
      maxRetries: next(4),
      joinStrategy: next(2) === 0 ? 'any' : 'all',
      ...(next(3) === 0 && { fallback: nodes[next(nodes.length)]!.id }),
    }
  },
]
