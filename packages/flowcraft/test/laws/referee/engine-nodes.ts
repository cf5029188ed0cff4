import { expectedEngineError } from '../errors.ts'
import type { AttemptEnd } from './attempts.ts'
import { endOfBatchNode } from './batches.ts'
import { nodeOf } from './look-up.ts'
import type { Run, Table } from './table.ts'
import { readKey } from './values.ts'

/** What a node comes to that the engine runs itself. */
export function endOfEngineNode(table: Table, run: Run): AttemptEnd {
  const { uses, params } = nodeOf(table, run.nodeId)
  switch (uses) {
    case 'sleep':
      return { kind: 'waits', event: undefined, isTimed: true }
    case 'wait': {
      const event = typeof params?.['event'] === 'string' ? params['event'] : undefined
      return { kind: 'waits', event, isTimed: params?.['timeout'] !== undefined }
    }
    case 'batch-scatter':
    case 'batch-gather':
      return endOfBatchNode(table, run)
    default:
      return endOfController(table, run)
  }
}

/** A controller gives on what it got. */
function endOfController(table: Table, { nodeId, input }: Run): AttemptEnd {
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
