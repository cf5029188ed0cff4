import { ConcurrencyError, type EventBatch } from 'flowcraft'
import type { Head } from './heads.ts'

/** Why a batch may not be stored that begins among the events which a fork shares: its writer has stored none of them. */
export function insideShared(
  { executionId, expectedSeq, events }: EventBatch,
  head: Head | undefined,
): ConcurrencyError | undefined {
  if (head?.forkedSeq === undefined || expectedSeq > head.forkedSeq || events.length === 0) return undefined
  const message =
    `Execution '${executionId}' is a fork and shares its events up to seq ${head.forkedSeq}; a batch cannot begin ` +
    `among them, at seq ${expectedSeq}: go on at seq ${head.lastSeq + 1}`
  return new ConcurrencyError(message, { executionId })
}
