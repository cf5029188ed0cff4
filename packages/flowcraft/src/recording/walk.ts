import type { Plan, PlanNode } from '../blueprint/plan.ts'
import type { EventOf, Fact, FlowcraftEvent } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { advance } from '../scheduler/advance.ts'
import type { Situation } from '../scheduler/decide.ts'
import { frontierOf, type Frontier } from '../scheduler/frontier.ts'
import type { EdgeFact } from '../scheduler/routing.ts'
import { draftOf, initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'
import type { RecordedPlan } from './recorded-plan.ts'
import { keptOf } from './verify-kept.ts'

/** What a {@link Walk} goes through, and with what. */
export interface WalkOptions {
  readonly plan: Plan
  readonly events: readonly FlowcraftEvent[]
  readonly recorded: RecordedPlan
  readonly evaluator: IEvaluator
}

/**
 * A passage through a recorded history in the plan of a blueprint: what is recorded happens, and the frontier of that plan
 * says what would. What only the plan has to do, and follows from what happened, is imagined. The state is the recorded one,
 * with all that is there at the time; the frontier knows only of what is not taken back later.
 */
export class Walk {
  readonly plan: Plan
  /** What counts in the end, by its place; `undefined` for what is taken back. */
  readonly events: readonly (FlowcraftEvent | undefined)[]
  readonly recorded: RecordedPlan
  readonly evaluator: IEvaluator
  readonly state: RunDraft = draftOf(initialState)
  readonly frontier: Frontier
  /** What the plan decides about the edges of a node, until that finishes again. */
  readonly routes: Map<number, ReadonlyMap<number, EdgeFact>> = new Map()
  /** Skips that are recorded under a later blueprint, and follow from what is there already. */
  readonly foreseen: Set<number> = new Set()
  /** By node: under how many changes of the blueprint the recording tells of it first. */
  readonly #mentioned = new Map<string, number>()
  readonly #absent: readonly ReadonlySet<string>[] | undefined
  /** Where the run went on under another blueprint. */
  readonly #changes: readonly number[]
  #at = 0
  #changesSoFar = 0
  /** The node with which all ended, as long as that is taken back later. */
  #fatal: string | undefined

  constructor({ plan, events, recorded, evaluator }: WalkOptions) {
    const kept = keptOf(events)
    this.plan = plan
    this.events = kept.events
    this.recorded = recorded
    this.evaluator = evaluator
    this.frontier = frontierOf(plan)
    this.#absent = kept.absent
    this.#changes = events.flatMap((event, at) => (changesBlueprint(event) ? [at] : []))
    let changes = 0
    for (const [at, event] of kept.events.entries()) {
      if (at === this.#changes[changes]) changes += 1
      for (const nodeId of event === undefined ? [] : nodesIn(event)) {
        if (!this.#mentioned.has(nodeId)) this.#mentioned.set(nodeId, changes)
      }
    }
  }

  /** The place of the event that is looked at. */
  get at(): number {
    return this.#at
  }

  /** Where the run goes on under another blueprint from here on. */
  get changesAhead(): readonly number[] {
    return this.#changes.length === 0 ? this.#changes : this.#changes.slice(this.#changesSoFar)
  }

  /** Looks at the next event. */
  moveTo(at: number, event: FlowcraftEvent): void {
    this.#at = at
    if (event.type === 'workflow:start' || changesBlueprint(event)) this.recorded.turnTo(event.payload)
    if (at !== this.#changes[this.#changesSoFar]) return
    this.#changesSoFar += 1
    this.routes.clear()
  }

  /** What the scheduler decides by. Neither slots nor crashes bound anything: they are matters of time. */
  get situation(): Situation {
    const { maxIterations = Infinity } = this.state.options ?? {}
    return { frontier: this.frontier, state: this.state, limits: { concurrency: Infinity, maxIterations } }
  }

  /** Nodes of which nothing counts yet, though they may have come up. */
  get absent(): ReadonlySet<string> | undefined {
    return this.#absent?.[this.#at]
  }

  /** Whether nothing follows any more from what ends: a node failed for all, or somebody cancelled. */
  get isEnding(): boolean {
    if (this.frontier.isCancelled || this.frontier.hasFatalError) return true
    return this.#fatal !== undefined && this.absent?.has(this.#fatal) === true
  }

  /** The place of a node in the plan, dynamic ones and workers included. */
  placeOf(nodeId: string): number | undefined {
    return this.frontier.plan.indexOf.get(nodeId)
  }

  /** A node of the plan by its place. */
  nodeAt(place: number): PlanNode {
    return this.frontier.plan.nodes[place]!
  }

  /** Whether the recording tells of a node anywhere, under this blueprint or an earlier one, or it begins anew later. */
  isMentioned(place: number): boolean {
    const first = this.#mentioned.get(this.nodeAt(place).id)
    return (first !== undefined && first <= this.#changesSoFar) || this.isAbsent(place)
  }

  /** Whether the recording tells of a node, but only under a later blueprint. */
  isForeseen(place: number): boolean {
    return this.#mentioned.has(this.nodeAt(place).id) && !this.isMentioned(place)
  }

  /** Whether a node begins anew later: what leads to it may be there, and nothing of itself. */
  isAbsent(place: number): boolean {
    return this.absent?.has(this.nodeAt(place).id) === true
  }

  /** Goes on by an event, as one of the plan. */
  take(event: FlowcraftEvent, recorded: FlowcraftEvent = event): void {
    if (event.type === 'node:finish') this.routes.clear()
    apply(this.state, event.type === 'workflow:fork' || event.type === 'workflow:resume' ? unmoved(recorded) : event)
    advance(this.frontier, this.state, event, this.absent)
  }

  /** Goes on by an event that is taken back later: it was there at the time, and nothing follows from it. */
  pass(event: FlowcraftEvent): void {
    // Nothing that counts starts with what such an edge delivered, and another one may be in its place.
    if (event.type !== 'edge:evaluate') apply(this.state, event)
    if (event.type === 'node:error' && event.payload.error.isFatal) this.#fatal = event.payload.nodeId
  }

  /** Goes on by what the plan would do, and is not recorded. */
  imagine({ type, payload }: Fact): void {
    const { executionId = '', blueprintId = '', seq, updatedAt: timestamp = 0 } = this.state
    const id = `${executionId}:${seq}`
    // Adding the two ids to the payload of a fact gives the payload of its event; the union does not show that.
    const event = { id, seq, executionId, timestamp, type, payload: { executionId, blueprintId, ...payload } }
    this.take(event as FlowcraftEvent)
  }
}

/** The same decision about an edge that is somewhere else. */
export function atPlace(event: EventOf<'edge:evaluate'>, edge: number | undefined): EventOf<'edge:evaluate'> {
  return edge === undefined || edge === event.payload.edge ? event : { ...event, payload: { ...event.payload, edge } }
}

function changesBlueprint(event: FlowcraftEvent): event is EventOf<'workflow:resume'> | EventOf<'workflow:fork'> {
  const { type, payload } = event
  return (type === 'workflow:resume' || type === 'workflow:fork') && payload.blueprintHash !== undefined
}

function nodesIn({ type, payload }: FlowcraftEvent): readonly string[] {
  if ('nodeId' in payload && payload.nodeId !== undefined) return [payload.nodeId]
  return type === 'workflow:stall' ? (payload.stuck ?? []).map(({ nodeId }) => nodeId) : []
}

/** The same event where edges are from the beginning where it moves them. */
function unmoved(event: FlowcraftEvent): FlowcraftEvent {
  if (!('edges' in event.payload)) return event
  const { edges: _, ...payload } = event.payload
  // They are optional wherever they are.
  return { ...event, payload } as FlowcraftEvent
}
