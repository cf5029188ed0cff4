import type { EventPayloads } from '../events/event.ts'
import { nodeOf, unknownNode, type RunDraft } from './draft.ts'
import type { BatchState, NodeState } from './run-state.ts'

/** A chunk of workers comes into being. */
export function startWorkers(draft: RunDraft, payload: EventPayloads['batch:start']): void {
  const { batchId, iteration, workerNodeIds, onError = 'fail' } = payload
  const before = draft.batches.get(batchId)
  const goesOn = before !== undefined && before.iteration === iteration
  const counts = goesOn ? before : { workers: 0, completed: 0, failed: 0 }
  draft.batches.set(batchId, { ...counts, iteration, onError, workers: counts.workers + workerNodeIds.length })
  for (const id of workerNodeIds) draft.nodes.set(id, { ...unknownNode, iteration, starts: iteration, batchId })
}

/** Counts a worker whose status changes. */
export function noteWorker(draft: RunDraft, batchId: string, before: NodeState, after: NodeState): void {
  const batch = draft.batches.get(batchId)
  if (batch === undefined || before.status === after.status) return
  draft.batches.set(batchId, { ...batch, ...countOf(batch, before, -1), ...countOf(batch, after, 1) })
}

function countOf(batch: BatchState, { status }: NodeState, by: 1 | -1): Partial<BatchState> {
  return status === 'completed' || status === 'failed' ? { [status]: batch[status] + by } : {}
}

/** Whether a node is a worker whose failures its batch collects, or stands in for one. */
export function isCollected(draft: RunDraft, nodeId: string): boolean {
  const seen = new Set<string>()
  for (let id: string | undefined = nodeId; id !== undefined && !seen.has(id);) {
    seen.add(id)
    const { batchId, fallbackFor } = nodeOf(draft, id)
    if (batchId !== undefined) return draft.batches.get(batchId)?.onError === 'collect'
    id = fallbackFor
  }
  return false
}
