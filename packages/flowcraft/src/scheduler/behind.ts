import type { NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { Plan } from '../blueprint/plan.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'
import type { FlowcraftEvent } from '../events/event.ts'

/** What can be run again in a history, and what must be with it. */
export interface Rerun {
  /** The nodes that were asked for, and all that stand behind them, in the order of the history's graph. */
  readonly ids: readonly string[]
  /** Of what was asked for: what is no node of the run. */
  readonly unknown: readonly string[]
  /** Of what was asked for: parts of a batch that can only be run again as a whole, by their scatter. */
  readonly parts: readonly { readonly id: string; readonly scatter: string }[]
}

/**
 * The nodes that begin anew when some are to be run again. Behind a node are the targets of its edges, whether they were
 * taken or not, what it created, the workers of its batch, and its fallback, with all of theirs; before a fallback are
 * those it stands in for. What is in a loop is run again with the whole loop. O(V + E + events).
 * @param plan Of the blueprint from here on. What stands behind a node in it counts, and what does in the one `before`.
 */
export function rerunOf(
  plan: Plan,
  before: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  asked: readonly string[],
): Rerun {
  const next = new Map<string, string[]>()
  const scatterOf = new Map<string, string>()
  const link = (from: string, to: string): void => {
    const targets = next.get(from)
    if (targets === undefined) next.set(from, [to])
    else targets.push(to)
  }
  const know = (id: string): void => void (next.has(id) || next.set(id, []))
  const fallbacks: NodeDefinition[] = []
  const take = (node: NodeDefinition): void => {
    know(node.id)
    if (node.config?.fallback !== undefined) fallbacks.push(node)
  }
  const { nodes, edges } = plan.blueprint
  // A turn of a loop is over when each of its nodes has come to rest, also one that does not lead back.
  for (const { head, nodes: members } of plan.loops) {
    const { id } = plan.nodes[head]!
    for (const member of members) {
      link(plan.nodes[member]!.id, id)
      link(id, plan.nodes[member]!.id)
    }
  }
  const turning = new Set(plan.nodes.flatMap(({ id, loops }) => (loops.length > 0 ? [id] : [])))
  for (const node of nodes) take(node)
  for (const node of before.nodes) if (!next.has(node.id)) take(node)
  for (const { source, target } of [...edges, ...before.edges]) link(source, target)
  for (const { kind, id, definition } of plan.nodes) {
    const gather = kind === 'batch-scatter' ? definition.params?.['gatherNodeId'] : undefined
    if (typeof gather === 'string') scatterOf.set(gather, id)
  }
  for (const event of events) {
    if (event.type === 'batch:start') {
      for (const id of event.payload.workerNodeIds) {
        link(event.payload.scatterNodeId, id)
        know(id)
        scatterOf.set(id, event.payload.scatterNodeId)
      }
    } else if (event.type === 'node:finish') {
      const { nodeId, result } = event.payload
      for (const created of result.dynamicNodes ?? []) {
        take(created)
        link(nodeId, created.id)
        if (!turning.has(nodeId)) continue
        // A turn of a loop rests on what was created in it.
        turning.add(created.id)
        link(created.id, nodeId)
      }
      for (const { source, target } of result.dynamicEdges ?? []) link(source, target)
    }
  }
  for (const { id, config } of fallbacks) {
    if (!next.has(config!.fallback!)) continue
    link(id, config!.fallback!)
    link(config!.fallback!, id)
  }
  const batches = new Map(
    plan.nodes.flatMap(({ kind, id, definition }) => (kind === 'batch-scatter' ? [[batchIdOf(definition), id]] : [])),
  )
  const named = asked.map((id) => (next.has(id) ? id : (batches.get(id) ?? id)))
  const reached = new Set<string>()
  const todo = named.filter((id) => next.has(id))
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    todo.push(...next.get(id)!)
  }
  return {
    ids: [...next.keys()].filter((id) => reached.has(id)),
    unknown: named.filter((id) => !next.has(id)),
    parts: named.flatMap((id) => {
      const scatter = scatterOf.get(id)
      return scatter === undefined || reached.has(scatter) ? [] : [{ id, scatter }]
    }),
  }
}
