import type { PlanNode } from '../blueprint/plan.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Frontier } from '../scheduler/frontier.ts'
import { isUnmatchedAction, route, type EdgeFact, type EdgeFinding } from '../scheduler/routing.ts'
import type { RunState } from '../state/run-state.ts'
import { evaluateEdge, type EvaluationOptions } from './evaluate.ts'

/** Where a run stands. */
interface Standing {
  readonly state: RunState
  readonly frontier: Frontier
}

/** The facts that decide the edges of a node that finished, with what their expressions give. */
export function routeNode(
  node: PlanNode,
  { state, frontier }: Standing,
  options: EvaluationOptions & { readonly logger: ILogger },
): readonly EdgeFact[] {
  const { executionId, logger } = options
  const { plan } = frontier
  const action = state.nodes.get(node.id)?.action
  const findings = node.isRouted ? new Map<number, EdgeFinding>() : noFindings
  let routing = route(plan, node, action, findings)
  while (routing.kind === 'evaluate') {
    for (const edge of routing.edges) {
      const finding = evaluateEdge(plan.edges[edge]!, state, options)
      if (finding.error !== undefined) logger.warn(finding.error.message, { error: finding.error })
      findings.set(edge, finding)
    }
    routing = route(plan, node, action, findings)
  }
  if (node.kind !== 'loop-controller' && isUnmatchedAction(plan, node, action)) {
    logger.warn(
      `Node '${node.id}' finished with action '${action}', which none of its edges has; edges without an action are taken`,
      { nodeId: node.id, blueprintId: plan.blueprint.id, executionId },
    )
  }
  // A log that was cut inside this step has some of the decisions already.
  const isCut = frontier.undecided[node.index] !== node.outgoing.length
  return isCut ? routing.facts.filter(({ payload }) => !frontier.decided[payload.edge]) : routing.facts
}

const noFindings = new Map<number, EdgeFinding>()
