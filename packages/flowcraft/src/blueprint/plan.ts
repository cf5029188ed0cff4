import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import { isBuiltInKind, type BuiltInKind } from './built-in.ts'
import { sourcesOf } from './graph.ts'
import { findLoops, type Controller, type PlanLoop } from './loops.ts'
import { findFaults, standInsOf } from './validate.ts'

/** A node as the scheduler sees it. Neighbours are indices into {@link Plan.nodes} and {@link Plan.edges}. */
export interface PlanNode {
  readonly index: number
  readonly id: string
  readonly definition: NodeDefinition
  /** Who runs it: the implementation that `uses` names, or the engine. */
  readonly kind: 'code' | BuiltInKind
  /** Those that lead back to it do not count. */
  readonly incoming: readonly number[]
  readonly outgoing: readonly number[]
  /** Whether any outgoing edge has an action, a condition or a transform. */
  readonly isRouted: boolean
  readonly join: 'all' | 'any'
  /** How many different nodes the incoming edges come from. */
  readonly sourceCount: number
  /** At least 1. */
  readonly maxAttempts: number
  readonly timeoutMs: number | undefined
  /** The node that stands in when this one fails. */
  readonly fallbackNode: number | undefined
  /** The registry key that stands in, when it names no node. */
  readonly fallbackKey: string | undefined
  /** The nodes that this one stands in for. */
  readonly primaries: readonly number[]
  /** The loops that it is in, the outermost first. */
  readonly loops: readonly number[]
  /** For a loop controller that ends its loop's turns and does not begin them: that loop. */
  readonly closes: number | undefined
  /** For a worker of a batch: the scatter that it belongs to, and the place of its item. */
  readonly worker: { readonly scatter: number; readonly item: number } | undefined
}

/** An edge as the scheduler sees it. */
export interface PlanEdge {
  readonly index: number
  readonly source: number
  readonly target: number
  readonly definition: EdgeDefinition
  /** The loop to whose head it leads back. */
  readonly backOf: number | undefined
  /** The outermost of the loops that it leaves. */
  readonly leaves: number | undefined
}

/** A valid blueprint, indexed for the scheduler. Made once for each blueprint object. */
export interface Plan {
  readonly blueprint: WorkflowBlueprint
  /** In blueprint order. */
  readonly nodes: readonly PlanNode[]
  /** In blueprint order. */
  readonly edges: readonly PlanEdge[]
  readonly indexOf: ReadonlyMap<string, number>
  /** Where a run begins, in blueprint order. */
  readonly startNodes: readonly number[]
  /** Inner loops before the loops around them. */
  readonly loops: readonly PlanLoop[]
  /** Whether there are nodes of the engine's own kinds. */
  readonly hasEngineNodes: boolean
  /** Kinds of the engine's own that a registry has an implementation for. */
  readonly overridden: readonly BuiltInKind[]
}

/**
 * The plan of `blueprint`, or every structural fault that keeps it from having one. O(V + E) the first time, then cached.
 * @param overridden Kinds of the engine's own that a registry has an implementation for.
 */
export function planOf(
  blueprint: WorkflowBlueprint,
  overridden: readonly BuiltInKind[] = [],
): Plan | readonly string[] {
  let variants = plans.get(blueprint)
  if (variants === undefined) plans.set(blueprint, (variants = new Map()))
  const key = overridden.join()
  let plan = variants.get(key)
  if (plan === undefined) variants.set(key, (plan = compile(blueprint, overridden)))
  return plan
}

/** Whether `planOf` found a plan and no faults. */
export function isPlan(result: Plan | readonly string[]): result is Plan {
  return 'startNodes' in result
}

const plans = new WeakMap<WorkflowBlueprint, Map<string, Plan | readonly string[]>>()

function compile(blueprint: WorkflowBlueprint, overridden: readonly BuiltInKind[]): Plan | readonly string[] {
  const faults = findFaults(blueprint, overridden)
  if (faults.length > 0) return faults
  const count = blueprint.nodes.length
  const indexOf = new Map<string, number>()
  for (const { id } of blueprint.nodes) indexOf.set(id, indexOf.size)
  const links = blueprint.edges.map((edge) => ({
    source: indexOf.get(edge.source)!,
    target: indexOf.get(edge.target)!,
  }))
  const standIns = standInsOf(blueprint, indexOf)
  const primaries: number[][] = Array.from({ length: count }, () => [])
  for (const { source, target } of standIns) primaries[target]!.push(source)
  const controllers = blueprint.nodes.flatMap((node, index): Controller[] => {
    if (kindOf(node, overridden) !== 'loop-controller') return []
    const continueEdge = blueprint.edges.findIndex((edge) => edge.source === node.id && edge.action === 'continue')
    return [{ node: index, continueEdge }]
  })
  const startNodes = startNodesOf(blueprint, indexOf, links, primaries)
  const { loops, loopsOf, badStandIns } = findLoops({
    nodeCount: count,
    edges: links,
    controllers,
    standIns,
    startNodes,
  })
  if (badStandIns.length > 0) {
    const idOf = (node: number): string => blueprint.nodes[node]!.id
    return badStandIns.map(
      ({ source, target }) =>
        `node '${idOf(source)}' has the fallback '${idOf(target)}', which it waits for itself; a fallback stands where its node stands`,
    )
  }
  const backOf = new Map(loops.flatMap((loop) => loop.backEdges.map((edge) => [edge, loop.index] as const)))
  const leaves = new Map(loops.flatMap((loop) => loop.exits.map((edge) => [edge, loop.index] as const)))
  const incoming: number[][] = Array.from({ length: count }, () => [])
  const outgoing: number[][] = Array.from({ length: count }, () => [])
  const edges = blueprint.edges.map((definition, index): PlanEdge => {
    const { source, target } = links[index]!
    outgoing[source]!.push(index)
    if (!backOf.has(index)) incoming[target]!.push(index)
    return { index, source, target, definition, backOf: backOf.get(index), leaves: leaves.get(index) }
  })
  const closes = new Map(
    controllers.flatMap(({ node, continueEdge }) => {
      const loop = backOf.get(continueEdge)
      return loop === undefined ? [] : [[node, loop] as const]
    }),
  )
  const nodes = blueprint.nodes.map((definition, index) =>
    toPlanNode(definition, {
      index,
      kind: kindOf(definition, overridden),
      incoming: incoming[index]!,
      outgoing: outgoing[index]!,
      edges,
      indexOf,
      primaries: primaries[index]!,
      loops: loopsOf[index]!,
      closes: closes.get(index),
    }),
  )
  const hasEngineNodes = nodes.some(({ kind }) => kind !== 'code')
  return { blueprint, nodes, edges, indexOf, startNodes, loops, hasEngineNodes, overridden }
}

/** Who runs a node: the implementation that `uses` names, or the engine. */
export function kindOf({ uses }: NodeDefinition, overridden: readonly BuiltInKind[]): PlanNode['kind'] {
  return isBuiltInKind(uses) && !overridden.includes(uses) ? uses : 'code'
}

/** What {@link toPlanNode} makes a plan's node of. */
export interface PlanNodeParts extends Pick<
  PlanNode,
  'index' | 'kind' | 'incoming' | 'outgoing' | 'primaries' | 'loops' | 'closes'
> {
  readonly edges: readonly PlanEdge[]
  readonly indexOf: ReadonlyMap<string, number>
}

/** A node of a plan, with what follows from its definition. */
export function toPlanNode(definition: NodeDefinition, parts: PlanNodeParts): PlanNode {
  const { index, kind, incoming, outgoing, edges, indexOf, primaries, loops, closes } = parts
  const { id, config } = definition
  // A scatter's configuration is that of its workers.
  const own = kind === 'code' || kind === 'subflow' ? config : undefined
  const fallbackNode = config?.fallback === undefined ? undefined : indexOf.get(config.fallback)
  return {
    index,
    id,
    definition,
    kind,
    incoming,
    outgoing,
    isRouted: outgoing.some((edge) => isConditional(edges[edge]!.definition)),
    join: kind === 'loop-controller' ? 'any' : (config?.joinStrategy ?? 'all'),
    sourceCount: new Set(incoming.map((edge) => edges[edge]!.definition.source)).size,
    maxAttempts: Math.max(1, own?.maxRetries ?? 1),
    timeoutMs: own?.timeout,
    fallbackNode,
    fallbackKey: fallbackNode === undefined ? config?.fallback : undefined,
    primaries,
    loops,
    closes,
    worker: undefined,
  }
}

/** Nodes that nothing leads to; in a graph that has none, its entry points, else the first node of each cycle. */
function startNodesOf(
  { metadata }: WorkflowBlueprint,
  indexOf: ReadonlyMap<string, number>,
  links: readonly { readonly source: number; readonly target: number }[],
  primaries: readonly (readonly number[])[],
): readonly number[] {
  const next: number[][] = primaries.map(() => [])
  const isTarget = new Set<number>()
  for (const { source, target } of links) {
    next[source]!.push(target)
    isTarget.add(target)
  }
  const starts = [...primaries.keys()].filter((node) => !isTarget.has(node) && primaries[node]!.length === 0)
  if (starts.length > 0) return starts
  const entries = metadata?.cycleEntryPoints ?? []
  if (entries.length > 0) return [...new Set(entries.map((id) => indexOf.get(id)!))].sort((a, b) => a - b)
  for (const [standIn, nodes] of primaries.entries()) for (const node of nodes) next[node]!.push(standIn)
  return sourcesOf(primaries.length, next)
}

function isConditional({ action, condition, transform }: EdgeDefinition): boolean {
  return action !== undefined || condition !== undefined || transform !== undefined
}
