import { kindOf, type PlanNode } from '../blueprint/plan.ts'
import type { EventOf } from '../events/event.ts'
import { endBackOff } from '../scheduler/advance.ts'
import { decideStart, toSkip } from '../scheduler/decide.ts'
import type { Decision, StartFact } from '../scheduler/decision.ts'
import { resolution } from '../scheduler/frontier.ts'
import { divergenceAt, sameValue } from './verify-text.ts'
import { nothing, summaryOf, type VerificationDivergence, type DecisionSummary, type OneOf } from './verification.ts'
import type { Walk } from './walk.ts'

/** Whether the plan would start a node here, in the same way. */
export function checkStart(walk: Walk, event: EventOf<'node:start'>): VerificationDivergence | undefined {
  const { nodeId, fallbackFor } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined) return gone(walk, event, nodeId)
  const changed = fallbackFor === nodeId ? undefined : changedKind(walk, walk.nodeAt(place))
  const isReady = makeReady(walk, place)
  if (changed !== undefined) return divergenceAt(event, { actual: insteadOf(walk, place), reason: changed, nodeId })
  if (!isReady) {
    const reason = `Node '${nodeId}' started here, and the blueprint would not start it: ${whyNotReady(walk, place)}`
    return divergenceAt(event, { actual: insteadOf(walk, place), reason, nodeId })
  }
  const fact = factOf(decideStart(walk.situation, walk.nodeAt(place)))
  if (fact?.type !== 'node:start') {
    const actual = fact === undefined ? nothing : summaryOf(fact)
    const reason = `Node '${nodeId}' started here, and by the blueprint it would fail instead, by a transform of an edge to it`
    return divergenceAt(event, { actual, reason, nodeId })
  }
  const { payload } = fact
  const reason = startsOtherwise(event.payload, payload)
  return reason === undefined ? undefined : divergenceAt(event, { actual: summaryOf(fact), reason, nodeId })
}

type Start = StartFact['payload']

function startsOtherwise(before: Start, now: Start): string | undefined {
  const { nodeId } = before
  if (now.fallbackFor !== before.fallbackFor)
    return `Node '${nodeId}' would start here in place of another node, or of none`
  if (now.attempt !== before.attempt || now.iteration !== before.iteration) {
    return `Node '${nodeId}' would start here as another attempt than the recorded one`
  }
  return sameValue(now.input, before.input) ? undefined : `Node '${nodeId}' would start here with another input`
}

/** Whether the plan would skip a node here. One that it does not have does not run either. */
export function checkSkip(walk: Walk, event: EventOf<'node:skipped'>): VerificationDivergence | undefined {
  const { nodeId } = event.payload
  const place = walk.placeOf(nodeId)
  if (place === undefined || walk.foreseen.delete(place)) return undefined
  if (!walk.frontier.skips.has(place)) {
    const isReady = walk.frontier.ready.has(place)
    const actual = insteadOf(walk, place)
    const reason = `Node '${nodeId}' was skipped here, and the blueprint would ${isReady ? 'start it' : `not skip it: ${whyNotReady(walk, place)}`}`
    return divergenceAt(event, { actual, reason, nodeId })
  }
  const fact = toSkip(walk.frontier, walk.state, place)
  const [before, now] = [event.payload.reason, fact.payload.reason]
  if ((before === 'upstream-failed') === (now === 'upstream-failed')) return undefined
  const reason = `Node '${nodeId}' would be skipped here for another reason: ${now}`
  return divergenceAt(event, { actual: summaryOf(fact), reason, nodeId })
}

/** That something happened to a node that is not in the blueprint. */
export function gone(
  walk: Walk,
  event: OneOf<'node:start' | 'node:finish' | 'node:error' | 'node:retry' | 'node:wait' | 'node:fallback'>,
  nodeId: string,
): VerificationDivergence {
  const reason = `Node '${nodeId}' came up in the recorded run, and is no node of the blueprint`
  return divergenceAt(event, { actual: nextOf(walk), reason, nodeId })
}

/** The fact that a decision about a node records. */
export function factOf(decision: Decision): Extract<Decision, { fact: unknown }>['fact'] | undefined {
  if (decision.kind === 'record') return decision.facts[0]
  return 'fact' in decision ? decision.fact : undefined
}

/** When a delay is over, and whether there is a place among the workers of a batch, is a matter of time. */
function makeReady({ frontier }: Walk, place: number): boolean {
  endBackOff(frontier, place)
  const { worker } = frontier.plan.nodes[place]!
  const batch = worker && frontier.batches?.get(worker.scatter)
  if (batch?.queue.has(place) === true) {
    batch.queue.remove(place)
    batch.active += 1
    frontier.ready.add(place)
  }
  return frontier.ready.has(place)
}

const ofSubflow = ['blueprintId', 'inputs', 'outputs']

/** How a node is of another kind than the recorded one, where that is known. */
function changedKind({ recorded, plan }: Walk, { id, kind, definition }: PlanNode): string | undefined {
  const before = recorded.nodeOf(id)
  if (before === undefined || before === definition) return undefined
  const was = kindOf(before, plan.overridden)
  if (was !== kind) return `Node '${id}' is of another kind: it was '${was}' and is '${kind}'`
  if (kind !== 'subflow') return undefined
  const changed = ofSubflow.find((name) => !sameValue(before.params?.[name], definition.params?.[name]))
  if (changed === undefined) return undefined
  return `Subflow '${id}' would be run otherwise: its '${changed}' is not what it was`
}

function insteadOf(walk: Walk, place: number): DecisionSummary {
  const { frontier, state } = walk
  if (frontier.skips.has(place)) return summaryOf(toSkip(frontier, state, place))
  if (frontier.ready.has(place)) return startSummary(walk, place)
  return nextOf(walk)
}

/** What the plan would start next, of what the recording does not know first of all. */
function nextOf(walk: Walk): DecisionSummary {
  const ready = walk.frontier.ready
    .members()
    .filter((place) => !walk.isAbsent(place))
    .sort((a, b) => a - b)
  const next = ready.find((place) => !walk.isMentioned(place)) ?? ready[0]
  return next === undefined ? nothing : startSummary(walk, next)
}

/** The start of a node that is ready. */
export function startSummary(walk: Walk, place: number): DecisionSummary {
  const fact = factOf(decideStart(walk.situation, walk.nodeAt(place)))
  return fact === undefined ? nothing : summaryOf(fact)
}

function whyNotReady(walk: Walk, place: number): string {
  const { frontier } = walk
  const { incoming, primaries, loops } = walk.nodeAt(place)
  const { nodes, edges } = frontier.plan
  if (frontier.withheld?.has(place) === true) return 'no target of the run needs it'
  if (frontier.skips.has(place)) return 'it would be skipped'
  const open = incoming
    .map((edge) => edges[edge]!)
    .filter(({ index }) => frontier.resolutions[index] === resolution.open)
  const source = open.find((edge) => !walk.isMentioned(edge.source)) ?? open[0]
  if (!frontier.visited[place] && source !== undefined) {
    const { id } = nodes[source.source]!
    return walk.isMentioned(source.source)
      ? `it would still wait for '${id}'`
      : `it would wait for '${id}', which the recorded run does not have`
  }
  if (!frontier.visited[place] && primaries.length > 0) return 'it is a fallback that nobody has called'
  const inLoop = loops.flatMap((loop) => frontier.plan.loops[loop]!.nodes)
  const added = inLoop.find((node) => frontier.isBusy[node] === true && !walk.isMentioned(node))
  if (added !== undefined) return `a turn would wait for '${nodes[added]!.id}', which the recorded run does not have`
  return frontier.visited[place] ? 'nothing leads to it once more' : 'nothing leads to it'
}
