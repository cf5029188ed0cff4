import type { Plan } from '../blueprint/plan.ts'
import type { Continuation, Frontier, NewStart, StartKind } from './frontier.ts'

/** A start by a node's edges. */
export const visit: NewStart = Object.freeze({ kind: 'visit' })

/** How an edge ended: taken, or dead because nobody chose it, or dead because something before it failed. */
export type Resolution = 'taken' | 'dead-by-choice' | 'dead-by-failure'

/** Resolves one edge, and makes its target ready or due to be skipped if that was what it waited for. */
export function resolveEdge(plan: Plan, frontier: Frontier, edge: number, resolution: Resolution): void {
  if (frontier.edgeResolved[edge]) return
  frontier.edgeResolved[edge] = true
  const { source, target } = plan.edges[edge]!
  frontier.undecided[source]! -= 1
  if (frontier.undecided[source] === 0) frontier.routing.delete(source)
  frontier.unresolved[target]! -= 1
  frontier.lastEdge[target] = edge
  if (resolution === 'taken') frontier.firstTaken[target] ??= edge
  else if (resolution === 'dead-by-failure') frontier.failedEdge[target] ??= edge
  considerVisit(plan, frontier, target)
}

/** Resolves every outgoing edge of a node that is still open in one way. */
export function killEdges(plan: Plan, frontier: Frontier, node: number, resolution: Resolution): void {
  for (const edge of plan.nodes[node]!.outgoing) resolveEdge(plan, frontier, edge, resolution)
}

/** Tells a node's fallback, once, that this primary has no more need of it: no run of it is open or can still come. */
export function releaseFallback(plan: Plan, frontier: Frontier, node: number): void {
  const fallback = plan.nodes[node]!.fallbackNode
  if (fallback === undefined || frontier.hasReleased[node]) return
  if (!frontier.visited[node] || frontier.openPrimaries[node]! > 0) return
  if (frontier.open.has(node) || frontier.nextVisit[node] !== undefined) return
  frontier.hasReleased[node] = true
  frontier.openPrimaries[fallback]! -= 1
  considerVisit(plan, frontier, fallback)
  releaseFallback(plan, frontier, fallback)
}

/** Queues a new iteration of a node; runs of one node never overlap, so it becomes ready when none is open. */
export function requestVisit(frontier: Frontier, node: number, start: NewStart): void {
  if (frontier.nextVisit[node] === undefined) {
    frontier.nextVisit[node] = start
    if (!frontier.open.has(node)) frontier.ready.add(node)
    return
  }
  frontier.laterVisits ??= new Map()
  const later = frontier.laterVisits.get(node)
  if (later) later.push(start)
  else frontier.laterVisits.set(node, [start])
}

/** Lets an open iteration go on as soon as a slot is free. */
export function requestContinuation(frontier: Frontier, node: number, start: Continuation): void {
  frontier.continuation[node] = start
  frontier.ready.add(node)
}

/** The start that a ready node is to make. */
export function nextStart(frontier: Frontier, node: number): StartKind {
  return frontier.continuation[node] ?? frontier.nextVisit[node] ?? visit
}

/** Takes the start that {@link nextStart} gives off its queue. */
export function takeStart(frontier: Frontier, node: number): void {
  frontier.ready.remove(node)
  if (frontier.continuation[node] !== undefined) {
    frontier.continuation[node] = undefined
    return
  }
  const later = frontier.laterVisits?.get(node)
  frontier.nextVisit[node] = later?.shift()
  if (later?.length === 0) frontier.laterVisits?.delete(node)
}

/** Closes a node's iteration, so that the next queued one may start. */
export function closeNode(frontier: Frontier, node: number): void {
  frontier.open.delete(node)
  if (frontier.nextVisit[node] !== undefined) frontier.ready.add(node)
}

function considerVisit(plan: Plan, frontier: Frontier, node: number): void {
  if (frontier.visited[node]) return
  const isTaken = frontier.firstTaken[node] !== undefined
  const isFailed = frontier.failedEdge[node] !== undefined
  if (plan.nodes[node]!.join === 'any' ? isTaken : frontier.unresolved[node] === 0 && isTaken && !isFailed) {
    frontier.visited[node] = true
    requestVisit(frontier, node, visit)
    return
  }
  // A node that may still be called as a fallback is not given up before its primaries are done.
  if (frontier.unresolved[node]! > 0 || frontier.openPrimaries[node]! > 0) return
  frontier.visited[node] = true
  if (frontier.servedAsFallback[node]) return releaseFallback(plan, frontier, node)
  frontier.skips.add(node)
}
