import type { EdgeDefinition, NodeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { fingerprint } from '../blueprint/fingerprint.ts'
import type { Plan, PlanEdge } from '../blueprint/plan.ts'
import type { EventPayloads } from '../events/event.ts'
import { edgeMapOf } from './edge-map.ts'

type EdgePayload = EventPayloads['edge:evaluate']

/** An event from which on a run may be one of another blueprint. */
type Turning = Pick<
  EventPayloads['workflow:start'] | EventPayloads['workflow:resume'] | EventPayloads['workflow:fork'],
  'blueprint' | 'blueprintHash'
> &
  Pick<EventPayloads['workflow:resume'], 'edges'>

/** What is known of the blueprint that a recorded run was one of, and where its edges are in another one. */
export class RecordedPlan {
  readonly #to: WorkflowBlueprint
  /** That of the last part of the recording, where the events do not have it. */
  readonly #last: WorkflowBlueprint | undefined
  readonly #lastHash: string | undefined
  #from: WorkflowBlueprint | undefined
  /** `undefined` where every edge has its place. */
  #map: readonly number[] | undefined
  #definitions: Map<string, NodeDefinition> | undefined
  #created: Map<string, NodeDefinition> | undefined
  /** Where the blueprint is not known: what events told so far. */
  #told: Map<number, number> = new Map()

  /** @param lastHash Of the blueprint that the recording ends with. */
  constructor(to: WorkflowBlueprint, last: WorkflowBlueprint | undefined, lastHash: string | undefined) {
    this.#to = to
    this.#last = last
    this.#lastHash = lastHash
  }

  /** The run begins, or goes on, with a blueprint. */
  turnTo({ blueprint, blueprintHash, edges }: Turning): void {
    const told = new Map<number, number>()
    for (const [before, place] of this.#told) {
      const now = edges === undefined ? before : (edges[before] ?? -1)
      if (now >= 0) told.set(now, place)
    }
    this.#told = told
    if (blueprintHash === undefined) return
    this.#from = blueprint ?? this.#known(blueprintHash)
    this.#map = this.#from === undefined ? undefined : edgeMapOf(this.#from, this.#to)
    this.#definitions = undefined
  }

  /** A node created others. */
  create(nodes: readonly NodeDefinition[]): void {
    this.#created ??= new Map()
    for (const node of nodes) this.#created.set(node.id, node)
  }

  /** A node as the recorded run had it; `undefined` where that is not known. */
  nodeOf(id: string): NodeDefinition | undefined {
    this.#definitions ??= new Map(this.#from?.nodes.map((node) => [node.id, node]))
    return this.#definitions.get(id) ?? this.#created?.get(id)
  }

  /** The place in `plan` of a recorded edge; -1 for one that it does not have. */
  placeOf(plan: Plan, payload: EdgePayload): number {
    const { edge } = payload
    if (this.#from === undefined) return this.#find(plan, payload)
    const { length } = this.#from.edges
    if (edge < length) return this.#map === undefined ? edge : this.#map[edge]!
    // What nodes create counts on behind the blueprint's, here as there.
    const place = edge - length + this.#to.edges.length
    return place < plan.edges.length ? place : -1
  }

  /** Whether an edge says the same as the recorded one about when it is taken and what it delivers. */
  isSameEdge({ edge, action, condition }: EdgePayload, { index, definition }: PlanEdge): boolean {
    if (index >= this.#to.edges.length) return true
    const before: EdgeDefinition | undefined = this.#from?.edges[edge]
    if (before === undefined) {
      return action === definition.action && condition === definition.condition && definition.transform === undefined
    }
    return (
      before.action === definition.action &&
      before.condition === definition.condition &&
      before.transform === definition.transform
    )
  }

  #known(hash: string): WorkflowBlueprint | undefined {
    if (this.#last !== undefined && this.#lastHash === hash) return this.#last
    return hash !== '' && hash === fingerprintOf(this.#to) ? this.#to : undefined
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

const fingerprints = new WeakMap<WorkflowBlueprint, string>()

function fingerprintOf(blueprint: WorkflowBlueprint): string {
  let print = fingerprints.get(blueprint)
  if (print === undefined) fingerprints.set(blueprint, (print = fingerprint(blueprint)))
  return print
}
