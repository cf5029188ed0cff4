import type { Plan } from '../blueprint/plan.ts'
import type { FlowcraftEvent, EventOf } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import type { Frontier } from './frontier.ts'
import {
  closeNode,
  killEdges,
  releaseFallback,
  requestContinuation,
  requestVisit,
  resolveEdge,
  takeStart,
  visit,
} from './readiness.ts'

/** Moves a frontier on by one event that `state` has just taken in. */
export function advance(plan: Plan, frontier: Frontier, state: RunState, event: FlowcraftEvent): void {
  switch (event.type) {
    case 'workflow:start':
      frontier.isStarted = true
      for (const node of plan.startNodes) {
        frontier.visited[node] = true
        requestVisit(frontier, node, visit)
      }
      return
    case 'workflow:cancel':
      frontier.isCancelled = true
      return
    case 'workflow:finish':
      frontier.isFinished = true
      return
    case 'node:start':
      return startNode(plan, frontier, event)
    case 'node:finish':
      return finishNode(plan, frontier, state, event.payload.nodeId)
    case 'node:retry':
      return retryNode(plan, frontier, event)
    case 'node:error':
      return failNode(plan, frontier, state, event)
    case 'node:fallback':
      return callFallback(plan, frontier, event)
    case 'node:skipped': {
      const node = indexOf(plan, event.payload.nodeId)
      frontier.skips.delete(node)
      const isFailure = event.payload.reason === 'upstream-failed'
      killEdges(plan, frontier, node, isFailure ? 'dead-by-failure' : 'dead-by-choice')
      return releaseFallback(plan, frontier, node)
    }
    case 'edge:evaluate':
      return resolveEdge(plan, frontier, event.payload.edge, event.payload.result ? 'taken' : 'dead-by-choice')
    case 'context:change':
      return
    default:
      event satisfies never
  }
}

function startNode(plan: Plan, frontier: Frontier, { payload }: EventOf<'node:start'>): void {
  const node = indexOf(plan, payload.nodeId)
  if (!frontier.open.has(node)) frontier.executions += 1
  takeStart(frontier, node)
  frontier.open.add(node)
  frontier.running.add(node)
}

/** A node that finished as a fallback finishes each primary up the chain: all of them have edges to decide. */
function finishNode(plan: Plan, frontier: Frontier, state: RunState, nodeId: string): void {
  frontier.running.delete(indexOf(plan, nodeId))
  for (const node of chainOf(plan, state, nodeId)) {
    if (frontier.undecided[node]! > 0) frontier.routing.add(node)
    closeNode(frontier, node)
    releaseFallback(plan, frontier, node)
  }
}

function retryNode(plan: Plan, frontier: Frontier, { payload }: EventOf<'node:retry'>): void {
  const node = indexOf(plan, payload.nodeId)
  frontier.running.delete(node)
  if (payload.delayMs > 0) frontier.backingOff.add(node)
  else requestContinuation(frontier, node, { kind: 'retry' })
}

/** The shell says that a delay is over: time is a fact that it brings. */
export function endBackOff(frontier: Frontier, node: number): void {
  if (frontier.backingOff.delete(node)) requestContinuation(frontier, node, { kind: 'retry' })
}

function failNode(plan: Plan, frontier: Frontier, state: RunState, { payload }: EventOf<'node:error'>): void {
  const node = indexOf(plan, payload.nodeId)
  if (!frontier.open.has(node)) {
    // A transform of an incoming edge failed, so there was no start that would have taken it off the queue.
    takeStart(frontier, node)
    frontier.open.add(node)
  }
  frontier.running.delete(node)
  const { fallbackNode, fallbackKey } = plan.nodes[node]!
  if (payload.error.isFatal) {
    frontier.hasFatalError = true
  } else if ((fallbackNode ?? fallbackKey) !== undefined && state.nodes.get(payload.nodeId)?.fallback === undefined) {
    frontier.failing.add(node)
  } else {
    for (const failed of chainOf(plan, state, payload.nodeId)) {
      killEdges(plan, frontier, failed, 'dead-by-failure')
      closeNode(frontier, failed)
      releaseFallback(plan, frontier, failed)
    }
  }
}

function callFallback(plan: Plan, frontier: Frontier, { payload }: EventOf<'node:fallback'>): void {
  const node = indexOf(plan, payload.nodeId)
  frontier.failing.delete(node)
  const { fallbackNode } = plan.nodes[node]!
  if (fallbackNode === undefined) {
    requestContinuation(frontier, node, { kind: 'registry-fallback' })
  } else {
    frontier.servedAsFallback[fallbackNode] = true
    requestVisit(frontier, fallbackNode, { kind: 'fallback', primary: node })
  }
}

/** A node and, if it stood in for another one, that one, and so on. Fallbacks have no cycles, so it ends. */
function chainOf(plan: Plan, state: RunState, nodeId: string): readonly number[] {
  const chain: number[] = []
  for (let id: string | undefined = nodeId; id !== undefined; id = state.nodes.get(id)?.fallbackFor) {
    chain.push(indexOf(plan, id))
  }
  return chain
}

function indexOf(plan: Plan, nodeId: string): number {
  return plan.indexOf.get(nodeId)!
}
