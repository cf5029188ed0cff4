import type { Clock } from '../ports.ts'
import {
  admitClaim,
  dueOf,
  partsOf,
  type Claim,
  type ClaimedHead,
  type ClaimedPart,
  type DueExecution,
} from './claim.ts'
import { headOf } from './in-memory-execution.ts'
import type { MemoryExecution } from './in-memory-execution.ts'
import type { MemoryExecutions } from './in-memory-executions.ts'
import { assertRequest } from './requests.ts'

/** Who is alive, and until when. */
export class Leases {
  readonly #clock: Pick<Clock, 'now'>
  readonly #until = new Map<string, number>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  renew(owner: string, leaseMs: number): void {
    assertRequest('renew', { leaseMs })
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
  const claimed = partsOf(claim).filter((part) => isOpen(claim, part, claimedHead(executions, leases, part)))
  const { owner, writer } = claim
  for (const { executionId, event } of claimed) {
    if (event === undefined) executions.get(executionId)!.writer = writer
    else executions.add(executionId, [event], { owner, writer })
  }
}

/** Runs that somebody should take care of. */
export function dueIn(executions: MemoryExecutions, leases: Leases, now: number, limit: number): DueExecution[] {
  assertRequest('due', { now, limit })
  const roots = [...executions.all()].filter(({ parent }) => parent === undefined)
  const sleeping = roots
    .filter(({ change: { wakeUpAt } }) => wakeUpAt !== undefined && wakeUpAt <= now)
    .sort((a, b) => a.change.wakeUpAt! - b.change.wakeUpAt!)
  const abandoned = roots.filter(({ change, owner }) => change.status === 'running' && !leases.isAlive(owner))
  const idOf = ({ executionId }: MemoryExecution): string => executionId
  return dueOf(sleeping.map(idOf), abandoned.map(idOf), limit)
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
