import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import { FlowcraftError, type ErrorCode, type WorkflowError } from '../errors.ts'
import { toWorkflowError } from '../events/failure.ts'
import { put } from '../events/own-property.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { Clock } from '../ports.ts'
import type { EdgeFinding } from '../scheduler/routing.ts'
import { contextOf, contextValue } from '../state/select.ts'
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
  const { evaluator, values } = options
  const { source, target, condition, transform } = edge.definition
  const { output, action } = state.nodes.get(source) ?? {}
  const specials = new Map<string, unknown>([['input', output]])
  try {
    if (condition !== undefined) {
      const scope = scopeOf(evaluator, condition, state, new Map([...specials, ['result', { output, action }]]))
      if (!evaluator.evaluate(condition, scope)) return { holds: false }
    }
  } catch (error) {
    return { holds: false, error: toFinding(options, edge, source, 'condition', error) }
  }
  if (transform === undefined) return { holds: true }
  try {
    const value = evaluator.evaluate(transform, scopeOf(evaluator, transform, state, specials))
    const where = `the transform of edge '${source}' → '${target}' (execution '${options.executionId}')`
    return { holds: true, value: values.take(value, where, target) }
  } catch (error) {
    return { holds: true, error: toFinding(options, edge, target, 'transform', error) }
  }
}

/** Only what an expression can read, where the evaluator can tell. */
function scopeOf(
  evaluator: IEvaluator,
  expression: string,
  state: RunState,
  specials: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const names = evaluator.names?.(expression)
  const scope: Record<string, unknown> = names === undefined ? contextOf(state, (value) => value) : {}
  for (const name of names ?? []) put(scope, name, contextValue(state, name))
  if (names?.includes('context') ?? true) scope['context'] = contextOf(state, (value) => value)
  for (const [name, value] of specials) scope[name] = value
  return scope
}

function toFinding(
  { plan, executionId, clock }: EvaluationOptions,
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
  return toWorkflowError(error, { nodeId, blueprintId, executionId, now: clock.now() })
}
