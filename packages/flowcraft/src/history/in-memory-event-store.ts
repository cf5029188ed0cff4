import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { EventStoreError } from '../errors.ts'
import { eventAsReadOnly } from '../events/bytes.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { encodeValue } from '../events/value-codec.ts'
import { admitBatch, admitEvent, type ExecutionHead } from './admit-batch.ts'
import type {
  AppendOutcome,
  EventBatch,
  EventStoreCapabilities,
  EventStoreStats,
  IEventStore,
  ReadRange,
} from './event-store.ts'

/** Options of an {@link InMemoryEventStore}. */
export interface InMemoryEventStoreOptions {
  /** Above this number, the executions that finished first are dropped. Unfinished ones stay. Default no limit. */
  readonly maxExecutions?: number | undefined
}

interface History {
  readonly events: FlowcraftEvent[]
  writer: string | undefined
}

type Capabilities = Pick<
  EventStoreCapabilities,
  'append' | 'read' | 'getStats' | 'clear' | 'close' | 'saveBlueprint' | 'loadBlueprint'
>

/**
 * An event store in the memory of this process. Keeps the very event objects that it is given, which must be frozen, and
 * gives them back; of those that hold bytes, which cannot be frozen, it gives copies.
 */
export class InMemoryEventStore implements IEventStore, Capabilities {
  readonly #maxExecutions: number
  readonly #histories = new Map<string, History>()
  readonly #finished = new Set<string>()
  readonly #blueprints = new Map<string, string>()
  #closed = false

  constructor(options: InMemoryEventStoreOptions = {}) {
    this.#maxExecutions = options.maxExecutions ?? Infinity
  }

  /**
   * Keeps one event. An event that is there already is left as it is.
   *
   * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
   * parked; `HistoryCorruptError` when it would leave a gap.
   */
  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    this.#assertOpen()
    const history = this.#histories.get(executionId) ?? { events: [], writer: undefined }
    const known = history.events[event.seq]
    if (known !== undefined && sameEvent(known, event)) return
    const error = admitEvent(event, executionId, headOf(history))
    if (error !== undefined) throw error
    this.#add(executionId, history, undefined, [event])
  }

  async append(batches: readonly EventBatch[]): Promise<AppendOutcome[]> {
    this.#assertOpen()
    return batches.map((batch) => this.#appendOne(batch))
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    this.#assertOpen()
    return this.#eventsOf(executionId)
  }

  async retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>> {
    this.#assertOpen()
    return new Map(executionIds.map((id) => [id, this.#eventsOf(id)]))
  }

  async *read(executionId: string, range: ReadRange = {}): AsyncGenerator<FlowcraftEvent, void, undefined> {
    this.#assertOpen()
    const events = this.#histories.get(executionId)?.events ?? []
    const { fromSeq = 0, toSeq = Infinity, types, limit = Infinity } = range
    const end = Math.min(toSeq, events.length - 1)
    let left = limit
    for (let seq = Math.max(0, Math.ceil(fromSeq)); seq <= end && left > 0; seq++) {
      const event = events[seq]!
      if (types !== undefined && !types.includes(event.type)) continue
      left--
      yield eventAsReadOnly(event)
    }
  }

  async getStats(): Promise<EventStoreStats> {
    this.#assertOpen()
    let totalEvents = 0
    for (const { events } of this.#histories.values()) totalEvents += events.length
    return { totalEvents, executions: this.#histories.size }
  }

  async clear(): Promise<void> {
    this.#assertOpen()
    this.#empty()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#empty()
  }

  async saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void> {
    this.#assertOpen()
    if (!this.#blueprints.has(hash)) this.#blueprints.set(hash, JSON.stringify(blueprint))
  }

  async loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined> {
    this.#assertOpen()
    const text = this.#blueprints.get(hash)
    // It was a WorkflowBlueprint when it was saved.
    return text === undefined ? undefined : (JSON.parse(text) as WorkflowBlueprint)
  }

  #eventsOf(executionId: string): FlowcraftEvent[] {
    return (this.#histories.get(executionId)?.events ?? []).map(eventAsReadOnly)
  }

  #appendOne(batch: EventBatch): AppendOutcome {
    const { executionId } = batch
    const history = this.#histories.get(executionId) ?? { events: [], writer: undefined }
    const admission = admitBatch(batch, headOf(history))
    if (admission.error !== undefined) return { executionId, error: admission.error }
    const events = admission.skip === 0 ? batch.events : batch.events.slice(admission.skip)
    this.#add(executionId, history, batch.writer, events)
    return { executionId }
  }

  #add(executionId: string, history: History, writer: string | undefined, events: readonly FlowcraftEvent[]): void {
    if (events.length === 0) return
    history.writer = writer
    this.#histories.set(executionId, history)
    for (const event of events) {
      history.events.push(event)
      if (event.type === 'workflow:finish') this.#finished.add(executionId)
    }
    this.#evict()
  }

  #evict(): void {
    for (const executionId of this.#finished) {
      if (this.#histories.size <= this.#maxExecutions) return
      this.#histories.delete(executionId)
      this.#finished.delete(executionId)
    }
  }

  #empty(): void {
    this.#histories.clear()
    this.#finished.clear()
    this.#blueprints.clear()
  }

  #assertOpen(): void {
    if (!this.#closed) return
    throw new EventStoreError('The in-memory event store is closed: open a new one', { code: 'STORE_CLOSED' })
  }
}

function headOf({ events, writer }: History): ExecutionHead {
  const last = events.at(-1)?.type
  return { lastSeq: events.length - 1, writer, isParked: last === 'workflow:pause' || last === 'workflow:stall' }
}

function sameEvent(a: FlowcraftEvent, b: FlowcraftEvent): boolean {
  if (a === b) return true
  const [left, right] = [encodeValue(a), encodeValue(b)]
  return left.json === right.json && left.notes === right.notes
}
