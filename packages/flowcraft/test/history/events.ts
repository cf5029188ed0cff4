import type { EventBatch } from '../../src/history/event-store.ts'
import type { EventPayloads, EventType, FlowcraftEvent } from '../../src/events/event.ts'

/** An event that writes `value` to the context: the plainest of all. */
export function change(executionId: string, seq: number, value: unknown = seq): FlowcraftEvent {
  const payload = { sourceNode: 'a', iteration: 0, attempt: 1, key: 'k', op: 'set', value } as const
  return event(executionId, seq, 'context:change', payload)
}

/** An event of any type; its payload gets the usual ids unless it says otherwise. */
export function event(executionId: string, seq: number, type: string, payload: object): FlowcraftEvent {
  const own = Object.freeze({ executionId, blueprintId: 'flow', ...payload })
  const envelope = { id: `${executionId}:${seq}`, seq, executionId, timestamp: 1_700_000_000_000 + seq, type }
  // Tests also need events of types that this version does not know.
  return Object.freeze({ ...envelope, payload: own }) as FlowcraftEvent
}

/** A whole run: start, `changes` changes, finish. */
export function run(executionId: string, changes = 1): FlowcraftEvent[] {
  const options = { concurrency: 1, maxIterations: 1, strict: false }
  const start = { blueprintHash: 'hash', blueprintVersion: '1.0', initialContext: {}, options }
  const middle = Array.from({ length: changes }, (_, index) => change(executionId, index + 1))
  return [
    event(executionId, 0, 'workflow:start', start),
    ...middle,
    event(executionId, changes + 1, 'workflow:finish', { status: 'completed', durationMs: 1 }),
  ]
}

/** `count` changes from seq `from` on, by `writer`. */
export function batch(executionId: string, from: number, count: number, writer = 'w'): EventBatch {
  const events = Array.from({ length: count }, (_, index) => change(executionId, from + index))
  return { executionId, writer, events, expectedSeq: from }
}

/** Events of these types from seq `from` on, by `writer`. */
export function batchOf(executionId: string, from: number, types: readonly EventType[], writer = 'w'): EventBatch {
  const events = types.map((type, index) => typical(executionId, from + index, type))
  return { executionId, writer, events, expectedSeq: from }
}

/** An event of a type as a run records it. */
function typical(executionId: string, seq: number, type: EventType): FlowcraftEvent {
  return type === 'context:change' ? change(executionId, seq) : event(executionId, seq, type, payloads[type])
}

type Payloads = { [T in EventType]: Omit<EventPayloads[T], 'executionId' | 'blueprintId'> }

const ofNode = { nodeId: 'a', iteration: 0 }
const ofAttempt = { ...ofNode, attempt: 1 }
const error = {
  message: 'm',
  name: 'E',
  nodeId: 'a',
  blueprintId: 'flow',
  executionId: 'a',
  isFatal: false,
  timestamp: '2023-11-14T22:13:20.000Z',
}

const payloads: Omit<Payloads, 'context:change'> = {
  'workflow:start': {
    blueprintHash: 'hash',
    initialContext: {},
    options: { concurrency: 1, maxIterations: 1, strict: false },
  },
  'workflow:pause': { waiting: [{ nodeId: 'a', reason: 'external_event', event: 'approved' }] },
  'workflow:stall': { remainingNodes: 2, waiting: [{ nodeId: 'a', reason: 'timer', wakeUpAt: 1_700_000_005_000 }] },
  'workflow:resume': { reason: 'external', nodeId: 'a', output: new Map([['by', 'hand']]), action: 'yes' },
  'workflow:cancel': { reason: 'enough' },
  'workflow:finish': { status: 'completed', durationMs: 1 },
  'workflow:fork': { from: 'a', seq: 0, set: { k: 1 }, rerun: ['b'] },
  'node:start': { ...ofAttempt, input: [1], childExecutionId: 'a:a#0' },
  'node:finish': { ...ofAttempt, result: { output: new Date(0), action: 'yes' }, durationMs: 1 },
  'node:error': { ...ofAttempt, error },
  'node:retry': { ...ofAttempt, error, delayMs: 10 },
  'node:fallback': { ...ofNode, fallback: 'b', error },
  'node:skipped': { ...ofNode, reason: 'not-chosen', edge: 0 },
  'node:wait': { ...ofNode, reason: 'timer', wakeUpAt: 1_700_000_005_000 },
  'edge:evaluate': { edge: 0, source: 'a', target: 'b', result: true },
  'batch:start': { batchId: 'c', scatterNodeId: 'c_scatter', iteration: 0, workerNodeIds: ['c[0]', 'c[1]'] },
  'batch:finish': { batchId: 'c', gatherNodeId: 'c_gather', iteration: 0, results: [undefined, 2n] },
}

/** The name of every event type. */
export const eventTypes: readonly EventType[] = [...(Object.keys(payloads) as EventType[]), 'context:change']
