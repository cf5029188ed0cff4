import type { EventOf, EventPayloads } from '../events/event.ts'
import { isCollected, noteWorker } from './fold-batches.ts'
import { nodeOf, unknownNode, type RunDraft } from './draft.ts'
import { settleWrites } from './fold-writes.ts'
import { crashesBefore } from './select.ts'
import type { NodeState } from './run-state.ts'

/** An attempt begins: of a new iteration, or of the one that is open. */
export function startNode(draft: RunDraft, { timestamp, payload }: EventOf<'node:start'>): void {
  const { nodeId, iteration, attempt, input, fallbackFor, childExecutionId } = payload
  const before = nodeOf(draft, nodeId)
  draft.held.delete(nodeId)
  const goesOn = attempt > 1
  setNode(draft, nodeId, {
    status: 'running',
    iteration,
    starts: Math.max(before.starts, iteration + 1),
    attempts: attempt,
    crashes: goesOn ? crashesBefore(before, attempt) : 0,
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
    errorSeqs: goesOn ? before.errorSeqs : unknownNode.errorSeqs,
    retryAt: undefined,
    wait: undefined,
    childExecutionId,
    batchId: before.batchId,
  })
}

/** A node's result is there: its own, and that of every node that it stands in for. */
export function finishNode(draft: RunDraft, { timestamp, payload }: EventOf<'node:finish'>): void {
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
  setNode(draft, id, {
    ...node,
    status: 'completed',
    output,
    action,
    error: undefined,
    finishedAt,
    errorSeqs: unknownNode.errorSeqs,
    wait: undefined,
  })
}

/** The node waits until it is resumed or its time has come. */
export function waitNode(
  draft: RunDraft,
  { nodeId, iteration, reason, wakeUpAt, event }: EventPayloads['node:wait'],
): void {
  const node = nodeOf(draft, nodeId)
  settleWrites(draft, nodeId, { iteration, attempt: node.attempts })
  draft.nodes.set(nodeId, { ...node, status: 'waiting', wait: { reason, wakeUpAt, event } })
}

/** A waiting node has its answer. */
export function wakeNode(draft: RunDraft, nodeId: string): void {
  const node = nodeOf(draft, nodeId)
  if (node.status === 'waiting') draft.nodes.set(nodeId, { ...node, status: 'running', wait: undefined })
}

/** An attempt failed, and another one follows. */
export function retryNode(draft: RunDraft, { timestamp, payload }: EventOf<'node:retry'>): void {
  settleWrites(draft, payload.nodeId, payload)
  const { nodeId, error, delayMs } = payload
  draft.nodes.set(nodeId, { ...nodeOf(draft, nodeId), error, retryAt: timestamp + delayMs })
}

/** The last attempt failed. */
export function failNode(draft: RunDraft, { seq, timestamp, payload }: EventOf<'node:error'>): void {
  settleWrites(draft, payload.nodeId, payload)
  // What a batch collects is part of its results.
  const isOfRun = payload.error.isFatal || !isCollected(draft, payload.nodeId)
  if (isOfRun) draft.errors.set(seq, payload.error)
  const before = nodeOf(draft, payload.nodeId)
  // Without a start, a transform of an incoming edge failed: what is known of earlier iterations is not of this one.
  const node =
    payload.iteration < before.starts ? before : { ...unknownNode, output: before.output, starts: before.starts }
  setNode(draft, payload.nodeId, {
    ...node,
    status: 'failed',
    iteration: payload.iteration,
    error: payload.error,
    finishedAt: timestamp,
    errorSeqs: isOfRun ? [...node.errorSeqs, seq] : node.errorSeqs,
    wait: undefined,
  })
}

/** A fallback stands in for the node. */
export function awaitFallback(draft: RunDraft, { nodeId, fallback }: EventPayloads['node:fallback']): void {
  draft.nodes.set(nodeId, { ...nodeOf(draft, nodeId), fallback })
}

/** The node does not run. */
export function skipNode(draft: RunDraft, { nodeId, reason }: EventPayloads['node:skipped']): void {
  draft.nodes.set(nodeId, { ...nodeOf(draft, nodeId), status: 'skipped', skipReason: reason })
}

function setNode(draft: RunDraft, id: string, node: NodeState): void {
  if (node.batchId !== undefined) noteWorker(draft, node.batchId, nodeOf(draft, id), node)
  draft.nodes.set(id, node)
}
