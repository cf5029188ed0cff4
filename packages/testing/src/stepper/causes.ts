import type {
  EdgeDefinition,
  EventOf,
  EventPayloads,
  FlowcraftEvent,
  NodeDefinition,
  WorkflowBlueprint,
} from 'flowcraft'

/** An edge that came to something, or a call that needs no edge. */
interface Cause {
  readonly seq: number
  readonly kind: 'taken' | 'dead' | 'call'
}

/** What has happened in a log, since nodes came up last, that may let them come up. */
export class Causes {
  readonly #places = new Map<string, number>()
  readonly #anyJoins = new Set<string>()
  /** How many workers a batch may run at a time, by its scatter. */
  readonly #widths = new Map<string, number>()
  readonly #targets = new Set<string>()
  readonly #outgoing = new Map<string, string[]>()
  /** For each worker of a batch: the workers that wait for a place. */
  readonly #waitingWith = new Map<string, string[]>()
  readonly #causes = new Map<string, Cause[]>()
  readonly #cameUp = new Set<string>()

  constructor(blueprint: WorkflowBlueprint | undefined) {
    for (const node of blueprint?.nodes ?? []) this.#know(node)
    for (const edge of blueprint?.edges ?? []) this.#connect(edge)
  }

  /** The place of a node in its blueprint; `unknown` for one that the log has not told of. */
  placeOf(nodeId: string, unknown: number = Infinity): number {
    return this.#places.get(nodeId) ?? unknown
  }

  /** Whether a node was made ready by an event after `from`, up to `to`. */
  makeReady(nodeId: string, from: number, to: number): boolean {
    const isWithin = (seq: number | undefined): boolean => seq !== undefined && seq > from && seq <= to
    const causes = this.#causes.get(nodeId)
    // What no edge leads to is ready from the start.
    if (causes === undefined) return from < 0 && !this.#cameUp.has(nodeId) && !this.#targets.has(nodeId)
    if (causes.some(({ seq, kind }) => kind === 'call' && isWithin(seq))) return true
    const edges = causes.filter(({ kind }) => kind !== 'call')
    if (this.#anyJoins.has(nodeId)) return edges.some(({ seq, kind }) => kind === 'taken' && isWithin(seq))
    return isWithin(edges.at(-1)?.seq)
  }

  /** Takes in the next event. */
  note(event: FlowcraftEvent): void {
    const { seq } = event
    switch (event.type) {
      case 'edge:evaluate':
        return this.#add(event.payload.target, { seq, kind: event.payload.result ? 'taken' : 'dead' })
      case 'node:fallback':
        return this.#add(this.#standIn(event.payload), { seq, kind: 'call' })
      case 'batch:start':
        return this.#beginChunk(event)
      case 'node:start':
        return this.#comeUp(event.payload.nodeId)
      case 'node:skipped':
        this.#comeUp(event.payload.nodeId)
        return this.#killEdges(event.payload.nodeId, seq)
      case 'node:error':
        this.#leavePlace(event.payload.nodeId, seq)
        return this.#killEdges(event.payload.nodeId, seq)
      case 'node:finish':
        this.#leavePlace(event.payload.nodeId, seq)
        return this.#grow(event.payload.result, seq)
      default:
    }
  }

  #know({ id, uses, config, params }: NodeDefinition): void {
    this.#places.set(id, this.#places.size)
    if (config?.joinStrategy === 'any' || uses === 'loop-controller') this.#anyJoins.add(id)
    const width = params?.['concurrency']
    if (typeof width === 'number') this.#widths.set(id, width)
  }

  #connect({ source, target }: EdgeDefinition): void {
    this.#targets.add(target)
    const targets = this.#outgoing.get(source)
    if (targets === undefined) this.#outgoing.set(source, [target])
    else targets.push(target)
  }

  /** As many workers are ready as there are places for; the others when one of them has ended. */
  #beginChunk({ seq, payload: { scatterNodeId, workerNodeIds } }: EventOf<'batch:start'>): void {
    const waiting = [...workerNodeIds]
    for (const id of workerNodeIds) this.#waitingWith.set(id, waiting)
    for (const id of waiting.splice(0, this.#widths.get(scatterNodeId) ?? waiting.length))
      this.#add(id, { seq, kind: 'call' })
  }

  #leavePlace(nodeId: string, seq: number): void {
    const next = this.#waitingWith.get(nodeId)?.shift()
    this.#waitingWith.delete(nodeId)
    if (next !== undefined) this.#add(next, { seq, kind: 'call' })
  }

  #grow({ dynamicNodes = [], dynamicEdges = [] }: EventPayloads['node:finish']['result'], seq: number): void {
    for (const edge of dynamicEdges) this.#connect(edge)
    const targets = new Set(dynamicEdges.map(({ target }) => target))
    for (const node of dynamicNodes) {
      this.#know(node)
      if (!targets.has(node.id)) this.#add(node.id, { seq, kind: 'call' })
    }
  }

  /** A fallback that is no node is another attempt of the node that failed. */
  #standIn({ nodeId, fallback }: EventPayloads['node:fallback']): string {
    return this.#places.has(fallback) ? fallback : nodeId
  }

  /** Of the edges of a node that does not finish, nothing is recorded. */
  #killEdges(nodeId: string, seq: number): void {
    for (const target of this.#outgoing.get(nodeId) ?? []) this.#add(target, { seq, kind: 'dead' })
  }

  #add(nodeId: string, cause: Cause): void {
    const causes = this.#causes.get(nodeId)
    if (causes === undefined) this.#causes.set(nodeId, [cause])
    else causes.push(cause)
  }

  #comeUp(nodeId: string): void {
    this.#causes.delete(nodeId)
    this.#cameUp.add(nodeId)
  }
}
