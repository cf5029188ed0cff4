import { isReservedKey } from '../blueprint/reserved-key.ts'
import { put } from '../events/own-property.ts'
import type { NodeState, RunState } from './run-state.ts'

export { isReservedKey }

/** The value of a context key, the engine's own and nodes' short names included; `undefined` where there is nothing. */
export function contextValue(state: RunState, key: string): unknown {
  const entry = state.context.get(key)
  if (entry !== undefined) return entry.deleted ? undefined : entry.value
  if (key.startsWith('_')) {
    if (key.startsWith('_outputs.')) return nodeNamed(state, key.slice('_outputs.'.length))?.output
    if (key.startsWith('_inputs.')) return nodeNamed(state, key.slice('_inputs.'.length))?.input
    if (key === '_executionId') return state.executionId
    if (key.startsWith('_awaiting') && state.status === 'awaiting') {
      if (key === '_awaitingNodeIds') return awaitingIds(state)
      if (key === '_awaitingDetails') return awaitingDetails(state)
    }
  }
  return nodeNamed(state, key)?.output
}

/** A node by its id; workers of a batch have no names of their own in the context. */
function nodeNamed(state: RunState, id: string): NodeState | undefined {
  const node = state.nodes.get(id)
  return node?.batchId === undefined ? node : undefined
}

/** How many attempts of a node were cut off by crashes before its attempt number `attempt`: the one without an outcome was. */
export function crashesBefore({ status, attempts, retryAt, crashes }: NodeState, attempt: number): number {
  const isCutOff = status === 'running' && retryAt === undefined && attempt > attempts
  return isCutOff ? crashes + 1 : crashes
}

function awaitingIds({ waiting }: RunState): string[] {
  return waiting.filter(({ reason }) => reason !== 'user_pause').map(({ nodeId }) => nodeId)
}

function awaitingDetails({ waiting }: RunState): Record<string, unknown> {
  const details: Record<string, unknown> = {}
  for (const { nodeId, ...detail } of waiting) if (detail.reason !== 'user_pause') put(details, nodeId, detail)
  return details
}

/** Whether {@link contextValue} has something to give; a value that was set to `undefined` counts. */
export function hasContextKey(state: RunState, key: string): boolean {
  const entry = state.context.get(key)
  return entry === undefined ? contextValue(state, key) !== undefined : !entry.deleted
}

/** Every key of the context with its recorded value, each passed through `give`. Linear in the keys. */
export function contextOf(state: RunState, give: (value: unknown) => unknown): Record<string, unknown> {
  const context: Record<string, unknown> = {}
  for (const [key, entry] of state.context) if (!entry.deleted) put(context, key, give(entry.value))
  for (const [id, { output, input, batchId }] of state.nodes) {
    if (batchId !== undefined) continue
    if (input !== undefined) context[`_inputs.${id}`] = give(input)
    if (output === undefined) continue
    context[`_outputs.${id}`] = give(output)
    if (!state.context.has(id) && !isReservedKey(id)) put(context, id, give(output))
  }
  if (state.executionId !== undefined) context['_executionId'] = state.executionId
  if (state.status === 'awaiting') {
    context['_awaitingNodeIds'] = awaitingIds(state)
    context['_awaitingDetails'] = awaitingDetails(state)
  }
  return context
}

/**
 * What a key of a node's `inputs` stands for: with a leading `_` that context key; else the first that exists of the
 * output of the node of that id, the context key, and both again for the part before the first dot with the rest as path.
 */
export function resolveInput(state: RunState, key: string): unknown {
  if (key.startsWith('_')) return contextValue(state, key)
  const output = nodeNamed(state, key)?.output
  if (output !== undefined) return output
  if (hasContextKey(state, key)) return contextValue(state, key)
  const dot = key.indexOf('.')
  if (dot < 0) return undefined
  const root = key.slice(0, dot)
  const path = key.slice(dot + 1).split('.')
  const found = at(nodeNamed(state, root)?.output, path)
  return found === undefined ? at(contextValue(state, root), path) : found
}

function at(value: unknown, path: readonly string[]): unknown {
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
