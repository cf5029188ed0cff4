import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { closingLinks } from '../blueprint/graph.ts'
import { kindOf, type Plan } from '../blueprint/plan.ts'
import { batchIdOf, batchOfWorker, findLoneFaults } from '../blueprint/validate-built-ins.ts'
import type { Frontier } from './frontier.ts'

/** What keeps the nodes and edges that a node wants to create from joining the run, each in one sentence. */
export function dynamicFaults(
  frontier: Frontier,
  creator: string,
  nodes: readonly NodeDefinition[],
  edges: readonly EdgeDefinition[],
): string[] {
  const { plan } = frontier
  const created = new Map<string, number>()
  const faults: string[] = []
  for (const node of nodes) {
    const { id } = node
    if (plan.indexOf.has(id) || created.has(id)) faults.push(`node id '${id}' is taken; ids are unique in a run`)
    faults.push(...findWorkerFaults(plan, id), ...findKindFaults(plan, node))
    created.set(id, created.size)
  }
  for (const { source, target } of edges) {
    const edge = `edge '${source}' → '${target}'`
    if (source !== creator && !created.has(source))
      faults.push(`${edge} starts at a node that is neither '${creator}' nor a new one`)
    const to = plan.indexOf.get(target)
    if (created.has(target)) continue
    if (to === undefined) faults.push(`${edge} ends at '${target}', which is no node`)
    else if (frontier.visited[to] || frontier.servedAsFallback[to])
      faults.push(`${edge} ends at '${target}', which has been decided about already`)
  }
  if (faults.length > 0 || !closesCycle(plan, creator, { nodes, edges, created })) return faults
  return [`its edges close a cycle; a node that is created leads on, never back`]
}

/** A node by the id of a worker, be that one of an earlier chunk or of one to come. */
function findWorkerFaults({ nodes }: Plan, id: string): string[] {
  const batchId = batchOfWorker(id)
  if (batchId === undefined) return []
  const isOfBatch = nodes.some(({ kind, definition }) => kind === 'batch-scatter' && batchIdOf(definition) === batchId)
  return isOfBatch ? [`node id '${id}' is that of a worker of batch '${batchId}'; give it another one`] : []
}

function findKindFaults(plan: Plan, node: NodeDefinition): string[] {
  const { id, uses, config } = node
  const faults: string[] = []
  const kind = kindOf(node, plan.overridden)
  if (kind === 'subflow' || kind === 'sleep' || kind === 'wait') faults.push(...findLoneFaults(node, kind))
  else if (kind !== 'code')
    faults.push(`node '${id}' uses '${uses}', which cannot be created while a run is going on; use a subflow`)
  if (config?.fallback !== undefined && plan.indexOf.has(config.fallback)) {
    faults.push(
      `node '${id}' has the fallback '${config.fallback}', a node that the run has already; create one with it`,
    )
  }
  return faults
}

interface Creation {
  readonly nodes: readonly NodeDefinition[]
  readonly edges: readonly EdgeDefinition[]
  /** New nodes by their ids, numbered from 0. */
  readonly created: ReadonlyMap<string, number>
}

/** Among the new nodes, or through nodes that the run has already back to the creator. */
function closesCycle(plan: Plan, creator: string, { nodes, edges, created }: Creation): boolean {
  const ends = [
    ...edges.map(({ source, target }) => [source, target] as const),
    ...nodes.map(({ id, config }) => [id, config?.fallback ?? ''] as const),
  ]
  const links = ends.flatMap(([from, to]) => {
    const [source, target] = [created.get(from), created.get(to)]
    return source === undefined || target === undefined ? [] : [{ source, target }]
  })
  if (closingLinks(created.size, links, created.values()).length > 0) return true
  const { index, worker } = plan.nodes[plan.indexOf.get(creator)!]!
  return leadsTo(
    plan,
    edges.flatMap(({ target }) => (created.has(target) ? [] : plan.indexOf.get(target)!)),
    worker?.scatter ?? index,
  )
}

/** Whether a node comes after others within a turn. Looks at no more of the plan than comes after them. */
function leadsTo({ nodes, edges }: Plan, starts: readonly number[], wanted: number): boolean {
  const seen = new Set(starts)
  // A set that grows while it is walked through is walked to its end.
  for (const node of seen) {
    const { outgoing, fallbackNode } = nodes[node]!
    for (const edge of outgoing) if (edges[edge]!.backOf === undefined) seen.add(edges[edge]!.target)
    if (fallbackNode !== undefined) seen.add(fallbackNode)
  }
  return seen.has(wanted)
}
