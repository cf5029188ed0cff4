import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { EventPayloads, FlowcraftEvent } from '../events/event.ts'

/** A blueprint as a run drew on it: with what nodes added to it, and without the turn in which they did. */
export interface Growth {
  /** The first definition of each id, in the order in which they came. */
  readonly nodes: ReadonlyMap<string, GrownNode>
  readonly edges: readonly GrownEdge[]
  /** Which fallback has ever stood in for which node. */
  readonly fallbacks: ReadonlyMap<string, ReadonlySet<string>>
}

/** A node of a run's plan. */
export interface GrownNode {
  readonly definition: NodeDefinition
  /** The node that added it; absent for a node of the blueprint. */
  readonly creator?: string
}

/** An edge of a run's plan, with the indices that it has had. An edge added again in a later turn is one edge. */
export interface GrownEdge {
  readonly definition: EdgeDefinition
  readonly indices: readonly number[]
}

/** What `events` add to `blueprint`. The edges of the blueprint come first, each by itself. */
export function growthOf(blueprint: WorkflowBlueprint, events: Iterable<FlowcraftEvent>): Growth {
  const nodes = new Map<string, GrownNode>()
  const edges: { definition: EdgeDefinition; indices: number[] }[] = []
  const added = new Map<string, number[]>()
  for (const definition of blueprint.nodes) if (!nodes.has(definition.id)) nodes.set(definition.id, { definition })
  for (const [index, definition] of blueprint.edges.entries()) edges.push({ definition, indices: [index] })
  let nextIndex = edges.length
  const { results, fallbacks } = doingsOf(events)
  for (const { nodeId, result } of results) {
    const { dynamicNodes = [], dynamicEdges = [] } = result
    for (const definition of dynamicNodes) {
      if (!nodes.has(definition.id)) nodes.set(definition.id, { definition, creator: nodeId })
    }
    for (const definition of dynamicEdges) {
      const { source, target, action, condition, transform } = definition
      const key = JSON.stringify([source, target, action, condition, transform])
      const indices = added.get(key) ?? []
      if (indices.push(nextIndex++) === 1) edges.push({ definition, indices })
      added.set(key, indices)
    }
  }
  return { nodes, edges, fallbacks }
}

interface Doings {
  readonly results: readonly EventPayloads['node:finish'][]
  readonly fallbacks: ReadonlyMap<string, ReadonlySet<string>>
}

/** What nodes came to. A fork takes back what those that begin anew had come to, and with it the indices of edges. */
function doingsOf(events: Iterable<FlowcraftEvent>): Doings {
  let results: EventPayloads['node:finish'][] = []
  const fallbacks = new Map<string, Set<string>>()
  for (const { type, payload } of events) {
    if (type === 'node:fallback') {
      fallbacks.set(payload.nodeId, (fallbacks.get(payload.nodeId) ?? new Set()).add(payload.fallback))
    } else if (type === 'node:finish') results.push(payload)
    else if (type === 'workflow:fork' && payload.rerun !== undefined) {
      const again = new Set(payload.rerun)
      results = results.filter(({ nodeId }) => !again.has(nodeId))
      for (const nodeId of again) fallbacks.delete(nodeId)
    }
  }
  return { results, fallbacks }
}
