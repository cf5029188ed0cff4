import type { EventPayloads } from '../events/event.ts'
import type { RunDraft } from './draft.ts'

/** Keeps a write until the outcome of its attempt is known. */
export function holdWrite(draft: RunDraft, change: EventPayloads['context:change']): void {
  const held = draft.held.get(change.sourceNode)
  draft.held.set(change.sourceNode, { change, earlier: held && isOfAttempt(held.change, change) ? held : undefined })
}

type Attempt = { readonly iteration: number; readonly attempt: number }

/** What an attempt wrote counts once its outcome is known; what another attempt left behind never does. */
export function settleWrites(draft: RunDraft, nodeId: string, attempt: Attempt): void {
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
