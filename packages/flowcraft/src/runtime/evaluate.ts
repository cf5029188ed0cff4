import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import { FlowcraftError, type ErrorCode, type WorkflowError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import { toWorkflowError } from '../events/failure.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { Clock } from '../ports.ts'
import type { EdgeFinding } from '../scheduler/routing.ts'
import { scopeOf } from '../state/expression-scope.ts'
import type { RunState } from '../state/run-state.ts'
import type { Values } from './values.ts'

/** What edge expressions are evaluated with. */
export interface EvaluationOptions {
  readonly plan: Plan
  readonly evaluator: IEvaluator
  readonly values: Values
  readonly executionId: string
  readonly clock: Clock
}

/** Evaluates the condition of an edge and, if it holds, its transform. What they throw is part of the finding. */
export function evaluateEdge(edge: PlanEdge, state: RunState, options: EvaluationOptions): EdgeFinding {
  const { source, target, condition, transform } = edge.definition
  const { output, action } = state.nodes.get(source) ?? {}
  const evaluate = (expression: string): unknown => evaluateIn(options, state, expression, { output, action })
  try {
    if (condition !== undefined && !evaluate(condition)) return { holds: false }
  } catch (error) {
    return { holds: false, error: toFinding(options, edge, source, 'condition', error) }
  }
  if (transform === undefined) return { holds: true }
  try {
    const where = `the transform of edge '${source}' → '${target}' (execution '${options.executionId}')`
    return { holds: true, value: options.values.take(evaluate(transform), where, target) }
  } catch (error) {
    return { holds: true, error: toFinding(options, edge, target, 'transform', error) }
  }
}

/** Evaluates the condition of a loop for what its controller received. @throws what the evaluator throws. */
export function evaluateLoop(condition: string, input: unknown, state: RunState, options: EvaluationOptions): boolean {
  return Boolean(evaluateIn(options, state, condition, { output: input, action: undefined }))
}

function evaluateIn(
  { evaluator, values }: EvaluationOptions,
  state: RunState,
  expression: string,
  { output, action }: { readonly output: unknown; readonly action: string | undefined },
): unknown {
  const show = values.show ?? (evaluator.neverWrites === true ? asItIs : asReadOnly)
  const scope = scopeOf(state, { output, action }, evaluator.names?.(expression), show)
  const value = evaluator.evaluate(expression, scope)
  if (value instanceof Promise) throw new TypeError('The evaluator gave a promise; expressions are evaluated at once')
  return value
}

function asItIs(value: unknown): unknown {
  return value
}

function toFinding(
  { plan, executionId, clock, values }: EvaluationOptions,
  { definition }: PlanEdge,
  nodeId: string,
  kind: 'condition' | 'transform',
  cause: unknown,
): WorkflowError {
  const { source, target } = definition
  const code: ErrorCode = kind === 'transform' ? 'TRANSFORM_FAILED' : 'EXPRESSION_FAILED'
  const blueprintId = plan.blueprint.id
  const error = new FlowcraftError(
    `The ${kind} '${definition[kind]}' of edge '${source}' → '${target}' in blueprint '${blueprintId}' failed`,
    { code, cause, nodeId, blueprintId, executionId },
  )
  return toWorkflowError(error, { nodeId, blueprintId, executionId, now: clock.now(), types: values.types })
}
