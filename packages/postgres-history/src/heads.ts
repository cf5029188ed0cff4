import { isParkedStatus, type ExecutionChange, type ExecutionHead, type RunStatus } from 'flowcraft'
import { rowsOf, type Queryable } from './queries.ts'
import type { SharedColumns } from './rows.ts'
import { isStorableId } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

/** What the executions table says of an execution. */
export interface Head extends ExecutionHead, SharedColumns {
  readonly key: number
  readonly owner: string | undefined
  readonly change: ExecutionChange
  /** Of a fork, the `seq` of the last event that it shares. */
  readonly forkedSeq: number | undefined
}

/** What is known of executions: `undefined` for one that is not there. */
export type Heads = Map<string, Head | undefined>

type HeadRow = readonly [
  key: string,
  id: string,
  blueprintId: string | null,
  lastSeq: number,
  writer: string | null,
  owner: string | null,
  status: RunStatus,
  finishedAt: number | null,
  errorCount: number,
  wakeUpAt: number | null,
  parent: string | null,
  forkedSeq: number | null,
]

const columns =
  'key::text, id, blueprint_id, last_seq, writer, owner, status, finished_at, error_count, wake_up_at, parent, forked_seq'

/** The heads of these executions; every id is a key of the map. */
export async function readHeads(sql: Queryable, names: TableNames, ids: readonly string[]): Promise<Heads> {
  const heads: Heads = new Map(ids.map((id) => [id, undefined]))
  const storable = [...heads.keys()].filter(isStorableId)
  if (storable.length === 0) return heads
  const text = `SELECT ${columns} FROM ${names.executions}
    WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))`
  for (const row of await rowsOf<HeadRow>(sql, text, [JSON.stringify(storable)])) heads.set(row[1], headOf(row))
  return heads
}

function headOf(row: HeadRow): Head {
  const [key, executionId, blueprintId, lastSeq, writer, owner, status, finishedAt, errorCount, wakeUpAt, ...rest] = row
  const [parent, forkedSeq] = rest
  const change = { status, finishedAt: finishedAt ?? undefined, errorCount, wakeUpAt: wakeUpAt ?? undefined }
  return {
    key: Number(key),
    executionId,
    blueprintId,
    lastSeq,
    writer: writer ?? undefined,
    owner: owner ?? undefined,
    isParked: isParkedStatus(status),
    parent: parent ?? undefined,
    change,
    forkedSeq: forkedSeq ?? undefined,
  }
}

const remembered = 10_000

/** The heads of the executions that were written last, as they were then. */
export class HeadMemory {
  readonly #heads = new Map<string, Head>()

  get(executionId: string): Head | undefined {
    return this.#heads.get(executionId)
  }

  set(head: Head): void {
    this.#heads.delete(head.executionId)
    this.#heads.set(head.executionId, head)
    if (this.#heads.size <= remembered) return
    const [oldest] = this.#heads.keys()
    this.#heads.delete(oldest!)
  }

  clear(): void {
    this.#heads.clear()
  }
}
