import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { NodeImplementation, NodeRegistry } from '../blueprint/node.ts'
import { isBuiltInKind, overriddenKinds, type BuiltInKind } from '../blueprint/built-in.ts'
import { isPlan, planOf, type Plan, type PlanNode } from '../blueprint/plan.ts'
import { lookUp } from '../blueprint/registry.ts'
import { named, shown } from '../blueprint/shown.ts'
import { findShapeFaults } from '../blueprint/validate.ts'
import { BlueprintError } from '../errors.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'

/** A plan with the code of its nodes. */
export interface PreparedPlan {
  readonly plan: Plan
  implementationOf(node: PlanNode, isRegistryFallback: boolean): NodeImplementation
  /** Whether a `uses` key, or a kind of the engine's own, can be run. */
  hasImplementation(uses: string): boolean
}

/** What a runtime knows besides a blueprint. */
export interface Surroundings {
  /** Of several registries, the last one that has a key wins. */
  readonly registries: readonly NodeRegistry[]
  readonly evaluator: IEvaluator
  /** The blueprint of a subflow. */
  blueprintOf(id: string): WorkflowBlueprint | undefined
}

/**
 * The plan of a blueprint with an implementation for every node.
 * @throws BLUEPRINT_INVALID with every fault, those of its subflows included, before anything of a run has happened.
 */
export function prepare(blueprint: WorkflowBlueprint, surroundings: Surroundings): PreparedPlan {
  const { faults, prepared } = look(blueprint, surroundings)
  if (prepared !== undefined) faults.push(...subflowFaults(prepared.plan, surroundings))
  return required(blueprint, { faults, prepared })
}

/** The same for the blueprint of a subflow, whose own subflows have been looked at with their root. */
export function prepareChild(blueprint: WorkflowBlueprint, surroundings: Surroundings): PreparedPlan {
  return required(blueprint, look(blueprint, surroundings))
}

interface Look {
  readonly faults: string[]
  /** Absent when there are faults. */
  readonly prepared: PreparedPlan | undefined
}

function required(blueprint: WorkflowBlueprint, { faults, prepared }: Look): PreparedPlan {
  if (faults.length > 0 || prepared === undefined) throw new BlueprintError(named(blueprint?.id), faults)
  return prepared
}

function look(blueprint: WorkflowBlueprint, surroundings: Surroundings): Look {
  const { registries } = surroundings
  const misshapen = findShapeFaults(blueprint)
  if (misshapen.length > 0) return { faults: misshapen, prepared: undefined }
  const { plan, overridden } = planFor(blueprint, registries)
  const isBuiltIn = (uses: string): boolean => isBuiltInKind(uses) && !overridden.includes(uses)
  const ids = isPlan(plan) ? plan.indexOf : new Set(blueprint.nodes.map((node) => node.id))
  const find = (key: string): NodeImplementation | undefined => lookUp(registries, key)
  const faults: string[] = isPlan(plan) ? [] : [...plan]
  const implementations: NodeImplementation[] = []
  for (const [index, node] of blueprint.nodes.entries()) {
    const { id, uses, config, params } = node
    // What should be a text and is not has been found already.
    const implementation = !isText(uses) || isBuiltIn(uses) ? undefined : find(uses)
    if (implementation !== undefined) implementations[index] = implementation
    else if (isText(uses) && !isBuiltIn(uses)) faults.push(missing(`node ${shown(id)} uses`, uses))
    const worker = isBuiltIn(uses) && uses === 'batch-scatter' ? params?.['workerUsesKey'] : undefined
    if (isText(worker) && find(worker) === undefined)
      faults.push(missing(`the workers of batch ${shown(id)} use`, worker))
    const key = config?.fallback
    if (isText(key) && !ids.has(key) && find(key) === undefined)
      faults.push(`node ${shown(id)} has the fallback '${key}', which is neither a node nor in a registry`)
  }
  faults.push(...expressionFaults(blueprint, surroundings.evaluator))
  if (faults.length > 0 || !isPlan(plan)) return { faults, prepared: undefined }
  const prepared: PreparedPlan = {
    plan,
    // Both were found above, or when a node was created, for every node that can ask.
    implementationOf: ({ index, fallbackKey, definition }, isRegistryFallback) =>
      isRegistryFallback ? find(fallbackKey!)! : (implementations[index] ?? find(definition.uses)!),
    hasImplementation: (uses) => isBuiltIn(uses) || find(uses) !== undefined,
  }
  return { faults, prepared }
}

/** Registries are asked for the engine's own kinds only where a blueprint may have them. */
function planFor(
  blueprint: WorkflowBlueprint,
  registries: readonly NodeRegistry[],
): { readonly plan: Plan | readonly string[]; readonly overridden: readonly BuiltInKind[] } {
  const plan = planOf(blueprint)
  if (isPlan(plan) && !plan.hasEngineNodes) return { plan, overridden: [] }
  const overridden = overriddenKinds(registries)
  return { plan: overridden.length === 0 ? plan : planOf(blueprint, overridden), overridden }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function missing(who: string, uses: string): string {
  return `${who} '${uses}', for which there is no implementation; register it or pass it in 'functionRegistry'`
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

function checkExpressions({ nodes, edges }: WorkflowBlueprint, evaluator: IEvaluator): string[] {
  const faultOf = (where: string, expression: unknown): string[] => {
    const fault = typeof expression === 'string' ? evaluator.check?.(expression) : undefined
    return fault === undefined ? [] : [`${where} '${String(expression)}': ${fault}`]
  }
  const ofLoops = nodes.flatMap(({ id, uses, params }) =>
    uses === 'loop-controller' ? faultOf(`loop ${shown(id)} has a bad condition`, params?.['condition']) : [],
  )
  const ofEdges = edges.flatMap((edge, index) =>
    (['condition', 'transform'] as const).flatMap((kind) =>
      faultOf(`edge ${index} (${named(edge.source)} → ${named(edge.target)}) has a bad ${kind}`, edge[kind]),
    ),
  )
  return [...ofLoops, ...ofEdges]
}

/** Subflows may contain each other, and themselves: each blueprint is looked at once. */
function subflowFaults(plan: Plan, surroundings: Surroundings): string[] {
  if (!plan.nodes.some(({ kind }) => kind === 'subflow')) return []
  const faults: string[] = []
  const seen = new Set([plan.blueprint.id])
  const todo = [plan]
  for (let current = todo.pop(); current !== undefined; current = todo.pop()) {
    for (const { id, kind, definition } of current.nodes) {
      if (kind !== 'subflow') continue
      // Checked when the plan was made.
      const blueprintId = definition.params!['blueprintId'] as string
      const blueprint = surroundings.blueprintOf(blueprintId)
      if (blueprint === undefined) {
        faults.push(
          `subflow '${id}' runs blueprint '${blueprintId}', which the runtime does not know; give it in 'blueprints' or 'flows'`,
        )
      } else if (!seen.has(blueprintId)) {
        seen.add(blueprintId)
        const child = look(blueprint, surroundings)
        faults.push(...child.faults.map((fault) => `in blueprint '${blueprintId}': ${fault}`))
        if (child.prepared !== undefined) todo.push(child.prepared.plan)
      }
    }
  }
  return faults
}
