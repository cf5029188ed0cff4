import type { EventOf } from '../events/event.ts'
import { notTakenFact, turnDecisions } from './causes.ts'
import type { Because } from './explanation.ts'
import { edgesInto, nodeAt, planIn, primariesOf } from './surroundings.ts'
import { visitsOf, type View, type Visit } from './visits.ts'

/** Why a node was skipped, back to the decision or the failure from which that follows. */
export function skipCauses(view: View, nodeId: string, visit: Visit): Because[] {
  const because: Because[] = []
  const seen = new Set<string>()
  for (let [id, at]: [string, Visit | undefined] = [nodeId, visit]; at !== undefined && !seen.has(id);) {
    seen.add(id)
    const [skip] = at.events
    if (skip?.type !== 'node:skipped') break
    const { reason, edge } = skip.payload
    because.push(id === nodeId ? { kind: 'skipped', reason, seq: skip.seq } : upstreamSkip(id, skip.seq))
    if (reason === 'fallback-not-needed') {
      because.push({ kind: 'fallback-not-called', for: primariesOf(view, id) })
      break
    }
    const refused = turnDecisions(view, id, at).flatMap(notTakenFact)
    if (reason === 'not-chosen' && refused.length > 0) {
      because.push(...refused)
      break
    }
    const sources = sourcesOf(view, id, edge)
    const next = sources.find((source) => skippedVisit(view, source, skip) !== undefined)
    const failure = reason === 'upstream-failed' ? failureBehind(view, sources, skip.seq, next) : undefined
    if (failure !== undefined) because.push(failure)
    if (failure !== undefined || next === undefined) break
    id = next
    at = skippedVisit(view, next, skip)
  }
  return because
}

function upstreamSkip(nodeId: string, seq: number): Because {
  return { kind: 'upstream-skipped', nodeId, seq }
}

/** From where a skip can come: by the edge that decided it first, then the head of the loop that the node ends. */
function sourcesOf(view: View, nodeId: string, edge: number | undefined): string[] {
  const edges = edgesInto(view, nodeId)
  const deciding = edges.filter((known) => known.edge === edge)
  const plan = planIn(view)
  const closes = plan?.nodes[plan.indexOf.get(nodeId) ?? -1]?.closes
  const head = closes === undefined ? [] : [plan!.nodes[plan!.loops[closes]!.head]!.id]
  return [...new Set([...deciding.map(({ source }) => source), ...head, ...edges.map(({ source }) => source)])]
}

type Skip = EventOf<'node:skipped'>

/** The last visit of a node before a skip, if it was skipped then and for the same kind of reason. */
function skippedVisit(view: View, nodeId: string, { seq, payload }: Skip): Visit | undefined {
  const visit = visitsOf({ ...view, seq: seq - 1 }, nodeId).at(-1)
  const [skip] = visit?.events ?? []
  if (skip?.type !== 'node:skipped') return undefined
  return (skip.payload.reason === 'upstream-failed') === (payload.reason === 'upstream-failed') ? visit : undefined
}

/**
 * The failure of the first of the sources; unless a source was skipped for it, else of any of them; where none has failed,
 * that of a loop which they would leave. What failed in an earlier turn of a loop comes last.
 */
function failureBehind(
  view: View,
  sources: readonly string[],
  seq: number,
  skipped: string | undefined,
): Failure | undefined {
  const first = lastFailure(view, sources.slice(0, 1), seq, true)
  if (first !== undefined || skipped !== undefined) return first
  const plan = planIn(view)
  const loops = sources.flatMap((source) => plan?.nodes[plan.indexOf.get(source) ?? -1]?.loops ?? [])
  const around = [...new Set(loops)].flatMap((loop) => plan!.loops[loop]!.nodes.map((node) => plan!.nodes[node]!.id))
  for (const isStill of [true, false]) {
    for (const ids of [sources, around]) {
      const failure = lastFailure(view, ids, seq, isStill)
      if (failure !== undefined) return failure
    }
  }
  return undefined
}

type Failure = Extract<Because, { kind: 'upstream-failed' }>

/** The last failure of one of some nodes; with `isStill`, of those that have neither recovered nor come up again. */
function lastFailure(view: View, ids: readonly string[], before: number, isStill: boolean): Failure | undefined {
  const { events } = view.timeline
  let last: Failure | undefined
  for (const nodeId of ids) {
    if (isStill && nodeAt(view, nodeId, before)?.status !== 'failed') continue
    const seq = view.mentions.of(nodeId).findLast((at) => {
      const { type, payload } = events[at]!
      return at < before && type === 'node:error' && payload.nodeId === nodeId
    })
    const event = seq === undefined ? undefined : events[seq]
    if (event?.type !== 'node:error' || event.seq < (last?.seq ?? -1)) continue
    last = { kind: 'upstream-failed', nodeId, error: event.payload.error, seq: event.seq }
  }
  return last
}
