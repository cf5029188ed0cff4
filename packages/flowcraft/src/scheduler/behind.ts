import type { NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { Plan } from '../blueprint/plan.ts'
import { batchIdOf } from '../blueprint/validate-built-ins.ts'
import type { FlowcraftEvent } from '../events/event.ts'

/** What can be run again in a history, and what must be with it. */
export interface Rerun {
  /** The nodes that were asked for, and all that stand behind them. */
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
 * @param asked Ids of nodes, or of batches for their scatters.
 */
export function rerunOf(
  plan: Plan,
  before: WorkflowBlueprint,
  events: readonly FlowcraftEvent[],
  asked: readonly string[],
): Rerun {
  const graph = new Followers()
  const scatters = takePlan(graph, plan, before)
  takeHistory(graph, plan, events, scatters.ofPart)
  graph.linkFallbacks()
  const named = asked.map((id) => (graph.has(id) ? id : (scatters.ofBatch.get(id) ?? id)))
  const ids = graph.reachedFrom(named)
  const reached = new Set(ids)
  return {
    ids,
    unknown: named.filter((id) => !graph.has(id)),
    parts: named.flatMap((id) => {
      const scatter = scatters.ofPart.get(id)
      return scatter === undefined || reached.has(scatter) ? [] : [{ id, scatter }]
    }),
  }
}

/** Which nodes stand directly behind which. */
class Followers {
  readonly #next = new Map<string, string[]>()
  readonly #withFallback: NodeDefinition[] = []

  has(id: string): boolean {
    return this.#next.has(id)
  }

  take(node: NodeDefinition): void {
    this.#of(node.id)
    if (node.config?.fallback !== undefined) this.#withFallback.push(node)
  }

  link(from: string, to: string): void {
    this.#of(from).push(to)
  }

  linkBoth(a: string, b: string): void {
    this.link(a, b)
    this.link(b, a)
  }

  /** Once every node is known: what else a fallback names is a registry key. */
  linkFallbacks(): void {
    for (const { id, config } of this.#withFallback) {
      if (this.has(config!.fallback!)) this.linkBoth(id, config!.fallback!)
    }
  }

  /** These and all behind them, as far as they are known, in the order in which they became known. */
  reachedFrom(ids: readonly string[]): string[] {
    const reached = new Set<string>()
    const todo = ids.filter((id) => this.has(id))
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      if (reached.has(id)) continue
      reached.add(id)
      todo.push(...this.#of(id))
    }
    return [...this.#next.keys()].filter((id) => reached.has(id))
  }

  #of(id: string): string[] {
    let next = this.#next.get(id)
    if (next === undefined) this.#next.set(id, (next = []))
    return next
  }
}

interface Scatters {
  /** By the id of a batch. */
  readonly ofBatch: ReadonlyMap<string, string>
  /** By the id of a gather or a worker. */
  readonly ofPart: Map<string, string>
}

function takePlan(graph: Followers, { blueprint, nodes, loops }: Plan, before: WorkflowBlueprint): Scatters {
  for (const node of blueprint.nodes) graph.take(node)
  for (const node of before.nodes) if (!graph.has(node.id)) graph.take(node)
  for (const { source, target } of [...blueprint.edges, ...before.edges]) graph.link(source, target)
  // A turn of a loop is over when each of its nodes has come to rest, also one that does not lead back.
  for (const { head, nodes: members } of loops) {
    for (const member of members) graph.linkBoth(nodes[member]!.id, nodes[head]!.id)
  }
  const scatters = nodes.filter(({ kind }) => kind === 'batch-scatter').map(({ definition }) => definition)
  return {
    ofBatch: new Map(scatters.map((scatter) => [batchIdOf(scatter), scatter.id])),
    // Checked when the plan was made.
    ofPart: new Map(scatters.map(({ id, params }) => [params!['gatherNodeId'] as string, id])),
  }
}

function takeHistory(
  graph: Followers,
  plan: Plan,
  events: readonly FlowcraftEvent[],
  scatterOf: Map<string, string>,
): void {
  const turning = new Set(plan.nodes.flatMap(({ id, loops }) => (loops.length > 0 ? [id] : [])))
  for (const { type, payload } of events) {
    if (type === 'batch:start') {
      for (const id of payload.workerNodeIds) {
        graph.take({ id, uses: '' })
        graph.link(payload.scatterNodeId, id)
        scatterOf.set(id, payload.scatterNodeId)
      }
    } else if (type === 'node:finish') {
      const { nodeId, result } = payload
      for (const created of result.dynamicNodes ?? []) {
        graph.take(created)
        graph.link(nodeId, created.id)
        if (!turning.has(nodeId)) continue
        // A turn of a loop rests on what was created in it.
        turning.add(created.id)
        graph.link(created.id, nodeId)
      }
      for (const { source, target } of result.dynamicEdges ?? []) graph.link(source, target)
    }
  }
}
