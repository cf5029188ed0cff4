import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowcraftEvent, RunStatus } from '../events/event.ts'
import type { ForkOrigin } from '../state/run-state.ts'
import type { Position } from '../state/position.ts'
import { changesBetween, writesTo, type ContextChange, type ContextWrite } from './changes.ts'
import { childOf, childrenOf, type ChildReference } from './children.ts'
import { cursorOver, type Cursor } from './cursor.ts'
import type { Explanation, ExplainOptions } from './explanation.ts'
import { explainNode } from './explain.ts'
import { followRecording, type FollowRecordingOptions } from './follow.ts'
import { Mentions } from './mentions.ts'
import { Places } from './places.ts'
import { snapshotAt, type Snapshot } from './snapshot.ts'
import { catchUp, noStore, type RecordingStore } from './source.ts'
import type { Timeline } from './timeline.ts'

/**
 * The history of one run, at every event of which the whole run can be looked at. Looking never changes or writes
 * anything. Iterates over its events, so that it can be given wherever events are.
 */
export interface Recording extends Iterable<FlowcraftEvent> {
  readonly executionId: string
  /** How many events it has: the last one has the `seq` `length - 1`. */
  readonly length: number
  /** At the end; `'running'` also for a run that was cut off. */
  readonly status: RunStatus
  /** The run whose history this one shares, if it is a fork. */
  readonly forkedFrom: ForkOrigin | undefined
  /** Epoch milliseconds; `undefined` without a start event. Of a fork, when it was forked. */
  readonly startedAt: number | undefined
  /** From the start to the end of the run, or to the last event while it has none; never less than 0. */
  readonly durationMs: number | undefined
  /** The blueprint of the run as it was at the end; `undefined` if neither the events nor the store have it. */
  readonly blueprint: WorkflowBlueprint | undefined
  /** In order, deep-frozen but for bytes, which cannot be frozen: do not write to them. */
  readonly events: readonly FlowcraftEvent[]
  /**
   * The run at a position. The end of a history without events has the `seq` -1.
   * @throws POSITION_NOT_FOUND for a place that the history does not have.
   */
  at(position: Position): Snapshot
  /**
   * A place that moves. Default at `'start'`; in a history without events, at its end.
   * @throws POSITION_NOT_FOUND.
   */
  cursor(position?: Position): Cursor
  /**
   * The keys whose values differ between the contexts at two positions, the engine's own keys included; `from` may be later.
   * @throws POSITION_NOT_FOUND.
   */
  changes(from: Position, to: Position): ContextChange[]
  /** Everything that gave a key of the context a value, in order; `[]` for a key that never had one. */
  writesTo(key: string): ContextWrite[]
  /**
   * Why a node ran, failed, was skipped or never came up, from the events alone.
   * @throws INPUT_INVALID for a node or an iteration that the run does not have; POSITION_NOT_FOUND.
   */
  explain(nodeId: string, options?: ExplainOptions): Explanation
  /** The runs of subflows that the run started, in that order. */
  children(): ChildReference[]
  /**
   * The recording of the last run that a subflow node started, or of the last one in an iteration.
   * @throws EXECUTION_UNKNOWN when there is none; INPUT_INVALID when this recording has no store.
   */
  child(nodeId: string, options?: { readonly iteration?: number | undefined }): Promise<Recording>
  /**
   * Takes in what the store has got since. Gives how many events that were; 0 for a recording without a store. Snapshots
   * stay as they are.
   * @throws HISTORY_CORRUPT when that does not fit on.
   */
  refresh(): Promise<number>
  /**
   * Takes in the events of a live run as they come, and gives the snapshot after each, until the run has ended. Nothing is
   * given of what is here already. Without a store, it ends at once.
   * @throws INPUT_INVALID when the store has no `subscribe` and no `wait` is given; HISTORY_CORRUPT.
   */
  follow(options?: FollowRecordingOptions): AsyncIterable<Snapshot>
}

/** A recording of a timeline. `open` opens those of children. */
export function recordingOf(
  timeline: Timeline,
  store: RecordingStore | undefined,
  open: (store: RecordingStore, executionId: string) => Promise<Recording>,
): Recording {
  return new TimelineRecording(timeline, store, open)
}

class TimelineRecording implements Recording {
  readonly #timeline: Timeline
  readonly #store: RecordingStore | undefined
  readonly #open: (store: RecordingStore, executionId: string) => Promise<Recording>
  readonly #mentions: Mentions
  readonly #places: Places
  #events: readonly FlowcraftEvent[] = []

  static timelineOf(recording: object): Timeline | undefined {
    return #timeline in recording ? recording.#timeline : undefined
  }

  constructor(
    timeline: Timeline,
    store: RecordingStore | undefined,
    open: (store: RecordingStore, executionId: string) => Promise<Recording>,
  ) {
    this.#timeline = timeline
    this.#store = store
    this.#open = open
    this.#mentions = new Mentions(timeline)
    this.#places = new Places(timeline, this.#mentions)
  }

  get executionId(): string {
    return this.#timeline.executionId
  }

  get length(): number {
    return this.#timeline.length
  }

  get status(): RunStatus {
    return this.#timeline.headAt(this.length - 1).status
  }

  get forkedFrom(): ForkOrigin | undefined {
    return this.#timeline.headAt(this.length - 1).forkedFrom
  }

  get startedAt(): number | undefined {
    return this.#timeline.headAt(this.length - 1).startedAt
  }

  get durationMs(): number | undefined {
    const { startedAt, finishedAt = this.#timeline.events.at(-1)?.timestamp } = this.#timeline.headAt(this.length - 1)
    return startedAt === undefined || finishedAt === undefined ? undefined : Math.max(0, finishedAt - startedAt)
  }

  get blueprint(): WorkflowBlueprint | undefined {
    return this.#timeline.blueprintAt(this.length - 1)
  }

  get events(): readonly FlowcraftEvent[] {
    if (this.#events.length !== this.length) this.#events = Object.freeze([...this.#timeline.events])
    return this.#events
  }

  *[Symbol.iterator](): Generator<FlowcraftEvent, undefined, undefined> {
    const { length } = this
    for (let seq = 0; seq < length; seq += 1) yield this.#timeline.events[seq]!
  }

  at(position: Position): Snapshot {
    return this.#snapshotAt(this.#places.seqOf(position))
  }

  cursor(position?: Position): Cursor {
    const seq = position === undefined ? Math.min(0, this.length - 1) : this.#places.seqOf(position)
    const [timeline, mentions, places] = [this.#timeline, this.#mentions, this.#places]
    const track = {
      get length() {
        return timeline.length
      },
      get starts() {
        return mentions.starts
      },
      seqOf: (to: Position) => places.seqOf(to),
      at: (to: number) => this.#snapshotAt(to),
    }
    return cursorOver(track, seq)
  }

  changes(from: Position, to: Position): ContextChange[] {
    return changesBetween(this.#timeline, this.#places.seqOf(from), this.#places.seqOf(to))
  }

  writesTo(key: string): ContextWrite[] {
    return writesTo(this.#timeline, key)
  }

  explain(nodeId: string, { iteration, at = 'end' }: ExplainOptions = {}): Explanation {
    const seq = this.#places.seqOf(at)
    return explainNode({ timeline: this.#timeline, mentions: this.#mentions, seq }, nodeId, iteration)
  }

  children(): ChildReference[] {
    return childrenOf(this.#timeline, this.#mentions)
  }

  async child(nodeId: string, { iteration }: { readonly iteration?: number | undefined } = {}): Promise<Recording> {
    const { executionId } = this
    const child = childOf(this.children(), { executionId, nodeId, iteration })
    if (this.#store === undefined) throw noStore(executionId, `read the run '${child.executionId}' of a subflow`)
    return await this.#open(this.#store, child.executionId)
  }

  async refresh(): Promise<number> {
    return this.#store === undefined ? 0 : await catchUp(this.#timeline, this.#store)
  }

  async *follow(options: FollowRecordingOptions = {}): AsyncGenerator<Snapshot, undefined, undefined> {
    if (this.#store === undefined) return
    const at = (seq: number): Snapshot => this.#snapshotAt(seq)
    yield* followRecording({ timeline: this.#timeline, store: this.#store, at }, options)
  }

  #snapshotAt(seq: number): Snapshot {
    return snapshotAt({ timeline: this.#timeline, mentions: this.#mentions }, seq)
  }
}
