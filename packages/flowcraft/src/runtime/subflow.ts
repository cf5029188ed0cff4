import type { Plan, PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError, type ErrorCause, type WorkflowError } from '../errors.ts'
import { put } from '../events/own-property.ts'
import type { Outcome, Write } from '../scheduler/outcome.ts'
import type { RunState } from '../state/run-state.ts'
import { resolveInput } from '../state/select.ts'

/** How many runs may be nested in each other, the root included. */
export const deepestSubflow = 100

/** What a child begins with: the mapped keys of its parent's context, else the node's input for its start nodes. */
export function childBeginning(
  { definition }: PlanNode,
  parent: RunState,
  input: unknown,
): { readonly initialContext: Readonly<Record<string, unknown>>; readonly input?: unknown } {
  // Checked when the plan was made, as are the outputs.
  const inputs = definition.params?.['inputs'] as Readonly<Record<string, string>> | undefined
  if (inputs === undefined) return { initialContext: Object.freeze({}), ...(input !== undefined && { input }) }
  const initialContext: Record<string, unknown> = {}
  for (const [childKey, parentKey] of Object.entries(inputs)) {
    const value = resolveInput(parent, parentKey)
    if (value !== undefined) put(initialContext, childKey, value)
  }
  return { initialContext: Object.freeze(initialContext) }
}

/** What a child that has ended makes of its parent's node. */
export function outcomeOfChild(
  node: PlanNode,
  plan: Plan,
  child: RunState,
  toError: (error: FlowcraftError) => WorkflowError,
): { readonly outcome: Outcome; readonly writes: readonly Write[] } {
  if (child.status !== 'completed') return { outcome: { error: toError(failureOf(node, child)), isRetryable: true }, writes: [] }
  const outputs = node.definition.params?.['outputs'] as Readonly<Record<string, string>> | undefined
  if (outputs === undefined) {
    const output = terminalOutput(plan, child)
    return { outcome: { result: Object.freeze(output === undefined ? {} : { output }) }, writes: [] }
  }
  const output: Record<string, unknown> = {}
  const writes: Write[] = []
  for (const [key, childKey] of Object.entries(outputs)) {
    const value = resolveInput(child, childKey)
    put(output, key, value)
    writes.push({ op: 'set', key, value })
  }
  return { outcome: { result: Object.freeze({ output: Object.freeze(output) }) }, writes }
}

/** The output of the one terminal node; of several, an object of those that have one. */
function terminalOutput({ nodes, edges }: Plan, child: RunState): unknown {
  const isTerminal = ({ outgoing, primaries, worker }: PlanNode): boolean =>
    worker === undefined && primaries.length === 0 && outgoing.every((edge) => edges[edge]!.backOf !== undefined)
  const terminals = nodes.filter(isTerminal).map(({ id }) => id)
  const [only] = terminals
  if (terminals.length === 1) return child.nodes.get(only!)?.output
  const output: Record<string, unknown> = {}
  for (const id of terminals) {
    const node = child.nodes.get(id)
    if (node?.output !== undefined) put(output, id, node.output)
  }
  return Object.freeze(output)
}

function failureOf({ id, definition }: PlanNode, child: RunState): FlowcraftError {
  const [first] = child.errors.values()
  const { executionId = '', status } = child
  const what = `Subflow '${id}' of blueprint '${String(definition.params?.['blueprintId'])}' (execution '${executionId}')`
  const why = status === 'stalled' ? 'cannot go on' : status === 'cancelled' ? 'was cancelled' : 'failed'
  return new FlowcraftError(`${what} ${why}${first ? `: ${first.message}` : ''}`, {
    code: 'SUBFLOW_FAILED',
    nodeId: id,
    isFatal: [...child.errors.values()].some((error) => error.isFatal),
    ...(first && { cause: revive(first) }),
  })
}

/** An error of a child as the cause of its parent's. */
function revive({ name, message, stack, code, cause }: ErrorCause | WorkflowError): Error {
  const error = new Error(message, cause && { cause: revive(cause) })
  Object.assign(error, { name, ...(stack !== undefined && { stack }), ...(code !== undefined && { code }) })
  return error
}
