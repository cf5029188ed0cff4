import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { sourcesOf, type Link } from '../blueprint/graph.ts'
import { findLoops, type Controller } from '../blueprint/loops.ts'

/** What a drawing shows of the loops of a blueprint. */
export interface LoopEdges {
  /** The indices of the edges that begin a next turn. */
  readonly backEdges: ReadonlySet<number>
  /** The node at which each turn begins, by the id of the loop's controller. */
  readonly starts: ReadonlyMap<string, string>
}

/** The loops of a blueprint as the engine sees them; also of one that cannot run, as far as it has any. */
export function loopEdgesOf({ nodes, edges, metadata }: WorkflowBlueprint): LoopEdges {
  const numbers = new Map<string, number>()
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size
    numbers.set(id, number)
    return number
  }
  for (const { id } of nodes) numberOf(id)
  const links = edges.map(({ source, target }) => ({ source: numberOf(source), target: numberOf(target) }))
  const standIns = nodes.flatMap(({ id, config }): Link[] => {
    const target = config?.fallback === undefined ? undefined : numbers.get(config.fallback)
    return target === undefined ? [] : [{ source: numberOf(id), target }]
  })
  const isController = new Set(nodes.flatMap(({ id, uses }) => (uses === 'loop-controller' ? [id] : [])))
  const controllers: Controller[] = []
  const starts = new Map<string, string>()
  for (const [index, { source, target, action }] of edges.entries()) {
    if (action !== 'continue' || !isController.has(source) || starts.has(source)) continue
    controllers.push({ node: numberOf(source), continueEdge: index })
    starts.set(source, target)
  }
  const entries = (metadata?.cycleEntryPoints ?? []).flatMap((id) => numbers.get(id) ?? [])
  const startNodes = startNodesOf(numbers.size, links, standIns, entries)
  const { loops } = findLoops({ nodeCount: numbers.size, edges: links, controllers, standIns, startNodes })
  return { backEdges: new Set(loops.flatMap((loop) => loop.backEdges)), starts }
}

/** Where a run begins. */
function startNodesOf(
  count: number,
  links: readonly Link[],
  standIns: readonly Link[],
  entries: readonly number[],
): readonly number[] {
  const next: number[][] = Array.from({ length: count }, () => [])
  const isReached = new Set<number>()
  for (const { source, target } of [...links, ...standIns]) {
    next[source]?.push(target)
    isReached.add(target)
  }
  const starts = [...next.keys()].filter((node) => !isReached.has(node))
  if (starts.length > 0) return starts
  return entries.length > 0 ? entries : sourcesOf(count, next)
}
