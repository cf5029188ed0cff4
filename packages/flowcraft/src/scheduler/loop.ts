import type { PlanLoop } from '../blueprint/loops.ts'
import { forgetDynamicNodes } from './forget.ts'
import { freshLoop, hasConsequences, resolution, type Frontier } from './frontier.ts'
import { cutExits, releaseExit } from './readiness.ts'
import { requestVisit } from './visits.ts'

/**
 * Ends the turns of loops that have come to rest: the next turn begins, or what leaves the loop takes effect.
 * @param absent Nodes that are not waited for. Default none.
 */
export function settleLoops(frontier: Frontier, absent?: ReadonlySet<string>): void {
  for (;;) {
    const index = frontier.restless.smallest()
    // What follows from the last event may still concern the loop.
    if (index === undefined || hasConsequences(frontier, absent)) return
    frontier.restless.remove(index)
    const loop = frontier.loops[index]!
    if (loop.busy > 0 || loop.hasRested) continue
    // A head that was skipped has ended its loop, though something may have led back to it before that.
    if (loop.headSkip !== undefined) loop.pending = undefined
    // What ends with a failure is not asked whether it goes on.
    if (loop.pending?.kind === 'unfed' && loop.hasFailed) loop.pending = undefined
    if (loop.pending !== undefined) beginTurn(frontier, index)
    else if (loop.openBackEdges === 0 && hasComeUp(frontier, index)) rest(frontier, frontier.plan.loops[index]!)
  }
}

/** Whether every node of a loop has run or been skipped in this turn, but for those that stand by for others outside. */
function hasComeUp({ plan, visited }: Frontier, index: number): boolean {
  const isOutside = (node: number): boolean => !plan.nodes[node]!.loops.includes(index)
  return plan.loops[index]!.nodes.every((node) => visited[node] || plan.nodes[node]!.primaries.some(isOutside))
}

function rest(frontier: Frontier, { index, exits }: PlanLoop): void {
  frontier.loops[index]!.hasRested = true
  // One whose source is still to come follows when that has.
  for (const edge of exits) if (frontier.decided[edge]) releaseExit(frontier, edge)
}

function beginTurn(frontier: Frontier, index: number): void {
  cutExits(frontier, index)
  forgetDynamicNodes(frontier, index)
  const { plan, loops } = frontier
  const { head, nodes, backEdges, innerEdges, innerLoops } = plan.loops[index]!
  const loop = loops[index]!
  const start = loop.pending!
  loop.pending = undefined
  loop.headRan = false
  loop.hasFailed = false
  loop.openBackEdges = backEdges.length
  for (const inner of innerLoops) {
    Object.assign(loops[inner]!, freshLoop(plan.loops[inner]!.backEdges.length))
    for (const node of plan.loops[inner]!.nodes) frontier.hasFinished[node] = false
  }
  for (const edge of innerEdges) {
    frontier.resolutions[edge] = resolution.open
    frontier.held[edge] = 0
  }
  for (const node of nodes) {
    frontier.hasReleased[node] = false
    frontier.servedAsFallback[node] = false
    frontier.visited[node] = false
    for (const edge of plan.nodes[node]!.outgoing) frontier.decided[edge] = false
    frontier.undecided[node] = plan.nodes[node]!.outgoing.length
  }
  for (const node of nodes) resetIncoming(frontier, node)
  frontier.visited[head] = true
  requestVisit(frontier, head, start)
}

/** Edges from inside are open again; those from outside keep what they came to, which counts for `all` joins only. */
function resetIncoming(frontier: Frontier, node: number): void {
  const { incoming, primaries, join } = frontier.plan.nodes[node]!
  let unresolved = 0
  let taken: number | undefined
  let failed: number | undefined
  let last: number | undefined
  for (const edge of incoming) {
    const came = frontier.resolutions[edge]!
    if (came === resolution.open) unresolved += 1
    else last = edge
    if (join === 'any') continue
    if (came === resolution.taken) taken ??= edge
    else if (came === resolution.deadByFailure) failed ??= edge
  }
  frontier.unresolved[node] = unresolved
  frontier.firstTaken[node] = taken
  frontier.failedEdge[node] = failed
  frontier.lastEdge[node] = last
  frontier.hasSkippedSource[node] = false
  frontier.openPrimaries[node] = primaries.filter((primary) => !frontier.hasReleased[primary]).length
}
