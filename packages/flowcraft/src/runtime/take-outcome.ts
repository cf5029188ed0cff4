import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { named, shown } from '../blueprint/shown.ts'
import { kindOf, type PlanNode } from '../blueprint/plan.ts'
import { findNodeFaults, findShapeFaults } from '../blueprint/validate.ts'
import { FlowcraftError } from '../errors.ts'
import type { Fact, RecordedResult } from '../events/event.ts'
import { describeThrown, toWorkflowError } from '../events/failure.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { Clock } from '../ports.ts'
import { dynamicFaults } from '../scheduler/dynamic-faults.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import { decideOutcome, type EndedAttempt } from '../scheduler/outcome.ts'
import type { PreparedPlan } from './prepare.ts'

/** What has to be known of a run to tell what may join it. */
export interface OutcomeScope extends Pick<PreparedPlan, 'hasImplementation'> {
  readonly executionId: string
  readonly clock: Clock
  readonly evaluator: IEvaluator
  getBlueprint(id: string): WorkflowBlueprint | undefined
}

/**
 * The facts of an attempt that ended. What it creates is looked at once more: another node may have created something
 * since.
 */
export function takeOutcome(ended: EndedAttempt, frontier: Frontier, scope: OutcomeScope): Fact[] {
  const { node, outcome } = ended
  if (!('result' in outcome)) return decideOutcome(ended)
  try {
    requireJoinable(node.id, outcome.result, frontier, scope)
    return decideOutcome(ended)
  } catch (thrown) {
    const where = { nodeId: node.id, blueprintId: frontier.plan.blueprint.id, executionId: scope.executionId }
    const error = toWorkflowError(thrown, { ...where, now: scope.clock.now() })
    return decideOutcome({ ...ended, outcome: { error, isRetryable: true } })
  }
}

/** @throws DYNAMIC_NODES_INVALID for a result with nodes or edges that cannot join the run as it is now. */
export function requireJoinable(
  nodeId: string,
  { dynamicNodes, dynamicEdges }: RecordedResult,
  frontier: Frontier,
  scope: OutcomeScope,
): void {
  if (dynamicNodes === undefined && dynamicEdges === undefined) return
  const { executionId } = scope
  const faults = findCreationFaults(nodeId, dynamicNodes ?? [], dynamicEdges ?? [], frontier, scope)
  if (faults.length === 0) return
  throw new FlowcraftError(
    `Node '${nodeId}' (execution '${executionId}') created what cannot join the run: ${faults.join('; ')}`,
    { nodeId, blueprintId: frontier.plan.blueprint.id, executionId, code: 'DYNAMIC_NODES_INVALID' },
  )
}

/** From user code, anything may come where a type promises something; where nothing records it, also what throws. */
function findCreationFaults(
  creator: string,
  nodes: readonly NodeDefinition[],
  edges: readonly EdgeDefinition[],
  frontier: Frontier,
  scope: OutcomeScope,
): string[] {
  try {
    const misshapen = findMisshapen(nodes, edges)
    if (misshapen.length > 0) return misshapen
    const { overridden } = frontier.plan
    const ids = new Set(nodes.map(({ id }) => id))
    const ofCode = nodes.flatMap((node) => findCodeFaults(node, kindOf(node, overridden), ids, scope))
    return [...dynamicFaults(frontier, creator, nodes, edges), ...ofCode, ...findExpressionFaults(edges, scope)]
  } catch (error) {
    return [`it cannot be read: ${describeThrown(error).message}`]
  }
}

function findMisshapen(nodes: readonly NodeDefinition[], edges: readonly EdgeDefinition[]): string[] {
  const faults = findShapeFaults({ id: '', nodes, edges })
  if (faults.length > 0) return faults
  return [
    ...nodes.flatMap((node) => {
      const id: unknown = node.id
      return typeof id === 'string' && id !== ''
        ? findNodeFaults(node)
        : [`a node has the id ${shown(id)}, and no text`]
    }),
    ...edges.flatMap(({ source, target, action, condition, transform }) => {
      const edge = `edge ${named(source)} → ${named(target)}`
      const optional = Object.entries({ action, condition, transform }).filter(([, value]) => value !== undefined)
      return [...Object.entries({ source, target }), ...optional].flatMap(([name, value]: [string, unknown]) =>
        typeof value === 'string' ? [] : [`${edge} has a ${name} that is ${shown(value)}, and no text`],
      )
    }),
  ]
}

function findCodeFaults(
  { id, uses, config, params }: NodeDefinition,
  kind: PlanNode['kind'],
  ids: ReadonlySet<string>,
  scope: OutcomeScope,
): string[] {
  const faults: string[] = []
  const fallback = config?.fallback
  const child = kind === 'subflow' ? params?.['blueprintId'] : undefined
  if (!scope.hasImplementation(uses)) faults.push(`node '${id}' uses '${uses}', for which there is no implementation`)
  if (fallback !== undefined && !ids.has(fallback) && !scope.hasImplementation(fallback))
    faults.push(`node '${id}' has the fallback '${fallback}', which is neither a new node nor in a registry`)
  if (typeof child === 'string' && scope.getBlueprint(child) === undefined)
    faults.push(`node '${id}' runs blueprint '${child}', which the runtime does not know`)
  return faults
}

function findExpressionFaults(edges: readonly EdgeDefinition[], { evaluator }: OutcomeScope): string[] {
  return edges.flatMap(({ source, target, condition, transform }) =>
    Object.entries({ condition, transform }).flatMap(([name, expression]) => {
      const fault = expression === undefined ? undefined : evaluator.check?.(expression)
      return fault === undefined ? [] : [`edge '${source}' → '${target}' has a bad ${name} '${expression}': ${fault}`]
    }),
  )
}
