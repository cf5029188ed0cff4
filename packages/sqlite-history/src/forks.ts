import type { Database, Statement } from 'better-sqlite3'
import { admitFork, isFlowcraftError, unchanged, type Fork } from 'flowcraft'
import { assertTexts } from './claims.ts'
import { encodeEvents } from './encode-events.ts'
import { noHead } from './event-writer.ts'
import type { ExecutionTable, Head } from './execution-table.ts'
import { isStorableText, malformedId } from './rows.ts'
import type { Statements } from './statements.ts'
import type { TableNames } from './table-names.ts'
import { noEnd } from './tables.ts'
import { tagColumn } from './tag-column.ts'
import type { WriteLock } from './write-lock.ts'

/** What is written of a fork besides its tags and its first event. */
interface ForkColumns {
  readonly id: string
  readonly from: string
  readonly seq: number
  readonly source: number
  readonly isChanged: 0 | 1
  readonly blueprintId: string | null
  readonly blueprintVersion: string | null
  readonly blueprintHash: string | null
  readonly at: number
  readonly writer: string
  readonly owner: string | null
}

/** Makes forks: executions that share a part of the history of others. */
export class Forks {
  readonly #lock: WriteLock
  readonly #table: ExecutionTable
  readonly #statements: Statements
  readonly #insertFork: Statement<[ForkColumns]>
  readonly #tagsOf: Statement<[key: number], string | null>
  readonly #insertParts: Statement<[{ key: number; source: number; seq: number }]>
  readonly #insertPart: Statement<
    [run: number, toSeq: number, fromSeq: number, source: number, blueprintId: string | null]
  >

  constructor(db: Database, names: TableNames, lock: WriteLock, table: ExecutionTable, statements: Statements) {
    const { executions, lineage } = names
    this.#lock = lock
    this.#table = table
    this.#statements = statements
    this.#insertFork = db.prepare(
      `INSERT INTO ${executions}
        (id, blueprint_id, blueprint_version, blueprint_hash, status, started_at, updated_at, last_seq, writer, owner, tags,
        forked_from, forked_seq)
      SELECT @id, iif(@isChanged, @blueprintId, blueprint_id), iif(@isChanged, @blueprintVersion, blueprint_version),
        iif(@isChanged, @blueprintHash, blueprint_hash), '${unchanged.status}', @at, @at, @seq + 1, @writer, @owner, tags,
        @from, @seq
      FROM ${executions} WHERE key = @source`,
    )
    this.#tagsOf = db.prepare<[number], string | null>(`SELECT tags FROM ${executions} WHERE key = ?`).pluck()
    this.#insertParts = db.prepare(
      `INSERT INTO ${lineage} (run, to_seq, from_seq, source, blueprint_id)
      SELECT @key, min(to_seq, @seq), from_seq, source, blueprint_id FROM ${lineage} WHERE run = @source AND from_seq <= @seq`,
    )
    this.#insertPart = db.prepare(
      `INSERT INTO ${lineage} (run, to_seq, from_seq, source, blueprint_id) VALUES (?, ?, ?, ?, ?)`,
    )
  }

  /** Makes a fork. Throws when it may not be; nothing is changed then. */
  fork(fork: Fork): void {
    const { executionId, from, writer, owner } = fork
    assertTexts({ writer, ...(owner !== undefined && { owner }) })
    this.#lock(() => {
      const source = this.#table.read(from)
      const verdict = admitFork(fork, this.#table.read(executionId) ?? noHead, source ?? noHead)
      if (isFlowcraftError(verdict)) throw verdict
      if (verdict === 'done' || source === undefined) return
      if (!isStorableText(executionId)) throw malformedId(executionId, executionId)
      this.#insert(fork, source)
    })
  }

  #insert({ executionId, from, seq, writer, owner, event }: Fork, source: Head): void {
    const { blueprintHash, blueprintVersion, blueprintId } = event.payload
    const isChanged = blueprintHash !== undefined
    const shared = { executionId, blueprintId: isChanged ? textOrNull(blueprintId) : source.blueprintId }
    const encoded = encodeEvents(shared, [event], unchanged)
    if ('fault' in encoded) throw encoded.fault
    const { lastInsertRowid } = this.#insertFork.run({
      id: executionId,
      from,
      seq,
      source: source.key,
      isChanged: isChanged ? 1 : 0,
      blueprintId: shared.blueprintId,
      blueprintVersion: textOrNull(blueprintVersion),
      blueprintHash: textOrNull(blueprintHash),
      at: event.timestamp,
      writer,
      owner: owner ?? null,
    })
    const key = Number(lastInsertRowid)
    const tags = this.#tagsOf.get(source.key)
    // It was an array of strings when it was written.
    for (const tag of typeof tags === 'string' ? (JSON.parse(tags) as string[]) : []) {
      this.#statements.insertTag.run(tagColumn(tag), event.timestamp, key)
    }
    if (source.forkedSeq === undefined) this.#insertPart.run(key, seq, 0, source.key, source.blueprintId)
    else this.#insertParts.run({ key, source: source.key, seq })
    this.#insertPart.run(key, noEnd, seq + 1, key, shared.blueprintId)
    this.#statements.insertEvent.run(key, event.seq, ...encoded.rows[0]!)
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && isStorableText(value) ? value : null
}
