import { EventStoreError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import { admitClaim, partsOf, type Claim, type ClaimedHead, type ClaimedPart, type DueExecution } from './claim.ts'
import { headOf } from './in-memory-execution.ts'
import type { MemoryExecutions } from './in-memory-executions.ts'
import { checkNumber, checkWhole } from './in-memory-requests.ts'

/** Who is alive, and until when. */
export class Leases {
  readonly #clock: Pick<Clock, 'now'>
  readonly #until = new Map<string, number>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  renew(owner: string, leaseMs: number): void {
    checkNumber('leaseMs', leaseMs, (ms) => Number.isFinite(ms) && ms >= 0, 'a number of milliseconds from 0 on')
    const now = this.#clock.now()
    for (const [each, until] of this.#until) if (until <= now) this.#until.delete(each)
    if (leaseMs === 0) this.#until.delete(owner)
    else this.#until.set(owner, now + leaseMs)
  }

  isAlive(owner: string | undefined): boolean {
    const until = owner === undefined ? undefined : this.#until.get(owner)
    return until !== undefined && until > this.#clock.now()
  }
}

/** Carries out a claim, or throws why it cannot be, and then nothing is changed. */
export function takeOver(executions: MemoryExecutions, leases: Leases, claim: Claim): void {
  const parts = partsOf(claim)
  checkParts(parts)
  const claimed = parts.filter((part) => isOpen(claim, part, claimedHead(executions, leases, part)))
  const { owner, writer } = claim
  for (const { executionId, event } of claimed) {
    if (event === undefined) executions.get(executionId)!.writer = writer
    else executions.add(executionId, [event], { owner, writer })
  }
}

/** Runs that somebody should take care of. At least a quarter are left to the abandoned ones, if there are so many. */
export function dueOf(executions: MemoryExecutions, leases: Leases, now: number, limit: number): DueExecution[] {
  checkNumber('now', now, (time) => !Number.isNaN(time), 'a number of milliseconds')
  checkWhole('limit', limit, 1)
  const roots = [...executions.all()].filter(({ parent }) => parent === undefined)
  const sleeping = roots
    .filter(({ change: { wakeUpAt } }) => wakeUpAt !== undefined && wakeUpAt <= now)
    .sort((a, b) => a.change.wakeUpAt! - b.change.wakeUpAt!)
  const abandoned = roots.filter(({ change, owner }) => change.status === 'running' && !leases.isAlive(owner))
  const share = Math.min(abandoned.length, Math.ceil(limit / 4), limit - 1)
  const timers = sleeping.slice(0, limit - share)
  return [
    ...timers.map(({ executionId }) => ({ executionId, reason: 'timer' }) as const),
    ...abandoned
      .slice(0, limit - timers.length)
      .map(({ executionId }) => ({ executionId, reason: 'abandoned' }) as const),
  ]
}

function checkParts(parts: readonly ClaimedPart[]): void {
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
}

function isOpen(claim: Claim, part: ClaimedPart, head: ClaimedHead | undefined): boolean {
  const answer = admitClaim(claim, part, head)
  if (typeof answer !== 'string') throw answer
  return answer === 'claim'
}

function claimedHead(
  executions: MemoryExecutions,
  leases: Leases,
  { executionId }: ClaimedPart,
): ClaimedHead | undefined {
  const execution = executions.get(executionId)
  if (execution === undefined) return undefined
  const { owner, change } = execution
  return { ...headOf(execution), status: change.status, owner, isOwnerAlive: leases.isAlive(owner) }
}
