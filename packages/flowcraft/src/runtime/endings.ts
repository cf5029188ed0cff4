import type { Plan } from '../blueprint/plan.ts'
import { FlowcraftError, type WorkflowError } from '../errors.ts'
import type { Fact, TerminalStatus } from '../events/event.ts'
import { describeThrown, toWorkflowError } from '../events/failure.ts'
import type { Clock } from '../ports.ts'
import type { RunState } from '../state/run-state.ts'
import type { Values } from './values.ts'

/** What identifies a run in its errors. */
interface Identified {
  readonly plan: Plan
  readonly executionId: string
  readonly clock: Clock
}

/** The error of a run that has had all its node executions. */
export function exhaustion({ plan, executionId, clock }: Identified, maxIterations: number): WorkflowError {
  const where = { blueprintId: plan.blueprint.id, executionId }
  const error = new FlowcraftError(
    `Execution '${executionId}' of blueprint '${where.blueprintId}' has started ${maxIterations} nodes, which is its limit; raise 'maxIterations' if that is intended`,
    { ...where, code: 'MAX_ITERATIONS_EXCEEDED' },
  )
  return toWorkflowError(error, { ...where, now: clock.now() })
}

/** The last fact of a run: with every error that nothing recovered. */
export function finishFact(status: TerminalStatus, state: RunState, own: readonly WorkflowError[], now: number): Fact {
  const errors = Object.freeze([...state.errors.values(), ...own])
  const durationMs = Math.max(0, now - (state.startedAt ?? 0))
  return { type: 'workflow:finish', payload: { status, ...(errors.length > 0 && { errors }), durationMs } }
}

/** A cancellation, with its reason as text where that cannot be kept as it is. */
export function cancelFact(
  { values, executionId }: Pick<Identified, 'executionId'> & { readonly values: Values },
  reason: unknown,
): Fact {
  const where = `the reason for cancelling execution '${executionId}'`
  let taken: unknown
  try {
    taken = values.take(reason, where)
  } catch {
    taken = describeThrown(reason).message
  }
  return { type: 'workflow:cancel', payload: { reason: taken } }
}

/** What nodes are told when their run has ended without them: the very reason that was given, where there is one. */
export function reasonOf(given: { readonly reason: unknown } | undefined, state: RunState): unknown {
  if (given !== undefined) return given.reason
  return state.cancelReason ?? new FlowcraftError(`Execution '${state.executionId}' has ended`)
}
