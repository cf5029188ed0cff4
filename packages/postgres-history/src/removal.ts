import { assertRequest, ExecutionConflictError, statusesOf, terminalStatuses, type PruneOptions } from 'flowcraft'
import type { Sql, TransactionSql } from 'postgres'
import { Conditions } from './filters.ts'
import { joinOwner } from './leases.ts'
import { rowsOf, transact, type Queryable } from './queries.ts'
import { removeRows } from './remove-rows.ts'
import { isStorableId } from './storable-text.ts'
import type { TableNames } from './table-names.ts'

/** How many executions one transaction of `prune` removes at most, unless a family has more. */
const slice = 1000

interface Member {
  readonly root: string
  readonly key: string
  readonly isOwned: boolean
}

/**
 * Removes an execution and those below it. Gives how many.
 *
 * @throws `ExecutionConflictError` for one that somebody drives, or that another one has started.
 */
export async function removeFamily(sql: Sql, names: TableNames, executionId: string): Promise<number> {
  if (!isStorableId(executionId)) return 0
  return await transact(sql, async (tx) => {
    const text = `SELECT x.key::text, p.id FROM ${names.executions} x
      LEFT JOIN ${names.executions} p ON p.id = x.parent WHERE x.id = $1`
    const [found] = await rowsOf<[key: string, parent: string | null]>(tx, text, [executionId])
    if (found === undefined) return 0
    const [key, parent] = found
    if (parent !== null) {
      const message = `Execution '${executionId}' is a part of '${parent}', which started it: delete that one`
      throw new ExecutionConflictError(message, { executionId })
    }
    const members = await lockFamilies(tx, names, [key])
    if (members.some(({ isOwned }) => isOwned)) {
      const message = `Execution '${executionId}' is driven by somebody whose lease goes on: cancel it, or wait for its end`
      throw new ExecutionConflictError(message, { executionId })
    }
    await removeRows(tx, names, keysOf(members))
    return members.length
  })
}

/** Removes the families of old roots, a slice a call. Gives how many executions, and `undefined` when nothing is left. */
export function pruner(names: TableNames, options: PruneOptions): (sql: Sql) => Promise<number | undefined> {
  assertRequest('prune', options)
  let place: Place | undefined
  let skip = options.keep ?? 0
  return async (sql) => {
    const roots = await rowsOf<[key: string, startedAt: number]>(sql, ...candidates(names, options, place, skip))
    skip = 0
    if (roots.length === 0) return undefined
    place = roots.at(-1)
    const families = groupByRoot(
      await readFamilies(
        sql,
        names,
        roots.map(([key]) => key),
        '',
      ),
    )
    let removed = 0
    for (const keys of slicesOf(families)) {
      removed += await transact(sql, (tx) => removeOld(tx, names, options, keys))
    }
    return removed
  }
}

type Place = readonly [key: string, startedAt: number]

/** The next candidates behind `place`, from the one that started last on: those that are kept come first. */
function candidates(
  names: TableNames,
  options: PruneOptions,
  place: Place | undefined,
  skip: number,
): [text: string, parameters: Conditions['parameters']] {
  const conditions = oldRoots(options)
  if (place !== undefined) {
    const [key, startedAt] = place
    conditions.add(`(x.started_at, x.key) < (${conditions.bind(startedAt)}::float8, ${conditions.bind(key)}::bigint)`)
  }
  const text = `SELECT x.key::text, x.started_at FROM ${names.executions} x ${joinOwner(names)}
    WHERE ${conditions.text} AND o.owner IS NULL
    ORDER BY x.started_at DESC, x.key DESC LIMIT ${slice} OFFSET ${conditions.bind(skip)}`
  return [text, conditions.parameters]
}

function oldRoots({ olderThan, status = terminalStatuses }: PruneOptions): Conditions {
  const conditions = new Conditions()
  conditions.add('x.parent IS NULL')
  conditions.add(`x.updated_at < ${conditions.bind(olderThan)}`)
  conditions.addOneOf('x.status', statusesOf(status))
  return conditions
}

/** Removes those of the roots that are still old when they are locked, and whose families nobody drives. */
async function removeOld(
  tx: TransactionSql,
  names: TableNames,
  options: PruneOptions,
  roots: readonly string[],
): Promise<number> {
  const members = await lockFamilies(tx, names, roots)
  const conditions = oldRoots(options)
  conditions.addOneOf('x.key::text', roots)
  const text = `SELECT x.key::text FROM ${names.executions} x WHERE ${conditions.text}`
  const old = new Set((await rowsOf<[string]>(tx, text, conditions.parameters)).map(([key]) => key))
  const gone = [...groupByRoot(members)]
    .filter(([root, family]) => old.has(root) && !family.some(({ isOwned }) => isOwned))
    .flatMap(([, family]) => family)
  await removeRows(tx, names, keysOf(gone))
  return gone.length
}

/** Locks in the order of keys, as appends do. Whoever joined a family while this waited is found by the second look. */
async function lockFamilies(tx: TransactionSql, names: TableNames, roots: readonly string[]): Promise<Member[]> {
  for (let known = -1; ;) {
    const members = await readFamilies(tx, names, roots, 'ORDER BY x.key FOR UPDATE OF x')
    if (members.length === known) return members
    known = members.length
  }
}

async function readFamilies(
  sql: Queryable,
  names: TableNames,
  roots: readonly string[],
  locking: string,
): Promise<Member[]> {
  const rows = await rowsOf<[root: string, key: string, isOwned: boolean]>(
    sql,
    `WITH RECURSIVE family(root, key, id) AS (
       SELECT key, key, id FROM ${names.executions}
       WHERE key = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)::bigint))
       UNION SELECT f.root, c.key, c.id FROM family f JOIN ${names.executions} c ON c.parent = f.id
     ) SELECT f.root::text, x.key::text, o.owner IS NOT NULL
     FROM family f JOIN ${names.executions} x ON x.key = f.key ${joinOwner(names)} ${locking}`,
    [JSON.stringify(roots)],
  )
  return rows.map(([root, key, isOwned]) => ({ root, key, isOwned }))
}

function keysOf(members: readonly Member[]): string[] {
  return members.map(({ key }) => key)
}

function groupByRoot(members: readonly Member[]): Map<string, Member[]> {
  const families = new Map<string, Member[]>()
  for (const member of members) {
    const family = families.get(member.root)
    if (family === undefined) families.set(member.root, [member])
    else family.push(member)
  }
  return families
}

/** Roots whose families are together of the size of a slice. */
function slicesOf(families: ReadonlyMap<string, readonly Member[]>): string[][] {
  const slices: string[][] = []
  let size = Infinity
  for (const [root, { length }] of families) {
    if (size + length > slice) {
      slices.push([])
      size = 0
    }
    slices.at(-1)!.push(root)
    size += length
  }
  return slices
}
