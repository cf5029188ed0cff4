import type { Plan, PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError, type ErrorCause, type WorkflowError } from '../errors.ts'
import { put } from '../events/own-property.ts'
import type { Outcome, Write } from '../scheduler/outcome.ts'
import type { RunState } from '../state/run-state.ts'
import { isReservedKey, resolveInput } from '../state/select.ts'
import type { Values } from './values.ts'

/** How many runs may be nested in each other, the root included. */
export const deepestSubflow = 100

/**
 * What a child begins with: the mapped keys of its parent's context, else the node's input for its start nodes.
 * @throws CONTEXT_KEY_RESERVED where the node maps something to a key of the engine, be it an input or an output.
 */
export function childBeginning(
  { id, definition }: PlanNode,
  parent: RunState,
  input: unknown,
  values: Values,
): { readonly initialContext: Readonly<Record<string, unknown>>; readonly input?: unknown } {
  const { inputs, outputs } = mappingsOf(definition)
  for (const key of [...Object.keys(inputs ?? {}), ...Object.keys(outputs ?? {})]) requireFree(key, id, parent)
  const take = (value: unknown, key: string): unknown => values.take(value, `${key} of subflow '${id}'`, id)
  if (inputs === undefined) {
    return { initialContext: Object.freeze({}), ...(input !== undefined && { input: take(input, 'the input') }) }
  }
  const initialContext: Record<string, unknown> = {}
  for (const [childKey, parentKey] of Object.entries(inputs)) {
    const value = resolveInput(parent, parentKey)
    if (value !== undefined) put(initialContext, childKey, take(value, `input '${childKey}'`))
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
  if (child.status !== 'completed')
    return { outcome: { error: toError(failureOf(node, child)), isRetryable: true }, writes: [] }
  const { outputs } = mappingsOf(node.definition)
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

interface Mappings {
  readonly inputs?: Readonly<Record<string, string>>
  readonly outputs?: Readonly<Record<string, string>>
}

function mappingsOf({ params = {} }: PlanNode['definition']): Mappings {
  // Checked when the plan was made.
  return params as Mappings
}

function requireFree(key: string, nodeId: string, { executionId, blueprintId }: RunState): void {
  if (!isReservedKey(key)) return
  throw new FlowcraftError(
    `Subflow '${nodeId}' (execution '${String(executionId)}') maps something to key '${key}', which belongs to the engine (as does every key that begins with '_outputs.', '_inputs.', '_executionId', '_awaiting' or '_run'). Choose another name`,
    { code: 'CONTEXT_KEY_RESERVED', nodeId, blueprintId, executionId },
  )
}

/** The output of the one terminal node; of several, an object of those that have one. */
function terminalOutput({ nodes, edges, loops, indexOf }: Plan, child: RunState): unknown {
  const kindOf = (node: number): PlanNode['kind'] => nodes[node]!.kind
  // A loop goes out by its controller, wherever its turns begin.
  const leadsOn = (edge: number): boolean => {
    const { source, definition, backOf } = edges[edge]!
    if (kindOf(source) === 'loop-controller' && definition.action === 'continue') return false
    return backOf === undefined || kindOf(loops[backOf]!.head) === 'loop-controller'
  }
  const isTerminal = ({ id, index, outgoing, primaries, worker }: PlanNode): boolean =>
    indexOf.get(id) === index && worker === undefined && primaries.length === 0 && !outgoing.some(leadsOn)
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
  return new FlowcraftError(`${what} ${why}${first ? `: ${rootMessage(first)}` : ''}`, {
    code: 'SUBFLOW_FAILED',
    nodeId: id,
    isFatal: [...child.errors.values()].some((error) => error.isFatal),
    ...(first && { cause: revive(first) }),
  })
}

/** However deep it happened: that subflows around it failed as well is in the chain of causes. */
function rootMessage(error: ErrorCause | WorkflowError): string {
  return error.code === 'SUBFLOW_FAILED' && error.cause !== undefined ? rootMessage(error.cause) : error.message
}

/** An error of a child as the cause of its parent's. */
function revive({ name, message, stack, code, cause }: ErrorCause | WorkflowError): Error {
  const error = new Error(message, cause && { cause: revive(cause) })
  Object.assign(error, { name, ...(stack !== undefined && { stack }), ...(code !== undefined && { code }) })
  return error
}
