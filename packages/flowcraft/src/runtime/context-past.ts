import type { Plan } from '../blueprint/plan.ts'
import { FlowcraftError } from '../errors.ts'
import type { Fact } from '../events/event.ts'
import { put } from '../events/own-property.ts'
import { encodeValue } from '../events/value-codec.ts'
import type { WaitFact } from '../scheduler/outcome.ts'
import { isReservedKey } from '../state/select.ts'
import type { Values } from './values.ts'

/** What a context says of the past of its run. */
export interface PastOfContext {
  readonly initialContext: Readonly<Record<string, unknown>>
  readonly facts: readonly Fact[]
}

/**
 * What the context of a parked run says of its past, where nothing else does: nodes with an output are done. Which
 * actions they chose is not known.
 * @throws NOT_AWAITING for a waiting node that the blueprint does not have, and for a subflow.
 */
export function pastOfContext(
  context: Readonly<Record<string, unknown>>,
  { nodes, indexOf }: Plan,
  values: Values,
  executionId: string,
): PastOfContext {
  const taken: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(context)) {
    put(taken, key, values.take(value, `key '${key}' of the context (execution '${executionId}')`))
  }
  const initialContext: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(taken)) {
    const isShortForm = indexOf.has(key) && isSame(taken[`_outputs.${key}`], value)
    if (!isReservedKey(key) && !isShortForm) put(initialContext, key, value)
  }
  const start = (nodeId: string): Fact => {
    return { type: 'node:start', payload: { nodeId, input: taken[`_inputs.${nodeId}`], attempt: 1, iteration: 0 } }
  }
  const facts: Fact[] = []
  for (const { id } of nodes) {
    if (!Object.hasOwn(taken, `_outputs.${id}`)) continue
    const result = Object.freeze({ output: taken[`_outputs.${id}`] })
    facts.push(start(id), {
      type: 'node:finish',
      payload: { nodeId: id, attempt: 1, iteration: 0, result, durationMs: 0 },
    })
  }
  // Looked at by the caller: it is a list.
  for (const id of taken['_awaitingNodeIds'] as readonly unknown[]) {
    const node = typeof id === 'string' ? nodes[indexOf.get(id) ?? -1] : undefined
    if (node === undefined) throw refusal(`Awaiting node '${String(id)}' not found in blueprint.`, executionId)
    if (node.kind === 'subflow') {
      const message = `Cannot resume: Node '${node.id}' waits for a run of its own, of which the context has nothing; resume with the whole 'serializedContext', unchanged`
      throw refusal(message, executionId)
    }
    const wait = waitOf(taken['_awaitingDetails'], node.id)
    facts.push(start(node.id), { type: 'node:wait', payload: { nodeId: node.id, iteration: 0, ...wait } })
  }
  return { initialContext: Object.freeze(initialContext), facts }
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const [left, right] = [encodeValue(a ?? null), encodeValue(b ?? null)]
  return left.json === right.json && left.notes === right.notes
}

/** What `_awaitingDetails` say of a node, as far as it can be told. */
function waitOf(details: unknown, nodeId: string): WaitFact {
  const { reason, wakeUpAt, event } = recordOf(recordOf(details)[nodeId])
  return {
    reason: reason === 'timer' ? 'timer' : 'external_event',
    ...(typeof wakeUpAt === 'number' && { wakeUpAt }),
    ...(typeof event === 'string' && { event }),
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function refusal(message: string, executionId: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'NOT_AWAITING', executionId })
}
