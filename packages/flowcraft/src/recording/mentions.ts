import type { FlowcraftEvent } from '../events/event.ts'
import type { Timeline } from './timeline.ts'

/** An edge by the ids of its ends. */
export interface EdgeEnds {
  readonly source: string
  readonly target: string
  readonly action?: string | undefined
  readonly condition?: string | undefined
}

/** What an event took back of what was before it, or where it moved edges to. */
export interface TakenBack {
  readonly seq: number
  /** Nodes that began anew there. */
  readonly rerun: ReadonlySet<string>
  readonly edges: readonly number[] | undefined
}

/** Which events speak of which node. Made when it is first asked, in one pass; goes on with its timeline. */
export class Mentions {
  readonly #timeline: Timeline
  readonly #ofNodes = new Map<string, number[]>()
  readonly #intoNodes = new Map<string, number[]>()
  readonly #created = new Map<string, number>()
  readonly #createdEdges: { readonly seq: number; readonly by: string; readonly edge: EdgeEnds }[] = []
  readonly #takenBack: TakenBack[] = []
  readonly #starts: number[] = []
  readonly #children: number[] = []
  #length = 0

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  /**
   * The events that speak of a node: its own, its coming into being, an answer to it, starts of what stands in for it, forks
   * in which it began anew.
   */
  of(nodeId: string): readonly number[] {
    this.#update()
    return this.#ofNodes.get(nodeId) ?? none
  }

  /** The decisions about edges that lead to a node. */
  into(nodeId: string): readonly number[] {
    this.#update()
    return this.#intoNodes.get(nodeId) ?? none
  }

  /** The nodes that other nodes created, with the events that say so, in order. */
  get created(): ReadonlyMap<string, number> {
    this.#update()
    return this.#created
  }

  /** Edges that nodes created, in order: their indices follow those of the blueprint. */
  get createdEdges(): readonly { readonly seq: number; readonly by: string; readonly edge: EdgeEnds }[] {
    this.#update()
    return this.#createdEdges
  }

  /** What forks and changes of the blueprint took back or moved, in order. */
  get takenBack(): readonly TakenBack[] {
    this.#update()
    return this.#takenBack
  }

  /** Every `node:start`. */
  get starts(): readonly number[] {
    this.#update()
    return this.#starts
  }

  /** Those of them that began the run of a subflow. */
  get children(): readonly number[] {
    this.#update()
    return this.#children
  }

  #update(): void {
    const { events } = this.#timeline
    for (; this.#length < events.length; this.#length += 1) this.#note(events[this.#length]!)
  }

  #note(event: FlowcraftEvent): void {
    const { seq, type, payload } = event
    switch (type) {
      case 'node:start':
        this.#starts.push(seq)
        if (payload.childExecutionId !== undefined) this.#children.push(seq)
        if (payload.fallbackFor !== undefined && payload.fallbackFor !== payload.nodeId) {
          append(this.#ofNodes, payload.fallbackFor, seq)
        }
        return append(this.#ofNodes, payload.nodeId, seq)
      case 'node:finish':
        append(this.#ofNodes, payload.nodeId, seq)
        for (const { id } of payload.result.dynamicNodes ?? none) this.#create(id, seq)
        for (const edge of payload.result.dynamicEdges ?? none)
          this.#createdEdges.push({ seq, by: payload.nodeId, edge })
        return
      case 'node:error':
      case 'node:retry':
      case 'node:fallback':
      case 'node:skipped':
      case 'node:wait':
        return append(this.#ofNodes, payload.nodeId, seq)
      case 'workflow:fork':
        for (const id of payload.rerun ?? none) append(this.#ofNodes, id, seq)
        if (payload.rerun !== undefined || payload.edges !== undefined) {
          this.#takenBack.push({ seq, rerun: new Set(payload.rerun), edges: payload.edges })
        }
        return
      case 'workflow:resume':
        if (payload.edges !== undefined) this.#takenBack.push({ seq, rerun: new Set(), edges: payload.edges })
        if (payload.nodeId !== undefined) append(this.#ofNodes, payload.nodeId, seq)
        return
      case 'edge:evaluate':
        return append(this.#intoNodes, payload.target, seq)
      case 'batch:start':
        for (const id of payload.workerNodeIds) append(this.#ofNodes, id, seq)
        return
      default:
    }
  }

  #create(id: string, seq: number): void {
    if (!this.#created.has(id)) this.#created.set(id, seq)
    append(this.#ofNodes, id, seq)
  }
}

const none: readonly never[] = Object.freeze([])

function append(lists: Map<string, number[]>, key: string, seq: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [seq])
  else list.push(seq)
}
