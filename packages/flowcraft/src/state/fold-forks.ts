import type { EventOf, EventPayloads } from '../events/event.ts'
import { initialState, unknownNode, type RunDraft } from './draft.ts'

/** A run goes on from here, apart from the one whose history it shares: what had ended that one, or waits there, is lifted. */
export function forkRun(draft: RunDraft, { timestamp, payload }: EventOf<'workflow:fork'>): void {
  draft.status = 'running'
  draft.startedAt = timestamp
  draft.finishedAt = undefined
  draft.cancelReason = undefined
  draft.parent = undefined
  draft.waiting = initialState.waiting
  draft.stuck = initialState.stuck
  draft.forkedFrom = Object.freeze({ executionId: payload.from, seq: payload.seq })
  takeBlueprint(draft, payload)
  liftEnds(draft)
  if (payload.rerun !== undefined) resetNodes(draft, new Set(payload.rerun))
  if (payload.outputs !== undefined) draft.givenOutputs = Object.freeze({ ...draft.givenOutputs, ...payload.outputs })
  for (const key of payload.restored?.unset ?? []) draft.context.delete(key)
  for (const keys of [payload.restored ?? {}, payload]) {
    for (const [key, value] of Object.entries(keys.set ?? {})) draft.context.set(key, { deleted: false, value })
    for (const key of keys.delete ?? []) draft.context.set(key, { deleted: true })
  }
}

/** From here on, the run may be one of another blueprint, in which edges stand elsewhere. */
export function takeBlueprint(
  draft: RunDraft,
  payload: EventPayloads['workflow:fork'] | EventPayloads['workflow:resume'],
): void {
  if (payload.blueprintHash !== undefined) {
    draft.blueprintId = payload.blueprintId
    draft.blueprintHash = payload.blueprintHash
    draft.blueprintVersion = payload.blueprintVersion
    draft.blueprint = payload.blueprint
  }
  if (payload.edges === undefined) return
  const before = [...draft.edges]
  for (const [edge] of before) draft.edges.delete(edge)
  for (const [edge, state] of before) {
    const moved = payload.edges[edge] ?? -1
    if (moved >= 0) draft.edges.set(moved, state)
  }
}

/** What the end of the run cut off is to begin again, and so is a subflow that waits for a run of the other family. */
function liftEnds(draft: RunDraft): void {
  for (const [id, node] of draft.nodes) {
    const { status, childExecutionId } = node
    if (status !== 'cancelled' && (status !== 'waiting' || childExecutionId === undefined)) continue
    draft.nodes.set(id, { ...node, status: 'running', finishedAt: undefined, wait: undefined })
  }
  for (const [seq, { nodeId }] of draft.errors) if (nodeId === undefined) draft.errors.delete(seq)
}

function resetNodes(draft: RunDraft, ids: ReadonlySet<string>): void {
  for (const id of ids) {
    draft.held.delete(id)
    const node = draft.nodes.get(id)
    if (node === undefined) continue
    // Workers come into being again; iterations of all others go on counting.
    if (node.batchId === undefined)
      draft.nodes.set(id, { ...unknownNode, iteration: node.iteration, starts: node.starts })
    else {
      draft.batches.delete(node.batchId)
      draft.nodes.delete(id)
    }
  }
  for (const [seq, { nodeId }] of draft.errors) if (nodeId !== undefined && ids.has(nodeId)) draft.errors.delete(seq)
  if (draft.givenOutputs === undefined) return
  draft.givenOutputs = Object.freeze(
    Object.fromEntries(Object.entries(draft.givenOutputs).filter(([id]) => !ids.has(id))),
  )
}
