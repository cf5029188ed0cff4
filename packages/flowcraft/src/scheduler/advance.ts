import type { FlowcraftEvent, EventOf, EventPayloads } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import { addWorkers, beginBatch, endWorker } from './batch.ts'
import { addDynamicNodes } from './dynamic.ts'
import { resolution, type Frontier } from './frontier.ts'
import { settleLoops } from './loop.ts'
import { killEdges, releaseFallback, resolveEdge } from './readiness.ts'
import { isServed } from './served.ts'
import { lift, neededFor } from './targets.ts'
import { closeNode, leavePlace, nextStart, openNode, requestContinuation, requestVisit, visit } from './visits.ts'

/**
 * Moves a frontier on by one event that `state` has just taken in.
 * @param absent Nodes whose events are left out: loops do not wait for what would follow from them. Default none.
 */
export function advance(
  frontier: Frontier,
  state: RunState,
  event: FlowcraftEvent,
  absent?: ReadonlySet<string>,
): void {
  take(frontier, state, event)
  if (frontier.loops.length > 0) settleLoops(frontier, absent)
}

function take(frontier: Frontier, state: RunState, event: FlowcraftEvent): void {
  switch (event.type) {
    case 'workflow:start':
      return startRun(frontier, event.payload)
    case 'workflow:stall':
      frontier.isParked = true
      frontier.isAtTargets = event.payload.stuck !== undefined
      return
    case 'workflow:fork':
      return forkRun(frontier, state)
    case 'workflow:pause':
      frontier.isParked = true
      return
    case 'workflow:resume':
      return resumeRun(frontier, state, event)
    case 'workflow:cancel':
      frontier.isCancelled = true
      return
    case 'workflow:finish':
      frontier.isFinished = true
      return
    case 'node:start':
      return startNode(frontier, state, event)
    case 'node:finish':
      return finishNode(frontier, state, event.payload)
    case 'node:wait':
      return waitNode(frontier, event.payload)
    case 'node:retry':
      return retryNode(frontier, event)
    case 'node:error':
      return failNode(frontier, state, event)
    case 'node:fallback':
      return callFallback(frontier, event)
    case 'node:skipped':
      return skipNode(frontier, event.payload)
    case 'edge:evaluate': {
      const { edge, result } = event.payload
      return resolveEdge(frontier, edge, result ? resolution.taken : resolution.deadByChoice)
    }
    case 'batch:start':
      frontier.engine.delete(indexOf(frontier, event.payload.scatterNodeId))
      return addWorkers(frontier, event.payload)
    case 'batch:finish':
      frontier.gathered = (frontier.gathered ?? new Set<number>()).add(indexOf(frontier, event.payload.gatherNodeId))
      return
    case 'context:change':
      return
    default:
      event satisfies never
  }
}

/** The shell says that a delay is over: time is a fact that it brings. */
export function endBackOff(frontier: Frontier, node: number): void {
  if (frontier.backingOff.delete(node)) requestContinuation(frontier, node, { kind: 'retry' })
}

function startRun(frontier: Frontier, { options }: EventPayloads['workflow:start']): void {
  frontier.isStarted = true
  if (options?.targets !== undefined) frontier.needed = neededFor(frontier.plan, options.targets)
  for (const node of frontier.plan.startNodes) {
    frontier.visited[node] = true
    requestVisit(frontier, node, visit)
  }
}

function resumeRun(frontier: Frontier, state: RunState, { timestamp, payload }: EventOf<'workflow:resume'>): void {
  const { nodeId, output, action, reason } = payload
  frontier.isParked = false
  if (frontier.isAtTargets) lift(frontier)
  frontier.isAtTargets = false
  // With a node, only the run of its subflow had gone on without it.
  if (reason === 'recovery' && nodeId === undefined) beginAgain(frontier, state)
  if (nodeId === undefined) return
  const node = indexOf(frontier, nodeId)
  if (!frontier.waiting?.delete(node)) return
  if (state.nodes.get(nodeId)?.childExecutionId !== undefined) {
    frontier.inChild.add(node)
    return
  }
  frontier.answered = (frontier.answered ?? new Map()).set(node, { output, action, reason, timestamp })
}

/** Attempts that were running when their process ended are made again. */
function beginAgain(frontier: Frontier, state: RunState): void {
  const cutOff = [...frontier.running.members()]
  for (const node of cutOff) {
    const { id, fallbackKey } = frontier.plan.nodes[node]!
    const isFallback = fallbackKey !== undefined && state.nodes.get(id)?.fallback !== undefined
    stop(frontier, node)
    requestContinuation(frontier, node, { kind: isFallback ? 'registry-fallback' : 'retry' })
  }
}

/** The run goes on from here, whatever had ended or parked it. What went on or waited in a subflow begins again there. */
function forkRun(frontier: Frontier, state: RunState): void {
  frontier.isParked = frontier.isAtTargets = frontier.isCancelled = frontier.isFinished = false
  beginAgain(frontier, state)
  for (const node of [...(frontier.waiting ?? []), ...frontier.inChild.members()]) {
    if (state.nodes.get(frontier.plan.nodes[node]!.id)?.status !== 'running') continue
    frontier.waiting?.delete(node)
    frontier.inChild.delete(node)
    requestContinuation(frontier, node, { kind: 'retry' })
  }
}

function startNode(frontier: Frontier, state: RunState, { payload }: EventOf<'node:start'>): void {
  const node = indexOf(frontier, payload.nodeId)
  if (!frontier.open.has(node)) beginIteration(frontier, node)
  // Of a past run, nobody said that the delay was over; the start does.
  endBackOff(frontier, node)
  openNode(frontier, node)
  const planNode = frontier.plan.nodes[node]!
  // Whatever kind a node is of, what a registry key stands for is code.
  const kind = payload.fallbackFor === payload.nodeId ? 'code' : planNode.kind
  if (isServed(state, planNode)) {
    frontier.running.add(node)
    frontier.engine.add(node)
  } else if (kind === 'code') frontier.running.add(node)
  else if (kind === 'subflow') frontier.inChild.add(node)
  else frontier.engine.add(node)
  if (kind === 'batch-scatter') beginBatch(frontier, planNode)
}

function beginIteration(frontier: Frontier, node: number): void {
  frontier.executions += 1
  const start = nextStart(frontier, node)
  if (start.kind === 'fallback') return
  if (start.kind === 'created') frontier.given?.delete(node)
  // Also of a node whose past is known by its outcome only.
  frontier.visited[node] = true
  for (const loop of frontier.plan.nodes[node]!.loops) {
    if (frontier.plan.loops[loop]!.head === node) frontier.loops[loop]!.headRan = true
  }
}

/** A node that finished as a fallback finishes each primary up the chain: all of them have edges to decide. */
function finishNode(frontier: Frontier, state: RunState, payload: EventPayloads['node:finish']): void {
  stop(frontier, indexOf(frontier, payload.nodeId))
  const { dynamicNodes, dynamicEdges } = payload.result
  if (dynamicNodes !== undefined || dynamicEdges !== undefined)
    addDynamicNodes(frontier, payload.nodeId, payload.result)
  for (const node of chainOf(frontier, state, payload.nodeId)) {
    if (frontier.undecided[node]! > 0) frontier.routing.add(node)
    if (frontier.plan.nodes[node]!.kind === 'loop-controller') frontier.hasFinished[node] = true
    end(frontier, node)
  }
}

function waitNode(frontier: Frontier, { nodeId }: EventPayloads['node:wait']): void {
  const node = indexOf(frontier, nodeId)
  stop(frontier, node)
  frontier.inChild.delete(node)
  frontier.waiting = (frontier.waiting ?? new Set()).add(node)
}

function retryNode(frontier: Frontier, { payload }: EventOf<'node:retry'>): void {
  const node = indexOf(frontier, payload.nodeId)
  stop(frontier, node)
  frontier.inChild.delete(node)
  if (payload.delayMs > 0) frontier.backingOff.add(node)
  else requestContinuation(frontier, node, { kind: 'retry' })
}

function failNode(frontier: Frontier, state: RunState, { payload }: EventOf<'node:error'>): void {
  const node = indexOf(frontier, payload.nodeId)
  const { fallbackNode, fallbackKey, kind } = frontier.plan.nodes[node]!
  if (!frontier.open.has(node)) {
    // A transform of an incoming edge failed, so there was no start that would have taken it off the queue.
    beginIteration(frontier, node)
    // The node runs in this iteration all the same if a registry key stands in for it.
    if (fallbackKey === undefined || kind === 'batch-scatter') frontier.executions -= 1
    openNode(frontier, node)
  } else if (frontier.continuation[node] !== undefined) {
    // It fails instead of its next attempt, and gives up what it had for that.
    openNode(frontier, node)
    frontier.running.add(node)
  }
  stop(frontier, node)
  frontier.inChild.delete(node)
  const hasFallback = (fallbackNode ?? fallbackKey) !== undefined && kind !== 'batch-scatter'
  if (payload.error.isFatal) {
    frontier.hasFatalError = true
  } else if (hasFallback && state.nodes.get(payload.nodeId)?.fallback === undefined) {
    frontier.failing.add(node)
  } else {
    for (const failed of chainOf(frontier, state, payload.nodeId)) {
      killEdges(frontier, failed, resolution.deadByFailure, false)
      end(frontier, failed)
    }
  }
}

function callFallback(frontier: Frontier, { payload }: EventOf<'node:fallback'>): void {
  const node = indexOf(frontier, payload.nodeId)
  frontier.failing.delete(node)
  const { fallbackNode } = frontier.plan.nodes[node]!
  if (fallbackNode === undefined) {
    requestContinuation(frontier, node, { kind: 'registry-fallback' })
  } else {
    frontier.servedAsFallback[fallbackNode] = true
    requestVisit(frontier, fallbackNode, { kind: 'fallback', primary: node })
  }
}

function skipNode(frontier: Frontier, { nodeId, reason }: EventPayloads['node:skipped']): void {
  const node = indexOf(frontier, nodeId)
  const to = reason === 'upstream-failed' ? resolution.deadByFailure : resolution.deadByChoice
  frontier.skips.delete(node)
  for (const loop of frontier.plan.nodes[node]!.loops) {
    if (frontier.plan.loops[loop]!.head === node) frontier.loops[loop]!.headSkip = to
    frontier.restless.add(loop)
  }
  killEdges(frontier, node, to, true)
  releaseFallback(frontier, node)
}

/** An attempt, or what the engine did in its place, is over. */
function stop(frontier: Frontier, node: number): void {
  if (frontier.running.delete(node)) leavePlace(frontier, node)
  frontier.engine.delete(node)
  frontier.answered?.delete(node)
  frontier.gathered?.delete(node)
}

/** An iteration has its outcome. */
function end(frontier: Frontier, node: number): void {
  closeNode(frontier, node)
  endWorker(frontier, frontier.plan.nodes[node]!)
  releaseFallback(frontier, node)
}

/** A node and, if it stood in for another one, that one, and so on. Fallbacks have no cycles, so it ends. */
function chainOf(frontier: Frontier, state: RunState, nodeId: string): readonly number[] {
  const chain: number[] = []
  for (let id: string | undefined = nodeId; id !== undefined; id = state.nodes.get(id)?.fallbackFor) {
    chain.push(indexOf(frontier, id))
  }
  return chain
}

function indexOf(frontier: Frontier, nodeId: string): number {
  return frontier.plan.indexOf.get(nodeId)!
}
