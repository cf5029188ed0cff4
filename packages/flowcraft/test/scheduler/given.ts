import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import type { WorkflowError } from '../../src/errors.ts'
import type { Fact, FlowcraftEvent } from '../../src/events/event.ts'
import { advance } from '../../src/scheduler/advance.ts'
import { decide } from '../../src/scheduler/decide.ts'
import type { Decision, Limits } from '../../src/scheduler/decision.ts'
import { frontierOf } from '../../src/scheduler/frontier.ts'
import { draftOf, initialState } from '../../src/state/draft.ts'
import { apply } from '../../src/state/fold.ts'

/** What the scheduler decides after a past. */
export function whenAsked(blueprint: WorkflowBlueprint, past: readonly Fact[], limits: Partial<Limits> = {}): Decision {
  const plan = planOf(blueprint)
  if (!isPlan(plan)) throw new Error(plan.join('\n'))
  const state = draftOf(initialState)
  const frontier = frontierOf(plan)
  for (const [seq, { type, payload }] of [started, ...past].entries()) {
    const ids = { executionId: 'e', blueprintId: blueprint.id }
    // A fact and its two ids are an event, whatever its type.
    const event = {
      id: `e:${seq}`,
      seq,
      timestamp: seq,
      executionId: 'e',
      type,
      payload: { ...ids, ...payload },
    } as FlowcraftEvent
    apply(state, event)
    advance(frontier, state, event)
  }
  return decide({ frontier, state, limits: { concurrency: 64, maxIterations: 1000, ...limits } })
}

/** The facts that a decision records. */
export function factsOf(decision: Decision): readonly Fact[] {
  if (decision.kind === 'record') return decision.facts
  return decision.kind === 'start' ? [decision.fact] : []
}

const started: Fact = {
  type: 'workflow:start',
  payload: {
    blueprintHash: '',
    initialContext: { n: 1 },
    options: { concurrency: 64, maxIterations: 1000, strict: false },
  },
}

export const start = (nodeId: string, more: object = {}): Fact => ({
  type: 'node:start',
  payload: { nodeId, input: undefined, attempt: 1, iteration: 0, ...more },
})

export const finish = (nodeId: string, output?: unknown, more: object = {}): Fact => ({
  type: 'node:finish',
  payload: { nodeId, attempt: 1, iteration: 0, durationMs: 0, result: { output }, ...more },
})

export const error = (nodeId: string, more: object = {}, failure: Partial<WorkflowError> = {}): Fact => ({
  type: 'node:error',
  payload: { nodeId, attempt: 1, iteration: 0, error: { ...broken, nodeId, ...failure }, ...more },
})

export const retry = (nodeId: string, delayMs: number): Fact => ({
  type: 'node:retry',
  payload: { nodeId, attempt: 1, iteration: 0, error: { ...broken, nodeId }, delayMs },
})

export const fallback = (nodeId: string, to: string): Fact => ({
  type: 'node:fallback',
  payload: { nodeId, iteration: 0, fallback: to, error: { ...broken, nodeId } },
})

export const edge = (index: number, source: string, target: string, result: boolean = true): Fact => ({
  type: 'edge:evaluate',
  payload: { edge: index, source, target, result, ...(!result && { reason: 'condition-false' }) },
})

export const skipped = (nodeId: string, reason: 'not-chosen' | 'upstream-failed'): Fact => ({
  type: 'node:skipped',
  payload: { nodeId, iteration: 0, reason },
})

export const broken: WorkflowError = {
  message: 'broken',
  name: 'FlowcraftError',
  blueprintId: 'graph',
  executionId: 'e',
  isFatal: false,
  timestamp: '1970-01-01T00:00:00.000Z',
}
