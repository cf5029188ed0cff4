import { resolution, type Frontier, type Resolution } from './frontier.ts'
import { requestVisit, visit } from './visits.ts'

/**
 * What an edge that leaves a loop came to: taken or failed in any turn, skipped in the last one, and cut off by the failed
 * end of a loop that it leaves.
 */
const held = { taken: 1, failed: 2, skipped: 4, cutOff: 8 } as const

/** Decides one edge for this turn. If it leaves a loop, it takes effect when that rests; else at once. */
export function resolveEdge(frontier: Frontier, edge: number, to: Resolution, isBySkip = false): void {
  if (frontier.decided[edge]) return
  frontier.decided[edge] = true
  const { source, leaves } = frontier.plan.edges[edge]!
  frontier.undecided[source]! -= 1
  if (frontier.undecided[source] === 0) frontier.routing.delete(source)
  if (leaves === undefined) return settleEdge(frontier, edge, to, isBySkip)
  let sum = frontier.held[edge]! & ~held.skipped
  if (to === resolution.taken) sum |= held.taken
  else if (to === resolution.deadByFailure) sum |= held.failed
  else if (isBySkip) sum |= held.skipped
  frontier.held[edge] = sum
  if (frontier.loops[leaves]!.hasRested) releaseExit(frontier, edge)
}

/** Lets an edge out of a loop that rests: taken if it was taken in any turn, and no end of what it leaves has failed. */
export function releaseExit(frontier: Frontier, edge: number): void {
  const sum = frontier.held[edge]!
  const isCutOff = (sum & held.cutOff) !== 0 || loopsLeft(frontier, edge).some((loop) => hasFailedEnd(frontier, loop))
  if (isCutOff || (sum & (held.taken | held.failed)) === held.failed)
    return settleEdge(frontier, edge, resolution.deadByFailure, false)
  const isTaken = (sum & held.taken) !== 0
  settleEdge(frontier, edge, isTaken ? resolution.taken : resolution.deadByChoice, (sum & held.skipped) !== 0)
}

/** Where an end failed in a turn that is over, what leaves that loop and the one whose turn it was is dead for good. */
export function cutExits(frontier: Frontier, index: number): void {
  const { plan } = frontier
  const { head, innerLoops } = plan.loops[index]!
  const failed = [index, ...innerLoops].filter((loop) => hasFailedEnd(frontier, loop))
  if (failed.length === 0) return
  const around = plan.nodes[head]!.loops.filter((loop) => plan.loops[loop]!.innerLoops.includes(index))
  for (const loop of [...around, index]) {
    for (const edge of plan.loops[loop]!.exits) {
      if (loopsLeft(frontier, edge).some((left) => failed.includes(left))) frontier.held[edge]! |= held.cutOff
    }
  }
}

/** A head that was skipped has begun no turn that could fail. */
function hasFailedEnd({ loops }: Frontier, index: number): boolean {
  const { hasFailed, headRan } = loops[index]!
  return hasFailed && headRan
}

/** The loops that an exit leaves, the outermost first. */
function loopsLeft({ plan, createdExits }: Frontier, edge: number): readonly number[] {
  const left = createdExits?.get(edge)
  if (left !== undefined) return left
  const { source, leaves } = plan.edges[edge]!
  const { loops } = plan.nodes[source]!
  return loops.slice(loops.indexOf(leaves!))
}

/** Decides every outgoing edge of a node that is still open in one way. */
export function killEdges(frontier: Frontier, node: number, to: Resolution, isBySkip: boolean): void {
  for (const edge of frontier.plan.nodes[node]!.outgoing) resolveEdge(frontier, edge, to, isBySkip)
}

/** Tells a node's fallback, once, that this primary has no more need of it: no run of it is open or can still come. */
export function releaseFallback(frontier: Frontier, node: number): void {
  const fallback = frontier.plan.nodes[node]!.fallbackNode
  if (fallback === undefined || frontier.hasReleased[node]) return
  if (!frontier.visited[node] || frontier.openPrimaries[node]! > 0) return
  if (frontier.open.has(node) || frontier.nextVisit[node] !== undefined) return
  frontier.hasReleased[node] = true
  frontier.openPrimaries[fallback]! -= 1
  considerVisit(frontier, fallback)
  releaseFallback(frontier, fallback)
}

/** Makes a node ready, or due to be skipped, if its incoming edges say so. */
function considerVisit(frontier: Frontier, node: number): void {
  if (frontier.visited[node]) return
  const { join, closes } = frontier.plan.nodes[node]!
  const loop = closes === undefined ? undefined : frontier.loops[closes]
  const isTaken = frontier.firstTaken[node] !== undefined && loop?.headSkip === undefined
  const isFailed = frontier.failedEdge[node] !== undefined
  if (join === 'any' ? isTaken : frontier.unresolved[node] === 0 && isTaken && !isFailed) {
    frontier.visited[node] = true
    requestVisit(frontier, node, visit)
    return
  }
  // A node that may still be called as a fallback is not given up before its primaries are done.
  if (frontier.unresolved[node]! > 0 || frontier.openPrimaries[node]! > 0) return
  frontier.visited[node] = true
  if (frontier.servedAsFallback[node]) return releaseFallback(frontier, node)
  // Whoever was to end the turn was not chosen: the turn has ended all the same.
  if (loop?.headRan && !isFailed && frontier.hasSkippedSource[node]) requestVisit(frontier, node, { kind: 'unfed' })
  else frontier.skips.add(node)
}

function settleEdge(frontier: Frontier, edge: number, to: Resolution, isBySkip: boolean): void {
  frontier.resolutions[edge] = to
  const { source, target, backOf } = frontier.plan.edges[edge]!
  if (backOf !== undefined) return closeBackEdge(frontier, edge, backOf, to, isBySkip)
  if (to === resolution.deadByFailure) failEnd(frontier, source, target)
  frontier.unresolved[target]! -= 1
  frontier.lastEdge[target] = edge
  if (to === resolution.taken) frontier.firstTaken[target] ??= edge
  else if (to === resolution.deadByFailure) frontier.failedEdge[target] ??= edge
  else if (isBySkip) frontier.hasSkippedSource[target] = true
  considerVisit(frontier, target)
}

/** What ends a turn at a controller has failed, though something else may still lead there. */
function failEnd({ plan, loops }: Frontier, source: number, target: number): void {
  const { closes } = plan.nodes[target]!
  if (closes !== undefined && plan.nodes[source]!.loops.includes(closes)) loops[closes]!.hasFailed = true
}

/** An edge back to the head of a loop begins the next turn, or not; it kills nothing. */
function closeBackEdge(frontier: Frontier, edge: number, index: number, to: Resolution, isBySkip: boolean): void {
  const loop = frontier.loops[index]!
  loop.openBackEdges -= 1
  frontier.restless.add(index)
  // A head that was skipped has begun no turn that could fail or be followed by another one.
  if (loop.headSkip !== undefined) return
  if (to === resolution.deadByFailure) loop.hasFailed = true
  if (!mayGoOn(frontier, index)) return
  const isFed = loop.pending !== undefined && loop.pending.kind !== 'unfed'
  if (to === resolution.taken && !isFed) loop.pending = { kind: 'turn', edge }
  // The turn that a controller has begun ends also when whoever was to end it was not chosen.
  else if (isBySkip && to === resolution.deadByChoice && isBegunByController(frontier, index))
    loop.pending ??= { kind: 'unfed' }
}

function isBegunByController({ plan, loops }: Frontier, index: number): boolean {
  return plan.nodes[plan.loops[index]!.head]!.kind === 'loop-controller' && loops[index]!.headRan
}

/** Once a controller at the head of a loop has said that it ends, nothing begins it again. */
function mayGoOn(frontier: Frontier, index: number): boolean {
  if (!isBegunByController(frontier, index)) return true
  const { plan, resolutions } = frontier
  const { outgoing } = plan.nodes[plan.loops[index]!.head]!
  return outgoing.some((edge) => plan.edges[edge]!.leaves === undefined && resolutions[edge] === resolution.taken)
}
