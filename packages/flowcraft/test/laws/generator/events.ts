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
const options = fc.record(
  { concurrency: small, maxIterations: small, strict: fc.boolean(), targets: fc.array(nodeId, { maxLength: 2 }) },
  { noNullPrototype: true, requiredKeys: ['concurrency', 'maxIterations', 'strict'] },
)
const parent = fc.record({ executionId: text, nodeId, iteration: small }, { noNullPrototype: true })
const dynamicNode = fc.record({ id: nodeId, uses: text }, { noNullPrototype: true })
const dynamicEdge = fc.record({ source: nodeId, target: nodeId }, { noNullPrototype: true })
const result = fc.record(
  {
    output: value,
    action: text,
    dynamicNodes: fc.array(dynamicNode, { maxLength: 2 }),
    dynamicEdges: fc.array(dynamicEdge, { maxLength: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const waiting = fc.array(
  fc.record(
    { nodeId, reason: fc.constantFrom('timer', 'external_event', 'user_pause'), wakeUpAt: small, event: text },
    { requiredKeys: ['nodeId', 'reason'], noNullPrototype: true },
  ),
  { maxLength: 2 },
)
const stuck = fc.array(fc.record({ nodeId, reason: text }, { noNullPrototype: true }), { maxLength: 2 })
const workerIds = fc.array(fc.constantFrom('a[0]', 'a[1]', 'b'), { maxLength: 3 })

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
    { tags: fc.constant(['tag']), blueprintVersion: text, input: value, parent },
  ),
  'workflow:stall': record<EventPayloads['workflow:stall']>({ ...of, remainingNodes: small, waiting }, { stuck }),
  'workflow:pause': record<EventPayloads['workflow:pause']>({ ...of, waiting }),
  'workflow:resume': record<EventPayloads['workflow:resume']>(
    { ...of, reason: fc.constantFrom('external', 'timer', 'recovery', 'user') },
    { nodeId, output: value, action: text },
  ),
  'workflow:fork': record<EventPayloads['workflow:fork']>(
    { ...of, from: text, seq: small },
    {
      set: fc.dictionary(nodeId, value, { noNullPrototype: true }),
      delete: fc.array(nodeId, { maxLength: 2 }),
      outputs: fc.dictionary(nodeId, value, { noNullPrototype: true }),
      rerun: fc.array(nodeId, { maxLength: 3 }),
      restored: fc.constantFrom({ unset: ['a'] }, { set: { b: 1 }, delete: ['a'] }),
      blueprintHash: text,
      edges: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }),
    },
  ),
  'workflow:cancel': record<EventPayloads['workflow:cancel']>({ ...of, reason: value }),
  'workflow:finish': record<EventPayloads['workflow:finish']>(
    { ...of, status: fc.constantFrom('completed', 'failed', 'cancelled'), durationMs: small },
    { errors: fc.array(fc.oneof(error, ownError), { maxLength: 2 }) },
  ),
  'node:start': record<EventPayloads['node:start']>(
    { ...ofAttempt, input: value },
    { fallbackFor: nodeId, childExecutionId: text },
  ),
  'node:finish': record<EventPayloads['node:finish']>({
    ...ofAttempt,
    durationMs: small,
    result,
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
  'node:wait': record<EventPayloads['node:wait']>(
    { ...of, nodeId, iteration: small, reason: fc.constantFrom('timer', 'external_event') },
    { wakeUpAt: small, event: text },
  ),
  'batch:start': record<EventPayloads['batch:start']>(
    { ...of, batchId: nodeId, scatterNodeId: nodeId, iteration: small, workerNodeIds: workerIds },
    { onError: fc.constantFrom('fail', 'collect') },
  ),
  'batch:finish': record<EventPayloads['batch:finish']>({
    ...of,
    batchId: nodeId,
    gatherNodeId: nodeId,
    iteration: small,
    results: fc.array(value, { maxLength: 2 }),
  }),
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
