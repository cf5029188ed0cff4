import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { HistoryCorruptError } from '../errors.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { initialState, type RunDraft } from '../state/draft.ts'
import { apply } from '../state/fold.ts'
import type { RunState } from '../state/run-state.ts'
import { fixedEvent } from './fixed-event.ts'
import { countWhile } from './version-log.ts'
import { VersionedMap, type FoldedNow } from './versioned-map.ts'

type MapName = 'context' | 'nodes' | 'edges' | 'errors' | 'batches' | 'held'

/** What a state says besides its maps and its place. It changes seldom. */
export type Head = Omit<RunState, MapName | 'seq' | 'updatedAt'>

/** The maps of a run, with all that they have been. */
export type VersionedMaps = {
  readonly [K in MapName]: RunState[K] extends ReadonlyMap<infer Key, infer Value> ? VersionedMap<Key, Value> : never
}

const headNames = Object.keys(initialState).filter(
  (name) => !(Reflect.get(initialState, name) instanceof Map) && name !== 'seq' && name !== 'updatedAt',
) as (keyof Head)[]

/**
 * The history of one execution, folded once, with the state after each of its events. Takes memory in proportion to the
 * events: a state shares with the one before it all that did not change.
 */
export class Timeline {
  readonly executionId: string
  readonly events: FlowcraftEvent[] = []
  readonly maps: VersionedMaps
  /** By hash: what the events refer to. */
  readonly blueprints: Map<string, WorkflowBlueprint> = new Map()
  readonly #now: FoldedNow = { seq: -1 }
  readonly #draft: RunDraft
  readonly #heads: { readonly seq: number; readonly head: Head }[]
  /** An event that could not be read may have been folded in part: nothing follows it. */
  #fault: HistoryCorruptError | undefined

  constructor(executionId: string) {
    this.executionId = executionId
    this.maps = {
      context: new VersionedMap(this.#now),
      nodes: new VersionedMap(this.#now),
      edges: new VersionedMap(this.#now),
      errors: new VersionedMap(this.#now),
      batches: new VersionedMap(this.#now),
      held: new VersionedMap(this.#now),
    }
    this.#draft = { ...initialState, ...this.maps }
    this.#heads = [{ seq: -1, head: headOf(this.#draft) }]
  }

  get length(): number {
    return this.events.length
  }

  /**
   * Goes on by one event, whose `seq` must be the next one.
   * @throws HISTORY_CORRUPT for one that is not.
   */
  take(given: FlowcraftEvent): void {
    if (this.#fault !== undefined) throw this.#fault
    const event = fixedEvent(given)
    if (event.seq !== this.length) throw this.#corrupt(event, `event ${this.length} is due`)
    this.#now.seq = event.seq
    try {
      apply(this.#draft, event)
    } catch (error) {
      throw (this.#fault = this.#corrupt(event, 'its payload cannot be read', error))
    }
    this.events.push(event)
    const { head } = this.#heads.at(-1)!
    const draft: Head = this.#draft
    if (headNames.some((name) => draft[name] !== head[name])) {
      this.#heads.push({ seq: event.seq, head: headOf(draft) })
    }
  }

  /** What the state after the event `seq` says besides its maps; -1 stands before the first. */
  headAt(seq: number): Head {
    const count = countWhile(this.#heads.length, (index) => this.#heads[index]!.seq <= seq)
    return this.#heads[count - 1]!.head
  }

  /** The state after the event `seq`, which reads its entries when it is asked; -1 stands before the first. */
  stateAt(seq: number): RunState {
    const { context, nodes, edges, errors, batches, held } = this.maps
    return Object.freeze({
      ...initialState,
      ...this.headAt(seq),
      seq,
      updatedAt: this.events[seq]?.timestamp,
      context: context.at(seq),
      nodes: nodes.at(seq),
      edges: edges.at(seq),
      errors: errors.at(seq),
      batches: batches.at(seq),
      held: held.at(seq),
    })
  }

  /** The blueprint of the run at that moment, if it is known. */
  blueprintAt(seq: number): WorkflowBlueprint | undefined {
    const { blueprint, blueprintHash } = this.headAt(seq)
    return blueprint ?? this.blueprints.get(blueprintHash ?? '')
  }

  #corrupt(event: FlowcraftEvent, reason: string, cause?: unknown): HistoryCorruptError {
    return new HistoryCorruptError(
      `The history of execution '${this.executionId}' cannot go on with its event ${String(event.seq)} (${event.type}): ${reason}. Read it again from its store; if it is the same there, the log is damaged`,
      { executionId: this.executionId, cause },
    )
  }
}

function headOf(draft: Head): Head {
  // Every name is one of a head.
  return Object.freeze(Object.fromEntries(headNames.map((name) => [name, draft[name]]))) as unknown as Head
}
