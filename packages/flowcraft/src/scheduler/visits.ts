import type { Continuation, Frontier, NewStart, StartKind } from './frontier.ts'
import { IndexHeap } from './index-heap.ts'

/** A start by a node's edges. */
export const visit: NewStart = Object.freeze({ kind: 'visit' })

/** Queues a new iteration of a node; runs of one node never overlap, so it becomes ready when none is open. */
export function requestVisit(frontier: Frontier, node: number, start: NewStart): void {
  if (frontier.nextVisit[node] === undefined) {
    frontier.nextVisit[node] = start
    noteBusy(frontier, node)
    if (!frontier.open.has(node)) makeReady(frontier, node)
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
  makeReady(frontier, node)
}

/** The start that a ready node is to make. */
export function nextStart(frontier: Frontier, node: number): StartKind {
  return frontier.continuation[node] ?? frontier.nextVisit[node] ?? visit
}

/** Takes the start that {@link nextStart} gives off its queue, and opens the node's iteration. */
export function openNode(frontier: Frontier, node: number): void {
  frontier.ready.remove(node)
  takePlace(frontier, node)
  if (frontier.continuation[node] !== undefined) {
    frontier.continuation[node] = undefined
  } else {
    const later = frontier.laterVisits?.get(node)
    frontier.nextVisit[node] = later?.shift()
    if (later?.length === 0) frontier.laterVisits?.delete(node)
  }
  frontier.open.add(node)
  noteBusy(frontier, node)
}

/** Closes a node's iteration, so that the next queued one may start. */
export function closeNode(frontier: Frontier, node: number): void {
  frontier.open.delete(node)
  frontier.inChild.delete(node)
  frontier.waiting?.delete(node)
  if (frontier.nextVisit[node] !== undefined) makeReady(frontier, node)
  noteBusy(frontier, node)
}

/** Puts a node where the next free slot finds it, unless something else must come first. */
function makeReady(frontier: Frontier, node: number): void {
  const { worker } = frontier.plan.nodes[node]!
  if (worker !== undefined) {
    // A batch may bound how many of its workers run.
    const batch = frontier.batches?.get(worker.scatter)
    if (batch !== undefined && batch.active >= batch.places) return batch.queue.add(node)
    if (batch !== undefined) batch.active += 1
  }
  if (frontier.needed !== undefined && !frontier.needed.has(worker?.scatter ?? node)) {
    frontier.withheld ??= new IndexHeap()
    frontier.withheld.add(node)
  } else frontier.ready.add(node)
}

/** In a past run a worker may start that had no place yet: when the delay before its attempt was over is not recorded. */
function takePlace(frontier: Frontier, node: number): void {
  const { worker } = frontier.plan.nodes[node]!
  const batch = worker && frontier.batches?.get(worker.scatter)
  if (batch === undefined || !batch.queue.has(node)) return
  batch.queue.remove(node)
  batch.active += 1
}

/** Gives the place of a worker that does not run any more to the next one that waits for it. */
export function leavePlace(frontier: Frontier, node: number): void {
  const { worker } = frontier.plan.nodes[node]!
  const batch = worker && frontier.batches?.get(worker.scatter)
  if (batch === undefined) return
  batch.active -= 1
  const next = batch.queue.smallest()
  if (next === undefined || batch.active >= batch.places) return
  batch.queue.remove(next)
  batch.active += 1
  frontier.ready.add(next)
}

/** Keeps count of the nodes of each loop that are ready or have an outcome to come. */
function noteBusy(frontier: Frontier, node: number): void {
  const { loops } = frontier.plan.nodes[node]!
  if (loops.length === 0) return
  const isBusy = frontier.open.has(node) || frontier.nextVisit[node] !== undefined
  if (isBusy === (frontier.isBusy[node] === true)) return
  frontier.isBusy[node] = isBusy
  for (const index of loops) {
    const loop = frontier.loops[index]!
    loop.busy += isBusy ? 1 : -1
    if (loop.busy === 0) frontier.restless.add(index)
  }
}
