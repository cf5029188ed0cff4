import type { EventBatch, EventPayloads, EventType, FlowcraftEvent, TerminalStatus, WorkflowError } from 'flowcraft'

/** An event that writes `value` to the context: the plainest of all. */
export function change(executionId: string, seq: number, value: unknown = seq): FlowcraftEvent {
  return event(executionId, seq, 'context:change', usualPayload('context:change', value))
}

/** The `timestamp` of the first event, unless it is said to be another. Epoch milliseconds. */
export const usualTime = 1_700_000_000_000

/** An event of any type, a millisecond behind the one before; its payload gets the usual ids unless it says otherwise. */
export function event(
  executionId: string,
  seq: number,
  type: string,
  payload: object,
  at: number = usualTime,
): FlowcraftEvent {
  const own = Object.freeze({ executionId, blueprintId: 'flow', ...payload })
  const envelope = { id: `${executionId}:${seq}`, seq, executionId, timestamp: at + seq, type }
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

/** How a run began and went on, where it is not as usual. */
export interface RunShape {
  readonly parent?: string
  readonly tags?: readonly string[]
  readonly blueprintId?: string
  readonly blueprintVersion?: string
  readonly blueprintHash?: string
  /** The `timestamp` of its first event. */
  readonly at?: number
  readonly writer?: string
  readonly owner?: string
  /** What came behind its start: a type, or a type with its payload. */
  readonly steps?: readonly (EventType | readonly [EventType, object])[]
}

/** A run from its start on, as one batch. */
export function runOf(executionId: string, shape: RunShape = {}): EventBatch {
  const { parent, tags, blueprintId = 'flow', at, writer = 'w', owner, steps = [] } = shape
  const { blueprintVersion = '1.0', blueprintHash = 'hash' } = shape
  const link = parent === undefined ? {} : { parent: { executionId: parent, nodeId: 'a', iteration: 0 } }
  const own = { blueprintVersion, blueprintHash, ...link, ...(tags !== undefined && { tags }) }
  const events = [
    event(executionId, 0, 'workflow:start', { ...payloads['workflow:start'], ...own, blueprintId }, at),
    ...steps.map((step, index) => {
      const [type, payload] = typeof step === 'string' ? [step, usualPayload(step)] : step
      return event(executionId, index + 1, type, { blueprintId, ...payload }, at)
    }),
  ]
  return { executionId, writer, ...(owner !== undefined && { owner }), events, expectedSeq: 0 }
}

/** The end of a run with this status. */
export function finish(status: TerminalStatus, ...errors: readonly WorkflowError[]): readonly [EventType, object] {
  return ['workflow:finish', { status, durationMs: 1, ...(errors.length > 0 && { errors }) }]
}

/** An event of a type as a run records it. */
export function typical(executionId: string, seq: number, type: EventType): FlowcraftEvent {
  return event(executionId, seq, type, usualPayload(type, seq))
}

function usualPayload(type: EventType, value?: unknown): object {
  if (type !== 'context:change') return payloads[type]
  return { sourceNode: 'a', iteration: 0, attempt: 1, key: 'k', op: 'set', value }
}

type Payloads = { [T in EventType]: Omit<EventPayloads[T], 'executionId' | 'blueprintId'> }

const ofNode = { nodeId: 'a', iteration: 0 }
const ofAttempt = { ...ofNode, attempt: 1 }
/** What a node failed with. */
export const error: WorkflowError = {
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
