import type { WorkflowError } from '../../src/errors.ts'
import type { EventPayloads, Fact, FlowcraftEvent, StuckNode, Waiting } from '../../src/events/event.ts'

/** The events of a run of which `facts` are recorded after its start, one millisecond apart. */
export function runOf(...facts: readonly Fact[]): readonly FlowcraftEvent[] {
  const start: Fact = {
    type: 'workflow:start',
    payload: {
      blueprintHash: 'hash',
      initialContext: {},
      options: { concurrency: 64, maxIterations: 1_000_000, strict: false },
    },
  }
  return [start, ...facts].map(({ type, payload }, seq) => {
    const inRun = { executionId: 'run', blueprintId: 'flow', ...payload }
    // A fact and the ids of its run make an event of the fact's type.
    return { id: `run:${seq}`, seq, executionId: 'run', timestamp: seq, type, payload: inRun } as FlowcraftEvent
  })
}

/** `events` at the times that are given, in milliseconds; those after the last one happen with it. */
export function timed(events: readonly FlowcraftEvent[], ...times: readonly number[]): readonly FlowcraftEvent[] {
  return events.map((event, index) => ({ ...event, timestamp: times[index] ?? times.at(-1) ?? 0 }))
}

/** `events` as those of another run. */
export function ofRun(executionId: string, events: readonly FlowcraftEvent[]): readonly FlowcraftEvent[] {
  return events.map((event) => {
    const payload = { ...event.payload, executionId, blueprintId: `flow of ${executionId}` }
    // The ids of a run in an event make no other event of it.
    return { ...event, id: `${executionId}:${event.seq}`, executionId, payload } as FlowcraftEvent
  })
}

type Start = Partial<Omit<EventPayloads['node:start'], 'nodeId'>>

export function started(nodeId: string, { iteration = 0, attempt = 1, input, ...rest }: Start = {}): Fact {
  return { type: 'node:start', payload: { nodeId, iteration, attempt, input, ...rest } }
}

type Finish = Partial<Omit<EventPayloads['node:finish'], 'nodeId'>>

export function finished(nodeId: string, { iteration = 0, attempt = 1, result = {} }: Finish = {}): Fact {
  return { type: 'node:finish', payload: { nodeId, iteration, attempt, result, durationMs: 1 } }
}

type Wait = Partial<Omit<EventPayloads['node:wait'], 'nodeId'>>

export function waited(nodeId: string, { iteration = 0, reason = 'timer', ...rest }: Wait = {}): Fact {
  return { type: 'node:wait', payload: { nodeId, iteration, reason, ...rest } }
}

export function retried(nodeId: string, { attempt = 1, iteration = 0, delayMs = 0 } = {}): Fact {
  return { type: 'node:retry', payload: { nodeId, iteration, attempt, error: errorOf(nodeId), delayMs } }
}

export function failed(nodeId: string, { attempt = 1, iteration = 0, error = errorOf(nodeId) } = {}): Fact {
  return { type: 'node:error', payload: { nodeId, iteration, attempt, error } }
}

export function replaced(nodeId: string, fallback: string): Fact {
  return { type: 'node:fallback', payload: { nodeId, iteration: 0, fallback, error: errorOf(nodeId) } }
}

export function skipped(nodeId: string, reason: 'not-chosen' | 'upstream-failed' | 'fallback-not-needed'): Fact {
  return { type: 'node:skipped', payload: { nodeId, iteration: 0, reason } }
}

export function decided(edge: number, result: boolean): Fact {
  return { type: 'edge:evaluate', payload: { edge, source: '', target: '', result } }
}

/** A chunk of workers, whose indices begin at `from`. */
export function dealt(
  batchId: string,
  count: number,
  { from = 0, iteration = 0, onError = 'fail' as 'fail' | 'collect' } = {},
): Fact {
  const workerNodeIds = Array.from({ length: count }, (_, index) => `${batchId}[${from + index}]`)
  return {
    type: 'batch:start',
    payload: { batchId, scatterNodeId: `${batchId}_scatter`, iteration, workerNodeIds, onError },
  }
}

/** Parked until something comes from outside. */
export function paused(...waiting: readonly Waiting[]): Fact {
  return { type: 'workflow:pause', payload: { waiting } }
}

/** Parked until a timer is due or, with something that is `stuck`, for good. */
export function stalled(waiting: readonly Waiting[], ...stuck: readonly StuckNode[]): Fact {
  return { type: 'workflow:stall', payload: { remainingNodes: 1, waiting, ...(stuck.length > 0 && { stuck }) } }
}

export function ended(status: 'completed' | 'failed' | 'cancelled'): Fact {
  return { type: 'workflow:finish', payload: { status, durationMs: 1 } }
}

type Fork = Partial<Omit<EventPayloads['workflow:fork'], 'from' | 'seq'>>

/** From here on, the run is another one than `from`, with which it has all events up to `seq` in common. */
export function forked(from: string, seq: number, rest: Fork = {}): Fact {
  return { type: 'workflow:fork', payload: { from, seq, ...rest } }
}

/** What is recorded of a plain error that a node threw. */
export function errorOf(nodeId: string): WorkflowError {
  return {
    message: `Node '${nodeId}' execution failed`,
    name: 'FlowcraftError',
    code: 'NODE_FAILED',
    nodeId,
    blueprintId: 'flow',
    executionId: 'run',
    isFatal: false,
    timestamp: '1970-01-01T00:00:00.000Z',
    cause: { name: 'Error', message: 'no paper' },
  }
}
