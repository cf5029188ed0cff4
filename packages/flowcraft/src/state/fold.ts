import type { EventOf, EventPayloads, FlowcraftEvent } from '../events/event.ts'
import { draftOf, initialState, nodeOf, type RunDraft } from './draft.ts'
import { startWorkers } from './fold-batches.ts'
import { forkRun, takeBlueprint } from './fold-forks.ts'
import {
  awaitFallback,
  failNode,
  finishNode,
  retryNode,
  skipNode,
  startNode,
  waitNode,
  wakeNode,
} from './fold-nodes.ts'
import { holdWrite } from './fold-writes.ts'
import type { RunState } from './run-state.ts'

/** The state after `events`, starting from `state`, which is left as it was. Linear in the events and the size of `state`. */
export function fold(events: Iterable<FlowcraftEvent>, state: RunState = initialState): RunState {
  const draft = draftOf(state)
  for (const event of events) apply(draft, event)
  return draft
}

/** Moves `draft` on by one event. Total and pure: no event in any state throws. The only place where state changes. */
export function apply(draft: RunDraft, event: FlowcraftEvent): void {
  draft.seq = event.seq
  draft.updatedAt = event.timestamp
  switch (event.type) {
    case 'workflow:start':
      return startRun(draft, event)
    case 'workflow:fork':
      return forkRun(draft, event)
    case 'workflow:cancel':
      return cancelRun(draft, event.payload)
    case 'workflow:finish':
      return finishRun(draft, event)
    case 'workflow:stall':
      return park(draft, event.payload)
    case 'workflow:pause':
      return park(draft, event.payload)
    case 'workflow:resume':
      return resumeRun(draft, event.payload)
    case 'node:start':
      return startNode(draft, event)
    case 'node:finish':
      return finishNode(draft, event)
    case 'node:retry':
      return retryNode(draft, event)
    case 'node:error':
      return failNode(draft, event)
    case 'node:fallback':
      return awaitFallback(draft, event.payload)
    case 'node:skipped':
      return skipNode(draft, event.payload)
    case 'node:wait':
      return waitNode(draft, event.payload)
    case 'edge:evaluate':
      return decideEdge(draft, event.payload)
    case 'context:change':
      return holdWrite(draft, event.payload)
    case 'batch:start':
      return startWorkers(draft, event.payload)
    case 'batch:finish':
      // The gather's own finish carries the same results.
      return
    default:
      // An event type of a later version is no reason to lose the rest of a history.
      event satisfies never
  }
}

function startRun(draft: RunDraft, { executionId, timestamp, payload }: EventOf<'workflow:start'>): void {
  draft.executionId = executionId
  draft.blueprintId = payload.blueprintId
  draft.blueprintHash = payload.blueprintHash
  draft.blueprintVersion = payload.blueprintVersion
  draft.blueprint = payload.blueprint
  draft.options = payload.options
  draft.tags = payload.tags ?? []
  draft.status = 'running'
  draft.startedAt = timestamp
  draft.input = payload.input
  draft.parent = payload.parent
  for (const [key, value] of Object.entries(payload.initialContext)) draft.context.set(key, { deleted: false, value })
}

function finishRun(draft: RunDraft, { timestamp, payload, seq }: EventOf<'workflow:finish'>): void {
  draft.status = payload.status
  draft.finishedAt = timestamp
  draft.held.clear()
  goOn(draft)
  for (const [id, node] of draft.nodes) {
    if (node.status !== 'running' && node.status !== 'waiting') continue
    draft.nodes.set(id, { ...node, status: 'cancelled', finishedAt: timestamp, wait: undefined })
  }
  // Nodes' errors came with their own events: what is left is the run's own.
  for (const error of payload.errors ?? []) if (error.nodeId === undefined) draft.errors.set(seq, error)
}

/** A parked run keeps what it waits for. */
function park(draft: RunDraft, payload: EventPayloads['workflow:stall'] | EventPayloads['workflow:pause']): void {
  draft.waiting = payload.waiting
  draft.stuck = 'stuck' in payload ? (payload.stuck ?? []) : []
  draft.status = draft.stuck.length > 0 ? 'stalled' : 'awaiting'
}

function resumeRun(draft: RunDraft, payload: EventPayloads['workflow:resume']): void {
  draft.status = 'running'
  goOn(draft)
  takeBlueprint(draft, payload)
  if (payload.nodeId !== undefined) wakeNode(draft, payload.nodeId)
}

/** Also a parked run is going on from here, towards its end. */
function cancelRun(draft: RunDraft, { reason }: EventPayloads['workflow:cancel']): void {
  draft.cancelReason = reason
  if (draft.status !== 'awaiting' && draft.status !== 'stalled') return
  draft.status = 'running'
  goOn(draft)
}

function goOn(draft: RunDraft): void {
  draft.waiting = initialState.waiting
  draft.stuck = initialState.stuck
}

function decideEdge(draft: RunDraft, payload: EventPayloads['edge:evaluate']): void {
  const { edge, source, result: taken, reason, error } = payload
  const before = draft.edges.get(edge)
  if (!taken) {
    const { takenCount = 0, value, fault } = before ?? {}
    draft.edges.set(edge, { taken, reason, takenCount, value, fault, error })
    return
  }
  const value = Object.hasOwn(payload, 'value') ? payload.value : nodeOf(draft, source).output
  draft.edges.set(edge, { taken, reason, takenCount: (before?.takenCount ?? 0) + 1, value, fault: error, error })
}
