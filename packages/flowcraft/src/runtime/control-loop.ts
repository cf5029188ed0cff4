import type { PlanNode } from '../blueprint/plan.ts'
import { FlowcraftError } from '../errors.ts'
import type { Fact } from '../events/event.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { RunState } from '../state/run-state.ts'
import { evaluateLoop, type EvaluationOptions } from './evaluate.ts'

/** The fact that finishes a loop controller: it goes on or not, or its condition cannot be told. */
export function controlLoop(node: PlanNode, state: RunState, options: EvaluationOptions): Fact {
  const { id, definition } = node
  const { input, iteration = 0 } = state.nodes.get(id) ?? {}
  const place = { nodeId: id, iteration, attempt: 1 }
  const condition = String(definition.params?.['condition'])
  try {
    const action = evaluateLoop(condition, input, state, options) ? 'continue' : 'break'
    const result = Object.freeze(input === undefined ? { action } : { output: input, action })
    return { type: 'node:finish', payload: { ...place, result, durationMs: 0 } }
  } catch (cause) {
    const where = { nodeId: id, blueprintId: options.plan.blueprint.id, executionId: options.executionId }
    const { clock, values } = options
    const message = `The condition '${condition}' of loop '${id}' in blueprint '${where.blueprintId}' failed`
    const error = new FlowcraftError(message, { ...where, code: 'EXPRESSION_FAILED', cause })
    return {
      type: 'node:error',
      payload: { ...place, error: toWorkflowError(error, { ...where, now: clock.now(), types: values.types }) },
    }
  }
}
