import type { PlanNode } from '../blueprint/plan.ts'
import type { Fact } from '../events/event.ts'
import type { WorkflowError } from '../errors.ts'
import type { RunState } from '../state/run-state.ts'
import { crashesBefore } from '../state/select.ts'
import type { Decision, Limits, SkipFact, StartFact } from './decision.ts'
import { engineError } from './engine-error.ts'
import { engineFacts } from './engine-nodes.ts'
import { isIdle, resolution, type Frontier } from './frontier.ts'
import { inputOf } from './inputs.ts'
import { parkFact, pauseFact } from './park.ts'
import { isServed } from './served.ts'
import { nextStart } from './visits.ts'

/** A run as the scheduler sees it. */
export interface Situation {
  readonly frontier: Frontier
  readonly state: RunState
  readonly limits: Limits
  /** Which ready nodes may start; all when absent. */
  readonly mayStart?: ((node: number) => boolean) | undefined
  /** How many attempts of one iteration of a node may be cut off by crashes. Default any number. */
  readonly maxRecoveries?: number | undefined
  /** Whether somebody asked for a pause: nothing more starts. */
  readonly isPausing?: boolean | undefined
}

/** The next thing that follows from what is recorded. Pure: the same situation gives the same decision. */
export function decide(situation: Situation): Decision {
  const { frontier, state, isPausing } = situation
  const { plan } = frontier
  if (frontier.isFinished || !frontier.isStarted) return waiting
  if (frontier.isCancelled) return { kind: 'finish', status: 'cancelled' }
  if (frontier.isParked) return waiting
  if (frontier.hasFatalError) return { kind: 'finish', status: 'failed' }
  const failing = frontier.failing.first()
  if (failing !== undefined) return { kind: 'record', facts: [toFallback(frontier, state, failing)] }
  // Before anything else, for a batch gives the places of its workers to others.
  const routing = frontier.routing.first()
  if (routing !== undefined) return { kind: 'route', node: plan.nodes[routing]! }
  const engine = frontier.engine.first()
  if (engine !== undefined) return engineFacts(frontier, state, plan.nodes[engine]!)
  if (frontier.answered !== undefined && frontier.answered.size > 0) return answer(frontier, state)
  const skipped = frontier.skips.first()
  if (skipped !== undefined) return { kind: 'record', facts: [toSkip(frontier, state, skipped)] }
  if (isIdle(frontier)) {
    const fact = parkFact(frontier, state)
    if (fact !== undefined) return { kind: 'park', fact }
    return { kind: 'finish', status: state.errors.size > 0 ? 'failed' : 'completed' }
  }
  if (isPausing === true) return decidePause(frontier, state)
  if (frontier.running.size >= situation.limits.concurrency) return waiting
  const ready = firstReady(situation)
  return ready === undefined ? waiting : decideStart(situation, plan.nodes[ready]!)
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

/** What a ready node does when its turn has come. */
export function decideStart(situation: Situation, node: PlanNode): Decision {
  const { frontier, state, limits } = situation
  const start = nextStart(frontier, node.index)
  const before = state.nodes.get(node.id)
  if (start.kind === 'retry' || start.kind === 'registry-fallback') {
    const attempt = (before?.attempts ?? 0) + 1
    const crashes = before === undefined ? 0 : crashesBefore(before, attempt)
    if (crashes > (situation.maxRecoveries ?? Infinity)) return giveUp(state, node, crashes)
    // A transform that failed was the first attempt, though it has no start.
    const fallbackFor = start.kind === 'retry' ? before?.fallbackFor : node.id
    return toStart(frontier, state, node, {
      input: before?.input,
      attempt: Math.max(attempt, 2),
      iteration: before?.iteration ?? 0,
      fallbackFor,
    })
  }
  const iteration = iterationOf(frontier, state, node)
  if (frontier.executions >= limits.maxIterations) return { kind: 'exhausted' }
  const given = inputOf(frontier, state, node, start)
  // A transform that failed gives nothing to start with: the node fails at this moment, without a start.
  if ('error' in given) return { kind: 'record', facts: [toError(node, iteration, given.error)] }
  const fallbackFor = start.kind === 'fallback' ? frontier.plan.nodes[start.primary]!.id : undefined
  return toStart(frontier, state, node, { input: given.input, attempt: 1, iteration, fallbackFor })
}

/** A node whose attempts kill their processes must not do so for ever. */
function giveUp(state: RunState, { id }: PlanNode, crashes: number): Decision {
  const { iteration = 0, attempts = 1 } = state.nodes.get(id) ?? {}
  const message = `Node '${id}' was running each of the ${crashes} times that its process ended; it is not started again ('maxRecoveries')`
  const error = engineError(state, 'NODE_CRASHED', message, id)
  return {
    kind: 'record',
    facts: [{ type: 'node:error', payload: { nodeId: id, iteration, attempt: attempts, error } }],
  }
}

function iterationOf({ plan }: Frontier, state: RunState, { id, worker }: PlanNode): number {
  if (worker === undefined) return state.nodes.get(id)?.starts ?? 0
  return state.nodes.get(plan.nodes[worker.scatter]!.id)?.iteration ?? 0
}

interface Start {
  readonly input: unknown
  readonly attempt: number
  readonly iteration: number
  readonly fallbackFor: string | undefined
}

function toStart(frontier: Frontier, state: RunState, node: PlanNode, start: Start): Decision {
  const nodeId = node.id
  const { input, attempt, iteration, fallbackFor } = start
  const isRegistryFallback = fallbackFor === nodeId
  const isGiven = isServed(state, node)
  const isSubflow = node.kind === 'subflow' && !isRegistryFallback && !isGiven
  const payload = {
    nodeId,
    input,
    attempt,
    iteration,
    ...(fallbackFor !== undefined && { fallbackFor }),
    ...(isSubflow && { childExecutionId: childIdOf(state, start, nodeId) }),
  }
  const fact: StartFact = { type: 'node:start', payload }
  if (isGiven) return { kind: 'record', facts: [fact] }
  if (node.kind === 'code' || node.kind === 'subflow' || isRegistryFallback) return { kind: 'start', node, fact }
  return { kind: 'record', facts: [fact] }
}

/** From the parent's id, so that whoever recovers the parent finds the child. */
function childIdOf({ executionId }: RunState, { attempt, iteration }: Start, nodeId: string): string {
  const id = `${executionId}:${encodeURIComponent(nodeId)}#${iteration}`
  return attempt > 1 ? `${id}.${attempt - 1}` : id
}

/** What an answer to a waiting node finishes it with: what it says, or for a sleep its input. */
function answer(frontier: Frontier, state: RunState): Decision {
  const [index, { output, action, timestamp }] = frontier.answered!.entries().next().value!
  const { id, kind } = frontier.plan.nodes[index]!
  const { iteration = 0, attempts = 1, input, startedAt = timestamp } = state.nodes.get(id) ?? {}
  const given = output === undefined && kind === 'sleep' ? input : output
  const result = Object.freeze({
    ...(given !== undefined && { output: given }),
    ...(action !== undefined && { action }),
  })
  const durationMs = Math.max(0, timestamp - startedAt)
  return {
    kind: 'record',
    facts: [{ type: 'node:finish', payload: { nodeId: id, iteration, attempt: attempts, result, durationMs } }],
  }
}

/** Parks as soon as no attempt is running. */
function decidePause(frontier: Frontier, state: RunState): Decision {
  if (frontier.running.size > 0 || frontier.inChild.size > 0) return waiting
  return { kind: 'park', fact: pauseFact(frontier, state) }
}

function toError(node: PlanNode, iteration: number, error: WorkflowError): Fact {
  return { type: 'node:error', payload: { nodeId: node.id, iteration, attempt: 1, error } }
}

function toFallback({ plan }: Frontier, state: RunState, index: number): Fact {
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

/** The fact that skips a node that is due to be. */
export function toSkip(frontier: Frontier, state: RunState, index: number): SkipFact {
  const { id, incoming, closes } = frontier.plan.nodes[index]!
  const place = { nodeId: id, iteration: state.nodes.get(id)?.starts ?? 0 }
  // Nothing leads to a node that is a fallback and no more.
  if (incoming.length === 0) return { type: 'node:skipped', payload: { ...place, reason: 'fallback-not-needed' } }
  const failed = frontier.failedEdge[index]
  const headSkip = closes === undefined ? undefined : frontier.loops[closes]!.headSkip
  const isFailure = headSkip === undefined ? failed !== undefined : headSkip === resolution.deadByFailure
  const edge = (isFailure ? failed : undefined) ?? frontier.lastEdge[index]
  const reason = isFailure ? 'upstream-failed' : 'not-chosen'
  return { type: 'node:skipped', payload: { ...place, reason, ...(edge !== undefined && { edge }) } }
}
