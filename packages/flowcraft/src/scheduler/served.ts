import type { PlanNode } from '../blueprint/plan.ts'
import type { Decision } from './decision.ts'
import type { RunState } from '../state/run-state.ts'

/** What the engine itself decides by: no output that is given could stand for it. */
const routing: readonly PlanNode['kind'][] = ['loop-controller', 'batch-scatter', 'batch-gather']

/** Whether an output could be given in place of this node's attempts. */
export function isServable({ kind }: PlanNode): boolean {
  return !routing.includes(kind)
}

/** Whether a fork gave this node its output: nothing is executed then. */
export function isServed({ givenOutputs }: RunState, node: PlanNode): boolean {
  return givenOutputs !== undefined && Object.hasOwn(givenOutputs, node.id) && isServable(node)
}

/** What a started node finishes with at once. */
export function serve({ nodes, givenOutputs }: RunState, { id }: PlanNode): Decision {
  const { iteration = 0, attempts = 1 } = nodes.get(id) ?? {}
  const output = givenOutputs?.[id]
  const result = Object.freeze(output === undefined ? {} : { output })
  const payload = { nodeId: id, iteration, attempt: attempts, result, durationMs: 0 }
  return { kind: 'record', facts: [{ type: 'node:finish', payload }] }
}
