import { put } from '../events/own-property.ts'
import type { WorkflowError } from '../errors.ts'
import type { Plan, PlanEdge, PlanNode } from '../blueprint/plan.ts'
import { resolveInput } from '../state/select.ts'
import type { RunState } from '../state/run-state.ts'
import type { Frontier } from './frontier.ts'

/** The input of a node that starts by its edges, made of recorded values; or the transform that keeps it from starting. */
export type NodeInput = { readonly input: unknown } | { readonly edge: PlanEdge; readonly error: WorkflowError }

/** What a node starts with. */
export function inputOf(plan: Plan, frontier: Frontier, state: RunState, node: PlanNode): NodeInput {
  const deliveries = deliveriesTo(plan, frontier, state, node)
  for (const edge of deliveries) {
    const error = state.edges.get(edge.index)?.error
    if (error !== undefined) return { edge, error }
  }
  const { inputs } = node.definition
  if (typeof inputs === 'object') {
    const input: Record<string, unknown> = {}
    for (const [name, key] of Object.entries(inputs)) put(input, name, resolveInput(state, key))
    return { input: Object.freeze(input) }
  }
  if (inputs !== undefined && !deliveries.some((edge) => edge.definition.transform !== undefined)) {
    return { input: resolveInput(state, inputs) }
  }
  if (node.join === 'any' || node.sourceCount < 2) {
    return { input: deliveries[0] && state.edges.get(deliveries[0].index)?.value }
  }
  const input: Record<string, unknown> = {}
  for (const edge of deliveries) put(input, edge.definition.source, state.edges.get(edge.index)?.value)
  return { input: Object.freeze(input) }
}

const none: readonly PlanEdge[] = []

/** The edges whose value counts: the last taken one of each source; at an `any` join only that of the first source. */
function deliveriesTo(plan: Plan, frontier: Frontier, state: RunState, node: PlanNode): readonly PlanEdge[] {
  if (node.incoming.length === 1) {
    const [only] = node.incoming
    return state.edges.get(only!)?.taken ? [plan.edges[only!]!] : none
  }
  const lastOf = new Map<number, PlanEdge>()
  for (const index of node.incoming) {
    const edge = plan.edges[index]!
    if (state.edges.get(index)?.taken) lastOf.set(edge.source, edge)
  }
  if (node.join === 'all') return [...lastOf.values()]
  const first = frontier.firstTaken[node.index]
  const delivery = first === undefined ? undefined : lastOf.get(plan.edges[first]!.source)
  return delivery === undefined ? [] : [delivery]
}
