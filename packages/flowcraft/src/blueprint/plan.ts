import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from './blueprint.ts'
import { findFaults } from './validate.ts'

/** A node as the scheduler sees it. Neighbours are indices into {@link Plan.nodes} and {@link Plan.edges}. */
export interface PlanNode {
  readonly index: number
  readonly id: string
  readonly definition: NodeDefinition
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
}

/** An edge as the scheduler sees it. */
export interface PlanEdge {
  readonly index: number
  readonly source: number
  readonly target: number
  readonly definition: EdgeDefinition
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
}

/** The plan of `blueprint`, or every structural fault that keeps it from having one. O(V + E) the first time, then cached. */
export function planOf(blueprint: WorkflowBlueprint): Plan | readonly string[] {
  let plan = plans.get(blueprint)
  if (plan === undefined) {
    const faults = findFaults(blueprint)
    plan = faults.length > 0 ? faults : compile(blueprint)
    plans.set(blueprint, plan)
  }
  return plan
}

/** Whether `planOf` found a plan and no faults. */
export function isPlan(result: Plan | readonly string[]): result is Plan {
  return 'startNodes' in result
}

const plans = new WeakMap<WorkflowBlueprint, Plan | readonly string[]>()

function compile(blueprint: WorkflowBlueprint): Plan {
  const indexOf = new Map<string, number>()
  for (const { id } of blueprint.nodes) indexOf.set(id, indexOf.size)

  const incoming: number[][] = blueprint.nodes.map(() => [])
  const outgoing: number[][] = blueprint.nodes.map(() => [])
  const primaries: number[][] = blueprint.nodes.map(() => [])
  const edges = blueprint.edges.map((definition, index): PlanEdge => {
    const source = indexOf.get(definition.source)!
    const target = indexOf.get(definition.target)!
    outgoing[source]!.push(index)
    incoming[target]!.push(index)
    return { index, source, target, definition }
  })
  blueprint.nodes.forEach(({ config }, index) => {
    const standIn = config?.fallback === undefined ? undefined : indexOf.get(config.fallback)
    if (standIn !== undefined) primaries[standIn]!.push(index)
  })

  const nodes = blueprint.nodes.map((definition, index): PlanNode => {
    const { id, config } = definition
    const fallbackNode = config?.fallback === undefined ? undefined : indexOf.get(config.fallback)
    return {
      index,
      id,
      definition,
      incoming: incoming[index]!,
      outgoing: outgoing[index]!,
      isRouted: outgoing[index]!.some((edge) => isConditional(edges[edge]!.definition)),
      join: config?.joinStrategy ?? 'all',
      sourceCount: new Set(incoming[index]!.map((edge) => edges[edge]!.source)).size,
      maxAttempts: Math.max(1, config?.maxRetries ?? 1),
      timeoutMs: config?.timeout,
      fallbackNode,
      fallbackKey: fallbackNode === undefined ? config?.fallback : undefined,
      primaries: primaries[index]!,
    }
  })
  const startNodes = nodes.filter((node) => node.incoming.length === 0 && node.primaries.length === 0)
  return { blueprint, nodes, edges, indexOf, startNodes: startNodes.map((node) => node.index) }
}

function isConditional({ action, condition, transform }: EdgeDefinition): boolean {
  return action !== undefined || condition !== undefined || transform !== undefined
}
