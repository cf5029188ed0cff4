import type { EventBatch } from '../../src/history/event-store.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'

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
