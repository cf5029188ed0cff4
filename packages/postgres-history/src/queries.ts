import type { Sql, TransactionSql } from 'postgres'

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
