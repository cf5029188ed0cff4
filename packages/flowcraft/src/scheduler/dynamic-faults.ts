import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { closingLinks, reach } from '../blueprint/graph.ts'
import { kindOf } from '../blueprint/plan.ts'
import type { Frontier } from './frontier.ts'

/** What keeps the nodes and edges that a node wants to create from joining the run, each in one sentence. */
export function dynamicFaults(
  frontier: Frontier,
  creator: string,
  nodes: readonly NodeDefinition[],
  edges: readonly EdgeDefinition[],
): string[] {
  const { plan } = frontier
  const faults: string[] = []
  const created = new Map<string, number>()
  for (const { id, uses, config } of nodes) {
    const kind = kindOf({ id, uses }, plan.overridden)
    if (plan.indexOf.has(id) || created.has(id)) faults.push(`node id '${id}' is taken; ids are unique in a run`)
    if (kind === 'loop-controller' || kind === 'batch-scatter' || kind === 'batch-gather') {
      faults.push(`node '${id}' uses '${uses}', which cannot be created while a run is going on; use a subflow`)
    }
    if (config?.fallback !== undefined && plan.indexOf.has(config.fallback)) {
      faults.push(`node '${id}' has the fallback '${config.fallback}', a node that the run has already; create one with it`)
    }
    created.set(id, plan.nodes.length + created.size)
  }
  const place = (id: string): number | undefined => created.get(id) ?? plan.indexOf.get(id)
  const links: { readonly source: number; readonly target: number }[] = []
  for (const { source, target } of edges) {
    const edge = `edge '${source}' → '${target}'`
    if (source !== creator && !created.has(source))
      faults.push(`${edge} starts at a node that is neither '${creator}' nor a new one`)
    const [from, to] = [place(source), place(target)]
    if (to === undefined) faults.push(`${edge} ends at '${target}', which is no node`)
    else if (!created.has(target) && frontier.visited[to])
      faults.push(`${edge} ends at '${target}', which has been decided about already`)
    if (from !== undefined && to !== undefined) links.push({ source: from, target: to })
  }
  return faults.length > 0 ? faults : cycleFaults(frontier, plan.indexOf.get(creator)!, nodes, created, links)
}

function cycleFaults(
  { plan }: Frontier,
  creator: number,
  nodes: readonly NodeDefinition[],
  created: ReadonlyMap<string, number>,
  links: readonly { readonly source: number; readonly target: number }[],
): string[] {
  const count = plan.nodes.length + created.size
  const standIns = nodes.flatMap(({ id, config }) => {
    const target = config?.fallback === undefined ? undefined : created.get(config.fallback)
    return target === undefined ? [] : [{ source: created.get(id)!, target }]
  })
  const isClosed = closingLinks(count, [...links, ...standIns], [creator, ...created.values()]).length > 0
  const ends = links.map(({ target }) => target).filter((target) => target < plan.nodes.length)
  const next = plan.nodes.map(({ outgoing }) =>
    outgoing.flatMap((edge) => (plan.edges[edge]!.backOf === undefined ? [plan.edges[edge]!.target] : [])),
  )
  if (!isClosed && !reach(ends, next).has(creator)) return []
  return [`its edges close a cycle; a node that is created leads on, never back`]
}
