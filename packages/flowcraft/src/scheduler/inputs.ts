import type { PlanEdge, PlanNode } from '../blueprint/plan.ts'
import type { WorkflowError } from '../errors.ts'
import { put } from '../events/own-property.ts'
import type { RunState } from '../state/run-state.ts'
import { resolveInput } from '../state/select.ts'
import { resolution, type Frontier, type NewStart } from './frontier.ts'

/** The input of an iteration that begins, made of recorded values; or what its transform threw, which keeps it from that. */
export type NodeInput = { readonly input: unknown } | { readonly error: WorkflowError }

/** What a node starts with. */
export function inputOf(frontier: Frontier, state: RunState, node: PlanNode, start: NewStart): NodeInput {
  const { plan } = frontier
  switch (start.kind) {
    case 'fallback':
      return { input: state.nodes.get(plan.nodes[start.primary]!.id)?.input }
    case 'unfed':
      return { input: carriedBy(frontier, state, node) }
    case 'created':
      return delivered(state, node, none, false, frontier.given?.get(node.index))
    case 'turn':
      return delivered(state, node, [plan.edges[start.edge]!], false)
    case 'visit':
      break
  }
  if (node.worker !== undefined) {
    const items = state.nodes.get(plan.nodes[node.worker.scatter]!.id)?.input
    return { input: Array.isArray(items) ? (items as unknown[])[node.worker.item] : undefined }
  }
  const isObject = node.join === 'all' && node.sourceCount >= 2
  if (node.incoming.length === 0) return delivered(state, node, none, false, state.input)
  return delivered(state, node, deliveriesTo(frontier, node), isObject)
}

const none: readonly PlanEdge[] = []

/** What edges deliver, unless the node says where its input comes from. */
function delivered(
  state: RunState,
  node: PlanNode,
  edges: readonly PlanEdge[],
  isObject: boolean,
  otherwise?: unknown,
): NodeInput {
  for (const edge of edges) {
    const error = state.edges.get(edge.index)?.fault
    if (error !== undefined) return { error }
  }
  const { inputs } = node.definition
  if (typeof inputs === 'object') return { input: mapped(state, inputs) }
  if (inputs !== undefined && !edges.some((edge) => edge.definition.transform !== undefined)) {
    return { input: resolveInput(state, inputs) }
  }
  if (!isObject) return { input: edges[0] ? state.edges.get(edges[0].index)?.value : otherwise }
  const input: Record<string, unknown> = {}
  for (const edge of edges) put(input, edge.definition.source, state.edges.get(edge.index)?.value)
  return { input: Object.freeze(input) }
}

function mapped(state: RunState, inputs: Readonly<Record<string, string>>): unknown {
  const input: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(inputs)) put(input, name, resolveInput(state, key))
  return Object.freeze(input)
}

/** What a loop controller goes on with when nothing came: its own last output, else what the turn began with. */
function carriedBy(frontier: Frontier, state: RunState, node: PlanNode): unknown {
  if (frontier.hasFinished[node.index]) return state.nodes.get(node.id)?.output
  const { plan } = frontier
  const head = node.closes === undefined ? node : plan.nodes[plan.loops[node.closes]!.head]!
  return state.nodes.get(head.id)?.input
}

/** The edges whose value counts: the last taken one of each source; at an `any` join only that of the first source. */
function deliveriesTo(frontier: Frontier, node: PlanNode): readonly PlanEdge[] {
  const { plan, resolutions } = frontier
  if (node.incoming.length === 1) {
    const [only] = node.incoming
    return resolutions[only!] === resolution.taken ? [plan.edges[only!]!] : none
  }
  // By id: a place in the plan may have been that of several nodes.
  const lastOf = new Map<string, PlanEdge>()
  for (const index of node.incoming) {
    const edge = plan.edges[index]!
    if (resolutions[index] === resolution.taken) lastOf.set(edge.definition.source, edge)
  }
  if (node.join === 'all') return [...lastOf.values()]
  const first = frontier.firstTaken[node.index]
  const delivery = first === undefined ? undefined : lastOf.get(plan.edges[first]!.definition.source)
  return delivery === undefined ? [] : [delivery]
}
