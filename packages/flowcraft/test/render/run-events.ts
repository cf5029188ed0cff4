import type { Fact, FlowcraftEvent } from '../../src/events/event.ts'

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

export function started(nodeId: string, { attempt = 1, iteration = 0, fallbackFor = '' } = {}): Fact {
  const replaced = fallbackFor === '' ? {} : { fallbackFor }
  return { type: 'node:start', payload: { nodeId, iteration, attempt, input: undefined, ...replaced } }
}

export function finished(nodeId: string, { attempt = 1, iteration = 0 } = {}): Fact {
  return { type: 'node:finish', payload: { nodeId, iteration, attempt, result: {}, durationMs: 1 } }
}

export function retried(nodeId: string, { attempt = 1, iteration = 0 } = {}): Fact {
  return { type: 'node:retry', payload: { nodeId, iteration, attempt, error: errorOf(nodeId), delayMs: 0 } }
}

export function failed(nodeId: string, { attempt = 1, iteration = 0 } = {}): Fact {
  return { type: 'node:error', payload: { nodeId, iteration, attempt, error: errorOf(nodeId) } }
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

export function ended(status: 'completed' | 'failed' | 'cancelled'): Fact {
  return { type: 'workflow:finish', payload: { status, durationMs: 1 } }
}

function errorOf(nodeId: string) {
  return {
    message: `Node '${nodeId}' execution failed`,
    name: 'Error',
    nodeId,
    blueprintId: 'flow',
    executionId: 'run',
    isFatal: false,
    timestamp: '1970-01-01T00:00:00.000Z',
    cause: { name: 'Error', message: 'no paper' },
  }
}
