import type { Database, Statement } from 'better-sqlite3'
import { admitClaim, assertRequest, dueOf, EventStoreError, isFlowcraftError, partsOf } from 'flowcraft'
import type { Claim, ClaimedPart, DueExecution } from 'flowcraft'
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
    assertTexts({ owner: claim.owner, writer: claim.writer })
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
    assertTexts({ owner })
    assertRequest('renew', { leaseMs })
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

  /** Roots that somebody should take care of. */
  due(now: number, limit: number = defaultDue): DueExecution[] {
    assertRequest('due', { now, limit })
    return dueOf(this.#timers.all(now, limit), this.#abandoned.all(Date.now(), limit), limit)
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

/** @throws `EventStoreError` for what is no text, or none that SQLite gives back as it was. */
export function assertTexts(texts: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text === 'string' && isStorableText(text)) continue
    throw new EventStoreError(`The ${name} is ${JSON.stringify(text)}; expected text without NUL characters`)
  }
}
