import type { EdgeDefinition, NodeDefinition } from '../blueprint/blueprint.ts'
import { findNodeFaults, findShapeFaults } from '../blueprint/validate.ts'
import { FlowcraftError } from '../errors.ts'
import type { Fact } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { Clock } from '../ports.ts'
import { dynamicFaults } from '../scheduler/dynamic-faults.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import { decideOutcome, type EndedAttempt } from '../scheduler/outcome.ts'
import type { PreparedPlan } from './prepare.ts'

/** What {@link takeOutcome} needs to know of a run. */
export interface OutcomeScope extends Pick<PreparedPlan, 'hasImplementation'> {
  readonly executionId: string
  readonly clock: Clock
}

/** The facts of an attempt that ended; what it wants to create must fit into the run as it is now. */
export function takeOutcome(ended: EndedAttempt, frontier: Frontier, scope: OutcomeScope): Fact[] {
  const { node, outcome } = ended
  if (!('result' in outcome)) return decideOutcome(ended)
  const { dynamicNodes, dynamicEdges } = outcome.result
  if (dynamicNodes === undefined && dynamicEdges === undefined) return decideOutcome(ended)
  const faults = shapeFaults(dynamicNodes ?? [], dynamicEdges ?? [])
  if (faults.length === 0) faults.push(...dynamicFaults(frontier, node.id, dynamicNodes ?? [], dynamicEdges ?? []))
  if (faults.length === 0) faults.push(...codeFaults(dynamicNodes ?? [], scope))
  if (faults.length === 0) return decideOutcome(ended)
  const where = { nodeId: node.id, blueprintId: frontier.plan.blueprint.id, executionId: scope.executionId }
  const error = new FlowcraftError(
    `Node '${node.id}' (execution '${scope.executionId}') created what cannot join the run: ${faults.join('; ')}`,
    { ...where, code: 'DYNAMIC_NODES_INVALID' },
  )
  const failed = { error: toWorkflowError(error, { ...where, now: scope.clock.now() }), isRetryable: true }
  return decideOutcome({ ...ended, outcome: failed })
}

/** From user code, anything may come where a type promises something. */
function shapeFaults(nodes: readonly NodeDefinition[], edges: readonly EdgeDefinition[]): string[] {
  const faults = findShapeFaults({ id: '', nodes, edges })
  if (faults.length > 0) return faults
  return [
    ...nodes.flatMap((node) =>
      typeof node.id === 'string' && node.id !== '' ? findNodeFaults(node) : ['a node has no id'],
    ),
    ...edges.flatMap((edge) =>
      Object.entries(edge).flatMap(([name, value]: [string, unknown]) =>
        value === undefined || typeof value === 'string'
          ? []
          : [`edge '${String(edge.source)}' → '${String(edge.target)}' has a ${name} that is no text`],
      ),
    ),
  ]
}

function codeFaults(nodes: readonly NodeDefinition[], { hasImplementation }: OutcomeScope): string[] {
  const ids = new Set(nodes.map(({ id }) => id))
  return nodes.flatMap(({ id, uses, config }) => {
    const fallback = config?.fallback
    return [
      ...(hasImplementation(uses) ? [] : [`node '${id}' uses '${uses}', for which there is no implementation`]),
      ...(fallback === undefined || ids.has(fallback) || hasImplementation(fallback)
        ? []
        : [`node '${id}' has the fallback '${fallback}', which is neither a new node nor in a registry`]),
    ]
  })
}
