import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import type { EventPayloads, FlowcraftEvent } from '../events/event.ts'
import { edgeMapOf } from './edge-map.ts'

type EdgePayload = EventPayloads['edge:evaluate']

/** An event from which on a run may be one of another blueprint. */
type Turning = Pick<
  EventPayloads['workflow:start'] | EventPayloads['workflow:resume'] | EventPayloads['workflow:fork'],
  'blueprint' | 'blueprintHash'
>

/** What is known of the blueprints that a recorded run was one of, and where the edges of the last one are in another one. */
export class RecordedPlan {
  readonly #to: WorkflowBlueprint
  /** The one that the recording ends with. */
  readonly #last: WorkflowBlueprint | undefined
  readonly #lastHash: string | undefined
  /** `undefined` where every edge has its place. */
  readonly #map: readonly number[] | undefined
  /** That of the part of the recording that is looked at. */
  #present: WorkflowBlueprint | undefined
  #definitions: Map<string, NodeDefinition> | undefined
  #created: Map<string, NodeDefinition> | undefined
  /** Where the last blueprint is not known: what events told so far. */
  readonly #told: Map<number, number> = new Map()

  /** @param last The blueprint that the recording ends with, where the events do not have it. */
  constructor(to: WorkflowBlueprint, events: readonly FlowcraftEvent[], last: WorkflowBlueprint | undefined) {
    const turning = lastTurning(events)
    this.#to = to
    this.#lastHash = turning?.blueprintHash
    this.#last = turning?.blueprint ?? (turning && (last ?? this.#known(turning.blueprintHash)))
    this.#map = this.#last && edgeMapOf(this.#last, to)
  }

  /** The run begins, or goes on, with a blueprint. */
  turnTo({ blueprint, blueprintHash }: Turning): void {
    if (blueprintHash === undefined) return
    this.#present = blueprint ?? this.#known(blueprintHash)
    this.#definitions = undefined
  }

  /** A node created others. */
  create(nodes: readonly NodeDefinition[]): void {
    this.#created ??= new Map()
    for (const node of nodes) this.#created.set(node.id, node)
  }

  /** A node as the recorded run had it; `undefined` where that is not known. */
  nodeOf(id: string): NodeDefinition | undefined {
    this.#definitions ??= new Map(this.#present?.nodes.map((node) => [node.id, node]))
    return this.#definitions.get(id) ?? this.#created?.get(id)
  }

  /** The place in `plan` of an edge of the last blueprint; -1 for one that it does not have. */
  placeOf(plan: Plan, payload: EdgePayload): number {
    const { edge } = payload
    if (this.#last === undefined) return this.#find(plan, payload)
    const { length } = this.#last.edges
    if (edge < length) return this.#map === undefined ? edge : this.#map[edge]!
    // What nodes create counts on behind the blueprint's, here as there.
    const place = edge - length + this.#to.edges.length
    return place < plan.edges.length ? place : -1
  }

  /** Whether an edge says the same as the recorded one about when it is taken and what it delivers. */
  isSameEdge({ edge, action, condition }: EdgePayload, { index, definition }: PlanEdge): boolean {
    if (index >= this.#to.edges.length) return true
    const before: EdgeDefinition | undefined = this.#last?.edges[edge]
    // An edge that was decided as one of an earlier blueprint told what it was then, but for its transform.
    const isLast = before?.action === action && before?.condition === condition
    return (
      action === definition.action &&
      condition === definition.condition &&
      (isLast ? before?.transform : undefined) === definition.transform
    )
  }

  #known(hash: string | undefined): WorkflowBlueprint | undefined {
    if (this.#last !== undefined && this.#lastHash === hash) return this.#last
    return hash !== undefined && hash !== '' && hash === fingerprintOf(this.#to) ? this.#to : undefined
  }

  /** An edge by what its event says: the same nodes, and if possible the same condition. */
  #find(plan: Plan, { edge, source, target, action, condition }: EdgePayload): number {
    const known = this.#told.get(edge)
    if (known !== undefined) return known
    const isTold = new Set(this.#told.values())
    const between = plan.edges.filter(
      ({ index, definition }) => definition.source === source && definition.target === target && !isTold.has(index),
    )
    const found =
      between.find(({ index, definition: { action: to, condition: when } }) => {
        return to === action && when === condition && index === edge
      }) ??
      between.find(({ definition }) => definition.action === action && definition.condition === condition) ??
      between.find(({ definition }) => definition.action === action) ??
      between[0]
    const place = found?.index ?? -1
    this.#told.set(edge, place)
    return place
  }
}

/** What is recorded last of the blueprint. */
function lastTurning(events: readonly FlowcraftEvent[]): Turning | undefined {
  const last = events.findLast(({ payload }) => 'blueprintHash' in payload && payload.blueprintHash !== undefined)
  // Only events that may be about a blueprint have a hash of one.
  return last?.payload as Turning | undefined
}

const fingerprints = new WeakMap<WorkflowBlueprint, string>()

function fingerprintOf(blueprint: WorkflowBlueprint): string {
  let print = fingerprints.get(blueprint)
  if (print === undefined) fingerprints.set(blueprint, (print = fingerprint(blueprint)))
  return print
}
