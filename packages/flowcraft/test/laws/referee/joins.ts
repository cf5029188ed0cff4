import type { SkipReason } from '../../../src/events/event.ts'
import { loopsLeft, type Loop } from './shape.ts'
import {
  callsFor,
  endEdges,
  fateOf,
  firstOf,
  isAtWork,
  isOpen,
  isPureFallback,
  lastOfEachSource,
  primariesOf,
  takenAt,
} from './standings.ts'
import { beginTurn, edgeOf, nodeOf, ownRun, standingOf } from './look-up.ts'
import type { Arrival, Run, Start, Table } from './table.ts'

/** What may happen to a node now. */
export type Due =
  | Start
  | { readonly kind: 'stand-in'; readonly primary: Run }
  | { readonly kind: 'skip'; readonly reason: SkipReason }

/** All that may happen to a node now. */
export function duesOf(table: Table, id: string): Due[] {
  const { runs, undecided } = standingOf(table, id)
  // Its runs never overlap, and one that waits for its own fallback is not over.
  const calls = runs.some(isOpen) ? [] : callsFor(table, id)
  const standIns = calls.map((primary): Due => ({ kind: 'stand-in', primary }))
  if (undecided.size > 0 || runs.some(isAtWork)) return []
  const own = ownDue(table, id)
  return own === undefined ? standIns : [...standIns, own]
}

/** What becomes of an edge for its target; nothing as long as nobody can say. */
function arrivalOf(table: Table, index: number): Arrival | undefined {
  const edge = edgeOf(table, index)
  const left = loopsLeft(table.shape, index)
  if (left[0] === undefined) return edge.now
  if (!isAtRest(table, left[0])) return undefined
  if (edge.isCutOff || left.some((loop) => hasFailedEnd(table, loop))) return 'dead-by-failure'
  if (edge.wasTaken) return 'taken'
  return edge.hasFailed ? 'dead-by-failure' : 'dead-by-choice'
}

/** Notes what else the present event has led to: edges that have taken effect, and turns that begin. */
export function noteEffects(table: Table): void {
  for (const loop of table.shape.loops.toReversed()) {
    const next = nextTurn(table, loop)
    if (next === undefined) continue
    for (const index of cutOffBy(table, loop)) edgeOf(table, index).isCutOff = true
    beginTurn(table, loop)
    standingOf(table, loop.head).next = next
  }
  for (const [index, edge] of table.edges) {
    if (edge.seq < 0 && arrivalOf(table, index) === 'taken') edge.seq = table.seq
  }
}

/** Edges that leave a loop whose turn is over, and one, be it this or one inside, an end of which failed: no turn mends that. */
function cutOffBy(table: Table, loop: Loop): number[] {
  return [...table.shape.edges.keys()].filter((index) => {
    const left = loopsLeft(table.shape, index)
    return left.includes(loop) && left.some((each) => hasFailedEnd(table, each))
  })
}

/** Whether an end of a loop, or its controller, failed in this turn, or was skipped because of a failure. */
function hasFailedEnd(table: Table, loop: Loop): boolean {
  if (ownRun(table, loop.head) === undefined) return false
  if (loop.controller !== undefined && fateOf(table, loop.controller) === 'dead-by-failure') return true
  return endEdges(table, loop).some((index) => arrivalOf(table, index) === 'dead-by-failure')
}

/** Whether every node of a loop has come up, and nothing of it is left to do. */
function isAtRest(table: Table, loop: Loop): boolean {
  return isQuiet(table, loop) && pendingBackEdges(table, loop).length === 0 && [...loop.members].every(hasComeUp)

  function hasComeUp(id: string): boolean {
    const { runs, skipped } = standingOf(table, id)
    return runs.length > 0 || skipped !== undefined || isPureFallback(table, id)
  }
}

function isQuiet(table: Table, { members }: Loop): boolean {
  return [...members].every((id) => !isBusy(table, id) && duesOf(table, id).length === 0)
}

function isBusy(table: Table, id: string): boolean {
  const { runs, undecided } = standingOf(table, id)
  return undecided.size > 0 || runs.some(isOpen)
}

function ownDue(table: Table, id: string): Due | undefined {
  const { runs, skipped, next } = standingOf(table, id)
  if (skipped !== undefined || ownRun(table, id) !== undefined) return undefined
  if (next !== undefined) return next
  const due = isPureFallback(table, id) ? notNeeded : joinOf(table, id)
  if (due?.kind === 'start' && table.needed?.has(id) === false) return undefined
  if (due?.kind !== 'skip' || primariesOf(table, id).length === 0) return due
  return runs.length === 0 && primariesOf(table, id).every((primary) => isSettled(table, primary)) ? due : undefined
}

const notNeeded: Due = { kind: 'skip', reason: 'fallback-not-needed' }

/** Whether a node cannot run any more in this turn. */
function isSettled(table: Table, id: string): boolean {
  const { runs, skipped, undecided } = standingOf(table, id)
  if (undecided.size > 0 || runs.some(isOpen) || callsFor(table, id).length > 0) return false
  const isVisited = skipped !== undefined || ownRun(table, id) !== undefined || isPureFallback(table, id)
  if (!isVisited && joinOf(table, id)?.kind !== 'skip') return false
  return primariesOf(table, id).every((primary) => isSettled(table, primary))
}

/** What a node's incoming edges come to. */
function joinOf(table: Table, id: string): Due | undefined {
  const { shape } = table
  if (shape.startNodes.includes(id)) return start([[]])
  const loop = shape.loops.find(({ controller, head }) => controller === id && head !== id)
  const ofLoop = loop && endOfTurn(table, loop)
  if (ofLoop !== undefined) return ofLoop
  const { skipped: skippedHead, skippedAt = Infinity } = loop ? standingOf(table, loop.head) : {}
  const isAny = nodeOf(table, id).config?.joinStrategy === 'any'
  const incoming = [...shape.edges.keys()].filter((index) => {
    return shape.edges[index]!.target === id && !shape.backEdges.has(index) && !(isAny && edgeOf(table, index).isKept)
  })
  if (incoming.length === 0) return undefined
  const arrivals = incoming.map((index) => arrivalOf(table, index))
  const taken = incoming.filter((_, nth) => arrivals[nth] === 'taken')
  // A controller that was ready before its head was skipped stays so.
  const inTime = taken.filter((index) => takenAt(table, index) < skippedAt)
  if (isAny && inTime.length > 0) return start(firstOf(table, inTime))
  if (arrivals.includes(undefined)) return undefined
  if (skippedHead !== undefined) return { kind: 'skip', reason: skippedHead }
  if (arrivals.includes('dead-by-failure')) return { kind: 'skip', reason: 'upstream-failed' }
  if (taken.length === 0) return { kind: 'skip', reason: 'not-chosen' }
  return start([lastOfEachSource(table, taken)])
}

/** What a controller that is not the head does when no end of the turn goes to it. */
function endOfTurn(table: Table, loop: Loop): Due | undefined {
  const { head, controller } = loop
  const run = ownRun(table, head)
  if (run === undefined || !isEndOfTurn(table, loop)) return undefined
  return start([[]], { value: table.given.has(controller!) ? table.given.get(controller!) : run.input })
}

/** An end that was skipped is none where its edge dies of something else: of the failed end of a loop that it leaves. */
function isEndOfTurn(table: Table, loop: Loop): boolean {
  const isSkipped = loop.ends.every((id) => fateOf(table, id) === 'dead-by-choice')
  return isSkipped && endEdges(table, loop).every((index) => arrivalOf(table, index) === 'dead-by-choice')
}

/** By a back edge, or, for a controller, because the turn ended in a branch that was not chosen. */
function nextTurn(table: Table, loop: Loop): Start | undefined {
  const { head, controller } = loop
  const run = ownRun(table, head)
  if (!isQuiet(table, loop)) return undefined
  const back = pendingBackEdges(table, loop)
  if (back.length > 0) return start(firstOf(table, back))
  const goesOn = controller === head && run?.action === 'continue' && isEndOfTurn(table, loop)
  return goesOn ? start([[]], { value: run.output }) : undefined
}

/** A head that was skipped has ended its loop, and so has one that said break. */
function pendingBackEdges(table: Table, { backEdges, head, controller }: Loop): number[] {
  if (standingOf(table, head).skipped !== undefined) return []
  const run = ownRun(table, head)
  if (controller === head && run !== undefined && run.action !== 'continue') return []
  return backEdges.filter((index) => arrivalOf(table, index) === 'taken')
}

function start(deliveries: Start['deliveries'], received?: Start['received']): Start {
  return { kind: 'start', deliveries, received }
}
