import type { Plan } from '../blueprint/plan.ts'
import type { EventOf, EventPayloads, FlowcraftEvent } from '../events/event.ts'
import { draftOf, initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import { advance } from './advance.ts'
import { frontierOf, type Frontier } from './frontier.ts'

/** What an event takes back, or moves, of what is before it. */
export type Turn = Pick<EventPayloads['workflow:fork'], 'rerun' | 'edges'>

/**
 * Where a run stands after its history, in the plan of its last blueprint, or of the one from here on: then `turn` is what
 * the next event is about to take back. Linear in the events for each event that takes something back.
 */
export function frontierAfter(plan: Plan, events: readonly FlowcraftEvent[], turn?: Turn): Frontier {
  const frontier = frontierOf(plan)
  const draft = draftOf(initialState)
  for (const { kept, absent } of stretchesOf(events, turn)) {
    for (const event of kept) {
      apply(draft, event)
      // A node that was skipped may be gone since.
      if (isKnown(frontier, event)) advance(frontier, draft, event, absent)
    }
  }
  return frontier
}

function isKnown({ plan }: Frontier, event: FlowcraftEvent): boolean {
  const node = nodeOf(event)
  return node === undefined || plan.indexOf.has(node)
}

/** The state after a history and where the run stands: see {@link frontierAfter}. One pass where nothing is taken back. */
export function standingAfter(
  plan: Plan,
  events: readonly FlowcraftEvent[],
  turn?: Turn,
): { readonly state: RunDraft; readonly frontier: Frontier } {
  const state = draftOf(initialState)
  const frontier = frontierOf(plan)
  const isStraight = turn === undefined && !hasTurned(events)
  for (const event of events) {
    apply(state, event)
    if (isStraight) advance(frontier, state, event)
  }
  return { state, frontier: isStraight ? frontier : frontierAfter(plan, events, turn) }
}

/** Whether {@link effectiveHistory} is not what is recorded. */
export function hasTurned(events: readonly FlowcraftEvent[]): boolean {
  return events.some((event) => turnOf(event) !== undefined)
}

/**
 * A history as if what forks took back had never been: without the events of nodes that began anew, and with the edges of
 * earlier blueprints where they are in the last one. Of other histories, the very same events.
 */
export function effectiveHistory(events: readonly FlowcraftEvent[]): readonly FlowcraftEvent[] {
  return hasTurned(events) ? stretchesOf(events).flatMap(({ kept }) => kept) : events
}

/** A part of a history, up to an event that takes something back. */
export interface Stretch {
  /** What nothing behind it takes back. */
  readonly kept: readonly FlowcraftEvent[]
  /** Nodes of which nothing is kept: what would follow from what leads to them does not follow yet. */
  readonly absent: ReadonlySet<string>
}

export function stretchesOf(events: readonly FlowcraftEvent[], last?: Turn): Stretch[] {
  const parts: FlowcraftEvent[][] = [[]]
  const turns: Turn[] = []
  for (const event of events) {
    const turn = turnOf(event)
    if (turn !== undefined) {
      turns.push(turn)
      parts.push([])
    }
    parts.at(-1)!.push(turn === undefined ? event : straight(event))
  }
  if (last !== undefined) turns.push(last)
  return parts.map((part, nth) => {
    const later = turns.slice(nth)
    return {
      kept: later.reduce<readonly FlowcraftEvent[]>((kept, turn) => turned(kept, turn), part),
      absent: new Set(later.flatMap(({ rerun = [] }) => rerun)),
    }
  })
}

/** A history without what is taken back. */
function turned(events: readonly FlowcraftEvent[], { rerun, edges }: Turn): FlowcraftEvent[] {
  const again = new Set(rerun)
  return events.flatMap((event) => {
    const isOfNode = again.has(nodeOf(event) ?? '')
    const own = event.type === 'workflow:fork' && again.size > 0 ? withoutOutputs(event, again) : event
    const kept = isOfNode ? withoutNode(event) : [own]
    return edges === undefined ? kept : kept.flatMap((each) => moved(each, edges))
  })
}

/** The context that a history without the events of some nodes comes to. */
export function contextWithout(events: readonly FlowcraftEvent[], ids: ReadonlySet<string>): RunState['context'] {
  const draft = draftOf(initialState)
  for (const event of turned(effectiveHistory(events), { rerun: [...ids] })) apply(draft, event)
  return draft.context
}

function turnOf({ type, payload }: FlowcraftEvent): Turn | undefined {
  if (type !== 'workflow:resume' && type !== 'workflow:fork') return undefined
  const { edges, blueprintHash } = payload
  const rerun = type === 'workflow:fork' ? payload.rerun : undefined
  if (edges === undefined && rerun === undefined && blueprintHash === undefined) return undefined
  return { ...(rerun && { rerun }), ...(edges && { edges }) }
}

/** The node whose doing an event is. */
function nodeOf({ type, payload }: FlowcraftEvent): string | undefined {
  switch (type) {
    case 'edge:evaluate':
      return payload.source
    case 'context:change':
      return payload.sourceNode
    case 'batch:start':
      return payload.scatterNodeId
    case 'batch:finish':
      return payload.gatherNodeId
    default:
      return 'nodeId' in payload ? payload.nodeId : undefined
  }
}

/** A fork as if it had given nodes nothing that begin anew later. */
function withoutOutputs(event: EventOf<'workflow:fork'>, again: ReadonlySet<string>): FlowcraftEvent {
  const { outputs, ...payload } = event.payload
  const kept = Object.entries(outputs ?? {}).filter(([id]) => !again.has(id))
  return { ...event, payload: kept.length > 0 ? { ...payload, outputs: Object.fromEntries(kept) } : payload }
}

/** What is left of an event when its node has never been: somebody let the run go on all the same. */
function withoutNode(event: FlowcraftEvent): FlowcraftEvent[] {
  if (event.type !== 'workflow:resume') return []
  const { executionId, blueprintId } = event.payload
  return [{ ...event, payload: { executionId, blueprintId, reason: 'user' } }]
}

function moved(event: FlowcraftEvent, edges: readonly number[]): FlowcraftEvent[] {
  if (event.type === 'node:skipped' && event.payload.edge !== undefined) {
    const { edge, ...payload } = event.payload
    const to = edges[edge] ?? -1
    return [{ ...event, payload: to < 0 ? payload : { ...payload, edge: to } }]
  }
  if (event.type !== 'edge:evaluate') return [event]
  const edge = edges[event.payload.edge] ?? -1
  return edge < 0 ? [] : [{ ...event, payload: { ...event.payload, edge } }]
}

/** The same event in a history in which what it took back has never been. */
function straight(event: FlowcraftEvent): FlowcraftEvent {
  const { edges: _, rerun: __, restored: ___, ...payload } = event.payload as Turn & { restored?: unknown }
  // They are optional wherever they are.
  return { ...event, payload } as FlowcraftEvent
}
