import { ConcurrencyError, EventStoreError, ExecutionConflictError, type FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent, RunStatus } from '../events/event.ts'
import type { ExecutionHead } from './execution-head.ts'

/** One run of a family that is claimed. */
export interface ClaimedPart {
  readonly executionId: string
  /** The `seq` behind its last event, which is that of `event` if there is one. */
  readonly expectedSeq: number
  /**
   * Absent for the run of a subflow that is parked and stays so: it only gets a new writer. With `expectedSeq` 0, the
   * run must not have begun.
   */
  readonly event?: FlowcraftEvent | undefined
}

/** A root and its unfinished runs, which somebody takes over. */
export interface Claim extends ClaimedPart {
  readonly owner: string
  /** The writer of all of them from here on. */
  readonly writer: string
  /** A `workflow:resume` or a `workflow:cancel` of the root. */
  readonly event: FlowcraftEvent
  /** The unfinished runs of its subflows. Default none. */
  readonly family?: readonly ClaimedPart[] | undefined
}

/** A run that somebody should take care of. */
export interface DueExecution {
  readonly executionId: string
  /** `'timer'`: it is parked, and the time of what it waits for has come. `'abandoned'`: whoever drove it is gone. */
  readonly reason: 'timer' | 'abandoned'
}

/** What a claim is judged by. */
export interface ClaimedHead extends ExecutionHead {
  readonly status: RunStatus
  readonly owner: string | undefined
  /** Whether the lease of `owner` goes on. */
  readonly isOwnerAlive: boolean
}

/**
 * Every part of a claim, the root first.
 *
 * @throws `EventStoreError` for one that names an execution twice, or has an event that does not belong where it should go.
 */
export function partsOf(claim: Claim): readonly ClaimedPart[] {
  const parts = [claim, ...(claim.family ?? [])]
  const seen = new Set<string>()
  for (const { executionId, expectedSeq, event } of parts) {
    if (seen.has(executionId)) {
      throw new EventStoreError(`A claim names execution '${executionId}' twice`, { executionId })
    }
    seen.add(executionId)
    if (event === undefined || (event.executionId === executionId && event.seq === expectedSeq)) continue
    const message =
      `A claim of execution '${executionId}' at seq ${expectedSeq} has the event ${event.seq} of ` +
      `'${event.executionId}': it must be the one behind its last event`
    throw new EventStoreError(message, { executionId })
  }
  return parts
}

/**
 * What `due` answers, by the ids of those whose time has come, in that order, and of those that nobody drives: at most
 * `limit`, of which a quarter is left to the abandoned ones if there are so many.
 */
export function dueOf(timers: readonly string[], abandoned: readonly string[], limit: number): DueExecution[] {
  const share = Math.min(abandoned.length, Math.ceil(limit / 4), limit - 1)
  const first = timers.slice(0, limit - share)
  const rest = abandoned.slice(0, limit - first.length)
  return [
    ...first.map((executionId) => ({ executionId, reason: 'timer' }) as const),
    ...rest.map((executionId) => ({ executionId, reason: 'abandoned' }) as const),
  ]
}

/**
 * The rule of every claim, to be asked under the store's lock for each part: `'done'` when the same writer has claimed
 * it already, `'claim'` when it may, else why it may not. An execution that its own owner claims, or that nobody drives,
 * may be claimed where it stands.
 */
export function admitClaim(
  { owner, writer }: Pick<Claim, 'owner' | 'writer'>,
  part: ClaimedPart,
  head: ClaimedHead | undefined,
): 'done' | 'claim' | FlowcraftError {
  const { executionId, expectedSeq, event } = part
  if (head === undefined) {
    if (event === undefined && expectedSeq === 0) return 'done'
    return new ConcurrencyError(`Execution '${executionId}' is not in the store, so it cannot be taken over`, {
      executionId,
    })
  }
  if (head.writer === writer && head.lastSeq >= (event?.seq ?? expectedSeq - 1)) return 'done'
  if (head.owner !== undefined && head.owner !== owner && head.isOwnerAlive) {
    const message =
      `Execution '${executionId}' is driven by another process (owner '${head.owner}'), whose lease goes on: ` +
      `wait for it with 'result', or until the lease is over`
    return new ExecutionConflictError(message, { executionId })
  }
  if (head.lastSeq + 1 === expectedSeq && !isTerminal(head.status)) return 'claim'
  const found = isTerminal(head.status) ? `has ended (${head.status})` : `is stored up to seq ${head.lastSeq}`
  const message = `Execution '${executionId}' ${found}; it cannot be taken over at seq ${expectedSeq}: read its history again`
  return new ConcurrencyError(message, { executionId })
}

/** Whether a run of this status never goes on. */
export function isTerminal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
