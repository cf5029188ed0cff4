import type { Plan, PlanNode } from '../blueprint/plan.ts'
import type { Fact, RecordedResult, RecordedRunOptions } from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'
import type { RunState } from '../state/run-state.ts'
import { isIdle, type Frontier } from './frontier.ts'
import { inputOf } from './inputs.ts'
import { nextStart } from './readiness.ts'
import { retryDelayMs } from './retry.ts'

/** What a run is to do next. */
export type Decision =
  /** Record these facts, and ask again. */
  | { readonly kind: 'record'; readonly facts: readonly Fact[] }
  /** A node finished: decide its edges. */
  | { readonly kind: 'route'; readonly node: PlanNode }
  /** Record the start, and execute once it is durable. */
  | { readonly kind: 'start'; readonly node: PlanNode; readonly fact: StartFact }
  /** Too many node executions: end the run as failed. */
  | { readonly kind: 'exhausted' }
  /** Nothing is left: end the run with this status. */
  | { readonly kind: 'finish'; readonly status: 'completed' | 'failed' | 'cancelled' }
  /** Nothing can be done before an outcome, a timer or a free slot. */
  | { readonly kind: 'wait' }

/** The fact that starts a node. */
export type StartFact = Extract<Fact, { type: 'node:start' }>

/** How much a run may do: at a time, and in all. */
export type Limits = Pick<RecordedRunOptions, 'concurrency' | 'maxIterations'>

/** A run as the scheduler sees it. */
export interface Situation {
  readonly plan: Plan
  readonly frontier: Frontier
  readonly state: RunState
  readonly limits: Limits
  /** Which ready nodes may start; all when absent. */
  readonly mayStart?: ((node: number) => boolean) | undefined
}

/** The next thing that follows from what is recorded. Pure: the same situation gives the same decision. */
export function decide(situation: Situation): Decision {
  const { plan, frontier, state } = situation
  if (frontier.isFinished || !frontier.isStarted) return waiting
  if (frontier.isCancelled) return { kind: 'finish', status: 'cancelled' }
  if (frontier.hasFatalError) return { kind: 'finish', status: 'failed' }
  const failing = frontier.failing.first()
  if (failing !== undefined) return { kind: 'record', facts: [toFallback(plan, state, failing)] }
  const routing = frontier.routing.first()
  if (routing !== undefined) return { kind: 'route', node: plan.nodes[routing]! }
  const skipped = frontier.skips.first()
  if (skipped !== undefined) return { kind: 'record', facts: [toSkip(plan, frontier, state, skipped)] }
  if (isIdle(frontier)) return { kind: 'finish', status: state.errors.size > 0 ? 'failed' : 'completed' }
  if (frontier.running.size >= situation.limits.concurrency) return waiting
  const ready = firstReady(situation)
  return ready === undefined ? waiting : decideStart(situation, plan.nodes[ready]!)
}

/** How an attempt ended. */
export type Outcome =
  | { readonly result: RecordedResult }
  | {
      readonly error: WorkflowError
      /** `false` when another attempt could not help. */
      readonly isRetryable: boolean
    }

/** An attempt that ended, with what it wrote. */
export interface EndedAttempt {
  readonly node: PlanNode
  readonly attempt: number
  readonly iteration: number
  /** Whether it was a fallback that a registry key names. */
  readonly isRegistryFallback: boolean
  readonly writes: readonly Write[]
  readonly durationMs: number
  readonly outcome: Outcome
}

/** One write of an attempt, in the order in which it was made. */
export type Write = { readonly key: string } & (
  | { readonly op: 'set'; readonly value: unknown }
  | { readonly op: 'delete' }
)

/** The facts of an attempt that ended: its writes, then its finish, retry or error. */
export function decideOutcome(ended: EndedAttempt): Fact[] {
  const { node, attempt, iteration, outcome, durationMs } = ended
  const nodeId = node.id
  const facts: Fact[] = []
  for (const write of ended.writes) {
    facts.push({ type: 'context:change', payload: { sourceNode: nodeId, iteration, attempt, ...write } })
  }
  if ('result' in outcome) {
    const { result } = outcome
    facts.push({ type: 'node:finish', payload: { nodeId, iteration, attempt, result, durationMs } })
    return facts
  }
  const { error, isRetryable } = outcome
  if (isRetryable && !error.isFatal && !ended.isRegistryFallback && attempt < node.maxAttempts) {
    const delayMs = retryDelayMs(node.definition.config, attempt)
    facts.push({ type: 'node:retry', payload: { nodeId, iteration, attempt, error, delayMs } })
  } else {
    facts.push({ type: 'node:error', payload: { nodeId, iteration, attempt, error } })
  }
  return facts
}

const waiting: Decision = { kind: 'wait' }

/** The first ready node in blueprint order that may start. */
function firstReady({ frontier, mayStart }: Situation): number | undefined {
  const smallest = frontier.ready.smallest()
  if (mayStart === undefined || smallest === undefined || mayStart(smallest)) return smallest
  let first: number | undefined
  for (const node of frontier.ready.members()) {
    if (mayStart(node) && (first === undefined || node < first)) first = node
  }
  return first
}

function decideStart(situation: Situation, node: PlanNode): Decision {
  const { plan, frontier, state, limits } = situation
  const start = nextStart(frontier, node.index)
  const before = state.nodes.get(node.id)
  if (start.kind === 'retry' || start.kind === 'registry-fallback') {
    const attempt = (before?.attempts ?? 0) + 1
    // A transform that failed was the first attempt, though it has no start.
    const fallbackFor = start.kind === 'retry' ? before?.fallbackFor : node.id
    return toStart(node, before?.input, Math.max(attempt, 2), before?.iteration ?? 0, fallbackFor)
  }
  const iteration = before?.starts ?? 0
  if (frontier.executions >= limits.maxIterations) return { kind: 'exhausted' }
  if (start.kind === 'fallback') {
    const primary = plan.nodes[start.primary]!.id
    return toStart(node, state.nodes.get(primary)?.input, 1, iteration, primary)
  }
  const given = inputOf(plan, frontier, state, node)
  // A transform that failed gives nothing to start with: the node fails at this moment, without a start.
  if ('error' in given) return { kind: 'record', facts: [toError(node, iteration, given.error)] }
  return toStart(node, given.input, 1, iteration, undefined)
}

function toStart(
  node: PlanNode,
  input: unknown,
  attempt: number,
  iteration: number,
  fallbackFor: string | undefined,
): Decision {
  const nodeId = node.id
  const payload =
    fallbackFor === undefined
      ? { nodeId, input, attempt, iteration }
      : { nodeId, input, attempt, iteration, fallbackFor }
  return { kind: 'start', node, fact: { type: 'node:start', payload } }
}

function toError(node: PlanNode, iteration: number, error: WorkflowError): Fact {
  return { type: 'node:error', payload: { nodeId: node.id, iteration, attempt: 1, error } }
}

function toFallback(plan: Plan, state: RunState, index: number): Fact {
  const { id, definition } = plan.nodes[index]!
  const node = state.nodes.get(id)
  return {
    type: 'node:fallback',
    payload: {
      nodeId: id,
      iteration: node?.iteration ?? 0,
      fallback: definition.config?.fallback ?? '',
      // Recorded just before, by the same node's error.
      error: node!.error!,
    },
  }
}

function toSkip(plan: Plan, frontier: Frontier, state: RunState, index: number): Fact {
  const { id, incoming } = plan.nodes[index]!
  const nodeId = id
  const iteration = state.nodes.get(id)?.starts ?? 0
  // Nothing leads to a node that is a fallback and no more.
  if (incoming.length === 0)
    return { type: 'node:skipped', payload: { nodeId, iteration, reason: 'fallback-not-needed' } }
  const failed = frontier.failedEdge[index]
  const reason = failed === undefined ? 'not-chosen' : 'upstream-failed'
  // A node is skipped when all of its incoming edges are resolved, so there is a last one.
  return { type: 'node:skipped', payload: { nodeId, iteration, reason, edge: failed ?? frontier.lastEdge[index]! } }
}
