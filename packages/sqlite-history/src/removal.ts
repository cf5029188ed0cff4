import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { assertRequest, ExecutionConflictError, statusesOf, terminalStatuses, type PruneOptions } from 'flowcraft'
import type { HistoryFile } from './history-file.ts'
import { prepareRemoval, type Member, type RemovalStatements } from './removal-statements.ts'
import { isStorableText } from './rows.ts'
import type { TableNames } from './table-names.ts'
import { tagColumn } from './tag-column.ts'
import type { WriteLock } from './write-lock.ts'

interface Slice {
  readonly removed: number
  /** The last root that was looked at; `undefined` when none was left. */
  readonly end: readonly [startedAt: number, key: number] | undefined
}

/** At most so many executions go in one transaction, or one family if it has more. */
const sliceSize = 1000
const beforeAll = [Infinity, Infinity] as const

/** Removes executions with those of their subflows, and gives the room back to the disk. */
export class Removal {
  readonly #file: HistoryFile
  readonly #lock: WriteLock
  readonly #statements: RemovalStatements

  constructor(file: HistoryFile, names: TableNames, lock: WriteLock) {
    this.#file = file
    this.#lock = lock
    this.#statements = prepareRemoval(file.db, names)
  }

  /** Removes one, and says how many went with it. */
  delete(executionId: string): number {
    if (!isStorableText(executionId)) return 0
    const removed = this.#file.write('delete an execution', () =>
      this.#lock(() => {
        const key = this.#statements.keyOf.get(executionId)
        if (key === undefined) return 0
        const parent = this.#statements.parentOf.get(key)
        if (parent !== undefined) throw isChild(executionId, parent)
        const family = this.#statements.family.all(key, Date.now())
        const driven = family.find(({ is_owned: isOwned }) => isOwned === 1)
        if (driven !== undefined) throw isDriven(executionId, driven.id)
        return this.#remove(family)
      }),
    )
    if (removed > 0) this.#shrink()
    return removed
  }

  /** Removes slice by slice; other work of the process and other processes get a turn in between. */
  async prune(options: PruneOptions): Promise<number> {
    assertRequest('prune', options)
    const { olderThan, keep = 0, status = terminalStatuses } = options
    const statuses = JSON.stringify(statusesOf(status))
    const conditions = [olderThan, statuses] as const
    const task = 'prune executions'
    let end: Slice['end'] = beforeAll
    if (keep > 0) {
      const kept = this.#file.write(task, () =>
        this.#statements.candidates.all(...conditions, Date.now(), ...beforeAll, 1, keep - 1),
      )
      end = kept[0] && [kept[0].started_at, kept[0].key]
    }
    let removed = 0
    while (end !== undefined) {
      const after: readonly [number, number] = end
      const slice = this.#file.write(task, () => this.#lock(() => this.#pruneSlice(conditions, after)))
      if (slice.removed > 0) this.#shrink()
      removed += slice.removed
      end = slice.end
      await setImmediate()
    }
    return removed
  }

  /** Removes everything but the owners, who are alive. */
  clear(): void {
    this.#file.write('be cleared', () =>
      this.#lock(() => this.#keepingPosition(() => this.#statements.deleteAll.forEach((statement) => statement.run()))),
    )
    this.#shrink()
  }

  #pruneSlice([olderThan, statuses]: readonly [number, string], after: readonly [number, number]): Slice {
    const now = Date.now()
    const roots = this.#statements.candidates.all(olderThan, statuses, now, ...after, sliceSize, 0)
    const leaving: Member[] = []
    let end: Slice['end']
    for (const { key, started_at: startedAt } of roots) {
      const family = this.#statements.family.all(key, now)
      const isDrivenOne = family.some(({ is_owned: isOwned }) => isOwned === 1)
      if (!isDrivenOne && leaving.length > 0 && leaving.length + family.length > sliceSize) break
      if (!isDrivenOne) leaving.push(...family)
      end = [startedAt, key]
    }
    return { removed: this.#remove(leaving), end }
  }

  #remove(members: readonly Member[]): number {
    if (members.length === 0) return 0
    const { deleteTag, sourcesOf, deleteParts, deleteEvents, deleteExecution } = this.#statements
    this.#keepingPosition(() => {
      const keys = new Set<number>()
      for (const { key, tags, started_at: startedAt, forked_seq: forkedSeq } of members) {
        // It was an array of strings when it was written.
        const own = tags === null ? [] : (JSON.parse(tags) as string[])
        for (const tag of own) deleteTag.run(tagColumn(tag), startedAt, key)
        keys.add(key)
        if (forkedSeq !== null) {
          // Those that are gone already may have kept events for this one alone.
          for (const source of sourcesOf.all(key)) keys.add(source)
          deleteParts.run(key)
        }
        deleteExecution.run(key)
      }
      for (const key of keys) deleteEvents.run({ key })
    })
    return members.length
  }

  /** SQLite gives the next event the position behind the highest that is there: that must never be one of a removed event. */
  #keepingPosition(remove: () => void): void {
    const { lastPosition, deleteMark, insertMark } = this.#statements
    const last = lastPosition.get() ?? null
    remove()
    deleteMark.run()
    if (last !== null && (lastPosition.get() ?? 0) < last) insertMark.run({ last })
  }

  /** What is removed is removed, also where the file cannot be made smaller now, as another connection uses it. */
  #shrink(): void {
    const { db } = this.#file
    try {
      db.pragma('incremental_vacuum')
      // In a write-ahead log, the file itself becomes smaller with the next checkpoint.
      db.pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error
    }
  }
}

function isChild(executionId: string, parent: string): ExecutionConflictError {
  const message = `Execution '${executionId}' cannot be removed: '${parent}' has started it. Remove that one, and this goes with it`
  return new ExecutionConflictError(message, { executionId })
}

function isDriven(executionId: string, driven: string): ExecutionConflictError {
  const message = `Execution '${executionId}' cannot be removed: '${driven}' is live. Cancel it, or wait for its end`
  return new ExecutionConflictError(message, { executionId })
}
