import type { Sql, TransactionSql } from 'postgres'
import { codeOf } from './store-error.ts'

/** What can be asked: a client, or a transaction of one. */
export type Queryable = Sql | TransactionSql

/** A value for a statement. */
export type Parameter = string | number | boolean | null

/** The rows of a statement, as lists of their columns. The statement is prepared once for a connection. */
export async function rowsOf<Row extends readonly unknown[]>(
  sql: Queryable,
  text: string,
  parameters: readonly Parameter[] = [],
): Promise<Row[]> {
  // The columns are those that the statement names.
  return (await sql.unsafe(text, [...parameters], { prepare: true }).values()) as unknown as Row[]
}

/**
 * Does `work` in a transaction. When the connection is lost in it, postgres.js 3.4.9 would send its ROLLBACK to a
 * connection that is gone, which then never answers again: so it is not told, and rejects when it sees the connection
 * closed.
 */
export async function transact<T>(sql: Sql, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await sql.begin(async (tx) => {
    try {
      return { value: await work(tx) }
    } catch (error) {
      if (isConnectionLost(error)) return await new Promise<never>(() => {})
      throw error
    }
  })
  return result.value
}

function isConnectionLost(error: unknown): boolean {
  return /^(CONNECTION_.*|ECONN.*|EPIPE|ETIMEDOUT|57P0.)$/.test(codeOf(error))
}
