import type { Sql, TransactionSql } from 'postgres'
import { EventStoreError } from 'flowcraft'
import { transact } from './queries.ts'
import type { TableNames } from './table-names.ts'
import { migrationFrom1, tablesSql, tablesVersion } from './tables.ts'

/** The first number that a transaction can have. */
const oldestXid = 3

/** Of the advisory locks: "flow" in ASCII. */
const lockClass = 0x666c6f77
const schemaLockClass = lockClass + 1
/** Of the advisory lock that removals take where there are forks. */
export const removalLockClass: number = lockClass + 2

/**
 * Sees to the tables: makes them, or brings those of an older version to the present one. Processes that do so at the same
 * time wait for each other.
 *
 * @throws `EventStoreError` when they are missing or old and may not be changed, or are of a version that is not known.
 */
export async function prepareTables(sql: Sql, names: TableNames, mayCreate: boolean): Promise<void> {
  const found = await versionOf(sql, names)
  if (found === tablesVersion) return
  if (!mayCreate) throw notAllowed(found, names)
  await transact(sql, async (tx) => {
    await tx.unsafe('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, names.version])
    // Another process may have been faster.
    const version = await versionOf(tx, names)
    if (version === tablesVersion) return
    if (version === 1) {
      await assertNoStrangers(tx, [names.lineage])
      await tx.unsafe(migrationFrom1(names)).simple()
      return
    }
    const { events, executions, tags, lineage, blueprints, owners, view } = names
    await createSchema(tx, names)
    await assertNoStrangers(tx, [events, executions, tags, lineage, blueprints, owners, names.version, view])
    await tx.unsafe(tablesSql(names)).simple()
  })
}

/**
 * Transactions are numbered by the server. In tables that were restored on another one, the numbers may be of its future:
 * they are made old, so that what is there comes before all that is written from now on.
 */
export async function adoptRestoredRows(sql: Sql, { events, executions }: TableNames): Promise<void> {
  const text = `SELECT (SELECT xid FROM ${events} ORDER BY xid DESC LIMIT 1) >= pg_snapshot_xmax(pg_current_snapshot())`
  const [row] = await sql.unsafe(text).values()
  if (row?.[0] !== true) return
  await transact(sql, async (tx) => {
    await tx.unsafe(`LOCK TABLE ${executions}, ${events} IN EXCLUSIVE MODE`)
    const [again] = await tx.unsafe(text).values()
    if (again?.[0] !== true) return
    for (const table of [executions, events]) await tx.unsafe(`UPDATE ${table} SET xid = '${oldestXid}'::xid8`)
  })
}

/** 1 or the present version; `undefined` when there are no tables. Others are refused. */
async function versionOf(sql: Sql | TransactionSql, names: TableNames): Promise<number | undefined> {
  if (!(await exists(sql, names.version))) return undefined
  const [row] = await sql.unsafe(`SELECT version FROM ${names.version}`).values()
  const version: unknown = row?.[0]
  if (version === 1 || version === tablesVersion) return version
  throw new EventStoreError(
    `PostgreSQL history: the tables of ${names.version} have version ${String(version)}, and this version of ` +
      `@flowcraft/postgres-history knows version ${tablesVersion}: install the one that fits`,
  )
}

function notAllowed(version: number | undefined, names: TableNames): EventStoreError {
  const reason =
    version === undefined
      ? `there is no table ${names.version}, and autoCreateTables is false: create the tables with an adapter that may, ` +
        `or name the schema and the tableName of a history`
      : `the tables of ${names.version} have version ${version}, and autoCreateTables is false: bring them to version ` +
        `${tablesVersion} with an adapter that may`
  return new EventStoreError(`PostgreSQL history: ${reason}`)
}

/** Looks into a table of the server, which then takes notice of what others have created; `to_regclass` alone does not. */
async function exists(sql: Sql | TransactionSql, name: string): Promise<boolean> {
  const text = 'SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass($1))'
  const [found] = await sql.unsafe(text, [name]).values()
  return found?.[0] === true
}

/** Only where it is missing: who may use a schema may not always create one. */
async function createSchema(tx: TransactionSql, { schema, plainSchema }: TableNames): Promise<void> {
  if (schema === undefined || plainSchema === undefined) return
  // Other tables may be about to be made in the same new schema.
  await tx.unsafe('SELECT pg_advisory_xact_lock($1, hashtext($2))', [schemaLockClass, plainSchema])
  const found = await tx.unsafe('SELECT 1 FROM pg_namespace WHERE nspname = $1', [plainSchema]).values()
  if (found.length === 0) await tx.unsafe(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
}

async function assertNoStrangers(tx: TransactionSql, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!(await exists(tx, name))) continue
    throw new EventStoreError(
      `PostgreSQL history: there is a table ${name} that is not of this package: choose another tableName or schema`,
    )
  }
}
