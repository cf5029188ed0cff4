import fc from 'fast-check'
import type { EventPayloads, EventType, FlowcraftEvent } from '../../../src/events/event.ts'

/** Well-typed events in any order, most of which no run would ever record like this. */
export const anyEvents: fc.Arbitrary<FlowcraftEvent[]> = fc.array(fc.nat(1e6).chain(toEvent), { maxLength: 30 })

const nodeId = fc.constantFrom('a', 'b', 'c', '__proto__')
const small = fc.nat(2)
const text = fc.constantFrom('x', 'y', '')
const value = fc.constantFrom<unknown>(undefined, 0, 'text', null)
const error = fc.record(
  { message: text, name: text, nodeId, blueprintId: text, executionId: text, isFatal: fc.boolean(), timestamp: text },
  { noNullPrototype: true },
)
const ownError = fc.record(
  { message: text, name: text, blueprintId: text, executionId: text, isFatal: fc.boolean(), timestamp: text },
  { noNullPrototype: true },
)
const of = { executionId: text, blueprintId: text }
const ofAttempt = { ...of, nodeId, iteration: small, attempt: small }
const options = fc.record({ concurrency: small, maxIterations: small, strict: fc.boolean() }, { noNullPrototype: true })

/** A record in which any of the optional fields may be missing. */
function record<T>(
  required: { [K in keyof T]?: fc.Arbitrary<unknown> },
  optional: { [K in keyof T]?: fc.Arbitrary<unknown> } = {},
): fc.Arbitrary<T> {
  const model = { ...required, ...optional } as Record<string, fc.Arbitrary<unknown>>
  // The models below name every field of their payload.
  return fc.record(model, { requiredKeys: Object.keys(required), noNullPrototype: true }) as fc.Arbitrary<T>
}

const payloads: { readonly [T in EventType]: fc.Arbitrary<EventPayloads[T]> } = {
  'workflow:start': record<EventPayloads['workflow:start']>(
    { ...of, blueprintHash: text, initialContext: fc.dictionary(nodeId, value, { noNullPrototype: true }), options },
    { tags: fc.constant(['tag']), blueprintVersion: text },
  ),
  'workflow:cancel': record<EventPayloads['workflow:cancel']>({ ...of, reason: value }),
  'workflow:finish': record<EventPayloads['workflow:finish']>(
    { ...of, status: fc.constantFrom('completed', 'failed', 'cancelled'), durationMs: small },
    { errors: fc.array(fc.oneof(error, ownError), { maxLength: 2 }) },
  ),
  'node:start': record<EventPayloads['node:start']>({ ...ofAttempt, input: value }, { fallbackFor: nodeId }),
  'node:finish': record<EventPayloads['node:finish']>({
    ...ofAttempt,
    durationMs: small,
    result: fc.record({ output: value, action: text }, { requiredKeys: [], noNullPrototype: true }),
  }),
  'node:error': record<EventPayloads['node:error']>({ ...ofAttempt, error }),
  'node:retry': record<EventPayloads['node:retry']>({ ...ofAttempt, error, delayMs: small }),
  'node:fallback': record<EventPayloads['node:fallback']>({ ...of, nodeId, iteration: small, fallback: nodeId, error }),
  'node:skipped': record<EventPayloads['node:skipped']>(
    {
      ...of,
      nodeId,
      iteration: small,
      reason: fc.constantFrom('not-chosen', 'upstream-failed', 'fallback-not-needed'),
    },
    { edge: small },
  ),
  'edge:evaluate': record<EventPayloads['edge:evaluate']>(
    { ...of, edge: small, source: nodeId, target: nodeId, result: fc.boolean() },
    {
      reason: fc.constantFrom('action-mismatch', 'condition-false', 'condition-error', 'default-not-needed'),
      value,
      error,
    },
  ),
  'context:change': record<EventPayloads['context:change']>(
    { ...of, sourceNode: nodeId, iteration: small, attempt: small, key: nodeId, op: fc.constantFrom('set', 'delete') },
    { value },
  ),
}

const types = Object.keys(payloads) as EventType[]

function toEvent(timestamp: number): fc.Arbitrary<FlowcraftEvent> {
  return fc.constantFrom(...types, 'later:version' as EventType).chain((type) => {
    const payload: fc.Arbitrary<unknown> = payloads[type] ?? fc.constant({ ...of })
    return fc.tuple(fc.nat(40), payload).map(([seq, made]) => {
      // The payload was made for this type.
      return { id: `any:${seq}`, seq, executionId: 'any', timestamp, type, payload: made } as FlowcraftEvent
    })
  })
}
