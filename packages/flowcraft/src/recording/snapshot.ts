import type { WorkflowError } from '../errors.ts'
import { asReadOnly } from '../events/bytes.ts'
import type { FlowcraftEvent, RunStatus, Waiting } from '../events/event.ts'
import type { RunState } from '../state/run-state.ts'
import { contextOf } from '../state/select.ts'
import { nodeSnapshot, type NodeSnapshot } from './node-snapshot.ts'
import type { Mentions } from './mentions.ts'
import type { Timeline } from './timeline.ts'

/**
 * A run as it was after one of its events. Nothing can change it, and it does not change when its recording grows. Its
 * fields are made when they are first read.
 */
export interface Snapshot {
  /** Of the event after which this is; -1 for a history without events. */
  readonly seq: number
  /** Of that event, in epoch milliseconds. */
  readonly timestamp: number | undefined
  readonly event: FlowcraftEvent | undefined
  readonly status: RunStatus
  /** As {@link WorkflowResult.context} would have been, deep-frozen. Bytes in it are copies. */
  readonly context: Readonly<Record<string, unknown>>
  /**
   * Every node that the run knew of by then, by its id: those of the blueprint, if that is known, and those that came up.
   * The object has no prototype.
   */
  readonly nodes: Readonly<Record<string, NodeSnapshot>>
  /** What had failed by then and was not made good. */
  readonly errors: readonly WorkflowError[]
  /** What a parked run waited for. */
  readonly awaiting: readonly Waiting[]
  /** One of {@link nodes}, without making all of them; `undefined` where there is no such node. */
  node(id: string): NodeSnapshot | undefined
}

/** What the snapshots of a recording are made of. */
export interface SnapshotSource {
  readonly timeline: Timeline
  readonly mentions: Mentions
}

/** The run as it was after the event `seq`. */
export function snapshotAt(source: SnapshotSource, seq: number): Snapshot {
  return new SnapshotAt(source, seq) as unknown as Snapshot
}

/** The state of which a snapshot is a view, or `undefined` for what is no snapshot of this library. */
export function stateOf(snapshot: Snapshot): RunState | undefined {
  return SnapshotAt.stateOf(snapshot)
}

const isAbsent = Symbol('not read yet')

class SnapshotAt {
  readonly #source: SnapshotSource
  readonly #seq: number
  #state: RunState | undefined
  #context: unknown = isAbsent
  #nodes: unknown = isAbsent
  #errors: unknown = isAbsent

  // Own properties, so that snapshots can be spread and compared; shared getters, so that making one costs little.
  static readonly #fields: PropertyDescriptorMap & ThisType<SnapshotAt> = {
    seq: lazily((snapshot) => snapshot.#seq),
    timestamp: lazily((snapshot) => snapshot.#event?.timestamp),
    event: lazily((snapshot) => snapshot.#event),
    status: lazily((snapshot) => snapshot.#head.status),
    context: lazily((snapshot) => {
      if (snapshot.#context === isAbsent) snapshot.#context = frozenContext(snapshot.state)
      return snapshot.#context
    }),
    nodes: lazily((snapshot) => {
      if (snapshot.#nodes === isAbsent) snapshot.#nodes = snapshot.#allNodes()
      return snapshot.#nodes
    }),
    errors: lazily((snapshot) => {
      if (snapshot.#errors === isAbsent) snapshot.#errors = Object.freeze([...snapshot.state.errors.values()])
      return snapshot.#errors
    }),
    awaiting: lazily((snapshot) => snapshot.#head.waiting),
  }

  static stateOf(snapshot: object): RunState | undefined {
    return #state in snapshot ? snapshot.state : undefined
  }

  constructor(source: SnapshotSource, seq: number) {
    this.#source = source
    this.#seq = seq
    Object.defineProperties(this, SnapshotAt.#fields)
    Object.freeze(this)
  }

  get state(): RunState {
    this.#state ??= this.#source.timeline.stateAt(this.#seq)
    return this.#state
  }

  node(id: string): NodeSnapshot | undefined {
    const { timeline, mentions } = this.#source
    const node = timeline.maps.nodes.at(this.#seq).get(id)
    if (node !== undefined) return nodeSnapshot(node)
    const isKnown =
      (mentions.created.get(id) ?? Infinity) <= this.#seq ||
      timeline.blueprintAt(this.#seq)?.nodes.some((definition) => definition.id === id)
    return isKnown ? nodeSnapshot(undefined) : undefined
  }

  get #event(): FlowcraftEvent | undefined {
    return this.#source.timeline.events[this.#seq]
  }

  get #head(): Pick<RunState, 'status' | 'waiting'> {
    return this.#state ?? this.#source.timeline.headAt(this.#seq)
  }

  #allNodes(): Readonly<Record<string, NodeSnapshot>> {
    const { timeline, mentions } = this.#source
    const nodes: Record<string, NodeSnapshot> = Object.create(null)
    for (const { id } of timeline.blueprintAt(this.#seq)?.nodes ?? []) nodes[id] = nodeSnapshot(undefined)
    for (const [id, seq] of mentions.created) if (seq <= this.#seq) nodes[id] = nodeSnapshot(undefined)
    for (const [id, node] of this.state.nodes) nodes[id] = nodeSnapshot(node)
    return Object.freeze(nodes)
  }
}

function lazily(read: (snapshot: SnapshotAt) => unknown): PropertyDescriptor & ThisType<SnapshotAt> {
  return {
    enumerable: true,
    get() {
      return read(this)
    },
  }
}

// Node prints a getter as such: whoever logs a snapshot wants to see what is in it.
Object.defineProperty(SnapshotAt.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: SnapshotAt) {
    return Object.assign({}, this)
  },
})

function frozenContext(state: RunState): Readonly<Record<string, unknown>> {
  const context = contextOf(state, asReadOnly)
  // What the engine itself says of a parked run is made anew; all else was frozen when it was recorded.
  freezeShallow(context['_awaitingNodeIds'])
  freezeShallow(context['_awaitingDetails'])
  return Object.freeze(context)
}

function freezeShallow(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) if (typeof part === 'object') Object.freeze(part)
  Object.freeze(value)
}
