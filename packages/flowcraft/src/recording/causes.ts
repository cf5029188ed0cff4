import type { Because } from './explanation.ts'
import { decisionsInto, edgesInto, planIn, type EdgeDecision } from './surroundings.ts'
import { visitsOf, type View, type Visit } from './visits.ts'

/** Why a node started. */
export function startCauses(view: View, nodeId: string, visit: Visit): Because[] {
  const [start] = visit.events
  const origins = originsOf(view, nodeId, visit)
  if (start?.type === 'node:start') {
    const { fallbackFor } = start.payload
    if (fallbackFor !== undefined && fallbackFor !== nodeId) {
      return [...origins, { kind: 'fallback-for', nodeId: fallbackFor, seq: callOf(view, fallbackFor, start.seq) }]
    }
  }
  const decisions = turnDecisions(view, nodeId, visit)
  const taken = decisions.filter(({ payload }) => payload.result)
  if (taken.length > 0) {
    // Of several edges that lead back, the first one begins the turn.
    const turn = taken.find(({ payload }) => beginsTurn(view, payload.edge))
    return [...origins, ...(turn === undefined ? taken : [turn]).map((decision) => takenFact(view, decision))]
  }
  const queued = queuedTurn(view, nodeId, visit)
  if (queued !== undefined && decisions.length === 0) return [...origins, takenFact(view, queued)]
  // A loop controller runs also when nothing of its turn was chosen to end it.
  const unfed = [...decisions.flatMap(notTakenFact), ...skippedSources(view, nodeId, visit)]
  if (unfed.length > 0) return [...origins, ...unfed]
  if (origins.length > 0) return origins
  return visit.since < 0 ? [{ kind: 'start-node', seq: visit.seq }] : []
}

function skippedSources(view: View, nodeId: string, { since, seq }: Visit): Because[] {
  const sources = new Set(edgesInto(view, nodeId).map(({ source }) => source))
  return [...sources].flatMap((source): Because[] => {
    const [skip] = visitsOf({ ...view, seq }, source).at(-1)?.events ?? []
    if (skip?.type !== 'node:skipped' || skip.seq <= since) return []
    return [{ kind: 'upstream-skipped', nodeId: source, seq: skip.seq }]
  })
}

/** Who brought a node into being, if it is none of the blueprint. */
export function originsOf({ timeline, mentions, seq: last }: View, nodeId: string, visit?: Visit): Because[] {
  const until = visit === undefined ? last : visit.seq
  let origin: Because | undefined
  for (const seq of mentions.of(nodeId)) {
    if (seq > until) break
    const { type, payload } = timeline.events[seq]!
    if (type === 'workflow:fork') origin = undefined
    else if (type === 'batch:start') {
      origin = { kind: 'worker', batchId: payload.batchId, by: payload.scatterNodeId, seq }
    } else if (type === 'node:finish' && payload.result.dynamicNodes?.some(({ id }) => id === nodeId)) {
      origin = { kind: 'created', by: payload.nodeId, seq }
    }
  }
  return origin === undefined ? [] : [origin]
}

/** Of each edge that leads to a node, what was decided for this visit: that it was taken, if it ever was. */
export function turnDecisions(view: View, nodeId: string, visit: Visit): EdgeDecision[] {
  const counts = new Map<number, EdgeDecision>()
  const scopes = new Map<number, number>()
  for (const decision of decisionsInto(view, nodeId, -1, visit.seq)) {
    const { edge, result } = decision.payload
    const from = scopes.get(edge) ?? scopeBegin(view, nodeId, edge, visit)
    scopes.set(edge, from)
    if (decision.seq > from && (result || counts.get(edge)?.payload.result !== true)) counts.set(edge, decision)
  }
  return [...counts.values()]
}

export function notTakenFact({ seq, payload }: EdgeDecision): Because[] {
  const { edge, source, reason, error, result } = payload
  if (result || reason === undefined) return []
  return [{ kind: 'edge-not-taken', edge, source, reason, ...(error !== undefined && { error }), seq }]
}

export function takenFact(view: View, { seq, payload }: EdgeDecision): Because {
  const { edge, source, action, condition } = payload
  return {
    kind: beginsTurn(view, edge) ? 'next-turn' : 'edge-taken',
    edge,
    source,
    ...(action !== undefined && { action }),
    ...(condition !== undefined && { condition }),
    seq,
  }
}

function beginsTurn(view: View, edge: number): boolean {
  return planIn(view)?.edges[edge]?.backOf !== undefined
}

/**
 * After which event a decision about an edge counts for a visit. A turn forgets what was decided about the edges inside its
 * loop, and about no others.
 */
function scopeBegin(view: View, nodeId: string, edge: number, { since, seq }: Visit): number {
  const plan = planIn(view)
  const target = plan?.indexOf.get(nodeId)
  if (plan === undefined || target === undefined) return since
  const known = plan.edges[edge]
  // Each edge that a node creates is another one.
  if (known === undefined) return -1
  const source = plan.nodes[known.source]!
  const around = plan.nodes[target]!.loops.filter((loop) => plan.loops[loop]!.head !== target)
  const begins = around.map((loop) => turnBegin(view, plan.nodes[plan.loops[loop]!.head]!.id, seq))
  // The head of a loop needs what leads to the loop once; the turns after that begin in other ways.
  const isFirst = since < 0 || begins.some((begin) => begin > since)
  if (known.backOf !== undefined) return isFirst ? seq : since
  const scope = begins[around.findLastIndex((loop) => source.loops.includes(loop))] ?? -1
  const isHead = around.length < plan.nodes[target]!.loops.length
  return isHead && !isFirst ? Math.max(scope, since) : scope
}

/** What began a turn before the turn before it had started. */
function queuedTurn(view: View, nodeId: string, { since, seq }: Visit): EdgeDecision | undefined {
  const before = visitsOf(view, nodeId).find((visit) => visit.seq === since)
  if (before === undefined) return undefined
  const decisions = decisionsInto(view, nodeId, before.since, seq)
  return decisions.findLast(({ payload }) => payload.result && beginsTurn(view, payload.edge))
}

/** The last time that the head of a loop came up before the event `before`. */
function turnBegin({ timeline, mentions }: View, head: string, before: number): number {
  const begin = mentions.of(head).findLast((seq) => {
    const { type, payload } = timeline.events[seq]!
    if (seq >= before || (type !== 'node:start' && type !== 'node:skipped')) return false
    return payload.nodeId === head && (type === 'node:skipped' || payload.attempt === 1)
  })
  return begin ?? -1
}

/** The event by which a fallback was called; that of its start where the log does not tell. */
function callOf({ timeline, mentions }: View, primary: string, start: number): number {
  const call = mentions.of(primary).findLast((seq) => seq < start && timeline.events[seq]!.type === 'node:fallback')
  return call ?? start
}
