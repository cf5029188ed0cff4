import type { Sql } from 'postgres'
import { rowsOf } from './queries.ts'
import type { TableNames } from './table-names.ts'

/** How long a transaction may keep followers from events before somebody is told. */
const patienceMs = 5000

/** Tells when events are there that cannot be followed yet, because a transaction of the server stays open. */
export class StallWatch {
  readonly #warn: (message: string) => void
  readonly #now: () => number
  #bound = ''
  #since = 0
  #hasTold = false

  constructor(warn: (message: string) => void, now: () => number = () => performance.now()) {
    this.#warn = warn
    this.#now = now
  }

  /** @param bound The number of the oldest open transaction, or of the next one. */
  async look(sql: Sql, names: TableNames, bound: string): Promise<void> {
    if (bound !== this.#bound) {
      this.#bound = bound
      this.#since = this.#now()
      this.#hasTold = false
      return
    }
    if (this.#hasTold || this.#now() - this.#since < patienceMs) return
    this.#since = this.#now()
    const [waiting] = await rowsOf<[boolean]>(
      sql,
      `SELECT EXISTS (SELECT FROM ${names.events} WHERE xid >= $1::xid8)`,
      [bound],
    )
    if (waiting?.[0] !== true) return
    this.#hasTold = true
    this.#warn(
      `PostgreSQL history: events have been waiting for ${patienceMs / 1000} s to be followed, until transaction ${bound} ` +
        `ends: ${await holderOf(sql, bound)}`,
    )
  }
}

async function holderOf(sql: Sql, bound: string): Promise<string> {
  const [session] = await rowsOf<[pid: number, name: string, state: string | null]>(
    sql,
    'SELECT pid, application_name, state FROM pg_stat_activity WHERE backend_xid = $1::xid8::xid',
    [bound],
  )
  if (session !== undefined) {
    const [pid, name, state] = session
    return `that of the process with pid ${pid} (application '${name}', ${state ?? 'state unknown'})`
  }
  const [prepared] = await rowsOf<[gid: string]>(
    sql,
    'SELECT gid FROM pg_prepared_xacts WHERE transaction = $1::xid8::xid',
    [bound],
  )
  return prepared === undefined
    ? 'its process is not shown to this user (it needs pg_read_all_stats)'
    : `the prepared transaction '${prepared[0]}', which somebody has to commit or to roll back`
}
