import type { Database, Statement } from 'better-sqlite3'
import { admitClaim, EventStoreError, isFlowcraftError, partsOf, type Claim, type ClaimedPart } from 'flowcraft'
import type { DueExecution } from 'flowcraft'
import { faultOf } from './event-writer.ts'
import type { ExecutionTable, Head } from './execution-table.ts'
import { isStorableText } from './rows.ts'
import type { TableNames } from './table-names.ts'
import type { WriteLock } from './write-lock.ts'

const hourMs = 3_600_000
const defaultDue = 100

/** Who drives which run: leases of owners, claims, and the runs that nobody takes care of. */
export class Claims {
  readonly #lock: WriteLock
  readonly #table: ExecutionTable
  readonly #renewed = new Set<string>()
  readonly #isAlive: Statement<[owner: string, now: number]>
  readonly #extend: Statement<[owner: string, leaseUntil: number]>
  readonly #release: Statement<[owner: string]>
  readonly #removeOld: Statement<[before: number]>
  readonly #timers: Statement<[now: number, limit: number], string>
  readonly #abandoned: Statement<[now: number, limit: number], string>

  constructor(db: Database, names: TableNames, lock: WriteLock, table: ExecutionTable) {
    const { owners } = names
    this.#lock = lock
    this.#table = table
    this.#isAlive = db.prepare(`SELECT 1 FROM ${owners} WHERE owner = ? AND lease_until > ?`)
    this.#extend = db.prepare(
      `INSERT INTO ${owners} (owner, lease_until) VALUES (?, ?)
      ON CONFLICT (owner) DO UPDATE SET lease_until = excluded.lease_until`,
    )
    this.#release = db.prepare(`DELETE FROM ${owners} WHERE owner = ?`)
    this.#removeOld = db.prepare(`DELETE FROM ${owners} WHERE lease_until < ?`)
    this.#timers = db.prepare<[number, number], string>(timersSql(names)).pluck()
    this.#abandoned = db.prepare<[number, number], string>(abandonedSql(names)).pluck()
  }

  /** Makes somebody the owner and the writer of a family. Throws when it may not be; nothing is changed then. */
  claim(claim: Claim): void {
    const parts = partsOf(claim)
    assertClaim(claim, parts)
    this.#lock(() => {
      const admitted: (() => void)[] = []
      for (const part of parts) {
        const head = this.#table.read(part.executionId)
        const isOwnerAlive = head?.owner !== undefined && this.isAlive(head.owner)
        const judged = admitClaim(claim, part, head && { ...head, status: head.change.status, isOwnerAlive })
        if (isFlowcraftError(judged)) throw judged
        if (judged === 'claim') admitted.push(() => this.#takeOver(claim, part, head!))
      }
      for (const take of admitted) take()
    })
  }

  /** Says that `owner` is alive for `leaseMs` from now; 0 for no longer. */
  renew(owner: string, leaseMs: number): void {
    if (typeof owner !== 'string' || !isStorableText(owner))
      refuse(`owner ${JSON.stringify(owner)}`, 'text without NUL')
    if (!Number.isFinite(leaseMs) || leaseMs < 0) refuse(`leaseMs ${String(leaseMs)}`, 'milliseconds, 0 or more')
    this.#lock(() => {
      const now = Date.now()
      if (leaseMs === 0) this.#release.run(owner)
      else this.#extend.run(owner, now + Math.ceil(leaseMs))
      this.#removeOld.run(now - hourMs)
    })
    if (leaseMs === 0) this.#renewed.delete(owner)
    else this.#renewed.add(owner)
  }

  /** Gives back what was renewed here. */
  releaseAll(): void {
    if (this.#renewed.size === 0) return
    this.#lock(() => {
      for (const owner of this.#renewed) this.#release.run(owner)
    })
  }

  /** Roots that somebody should take care of. A quarter is kept for those whose owner is gone, so that timers do not hide them. */
  due(now: number, limit: number = defaultDue): DueExecution[] {
    if (typeof now !== 'number' || Number.isNaN(now)) refuse(`now ${String(now)}`, 'epoch milliseconds')
    if (!Number.isInteger(limit) || limit < 1) refuse(`limit ${String(limit)}`, 'a whole number from 1 on')
    const timers = this.#timers.all(now, limit)
    const abandoned = this.#abandoned.all(Date.now(), limit)
    const share = Math.min(abandoned.length, limit > 1 ? Math.ceil(limit / 4) : 0)
    const first = timers.slice(0, limit - share)
    return [
      ...first.map((executionId) => ({ executionId, reason: 'timer' }) as const),
      ...abandoned.slice(0, limit - first.length).map((executionId) => ({ executionId, reason: 'abandoned' }) as const),
    ]
  }

  /** Whether the lease of `owner` goes on. */
  isAlive(owner: string): boolean {
    return this.#isAlive.get(owner, Date.now()) !== undefined
  }

  #takeOver({ owner, writer }: Claim, { executionId, event }: ClaimedPart, head: Head): void {
    if (event === undefined) return this.#table.changeWriter(head, writer)
    const error = faultOf(this.#table.add(executionId, head, { writer, owner }, [event]))
    if (error !== undefined) throw error
  }
}

/** The SQL that gives the parked roots whose time has come, the longest ago first. */
export function timersSql({ executions, byWakeUp }: TableNames): string {
  return `SELECT id FROM ${executions} INDEXED BY ${byWakeUp}
    WHERE parent_id IS NULL AND wake_up_at IS NOT NULL AND wake_up_at <= ? ORDER BY wake_up_at LIMIT ?`
}

/** The SQL that gives the running roots that nobody drives, the oldest first. */
export function abandonedSql({ executions, owners, byStatus }: TableNames): string {
  return `SELECT x.id FROM ${executions} x INDEXED BY ${byStatus}
    WHERE x.parent_id IS NULL AND x.status = 'running'
      AND NOT EXISTS (SELECT 1 FROM ${owners} o WHERE o.owner = x.owner AND o.lease_until > ?)
    ORDER BY x.started_at LIMIT ?`
}

function assertClaim({ owner, writer }: Claim, parts: readonly ClaimedPart[]): void {
  for (const [name, text] of Object.entries({ owner, writer })) {
    if (typeof text !== 'string' || !isStorableText(text)) refuse(`${name} ${JSON.stringify(text)}`, 'text without NUL')
  }
  const seen = new Set<string>()
  for (const { executionId, expectedSeq, event } of parts) {
    if (seen.has(executionId)) refuse(`two parts of execution '${executionId}'`, 'one part of each execution')
    seen.add(executionId)
    if (event === undefined || (event.executionId === executionId && event.seq === expectedSeq)) continue
    refuse(`event ${event.seq} of '${event.executionId}'`, `event ${expectedSeq} of '${executionId}'`)
  }
}

function refuse(found: string, expected: string): never {
  throw new EventStoreError(`An event store was given ${found}; expected ${expected}`)
}
