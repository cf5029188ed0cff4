import type { Sql } from 'postgres'
import { rowsOf } from './queries.ts'
import type { TableNames } from './table-names.ts'
import { keysAtOnce } from './tables.ts'

/** Keys for new executions, rising, taken from the server by the thousand. Keys that are not used are lost. */
export class KeySupply {
  readonly #sql: Sql
  readonly #names: TableNames
  readonly #blocks: { next: number; left: number }[] = []

  constructor(sql: Sql, names: TableNames) {
    this.#sql = sql
    this.#names = names
  }

  /** Sees to it that `count` keys can be taken. */
  async reserve(count: number): Promise<void> {
    let left = this.#blocks.reduce((sum, block) => sum + block.left, 0)
    for (; left < count; left += keysAtOnce) {
      const text = `SELECT nextval(pg_get_serial_sequence($1, 'key'))::text`
      const [row] = await rowsOf<[string]>(this.#sql, text, [this.#names.executions])
      this.#blocks.push({ next: Number(row![0]), left: keysAtOnce })
    }
  }

  /** @throws `RangeError` when more are taken than were reserved. */
  take(): number {
    const [block] = this.#blocks
    if (block === undefined) throw new RangeError('no key was reserved')
    block.left--
    if (block.left === 0) this.#blocks.shift()
    return block.next++
  }
}
