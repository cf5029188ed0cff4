import type { Plan } from '../blueprint/plan.ts'
import { FlowcraftError } from '../errors.ts'
import type { Fact } from '../events/event.ts'
import { put } from '../events/own-property.ts'
import { isReservedKey } from '../state/select.ts'
import type { Values } from './values.ts'

/** What the context of a parked run says of its past, where nothing else does: nodes with an output are done. */
export function pastOfContext(
  context: Readonly<Record<string, unknown>>,
  plan: Plan,
  values: Values,
  executionId: string,
): { readonly initialContext: Readonly<Record<string, unknown>>; readonly facts: readonly Fact[] } {
  const take = (key: string): unknown => values.take(context[key], `key '${key}' of the context (execution '${executionId}')`)
  const initialContext: Record<string, unknown> = {}
  for (const key of Object.keys(context)) {
    if (!isReservedKey(key) && !(plan.indexOf.has(key) && `_outputs.${key}` in context)) put(initialContext, key, take(key))
  }
  const facts: Fact[] = []
  for (const { id } of plan.nodes) {
    if (!(`_outputs.${id}` in context)) continue
    facts.push({ type: 'node:start', payload: { nodeId: id, input: take(`_inputs.${id}`), attempt: 1, iteration: 0 } })
    const result = Object.freeze({ output: take(`_outputs.${id}`) })
    facts.push({ type: 'node:finish', payload: { nodeId: id, attempt: 1, iteration: 0, result, durationMs: 0 } })
  }
  for (const id of context['_awaitingNodeIds'] as readonly unknown[]) {
    if (typeof id !== 'string' || !plan.indexOf.has(id)) {
      throw new FlowcraftError(`Awaiting node '${String(id)}' not found in blueprint.`, { code: 'NOT_AWAITING', executionId })
    }
    facts.push({ type: 'node:start', payload: { nodeId: id, input: take(`_inputs.${id}`), attempt: 1, iteration: 0 } })
    facts.push({ type: 'node:wait', payload: { nodeId: id, iteration: 0, reason: 'external_event' } })
  }
  return { initialContext: Object.freeze(initialContext), facts }
}
