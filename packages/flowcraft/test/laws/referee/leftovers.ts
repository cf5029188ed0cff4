import { duesOf } from './joins.ts'
import { standingOf } from './look-up.ts'
import type { Table } from './table.ts'

/** What should have happened before a run may end. */
export function leftovers(table: Table): string[] {
  const left: string[] = []
  for (const { id } of table.shape.nodes) {
    const { runs, skipped, undecided } = standingOf(table, id)
    for (const { state } of runs) if (state !== 'finished' && state !== 'failed') left.push(`${id} is ${state}`)
    if (undecided.size > 0) left.push(`${id} has edges to decide`)
    for (const { kind } of duesOf(table, id)) left.push(`${id} is due to ${kind}`)
    if (skipped === undefined && runs.length === 0) left.push(`${id} has not come up`)
  }
  return left
}
