import { durationMs } from '../blueprint/duration.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import type { RunState } from '../state/run-state.ts'
import { gatherFacts, scatterFacts } from './batch.ts'
import type { Decision } from './decision.ts'
import type { Frontier } from './frontier.ts'
import { isServed, serve } from './served.ts'
import type { WaitFact } from './outcome.ts'

/** What an open node of the engine's own kinds does next. */
export function engineFacts(frontier: Frontier, state: RunState, node: PlanNode): Decision {
  if (isServed(state, node)) return serve(state, node)
  switch (node.kind) {
    case 'loop-controller':
      return { kind: 'control', node }
    case 'batch-scatter':
      return { kind: 'record', facts: scatterFacts(frontier, state, node) }
    case 'batch-gather':
      return { kind: 'record', facts: gatherFacts(frontier, state, node) }
    default:
      return beginWait(state, node)
  }
}

/** Times follow from that of the node's start, so that they are the same whenever they are asked for. */
function beginWait(state: RunState, { id, kind, definition }: PlanNode): Decision {
  const { iteration = 0, startedAt = 0 } = state.nodes.get(id) ?? {}
  const payload = { nodeId: id, iteration, ...waitOf(kind, definition.params ?? {}, startedAt) }
  return { kind: 'record', facts: [{ type: 'node:wait', payload }] }
}

function waitOf(kind: PlanNode['kind'], params: Readonly<Record<string, unknown>>, startedAt: number): WaitFact {
  if (kind === 'sleep') return { reason: 'timer', wakeUpAt: startedAt + (durationMs(params['duration']) ?? 0) }
  const timeout = params['timeout'] === undefined ? undefined : durationMs(params['timeout'])
  return {
    reason: 'external_event',
    ...(timeout !== undefined && { wakeUpAt: startedAt + timeout }),
    ...(typeof params['event'] === 'string' && { event: params['event'] }),
  }
}
