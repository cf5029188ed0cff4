import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { FlowcraftError } from '../errors.ts'

/** Read access to stored histories. Replay and everything else that only looks gets no more than this. */
export interface IEventReader {
  /** All events of an execution in `seq` order; `[]` when it is unknown. */
  retrieve(executionId: string): Promise<FlowcraftEvent[]>
  /** The same for several; every id that was asked for is a key of the map. */
  retrieveMultiple(executionIds: string[]): Promise<Map<string, FlowcraftEvent[]>>
}

/** What an event store must have, and all that a custom one needs. More is detected by presence: {@link EventStoreCapabilities}. */
export interface IEventStore extends IEventReader {
  /** Keeps one event. Resolves when it is durable. Called in `seq` order, one call at a time for each execution. */
  store(event: FlowcraftEvent, executionId: string): Promise<void>
}

/** Consecutive events of one execution, to be stored all or not at all. */
export interface EventBatch {
  readonly executionId: string
  /** A random id of the live incarnation of the run that writes: events of the same writer that are already there count as done. */
  readonly writer: string
  readonly events: readonly FlowcraftEvent[]
  /** The `seq` of the first of `events`. */
  readonly expectedSeq: number
}

/** What became of one batch of an `append`. */
export interface AppendOutcome {
  readonly executionId: string
  /**
   * Absent when the batch is durable. A `ConcurrencyError` when another writer was there first, unless the execution is
   * parked and the batch goes on with it: `admitBatch` is the rule.
   */
  readonly error?: FlowcraftError
}

/** Which part of a history to read. Both ends are inclusive. */
export interface ReadRange {
  readonly fromSeq?: number | undefined
  readonly toSeq?: number | undefined
  readonly types?: readonly FlowcraftEvent['type'][] | undefined
  /** The highest number of events to give. */
  readonly limit?: number | undefined
}

/** How much a store holds. */
export interface EventStoreStats {
  readonly totalEvents: number
  readonly executions: number
}

/** What a store may offer besides {@link IEventStore}. */
export interface EventStoreCapabilities {
  /**
   * Appends several batches, each all or nothing; the fault of one never fails another. One outcome for each batch, in
   * order. Rejects only when the store as a whole cannot be written; then nothing of the call was stored.
   */
  append(batches: readonly EventBatch[]): Promise<AppendOutcome[]>
  /** Events in `seq` order, in bounded memory. */
  read(executionId: string, range?: ReadRange): AsyncIterable<FlowcraftEvent>
  getStats(): Promise<EventStoreStats>
  /** Removes every event, execution and blueprint. */
  clear(): Promise<void>
  /** Releases what the store holds. Every later call rejects with the code `STORE_CLOSED`; closing again does nothing. */
  close(): Promise<void>
  /** Keeps a blueprint under its hash; a hash that is already there is left as it is. */
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>
  /** `undefined` when the hash is unknown. */
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>
}

/** A store with any of the optional capabilities. */
export type EventStore = IEventStore & Partial<EventStoreCapabilities>
