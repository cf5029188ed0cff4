import { FlowcraftError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { attemptsIn } from './attempt-facts.ts'
import { notTakenFact, originsOf, startCauses, takenFact } from './causes.ts'
import type { Because, Explanation } from './explanation.ts'
import { sentenceOf } from './sentence.ts'
import { skipCauses } from './skip-causes.ts'
import { decisionsInto, edgesInto, isKnownNode, nodeAt, primariesOf, type EdgeDecision } from './surroundings.ts'
import { visitsOf, type View, type Visit } from './visits.ts'

/**
 * Why a node is what it is at the place of the view.
 * @throws INPUT_INVALID for a node or an iteration that the run does not have.
 */
export function explainNode(view: View, nodeId: string, iteration: number | undefined): Explanation {
  if (typeof nodeId !== 'string' || !isKnownNode(view, nodeId)) throw unknownNode(view, nodeId)
  const visits = visitsOf(view, nodeId)
  const visit = iteration === undefined ? visits.at(-1) : visits.findLast((one) => one.iteration === iteration)
  // What a fork took back is explained as it was until then.
  const fork = view.mentions.takenBack.findLast(({ seq, rerun }) => seq <= view.seq && rerun.has(nodeId))
  if (visit === undefined && iteration !== undefined && fork !== undefined) {
    return explainNode({ ...view, seq: fork.seq - 1 }, nodeId, iteration)
  }
  if (visit === undefined && iteration !== undefined) throw unknownIteration(view, nodeId, iteration, visits)
  const facts = visit === undefined ? neverCameUp(view, nodeId) : visited(view, nodeId, visit)
  const explained = { nodeId, iteration: visit?.iteration, ...facts }
  return { ...explained, sentence: sentenceOf(explained) }
}

type Facts = Pick<Explanation, 'outcome' | 'because' | 'attempts'>

function visited(view: View, nodeId: string, visit: Visit): Facts {
  const outcome = nodeAt(view, nodeId, visit.end)?.status ?? 'pending'
  const [first] = visit.events
  if (first === undefined) {
    return { outcome, because: [...originsOf(view, nodeId, visit), ...endOf(view)], attempts: [] }
  }
  if (first.type === 'node:skipped') return { outcome, because: skipCauses(view, nodeId, visit), attempts: [] }
  const because = startCauses(view, nodeId, visit)
  for (const event of visit.events) {
    if (event.type === 'node:wait') {
      const { reason, wakeUpAt, event: name } = event.payload
      const details = { ...(wakeUpAt !== undefined && { wakeUpAt }), ...(name !== undefined && { event: name }) }
      because.push({ kind: 'waits', reason, ...details, seq: event.seq })
    } else if (event.type === 'node:fallback') {
      because.push({ kind: 'replaced-by', fallback: event.payload.fallback, seq: event.seq })
    }
  }
  for (const seq of view.mentions.of(nodeId)) {
    const { type, payload } = view.timeline.events[seq]!
    if (type === 'workflow:resume' && seq > visit.seq && seq <= visit.end) {
      because.push({ kind: 'resumed', reason: payload.reason, seq })
    }
  }
  const ended = outcome === 'cancelled' ? endEvent(view, visit) : undefined
  if (ended !== undefined) because.push(...endFacts(view, ended))
  because.sort(bySeq)
  return { outcome, because, attempts: attemptsIn(visit, ended) }
}

/** What keeps a node from coming up, or kept it. */
function neverCameUp(view: View, nodeId: string): Facts {
  const { timeline, seq } = view
  const because: Because[] = [...originsOf(view, nodeId)]
  const decisions = new Map<number, EdgeDecision>()
  for (const decision of decisionsInto(view, nodeId, -1, seq)) decisions.set(decision.payload.edge, decision)
  for (const { edge, source } of edgesInto(view, nodeId)) {
    const decision = decisions.get(edge)
    if (decision === undefined) {
      const sourceStatus = nodeAt(view, source, seq)?.status ?? 'pending'
      because.push({ kind: 'edge-open', edge, source, sourceStatus })
    } else if (decision.payload.result) because.push(takenFact(view, decision))
    else because.push(...notTakenFact(decision))
  }
  const primaries = primariesOf(view, nodeId)
  if (primaries.length > 0) because.push({ kind: 'fallback-not-called', for: primaries })
  const { targets } = timeline.headAt(seq).options ?? {}
  if (targets !== undefined && targets.length > 0) because.push({ kind: 'targets', targets: [...targets] })
  const stuck = timeline.headAt(seq).stuck.find((one) => one.nodeId === nodeId)
  if (stuck !== undefined) because.push({ kind: 'stuck', reason: stuck.reason, seq })
  because.push(...endOf(view))
  if (because.every(({ kind }) => kind === 'edge-taken' || kind === 'next-turn' || kind === 'created')) {
    because.push({ kind: 'ready' })
  }
  return { outcome: 'pending', because, attempts: [] }
}

/** That the run is over or parked, if it is. */
function endOf(view: View): Because[] {
  const last = lastOf(view, ({ type }) => type.startsWith('workflow:'))
  if (last?.type === 'workflow:pause' || last?.type === 'workflow:stall') {
    return [{ kind: 'parked', status: view.timeline.headAt(view.seq).status, seq: last.seq }]
  }
  return last?.type === 'workflow:finish' ? endFacts(view, last) : []
}

function endFacts(view: View, finish: FlowcraftEvent): Because[] {
  if (finish.type !== 'workflow:finish') return []
  const { status, errors = [] } = finish.payload
  const cancel = lastOf({ ...view, seq: finish.seq }, ({ type }) => type === 'workflow:cancel')
  const error = errors.find(({ isFatal, nodeId }) => isFatal || nodeId === undefined)
  const ended: Because = { kind: 'run-ended', status, ...(error !== undefined && { error }), seq: finish.seq }
  if (status !== 'cancelled' || cancel?.type !== 'workflow:cancel') return [ended]
  return [{ kind: 'run-cancelled', reason: cancel.payload.reason, seq: cancel.seq }, ended]
}

/** The event that ended the run during a visit. */
function endEvent(view: View, { seq, end }: Visit): FlowcraftEvent | undefined {
  const finish = lastOf({ ...view, seq: end }, ({ type }) => type === 'workflow:finish')
  return finish !== undefined && finish.seq > seq ? finish : undefined
}

function lastOf({ timeline, seq }: View, fits: (event: FlowcraftEvent) => boolean): FlowcraftEvent | undefined {
  for (let at = seq; at >= 0; at -= 1) if (fits(timeline.events[at]!)) return timeline.events[at]
  return undefined
}

function bySeq(a: Because, b: Because): number {
  return ('seq' in a ? a.seq : -1) - ('seq' in b ? b.seq : -1)
}

function unknownNode({ timeline: { executionId }, seq }: View, nodeId: unknown): FlowcraftError {
  return new FlowcraftError(
    `Execution '${executionId}' has no node ${JSON.stringify(nodeId)} up to its event ${seq}; expected the id of a node of its blueprint, or of one that was created by then`,
    { code: 'INPUT_INVALID', executionId },
  )
}

function unknownIteration(
  { timeline: { executionId }, seq }: View,
  nodeId: string,
  iteration: number,
  visits: readonly Visit[],
): FlowcraftError {
  const last = visits.at(-1)?.iteration
  const found = last === undefined ? 'it has not come up' : `its last one is ${last}`
  return new FlowcraftError(
    `Node '${nodeId}' of execution '${executionId}' has no iteration ${String(iteration)} up to event ${seq}: ${found}`,
    { code: 'INPUT_INVALID', nodeId, executionId },
  )
}
