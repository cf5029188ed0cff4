import type { EventOf, EventPayloads, FlowcraftEvent } from '../events/event.ts'
import type { ContextEntry, EdgeState, HeldWrites, NodeState, RunState } from './run-state.ts'
import type { WorkflowError } from '../errors.ts'

/** The state of a run before its first event. */
export const initialState: RunState = Object.freeze({
  executionId: undefined,
  blueprintId: undefined,
  blueprintHash: undefined,
  blueprintVersion: undefined,
  blueprint: undefined,
  options: undefined,
  tags: Object.freeze([]),
  status: 'running',
  seq: -1,
  startedAt: undefined,
  finishedAt: undefined,
  cancelReason: undefined,
  context: new Map<string, ContextEntry>(),
  nodes: new Map<string, NodeState>(),
  edges: new Map<number, EdgeState>(),
  errors: new Map<number, WorkflowError>(),
  held: new Map<string, HeldWrites>(),
})

/** The state after `events`, starting from `state`, which is left as it was. Linear in the events and the size of `state`. */
export function fold(events: Iterable<FlowcraftEvent>, state: RunState = initialState): RunState {
  const draft = draftOf(state)
  for (const event of events) apply(draft, event)
  return draft
}

/** A state that its owner may change by {@link apply}. Reads as a {@link RunState}. */
export type RunDraft = {
  -readonly [K in keyof RunState]: RunState[K] extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : RunState[K]
}

/** A copy of `state` to apply events to. Entries are shared: they are replaced, never changed. */
export function draftOf(state: RunState): RunDraft {
  return {
    ...state,
    context: new Map(state.context),
    nodes: new Map(state.nodes),
    edges: new Map(state.edges),
    errors: new Map(state.errors),
    held: new Map(state.held),
  }
}

/** Moves `draft` on by one event. Total and pure: no event in any state throws. The only place where state changes. */
export function apply(draft: RunDraft, event: FlowcraftEvent): void {
  draft.seq = event.seq
  switch (event.type) {
    case 'workflow:start':
      return startRun(draft, event)
    case 'workflow:cancel':
      draft.cancelReason = event.payload.reason
      return
    case 'workflow:finish':
      return finishRun(draft, event)
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
    case 'edge:evaluate':
      return decideEdge(draft, event.payload)
    case 'context:change':
      return holdWrite(draft, event.payload)
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
  for (const [key, value] of Object.entries(payload.initialContext)) draft.context.set(key, { deleted: false, value })
}

function finishRun(draft: RunDraft, { timestamp, payload, seq }: EventOf<'workflow:finish'>): void {
  draft.status = payload.status
  draft.finishedAt = timestamp
  draft.held.clear()
  for (const [id, node] of draft.nodes) {
    if (node.status === 'running') draft.nodes.set(id, { ...node, status: 'cancelled', finishedAt: timestamp })
  }
  // Nodes' errors came with their own events: what is left is the run's own.
  for (const error of payload.errors ?? []) if (error.nodeId === undefined) draft.errors.set(seq, error)
}

function startNode(draft: RunDraft, { timestamp, payload }: EventOf<'node:start'>): void {
  const { nodeId, iteration, attempt, input, fallbackFor } = payload
  const before = nodeOf(draft, nodeId)
  draft.held.delete(nodeId)
  const goesOn = attempt > 1
  draft.nodes.set(nodeId, {
    status: 'running',
    iteration,
    starts: Math.max(before.starts, iteration + 1),
    attempts: attempt,
    input,
    output: before.output,
    action: undefined,
    error: goesOn ? before.error : undefined,
    startedAt: goesOn ? before.startedAt : timestamp,
    finishedAt: undefined,
    skipReason: undefined,
    // A fallback by registry key runs in the node's own place: whom the node itself stands in for does not change.
    fallbackFor: fallbackFor === nodeId ? before.fallbackFor : fallbackFor,
    fallback: goesOn ? before.fallback : undefined,
    errorSeqs: goesOn ? before.errorSeqs : noSeqs,
  })
}

function finishNode(draft: RunDraft, { timestamp, payload }: EventOf<'node:finish'>): void {
  settleWrites(draft, payload.nodeId, payload)
  const { output, action } = payload.result
  completeNode(draft, payload.nodeId, output, action, timestamp)
  // A fallback that is itself replaced passes the output up: each primary of the chain has it, and none has an error.
  let primary = nodeOf(draft, payload.nodeId).fallbackFor
  for (let seen: Set<string> | undefined; primary !== undefined && !seen?.has(primary);) {
    seen = (seen ?? new Set([payload.nodeId])).add(primary)
    completeNode(draft, primary, output, action, timestamp)
    primary = nodeOf(draft, primary).fallbackFor
  }
}

function completeNode(
  draft: RunDraft,
  id: string,
  output: unknown,
  action: string | undefined,
  finishedAt: number,
): void {
  const node = nodeOf(draft, id)
  for (const seq of node.errorSeqs) draft.errors.delete(seq)
  draft.nodes.set(id, { ...node, status: 'completed', output, action, error: undefined, finishedAt, errorSeqs: noSeqs })
}

function retryNode(draft: RunDraft, { payload }: EventOf<'node:retry'>): void {
  settleWrites(draft, payload.nodeId, payload)
  draft.nodes.set(payload.nodeId, { ...nodeOf(draft, payload.nodeId), error: payload.error })
}

function failNode(draft: RunDraft, { seq, timestamp, payload }: EventOf<'node:error'>): void {
  settleWrites(draft, payload.nodeId, payload)
  draft.errors.set(seq, payload.error)
  const before = nodeOf(draft, payload.nodeId)
  // Without a start, a transform of an incoming edge failed: what is known of earlier iterations is not of this one.
  const node =
    payload.iteration < before.starts ? before : { ...unknownNode, output: before.output, starts: before.starts }
  draft.nodes.set(payload.nodeId, {
    ...node,
    status: 'failed',
    iteration: payload.iteration,
    error: payload.error,
    finishedAt: timestamp,
    errorSeqs: [...node.errorSeqs, seq],
  })
}

function awaitFallback(draft: RunDraft, { nodeId, fallback }: EventPayloads['node:fallback']): void {
  draft.nodes.set(nodeId, { ...nodeOf(draft, nodeId), fallback })
}

function skipNode(draft: RunDraft, { nodeId, reason }: EventPayloads['node:skipped']): void {
  draft.nodes.set(nodeId, { ...nodeOf(draft, nodeId), status: 'skipped', skipReason: reason })
}

function decideEdge(draft: RunDraft, payload: EventPayloads['edge:evaluate']): void {
  const { edge, source, result: taken, reason, error } = payload
  const value = Object.hasOwn(payload, 'value') ? payload.value : nodeOf(draft, source).output
  draft.edges.set(edge, { taken, reason, value, error })
}

function holdWrite(draft: RunDraft, change: EventPayloads['context:change']): void {
  const held = draft.held.get(change.sourceNode)
  draft.held.set(change.sourceNode, { change, earlier: held && isOfAttempt(held.change, change) ? held : undefined })
}

type Attempt = { readonly iteration: number; readonly attempt: number }

/** What an attempt wrote counts once its outcome is known; what another attempt left behind never does. */
function settleWrites(draft: RunDraft, nodeId: string, attempt: Attempt): void {
  let held = draft.held.get(nodeId)
  if (held === undefined) return
  draft.held.delete(nodeId)
  if (!isOfAttempt(held.change, attempt)) return
  const changes: EventPayloads['context:change'][] = []
  for (; held !== undefined; held = held.earlier) changes.push(held.change)
  for (const { key, op, value } of changes.reverse()) {
    draft.context.set(key, op === 'set' ? { deleted: false, value } : { deleted: true })
  }
}

function isOfAttempt(a: Attempt, b: Attempt): boolean {
  return a.iteration === b.iteration && a.attempt === b.attempt
}

const noSeqs: readonly number[] = Object.freeze([])

const unknownNode: NodeState = Object.freeze({
  status: 'pending',
  iteration: 0,
  starts: 0,
  attempts: 0,
  input: undefined,
  output: undefined,
  action: undefined,
  error: undefined,
  startedAt: undefined,
  finishedAt: undefined,
  skipReason: undefined,
  fallbackFor: undefined,
  fallback: undefined,
  errorSeqs: noSeqs,
})

function nodeOf(draft: RunDraft, id: string): NodeState {
  return draft.nodes.get(id) ?? unknownNode
}
