import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { abandonedSql, timersSql } from '../src/claims.ts'
import { followSql } from '../src/follow-statements.ts'
import { listSql, type ListRequest } from '../src/list-query.ts'
import { createTables } from '../src/schema.ts'
import { forkPageSql } from '../src/statements.ts'
import { tableNamesOf } from '../src/table-names.ts'

const names = tableNamesOf('t')
const db = new Database(':memory:')
createTables(db, names)

it.each<[string, Omit<ListRequest, 'limit' | 'now'>]>([
  ['t_by_start', { filter: {} }],
  ['t_by_start (started_at>? AND started_at<?)', { filter: { startedFrom: 1, startedBefore: 2 } }],
  ['t_by_start', { filter: { hasErrors: false } }],
  ['t_by_status (status=?)', { filter: {}, status: 'failed' }],
  ['t_by_status (status=?)', { filter: {}, status: 'completed' }],
  ['t_by_blueprint (blueprint_id=?)', { filter: { blueprintId: 'flow' } }],
  ['t_with_errors', { filter: { hasErrors: true } }],
  ['t_by_parent (parent_id=?)', { filter: { parent: 'root' } }],
  ['PRIMARY KEY (tag=?)', { filter: { tag: 'eu' } }],
  ['sqlite_autoindex_t_executions_1 (id=?)', { filter: { executionId: 'a' } }],
  ['t_by_status (status=?)', { filter: { blueprintId: 'flow' }, status: 'failed' }],
])('a list reads only what it gives, in the order of %s: %j', (index, request) => {
  for (const after of [undefined, [1, 2]] as const) {
    const { sql } = listSql(names, { ...request, after, limit: 50, now: 0 })
    const plan = planOf(sql)
    // A page behind another narrows it further.
    expect(plan.join('\n')).toContain(after === undefined ? index : index.replace(')', ''))
    if (request.filter.executionId === undefined) expect(plan.join('\n')).not.toContain('TEMP B-TREE')
    expect(plan.filter((step) => step.startsWith('SCAN') && !step.includes('USING INDEX'))).toEqual([])
  }
})

it('what is due is read in the order of an index', () => {
  expect(planOf(timersSql(names))).toEqual([
    'SEARCH t_executions USING INDEX t_by_wake_up (wake_up_at>? AND wake_up_at<?)',
  ])
  const [abandoned, ...rest] = planOf(abandonedSql(names))
  expect(abandoned).toBe('SEARCH x USING INDEX t_by_status (status=?)')
  expect(rest.join('\n')).not.toContain('TEMP B-TREE')
})

it('events are followed in the order of their positions', () => {
  const { sql } = followSql(names, { blueprintId: 'flow', tag: 'eu', types: ['node:error'] })
  const plan = planOf(sql)
  expect(plan[0]).toBe('SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)')
  expect(plan.join('\n')).not.toContain('TEMP B-TREE FOR ORDER BY')
})

it('a fork is read part by part, each by its index, and nothing is sorted', () => {
  const plan = planOf(forkPageSql(names, '').replaceAll(/@\w+/g, '?'))
  expect(plan[0]).toBe('SEARCH l USING PRIMARY KEY (run=? AND to_seq>?)')
  expect(plan.at(-1)).toMatch(/^SEARCH e USING INDEX sqlite_autoindex_t_\d \(run=\? AND seq>\? AND seq<\?\)$/)
  expect(plan.join('\n')).not.toContain('TEMP B-TREE')
})

function planOf(sql: string): string[] {
  const places = sql.split('?').length - 1
  const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
  return plan.all(...Array.from({ length: places }, () => 0)).map(({ detail }) => detail)
}
