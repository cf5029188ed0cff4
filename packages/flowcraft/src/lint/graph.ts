import { sourcesOf, type Link } from '../blueprint/graph.ts'
import { isRecord, type LintNode, type LintSubject } from './subject.ts'

/** What can be told of a blueprint's graph. Nodes are numbers, in the order of {@link LintSubject.byId}. */
export interface LintGraph {
  readonly nodes: readonly LintNode[]
  /** Between nodes that exist, each once. */
  readonly edges: readonly Link[]
  /** From each node to the other one that is its fallback. */
  readonly standIns: readonly Link[]
  /** Where a run can go on from each node: along its edges, to its fallback, and from scatter to gather. */
  readonly next: readonly (readonly number[])[]
  /** Where a run begins. */
  readonly starts: readonly number[]
}

/** The graph of a subject. O(V + E). */
export function graphOf({ byId, targetsOf, blueprint }: LintSubject): LintGraph {
  const nodes = [...byId.values()]
  const numbers = new Map([...byId.keys()].map((id, number) => [id, number]))
  const numberOf = (id: unknown): number | undefined => (typeof id === 'string' ? numbers.get(id) : undefined)
  const linksTo = (source: number, ids: Iterable<unknown>): Link[] =>
    Array.from(ids, numberOf).flatMap((target) => (target === undefined ? [] : [{ source, target }]))

  const edges = [...byId.keys()].flatMap((id, source) => linksTo(source, targetsOf.get(id) ?? []))
  const standIns = nodes.flatMap(({ id, fallback }, source) => (fallback === id ? [] : linksTo(source, [fallback])))
  const gathers = nodes.flatMap(({ builtIn, params }, source) =>
    builtIn === 'batch-scatter' ? linksTo(source, [params['gatherNodeId']]) : [],
  )
  const next: number[][] = nodes.map(() => [])
  for (const { source, target } of [...edges, ...standIns, ...gathers]) next[source]!.push(target)

  return { nodes, edges, standIns, next, starts: startsOf(blueprint, [...edges, ...standIns], next, numberOf) }
}

/** As the plan has them: nodes that nothing leads to; where there are none, the entry points, else the first of each cycle. */
function startsOf(
  { metadata }: LintSubject['blueprint'],
  links: readonly Link[],
  next: readonly (readonly number[])[],
  numberOf: (id: unknown) => number | undefined,
): readonly number[] {
  const isLedTo = new Set(links.map(({ target }) => target))
  const starts = [...next.keys()].filter((node) => !isLedTo.has(node))
  if (starts.length > 0) return starts
  const points: unknown = isRecord(metadata) ? metadata['cycleEntryPoints'] : undefined
  const entries = Array.isArray(points) ? points.map(numberOf).filter((node) => node !== undefined) : []
  return entries.length > 0 ? entries.sort((a, b) => a - b) : sourcesOf(next.length, next)
}
