import { isPlan, planOf, type Plan } from '../blueprint/plan.ts'
import type { NodeDefinition } from '../blueprint/blueprint.ts'
import type { EventOf } from '../events/event.ts'
import type { NodeState } from '../state/run-state.ts'
import type { EdgeEnds } from './mentions.ts'
import type { View } from './visits.ts'

/** A decision about an edge. */
export type EdgeDecision = EventOf<'edge:evaluate'>

/** An edge with its index. */
export interface KnownEdge extends EdgeEnds {
  readonly edge: number
}

/** The edges that are known to lead to a node: those of the blueprint, of nodes that were created, and decided ones. */
export function edgesInto(view: View, nodeId: string): KnownEdge[] {
  const own = view.timeline.blueprintAt(view.seq)?.edges ?? []
  const into = new Map<number, KnownEdge>()
  for (const [index, edge] of own.entries()) {
    if (edge.target === nodeId) into.set(index, { ...edge, edge: index })
  }
  const created = view.mentions.createdEdges.filter(({ seq, by }) => !isTakenBack(view, seq, by))
  for (const [nth, { seq, edge }] of created.entries()) {
    if (edge.target === nodeId && seq <= view.seq) into.set(own.length + nth, { ...edge, edge: own.length + nth })
  }
  for (const { payload } of decisionsInto(view, nodeId, -1, view.seq)) into.set(payload.edge, payload)
  return [...into.values()]
}

/**
 * The decisions about edges that lead to a node, after the event `from`, up to the event `to`: those that count where the
 * view stands, by the indices that edges have there.
 */
export function decisionsInto(view: View, nodeId: string, from: number, to: number): EdgeDecision[] {
  const { timeline, mentions } = view
  const decisions: EdgeDecision[] = []
  for (const seq of mentions.into(nodeId)) {
    if (seq > to) break
    const event = timeline.events[seq]!
    if (seq <= from || event.type !== 'edge:evaluate' || isTakenBack(view, seq, event.payload.source)) continue
    const edge = edgeNow(view, seq, event.payload.edge)
    if (edge === event.payload.edge) decisions.push(event)
    else if (edge >= 0) decisions.push({ ...event, payload: { ...event.payload, edge } })
  }
  return decisions
}

/** Whether what a node did at the event `seq` does not count any more where the view stands. */
function isTakenBack({ mentions, seq: last }: View, seq: number, nodeId: string): boolean {
  return mentions.takenBack.some((turn) => turn.seq > seq && turn.seq <= last && turn.rerun.has(nodeId))
}

/** The index that an edge has where the view stands, by the one that it had at the event `seq`; -1 for none. */
function edgeNow({ mentions, seq: last }: View, seq: number, edge: number): number {
  let now = edge
  for (const turn of mentions.takenBack) {
    if (turn.seq > seq && turn.seq <= last && turn.edges !== undefined && now >= 0) now = turn.edges[now] ?? -1
  }
  return now
}

/** What is known of a node after the event `seq`; `undefined` before it came up. */
export function nodeAt({ timeline }: View, nodeId: string, seq: number): NodeState | undefined {
  return timeline.maps.nodes.at(seq).get(nodeId)
}

/** The nodes that have `nodeId` as their fallback. */
export function primariesOf(view: View, nodeId: string): string[] {
  const isPrimary = ({ config }: NodeDefinition): boolean => config?.fallback === nodeId
  return definitionsIn(view)
    .filter(isPrimary)
    .map(({ id }) => id)
}

/** Whether the run knew of a node. */
export function isKnownNode(view: View, nodeId: string): boolean {
  const [first = Infinity] = view.mentions.of(nodeId)
  if (first <= view.seq || view.timeline.blueprintAt(view.seq)?.nodes.some(({ id }) => id === nodeId) === true)
    return true
  const [firstEdge = Infinity] = view.mentions.into(nodeId)
  return firstEdge <= view.seq
}

/** The plan of the run's blueprint, if that is known. What nodes created is not in it. */
export function planIn({ timeline, seq }: View): Plan | undefined {
  const blueprint = timeline.blueprintAt(seq)
  const plan = blueprint === undefined ? undefined : planOf(blueprint)
  return plan !== undefined && isPlan(plan) ? plan : undefined
}

function definitionsIn({ timeline, mentions, seq }: View): NodeDefinition[] {
  const definitions = [...(timeline.blueprintAt(seq)?.nodes ?? [])]
  for (const at of new Set(mentions.created.values())) {
    const event = timeline.events[at]!
    if (at <= seq && event.type === 'node:finish') definitions.push(...(event.payload.result.dynamicNodes ?? []))
  }
  return definitions
}
