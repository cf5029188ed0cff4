import type { PlanEdge, PlanNode } from '../blueprint/plan.ts'
import type { WorkflowError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { EdgeFinding } from '../scheduler/routing.ts'
import { scopeOf, type ExpressionSubject } from '../state/expression-scope.ts'
import type { Walk } from './walk.ts'

/** What the condition and the transform of an edge give at this moment of a recorded run. */
export function findingOf(walk: Walk, { definition }: PlanEdge): EdgeFinding {
  const { source, condition, transform } = definition
  const { output, action } = walk.state.nodes.get(source) ?? {}
  const subject = { output, action }
  try {
    if (condition !== undefined && !evaluateIn(walk, condition, subject)) return { holds: false }
  } catch (error) {
    return { holds: false, error: toError(walk, error, source) }
  }
  if (transform === undefined) return { holds: true }
  try {
    return { holds: true, value: evaluateIn(walk, transform, subject) }
  } catch (error) {
    return { holds: true, error: toError(walk, error, source) }
  }
}

/** With what a loop controller ends the turn at this moment; `undefined` where its condition throws. */
export function loopActionOf(walk: Walk, { id, definition }: PlanNode): 'continue' | 'break' | undefined {
  const condition = String(definition.params?.['condition'])
  const output = walk.state.nodes.get(id)?.input
  try {
    return evaluateIn(walk, condition, { output, action: undefined }) ? 'continue' : 'break'
  } catch {
    return undefined
  }
}

function evaluateIn({ evaluator, state }: Walk, expression: string, subject: ExpressionSubject): unknown {
  const show = evaluator.neverWrites === true ? asItIs : (value: unknown) => asReadOnly(value)
  return evaluator.evaluate(expression, scopeOf(state, subject, evaluator.names?.(expression), show))
}

function asItIs(value: unknown): unknown {
  return value
}

function toError({ state, plan }: Walk, error: unknown, nodeId: string): WorkflowError {
  const where = { executionId: state.executionId ?? '', blueprintId: plan.blueprint.id }
  return toWorkflowError(error, { ...where, nodeId, now: state.updatedAt ?? 0 })
}
