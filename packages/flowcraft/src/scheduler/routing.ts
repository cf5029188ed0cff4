import type { Plan, PlanEdge, PlanNode } from '../blueprint/plan.ts'
import type { EdgeReason, Fact } from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'

/** What the shell found out about an edge: whether its condition holds, and what its transform gives when it does. */
export type EdgeFinding =
  | { readonly holds: true; readonly value?: unknown; readonly error?: WorkflowError }
  | { readonly holds: false; readonly error?: WorkflowError }

/** Findings by edge index. */
export type EdgeFindings = ReadonlyMap<number, EdgeFinding>

/** The `edge:evaluate` facts of a node that finished, or first the edges whose expressions the shell must look at. */
export type Routing =
  | { readonly kind: 'evaluate'; readonly edges: readonly number[] }
  | { readonly kind: 'decided'; readonly facts: readonly EdgeFact[] }

/** The fact that decides an edge. */
export type EdgeFact = Extract<Fact, { type: 'edge:evaluate' }>

/**
 * Decides the outgoing edges of a node by its action: edges of that action are candidates; if none of them is taken, or
 * no action was given, those without an action are. Ask again with the findings until it is `decided`.
 */
export function route(plan: Plan, node: PlanNode, action: string | undefined, findings: EdgeFindings): Routing {
  if (!node.isRouted) return { kind: 'decided', facts: node.outgoing.map((edge) => toTaken(plan.edges[edge]!)) }
  const edges = node.outgoing.map((index) => plan.edges[index]!)

  const chosen = action === undefined ? [] : edges.filter((edge) => edge.definition.action === action)
  let missing = missingFindings(chosen, findings)
  if (missing.length > 0) return { kind: 'evaluate', edges: missing }
  const needsDefault = !chosen.some((edge) => findingOf(edge, findings).holds)
  const defaults = edges.filter((edge) => edge.definition.action === undefined)
  missing = needsDefault ? missingFindings(defaults, findings) : []
  if (missing.length > 0) return { kind: 'evaluate', edges: missing }

  const facts = edges.map((edge) => {
    const ofAction = edge.definition.action
    if (ofAction === undefined && !needsDefault) return toFact(edge, refused, 'default-not-needed')
    if (ofAction !== undefined && ofAction !== action) return toFact(edge, refused, 'action-mismatch')
    return toFact(edge, findingOf(edge, findings))
  })
  return { kind: 'decided', facts }
}

/** Whether an action was given that none of a node's edges has, though it has some. */
export function isUnmatchedAction(plan: Plan, node: PlanNode, action: string | undefined): boolean {
  if (action === undefined || node.outgoing.length === 0) return false
  return !node.outgoing.some((index) => plan.edges[index]!.definition.action === action)
}

const taken: EdgeFinding = { holds: true }
const refused: EdgeFinding = { holds: false }

function missingFindings(edges: readonly PlanEdge[], findings: EdgeFindings): number[] {
  return edges.filter((edge) => hasExpression(edge) && !findings.has(edge.index)).map((edge) => edge.index)
}

function findingOf(edge: PlanEdge, findings: EdgeFindings): EdgeFinding {
  return hasExpression(edge) ? (findings.get(edge.index) ?? refused) : taken
}

function hasExpression({ definition }: PlanEdge): boolean {
  return definition.condition !== undefined || definition.transform !== undefined
}

function toTaken({ index, definition: { source, target } }: PlanEdge): EdgeFact {
  return { type: 'edge:evaluate', payload: { edge: index, source, target, result: true } }
}

function toFact({ index, definition }: PlanEdge, finding: EdgeFinding, reason?: EdgeReason): EdgeFact {
  const { source, target, action, condition } = definition
  const why = finding.holds ? undefined : (reason ?? (finding.error ? 'condition-error' : 'condition-false'))
  return {
    type: 'edge:evaluate',
    payload: {
      edge: index,
      source,
      target,
      ...(action !== undefined && { action }),
      ...(condition !== undefined && { condition }),
      result: finding.holds,
      ...(why !== undefined && { reason: why }),
      ...(finding.holds && 'value' in finding && { value: finding.value }),
      ...(finding.error !== undefined && { error: finding.error }),
    },
  }
}
