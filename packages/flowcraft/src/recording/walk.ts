import type { Plan, PlanNode } from '../blueprint/plan.ts'
import type { EventOf, Fact, FlowcraftEvent } from '../events/event.ts'
import type { IEvaluator } from '../expressions/evaluator.ts'
import { advance } from '../scheduler/advance.ts'
import type { Situation } from '../scheduler/decide.ts'
import { frontierOf, type Frontier } from '../scheduler/frontier.ts'
import { effectiveHistory } from '../scheduler/past-frontier.ts'
import type { EdgeFact } from '../scheduler/routing.ts'
import { draftOf, initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'
import type { RecordedPlan } from './recorded-plan.ts'

/** What a {@link Walk} goes through, and with what. */
export interface WalkOptions {
  readonly plan: Plan
  readonly events: readonly FlowcraftEvent[]
  readonly recorded: RecordedPlan
  readonly evaluator: IEvaluator
}

/**
 * A passage through a recorded history in the plan of a blueprint: what is recorded happens, and the frontier of that plan
 * says what would. What only the plan has to do, and follows from what happened, is imagined.
 */
export class Walk {
  readonly plan: Plan
  readonly events: readonly FlowcraftEvent[]
  readonly recorded: RecordedPlan
  readonly evaluator: IEvaluator
  readonly state: RunDraft = draftOf(initialState)
  /** What the plan decides about the edges of a node, until that finishes again. */
  readonly routes: Map<number, ReadonlyMap<number, EdgeFact>> = new Map()
  /** The place of the event that is looked at. */
  at = 0
  #frontier: Frontier
  readonly #mentioned = new Set<string>()
  /** What has happened, where something takes a part of it back. */
  #past: FlowcraftEvent[] | undefined

  constructor({ plan, events, recorded, evaluator }: WalkOptions) {
    this.plan = plan
    this.events = events
    this.recorded = recorded
    this.evaluator = evaluator
    this.#frontier = frontierOf(plan)
    for (const { type, payload } of events) {
      if ('nodeId' in payload && payload.nodeId !== undefined) this.#mentioned.add(payload.nodeId)
      else if (type === 'workflow:stall') for (const { nodeId } of payload.stuck ?? []) this.#mentioned.add(nodeId)
      else if (type === 'workflow:fork' && payload.rerun !== undefined) this.#past = []
    }
  }

  get frontier(): Frontier {
    return this.#frontier
  }

  /** What the scheduler decides by. Neither slots nor crashes bound anything: they are matters of time. */
  get situation(): Situation {
    const { maxIterations = Infinity } = this.state.options ?? {}
    return { frontier: this.#frontier, state: this.state, limits: { concurrency: Infinity, maxIterations } }
  }

  /** The place of a node in the plan, dynamic ones and workers included. */
  placeOf(nodeId: string): number | undefined {
    return this.#frontier.plan.indexOf.get(nodeId)
  }

  /** A node of the plan by its place. */
  nodeAt(place: number): PlanNode {
    return this.#frontier.plan.nodes[place]!
  }

  /** Whether the recording tells of a node anywhere. */
  isMentioned(place: number): boolean {
    return this.#mentioned.has(this.nodeAt(place).id)
  }

  /** Goes on by what happened. */
  take(event: FlowcraftEvent): void {
    if (event.type === 'node:finish') this.routes.clear()
    apply(this.state, event)
    if (event.type === 'workflow:fork' && event.payload.rerun !== undefined) return this.#turnBack(event)
    advance(this.#frontier, this.state, event)
    this.#past?.push(event)
  }

  /** Goes on by what the plan would do, and is not recorded. */
  imagine({ type, payload }: Fact): void {
    const { executionId = '', blueprintId = '', seq, updatedAt: timestamp = 0 } = this.state
    const id = `${executionId}:${seq}`
    // Adding the two ids to the payload of a fact gives the payload of its event; the union does not show that.
    const event = { id, seq, executionId, timestamp, type, payload: { executionId, blueprintId, ...payload } }
    this.take(event as FlowcraftEvent)
  }

  /** Some nodes begin anew, as if they had never come up. */
  #turnBack(fork: EventOf<'workflow:fork'>): void {
    const past = this.#past ?? []
    const kept = effectiveHistory([...past, fork])
    const places = this.#placesAmong(past, kept)
    this.#frontier = frontierOf(this.plan)
    this.routes.clear()
    this.#past = []
    const draft = draftOf(initialState)
    const absent = new Set(fork.payload.rerun)
    for (const each of kept) {
      const event = each.type === 'edge:evaluate' ? atPlace(each, places.get(each.payload.edge)) : each
      apply(draft, event)
      advance(this.#frontier, draft, event, event.type === 'workflow:fork' ? undefined : absent)
      this.#past.push(event)
    }
    this.state.edges.clear()
    for (const [edge, decided] of draft.edges) this.state.edges.set(edge, decided)
  }

  /** Edges that nodes created count on without those of what has never been. */
  #placesAmong(past: readonly FlowcraftEvent[], kept: readonly FlowcraftEvent[]): ReadonlyMap<number, number> {
    const stays = new Set(kept)
    const places = new Map<number, number>()
    let before = this.plan.edges.length
    let now = before
    for (const event of past) {
      if (event.type !== 'node:finish') continue
      const { length } = event.payload.result.dynamicEdges ?? []
      if (stays.has(event)) for (let nth = 0; nth < length; nth += 1) places.set(before + nth, now++)
      before += length
    }
    return places
  }
}

/** The same decision about an edge that is somewhere else. */
export function atPlace(event: EventOf<'edge:evaluate'>, edge: number | undefined): EventOf<'edge:evaluate'> {
  return edge === undefined || edge === event.payload.edge ? event : { ...event, payload: { ...event.payload, edge } }
}
