import type { PlanNode } from '../blueprint/plan.ts'
import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import { dynamicFaults } from '../scheduler/dynamic-faults.ts'
import { engineFacts } from '../scheduler/engine-nodes.ts'
import { decideStart } from '../scheduler/decide.ts'
import { factOf, gone } from './verify-starts.ts'
import { divergenceAt, sameValue } from './verify-text.ts'
import { nothing, summaryOf, type VerificationDivergence, type DecisionSummary, type OneOf } from './verification.ts'
import { loopActionOf } from './verify-expressions.ts'
import type { Walk } from './walk.ts'

type OfEngine = OneOf<'node:finish' | 'node:error' | 'node:wait' | 'batch:start' | 'batch:finish' | 'context:change'>

/** Whether a node may finish here: what it finishes with is a fact, unless the engine itself decides it. */
export function checkFinish(walk: Walk, event: EventOf<'node:finish'>): VerificationDivergence | undefined {
  const { nodeId, result } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  const divergence = requireOpen(walk, event, place) ?? checkEngine(walk, event, place)
  if (divergence !== undefined || (result.dynamicNodes ?? result.dynamicEdges) === undefined) return divergence
  const { dynamicNodes = [], dynamicEdges = [] } = result
  const [fault] = dynamicFaults(walk.frontier, nodeId, dynamicNodes, dynamicEdges)
  if (fault === undefined) return undefined
  const reason = `What node '${nodeId}' created cannot join a run of the blueprint: ${fault}`
  return divergenceAt(event, { actual: { type: 'node:error', nodeId }, reason, nodeId })
}

/** Whether a node would fail here for good. */
export function checkError(walk: Walk, event: EventOf<'node:error'>): VerificationDivergence | undefined {
  const { nodeId, error, attempt } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  const { frontier, state } = walk
  if (!frontier.open.has(place)) return checkUnstarted(walk, event, place)
  if (frontier.engine.has(place)) return checkEngine(walk, event, place)
  // It was about to start once more, and that was given up.
  if (!frontier.running.has(place) && frontier.continuation[place] !== undefined) return undefined
  const node = walk.nodeAt(place)
  const made = attemptsOf(walk, event)
  if (error.isFatal || made >= node.maxAttempts || isRegistryFallback(walk, node)) return undefined
  // What could not be helped by another attempt failed for good before all were made.
  if (made < recordedAttempts(walk, node)) return undefined
  const reason = `Node '${nodeId}' failed for good after ${made} of its attempts, and by the blueprint it has ${node.maxAttempts}`
  const iteration = state.nodes.get(nodeId)?.iteration ?? 0
  return divergenceAt(event, { actual: { type: 'node:retry', nodeId, iteration, attempt }, reason, nodeId })
}

/** Whether a node has another attempt here. */
export function checkRetry(walk: Walk, event: EventOf<'node:retry'>): VerificationDivergence | undefined {
  const { nodeId, iteration, attempt } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  const node = walk.nodeAt(place)
  const divergence = requireOpen(walk, event, place)
  const made = attemptsOf(walk, event)
  if (divergence !== undefined || (made < node.maxAttempts && !isRegistryFallback(walk, node))) return divergence
  const reason = `Node '${nodeId}' was tried again after ${made} ${made === 1 ? 'attempt' : 'attempts'}, and by the blueprint that would have been its last`
  return divergenceAt(event, { actual: { type: 'node:error', nodeId, iteration, attempt }, reason, nodeId })
}

/** Whether a node may wait here. */
export function checkWait(walk: Walk, event: EventOf<'node:wait'>): VerificationDivergence | undefined {
  const { nodeId } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  return requireOpen(walk, event, place) ?? checkEngine(walk, event, place)
}

/** Whether the fallback of a node that failed would be called here. */
export function checkFallback(walk: Walk, event: EventOf<'node:fallback'>): VerificationDivergence | undefined {
  const { nodeId, fallback } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  const now = walk.nodeAt(place).definition.config?.fallback
  if (walk.frontier.failing.has(place) && now === fallback) return undefined
  const actual: DecisionSummary = now === undefined ? nothing : { type: 'node:fallback', nodeId, fallback: now }
  const instead = now === undefined ? 'has none' : `has '${now}'`
  const reason = `Node '${nodeId}' had the fallback '${fallback}', and by the blueprint it ${instead}`
  return divergenceAt(event, { actual, reason, nodeId })
}

/** Whether a batch would come this far here. */
export function checkBatch(
  walk: Walk,
  event: OneOf<'batch:start' | 'batch:finish'>,
): VerificationDivergence | undefined {
  const nodeId = event.type === 'batch:start' ? event.payload.scatterNodeId : event.payload.gatherNodeId
  const place = walk.placeOf(nodeId)
  if (place !== undefined && walk.frontier.engine.has(place)) return checkEngine(walk, event, place)
  const reason = `Node '${nodeId}' was a part of batch '${event.payload.batchId}', and by the blueprint it is none that has started`
  return divergenceAt(event, { actual: nothing, reason, nodeId })
}

/** What an attempt wrote is a fact; what a batch does is decided. */
export function checkWrite(walk: Walk, event: EventOf<'context:change'>): VerificationDivergence | undefined {
  const place = walk.placeOf(event.payload.sourceNode)
  if (place === undefined || walk.nodeAt(place).kind !== 'batch-gather') return undefined
  return checkEngine(walk, event, place)
}

function requireOpen(
  walk: Walk,
  event: OneOf<'node:finish' | 'node:retry' | 'node:wait'>,
  place: number,
): VerificationDivergence | undefined {
  if (walk.frontier.open.has(place)) return undefined
  const { nodeId } = event.payload
  const reason = `Node '${nodeId}' has an outcome here, and by the blueprint it would not be running`
  return divergenceAt(event, { actual: nothing, reason, nodeId })
}

/** Whether what the engine itself does for a node is what is recorded. */
function checkEngine(walk: Walk, event: OfEngine, place: number): VerificationDivergence | undefined {
  const { frontier, state } = walk
  if (!frontier.engine.has(place)) return undefined
  const node = walk.nodeAt(place)
  const decision = engineFacts(frontier, state, node)
  if (decision.kind === 'control') return checkControl(walk, event, node)
  const fact = factOf(decision)
  if (fact !== undefined && isSameStep(event, fact)) return undefined
  const actual = fact === undefined ? nothing : summaryOf(fact)
  return divergenceAt(event, { actual, reason: whyOtherwise(event, fact, node), nodeId: node.id })
}

function whyOtherwise(event: OfEngine, fact: EngineFact | undefined, { id, definition }: PlanNode): string {
  if (event.type === 'batch:start' && fact?.type === 'batch:start') {
    return `Batch '${id}' would be dealt out otherwise: its 'chunkSize' or its 'onError' is not what it was`
  }
  if (event.type === 'node:wait' && fact?.type === 'node:wait') {
    return `Node '${id}' would wait for something else: ${fact.payload.event === undefined ? fact.payload.reason : `the event '${fact.payload.event}'`}`
  }
  if (event.type === 'context:change' && fact?.type === 'context:change') {
    return `Batch '${id}' would put its results at '${fact.payload.key}', not at '${event.payload.key}'`
  }
  const would = fact === undefined ? 'nothing' : `'${fact.type}'`
  return `By the blueprint, '${event.type}' is not what comes next for node '${id}' (${definition.uses}), but ${would}`
}

type EngineFact = NonNullable<ReturnType<typeof factOf>>

function isSameStep(event: FlowcraftEvent, fact: EngineFact): boolean {
  if (event.type !== fact.type) return false
  if (event.type === 'batch:start' && fact.type === 'batch:start') {
    const [before, now] = [event.payload, fact.payload]
    return sameValue(before.workerNodeIds, now.workerNodeIds) && (before.onError ?? 'fail') === (now.onError ?? 'fail')
  }
  if (event.type === 'node:wait' && fact.type === 'node:wait') {
    // Until when is a matter of time.
    return event.payload.reason === fact.payload.reason && event.payload.event === fact.payload.event
  }
  if (event.type === 'context:change' && fact.type === 'context:change') return event.payload.key === fact.payload.key
  return true
}

function checkControl(walk: Walk, event: OfEngine, node: PlanNode): VerificationDivergence | undefined {
  const { id: nodeId, definition } = node
  const condition = String(definition.params?.['condition'])
  const before = walk.recorded.nodeOf(nodeId)?.params?.['condition']
  const isOutcome = event.type === 'node:finish' || event.type === 'node:error'
  if (isOutcome && before !== undefined && before === definition.params?.['condition']) return undefined
  const action = loopActionOf(walk, node)
  const recorded = event.type === 'node:finish' ? event.payload.result.action : undefined
  if (isOutcome && action === recorded) return undefined
  const actual: DecisionSummary =
    action === undefined ? { type: 'node:error', nodeId } : { type: 'node:finish', nodeId, action }
  const would = action === undefined ? 'fail' : action === 'continue' ? 'go on' : 'end'
  const reason = `Loop '${nodeId}' would ${would} here: its condition is now '${condition}'`
  return divergenceAt(event, { actual, reason, nodeId })
}

/** A node failed without a start, because an edge had nothing for it. */
function checkUnstarted(walk: Walk, event: EventOf<'node:error'>, place: number): VerificationDivergence | undefined {
  const { nodeId } = event.payload
  const isReady = walk.frontier.ready.has(place)
  const fact = isReady ? factOf(decideStart(walk.situation, walk.nodeAt(place))) : undefined
  if (fact?.type === 'node:error') return undefined
  const actual = fact === undefined ? nothing : summaryOf(fact)
  const instead = fact === undefined ? 'not come up' : 'start'
  const reason = `Node '${nodeId}' failed here by a transform of an edge to it, and by the blueprint it would ${instead}`
  return divergenceAt(event, { actual, reason, nodeId })
}

/** How many attempts of this iteration there were, without those that a crash cut off. */
function attemptsOf({ state }: Walk, { payload }: OneOf<'node:error' | 'node:retry'>): number {
  const crashes = payload.attempt === 1 ? 0 : (state.nodes.get(payload.nodeId)?.crashes ?? 0)
  return payload.attempt - crashes
}

/** How many attempts a node had in the recorded run; any number where that is not known. */
function recordedAttempts(walk: Walk, { id, worker }: PlanNode): number {
  const definition = walk.recorded.nodeOf(worker === undefined ? id : walk.nodeAt(worker.scatter).id)
  return definition === undefined ? Infinity : Math.max(1, definition.config?.maxRetries ?? 1)
}

function isRegistryFallback({ state }: Walk, { id, fallbackKey }: PlanNode): boolean {
  return fallbackKey !== undefined && state.nodes.get(id)?.fallback !== undefined
}
