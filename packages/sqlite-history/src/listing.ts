import { setImmediate } from 'node:timers/promises'
import type { Database, Statement } from 'better-sqlite3'
import { assertRequest, EventStoreError } from 'flowcraft'
import type { ExecutionFilter, ExecutionPage, ExecutionSummary, PageRequest, RunStatus } from 'flowcraft'
import { hasErrorText } from './error-text.ts'
import type { HistoryFile } from './history-file.ts'
import { listSql, summaryOf, type ListedRow, type ListQuery } from './list-query.ts'
import type { Statements } from './statements.ts'
import type { TableNames } from './table-names.ts'

/** Where a page ends: the row there. */
type Place = readonly [startedAt: number, key: number]

const defaultLimit = 50
const scannedAtOnce = 100

/** Lists executions by pages. */
export class Listing {
  readonly #file: HistoryFile
  readonly #names: TableNames
  readonly #statements: Statements
  readonly #prepared = new Map<string, Statement<unknown[], ListedRow>>()

  constructor(file: HistoryFile, names: TableNames, statements: Statements) {
    this.#file = file
    this.#names = names
    this.#statements = statements
  }

  /** @throws `EventStoreError` for a filter or a page that cannot be. */
  async list(filter: ExecutionFilter = {}, page: PageRequest = {}): Promise<ExecutionPage> {
    assertRequest('list', filter)
    assertRequest('page', page)
    const { limit = defaultLimit } = page
    const start = page.cursor === undefined ? undefined : placeOf(page.cursor)
    const { errorText } = filter
    const found =
      errorText === undefined
        ? this.#rows(filter, start, limit + 1)
        : await this.#rowsWith(errorText, filter, start, limit + 1)
    const rows = found.slice(0, limit)
    const items: ExecutionSummary[] = rows.map(summaryOf)
    return found.length > limit ? { items, cursor: cursorOf(rows.at(-1)!) } : { items }
  }

  /** One query for each status, as an index gives only one of them in the order of the list. */
  #rows(filter: ExecutionFilter, after: Place | undefined, limit: number): ListedRow[] {
    const now = Date.now()
    const isEach = Array.isArray(filter.status)
    const statuses: readonly (RunStatus | undefined)[] = isEach
      ? [...new Set(filter.status)]
      : [filter.status as RunStatus]
    const read = (): ListedRow[][] =>
      statuses.map((status) => this.#query(listSql(this.#names, { filter, status, after, limit, now })))
    return this.#file.read('list executions', () => {
      const { db } = this.#file
      // In one view of the file: an execution that changes its status in between would be there twice, or not at all.
      const parts = statuses.length === 1 ? read() : db.transaction(read).deferred()
      return parts.length === 1 ? parts[0]! : parts.flat().sort(byLatestStart).slice(0, limit)
    })
  }

  async #rowsWith(
    text: string,
    filter: ExecutionFilter,
    start: Place | undefined,
    limit: number,
  ): Promise<ListedRow[]> {
    const found: ListedRow[] = []
    for (let after = start; ;) {
      const rows = this.#rows(filter, after, scannedAtOnce)
      for (const row of rows) {
        const { id: executionId, last_seq: lastSeq, forked_seq: forkedSeq } = row
        // What a fork shares is found in its source.
        const search = { executionId, firstSeq: (forkedSeq ?? -1) + 1, lastSeq, text }
        if (await hasErrorText(this.#file, this.#statements, search)) found.push(row)
        if (found.length === limit) return found
      }
      if (rows.length < scannedAtOnce) return found
      after = placeBehind(rows.at(-1)!)
      await setImmediate()
    }
  }

  #query({ sql, values }: ListQuery): ListedRow[] {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      const db: Database = this.#file.db
      statement = db.prepare<unknown[], ListedRow>(sql)
      this.#prepared.set(sql, statement)
    }
    return statement.all(...values)
  }
}

function byLatestStart(a: ListedRow, b: ListedRow): number {
  return b.started_at - a.started_at || b.key - a.key
}

function placeBehind({ started_at: startedAt, key }: ListedRow): Place {
  return [startedAt, key]
}

function cursorOf(row: ListedRow): string {
  return placeBehind(row).join('/')
}

function placeOf(cursor: string): Place {
  const [startedAt = '', key = '', ...more] = cursor.split('/')
  const place = [Number(startedAt), Number(key)] as const
  const isWhole = startedAt.trim() !== '' && /^\d{1,15}$/.test(key) && more.length === 0
  if (isWhole && Number.isFinite(place[0])) return place
  throw new EventStoreError(`page: the cursor ${JSON.stringify(cursor)} is not one that 'list' has given`)
}
