import { expectedEngineError } from '../errors.ts'
import type { AttemptEnd } from './attempts.ts'
import { nodeOf, type Run, type Table } from './table.ts'
import { readKey } from './values.ts'

/** What a loop's controller comes to: it gives on what it got. */
export function endOfController(table: Table, { nodeId, input }: Run): AttemptEnd {
  const condition = nodeOf(table, nodeId).params?.['condition']
  const meaning = typeof condition === 'string' ? table.flow.loopConditions.get(condition) : undefined
  if (meaning === undefined) throw new Error(`Nobody knows what ${nodeId} does`)
  try {
    const goesOn = meaning({ input, read: (key) => readKey(table, key) })
    return { kind: 'gives', output: input, action: goesOn ? 'continue' : 'break' }
  } catch {
    return { kind: 'fails', error: expectedEngineError(nodeId, 'EXPRESSION_FAILED') }
  }
}
