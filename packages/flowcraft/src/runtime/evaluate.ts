import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import { FlowcraftError, type ErrorCode, type WorkflowError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import { toWorkflowError } from '../events/failure.ts'
import { put } from '../events/own-property.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import type { Clock } from '../ports.ts'
import type { EdgeFinding } from '../scheduler/routing.ts'
import { contextOf, contextValue, hasContextKey } from '../state/select.ts'
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
  const scope = scopeOf(evaluator, expression, state, show)
  scope['input'] = show(output)
  scope['result'] = { output: show(output), action }
  const value = evaluator.evaluate(expression, scope)
  if (value instanceof Promise) throw new TypeError('The evaluator gave a promise; expressions are evaluated at once')
  return value
}

/** Only what an expression can read, where the evaluator can tell. */
function scopeOf(
  evaluator: IEvaluator,
  expression: string,
  state: RunState,
  show: (value: unknown) => unknown,
): Record<string, unknown> {
  const names = evaluator.names?.(expression)
  if (names === undefined) {
    const context = contextOf(state, show)
    return { ...context, context }
  }
  const scope: Record<string, unknown> = {}
  for (const name of names) put(scope, name, show(contextValue(state, name)))
  if (names.includes('context')) scope['context'] = lazyContext(state, show)
  return scope
}

function asItIs(value: unknown): unknown {
  return value
}

/** The whole context as an object that looks each key up when it is read. */
function lazyContext(state: RunState, show: (value: unknown) => unknown): Record<string, unknown> {
  let whole: Record<string, unknown> | undefined
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, key) => (typeof key === 'string' ? show(contextValue(state, key)) : undefined),
      has: (_, key) => typeof key === 'string' && hasContextKey(state, key),
      ownKeys: () => Reflect.ownKeys((whole ??= contextOf(state, show))),
      getOwnPropertyDescriptor: (_, key) =>
        typeof key === 'string' && hasContextKey(state, key)
          ? { value: show(contextValue(state, key)), enumerable: true, configurable: true, writable: false }
          : undefined,
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    },
  )
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
