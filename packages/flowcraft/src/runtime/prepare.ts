import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import { isPlan, planOf, type Plan, type PlanNode } from '../blueprint/plan.ts'
import { lookUp } from '../blueprint/registry.ts'
import { findShapeFaults } from '../blueprint/validate.ts'
import { BlueprintError } from '../errors.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'

/** A plan with the code of its nodes. */
export interface PreparedPlan {
  readonly plan: Plan
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation
}

/**
 * The plan of a blueprint with an implementation for every node; of several registries, the last one that has a key wins.
 * @throws BLUEPRINT_INVALID with every fault, before anything of a run has happened.
 */
export function prepare(
  blueprint: WorkflowBlueprint,
  registries: readonly NodeRegistry[],
  evaluator: IEvaluator,
): PreparedPlan {
  const misshapen = findShapeFaults(blueprint)
  if (misshapen.length > 0) throw new BlueprintError(String(blueprint?.id), misshapen)
  const plan = planOf(blueprint)
  const ids = isPlan(plan) ? plan.indexOf : new Set(blueprint.nodes.map((node) => node.id))
  const implementations: NodeImplementation[] = []
  const fallbacks = new Map<number, NodeImplementation>()
  const faults: string[] = isPlan(plan) ? [] : [...plan]
  for (const [index, { id, uses, config }] of blueprint.nodes.entries()) {
    const implementation = lookUp(registries, uses)
    if (implementation === undefined) faults.push(missing(id, uses))
    else implementations[index] = implementation
    const key = config?.fallback
    if (key === undefined || ids.has(key)) continue
    const fallback = lookUp(registries, key)
    if (fallback === undefined)
      faults.push(`node '${id}' has the fallback '${key}', which is neither a node nor in a registry`)
    else fallbacks.set(index, fallback)
  }
  faults.push(...expressionFaults(blueprint, evaluator))
  if (faults.length > 0 || !isPlan(plan)) throw new BlueprintError(blueprint.id, faults)
  return {
    plan,
    implementationOf: ({ index }, isRegistryFallback) =>
      // Both were found above for every node that can ask.
      (isRegistryFallback ? fallbacks.get(index) : implementations[index])!,
  }
}

function missing(id: string, uses: string): string {
  return `node '${id}' uses '${uses}', for which there is no implementation; register it or pass it in 'functionRegistry'`
}

const checked = new WeakMap<IEvaluator, WeakMap<WorkflowBlueprint, readonly string[]>>()

function expressionFaults(blueprint: WorkflowBlueprint, evaluator: IEvaluator): readonly string[] {
  if (evaluator.check === undefined) return []
  let known = checked.get(evaluator)
  if (known === undefined) checked.set(evaluator, (known = new WeakMap()))
  let faults = known.get(blueprint)
  if (faults === undefined) known.set(blueprint, (faults = checkExpressions(blueprint, evaluator)))
  return faults
}

function checkExpressions({ edges }: WorkflowBlueprint, evaluator: IEvaluator): string[] {
  return edges.flatMap((edge, index) =>
    (['condition', 'transform'] as const).flatMap((kind) => {
      const expression = edge[kind]
      const fault = expression === undefined ? undefined : evaluator.check?.(expression)
      return fault === undefined
        ? []
        : [`edge ${index} (${edge.source} → ${edge.target}) has a bad ${kind} '${expression}': ${fault}`]
    }),
  )
}
