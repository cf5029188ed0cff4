import type { EventOf, FlowcraftEvent } from '../events/event.ts'
import { toSkip } from '../scheduler/decide.ts'
import { route, type EdgeFact, type EdgeFinding } from '../scheduler/routing.ts'
import { divergenceAt, sameValue } from './verify-text.ts'
import { nothing, summaryOf, type VerificationDivergence } from './verification.ts'
import { findingOf } from './verify-expressions.ts'
import type { Walk } from './walk.ts'

type EdgeEvent = EventOf<'edge:evaluate'>

/**
 * Decides what follows from what happened: the edges of nodes that finished, which must come to what is recorded next, and
 * what the recording knows nothing of. Gives the first decision that is recorded otherwise.
 */
export function settle(walk: Walk): VerificationDivergence | undefined {
  for (;;) {
    const { routing, skips } = walk.frontier
    if (routing.size === 0 && skips.size === 0) return undefined
    const finished = routing.members().find((node) => !walk.routes.has(node))
    if (finished !== undefined) {
      const divergence = routeFrom(walk, finished)
      if (divergence !== undefined) return divergence
      continue
    }
    const skipped = skips.members().find((node) => !walk.isMentioned(node))
    if (skipped === undefined) return undefined
    if (walk.isForeseen(skipped)) walk.foreseen.add(skipped)
    walk.imagine(toSkip(walk.frontier, walk.state, skipped))
  }
}

/** What is recorded of an edge of a node that finished. */
interface Recorded {
  readonly event: EdgeEvent
  /** Where the edge is in the plan; -1 for one that is gone. */
  readonly place: number
}

function routeFrom(walk: Walk, index: number): VerificationDivergence | undefined {
  const { frontier } = walk
  const recorded = recordedEdges(walk, walk.nodeAt(index).id)
  const facts = factsOf(walk, index, recorded)
  walk.routes.set(index, facts)
  const differing = recorded.filter((each) => differs(walk, each, facts))
  // An edge may be decided otherwise because another one is: that one is to blame.
  const first = differing.find((each) => hasChanged(walk, each)) ?? differing[0]
  if (first !== undefined) return toDivergence(walk, first, facts, recorded)
  const places = new Set(recorded.map(({ place }) => place))
  const later = new Map(decidedLater(walk, index).map(({ place, event }) => [place, event.payload.result]))
  for (const [edge, fact] of facts) {
    if (places.has(edge) || frontier.decided[edge] === true) continue
    // What is not taken now or then may have let others go on already.
    if (!later.has(edge) || (later.get(edge) === false && !fact.payload.result)) walk.imagine(fact)
  }
  return undefined
}

/** In a log that was cut, whoever went on decided the rest. */
const between: readonly FlowcraftEvent['type'][] = ['workflow:resume', 'workflow:fork', 'node:fallback']

/** What is recorded of edges of a node that a later blueprint was the first to have. */
function decidedLater(walk: Walk, index: number): readonly Recorded[] {
  const { id } = walk.nodeAt(index)
  const isAnew = (event: FlowcraftEvent | undefined): boolean =>
    event?.type === 'node:start' && event.payload.nodeId === id
  return walk.changesAhead.flatMap((change) => {
    const late = recordedEdges(walk, id, change)
    // If the node came up once more before that, they are about another time.
    return late.length > 0 && walk.events.slice(walk.at, change).some(isAnew) ? [] : late
  })
}

function recordedEdges(walk: Walk, source: string, from = walk.at): readonly Recorded[] {
  const { events, recorded, frontier, changesAhead } = walk
  const found: Recorded[] = []
  for (let next = from; next < events.length; next += 1) {
    const event = events[next]
    if (event === undefined) continue
    if (event.type === 'edge:evaluate') {
      if (event.payload.source !== source) continue
      found.push({ event, place: recorded.placeOf(frontier.plan, event.payload) })
      // What is decided under another blueprint is judged there.
    } else if (!between.includes(event.type) || (next === changesAhead[0] && next > from)) break
  }
  return found
}

function factsOf(walk: Walk, index: number, recorded: readonly Recorded[]): ReadonlyMap<number, EdgeFact> {
  const { frontier, state } = walk
  const { plan } = frontier
  const node = walk.nodeAt(index)
  const action = state.nodes.get(node.id)?.action
  const known = new Map(recorded.map(({ place, event }) => [place, event.payload]))
  const findings = new Map<number, EdgeFinding>()
  let routing = route(plan, node, action, findings)
  while (routing.kind === 'evaluate') {
    for (const edge of routing.edges) findings.set(edge, find(edge))
    routing = route(plan, node, action, findings)
  }
  return new Map(routing.facts.map((fact) => [fact.payload.edge, fact]))

  function find(edge: number): EdgeFinding {
    const planEdge = plan.edges[edge]!
    if (frontier.decided[edge] === true) return { holds: state.edges.get(edge)?.taken === true }
    const payload = known.get(edge)
    const isFound = payload !== undefined && wasEvaluated(payload) && walk.recorded.isSameEdge(payload, planEdge)
    if (!isFound) return findingOf(walk, planEdge)
    const { result: holds, error } = payload
    return { holds, ...('value' in payload && { value: payload.value }), ...(error !== undefined && { error }) }
  }
}

function wasEvaluated({ reason }: EdgeEvent['payload']): boolean {
  return reason !== 'action-mismatch' && reason !== 'default-not-needed'
}

function differs({ state }: Walk, { event, place }: Recorded, facts: ReadonlyMap<number, EdgeFact>): boolean {
  const { result, source } = event.payload
  // Nobody misses an edge that nothing came of.
  const fact = facts.get(place)
  if (fact === undefined) return result
  if (fact.payload.result !== result) return true
  if (!result) return false
  if ((event.payload.error === undefined) !== (fact.payload.error === undefined)) return true
  if (event.payload.error !== undefined) return false
  const { output } = state.nodes.get(source) ?? {}
  const [before, now] = [event.payload, fact.payload].map((each) => ('value' in each ? each.value : output))
  return !sameValue(before, now)
}

function hasChanged({ recorded, frontier }: Walk, { event, place }: Recorded): boolean {
  return place < 0 || !recorded.isSameEdge(event.payload, frontier.plan.edges[place]!)
}

function toDivergence(
  walk: Walk,
  { event, place }: Recorded,
  facts: ReadonlyMap<number, EdgeFact>,
  recorded: readonly Recorded[],
): VerificationDivergence {
  const { source, target, result } = event.payload
  const edge = { source, target }
  const fact = facts.get(place)
  const named = `edge '${source}' → '${target}'`
  if (fact === undefined) {
    const others = [...facts.values()].filter(({ payload }) => !recorded.some((each) => each.place === payload.edge))
    const other = others.find(({ payload }) => payload.result) ?? others[0]
    const instead = other === undefined ? '' : `, but one to '${other.payload.target}'`
    const reason = `The recorded run took ${named}, and the blueprint has no such edge${instead}`
    return divergenceAt(event, {
      actual: other === undefined ? nothing : summaryOf(other),
      reason,
      nodeId: source,
      edge,
    })
  }
  const why = whyOtherwise(walk, event, fact)
  const reason =
    fact.payload.result === result
      ? `By ${named} another value would be delivered: ${why}`
      : `The recorded run ${result ? 'took' : 'did not take'} ${named}, and the blueprint would${result ? ' not' : ''}: ${why}`
  return divergenceAt(event, { actual: summaryOf(fact), reason, nodeId: source, edge })
}

function whyOtherwise({ recorded, frontier }: Walk, event: EdgeEvent, { payload }: EdgeFact): string {
  const { action, condition, transform } = frontier.plan.edges[payload.edge]!.definition
  if (recorded.isSameEdge(event.payload, frontier.plan.edges[payload.edge]!)) {
    return 'another edge of the node is decided otherwise'
  }
  if (payload.reason === 'action-mismatch') return `it is for the action '${action}' now`
  if (payload.reason === 'default-not-needed') return 'an edge for the action is taken instead'
  if (action !== event.payload.action)
    return action === undefined ? 'it is for any action now' : `it is for '${action}' now`
  if (payload.error !== undefined) return `its expression fails now: ${payload.error.message}`
  if (condition !== event.payload.condition)
    return `its condition is now ${condition === undefined ? 'gone' : `'${condition}'`}`
  return transform === undefined ? 'it has no transform now' : `its transform is now '${transform}'`
}
