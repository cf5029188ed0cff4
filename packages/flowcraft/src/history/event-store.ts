import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import type { FlowcraftError } from '../errors.ts'
import type { Claim, DueExecution } from './claim.ts'
import type { Fork } from './fork.ts'
import type { ExecutionFilter, ExecutionPage, PageRequest, PruneOptions } from './listing.ts'
import type { FollowedEvent, FollowOptions, FollowTarget } from './following.ts'

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
  /**
   * A random id of the live incarnation of the run that writes, the same for a run and those of its subflows: events of
   * the same writer that are already there count as done.
   */
  readonly writer: string
  /** Who drives the run, while it does: the id under which a lease is renewed. Absent for events that nobody drives. */
  readonly owner?: string | undefined
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
  /** Executions, the one that started last first. Those of subflows only where their parent is asked for. */
  list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage>
  /**
   * Events as they become durable, without loss or repetition, behind those that are there already: of one execution,
   * until it has ended, or of all that fit. Ends when the iterator is returned or the signal aborts; throws with the
   * code `STORE_CLOSED` once the store is closed.
   */
  subscribe(target: FollowTarget, options?: FollowOptions): AsyncIterable<FollowedEvent>
  getStats(): Promise<EventStoreStats>
  /**
   * Removes an execution and those of its subflows. Gives how many executions were removed; 0 when it is unknown.
   *
   * @throws `ExecutionConflictError` for one that somebody drives, and for one of a subflow: its root is to be removed.
   */
  delete(executionId: string): Promise<number>
  /** Removes old executions with those of their subflows, a slice at a time. Gives how many executions were removed. */
  prune(options: PruneOptions): Promise<number>
  /** Removes every event, execution and blueprint. */
  clear(): Promise<void>
  /** Releases what the store holds. Every later call rejects with the code `STORE_CLOSED`; closing again does nothing. */
  close(): Promise<void>
  /** Keeps a blueprint under its hash; a hash that is already there is left as it is. */
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>
  /** `undefined` when the hash is unknown. */
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>
  /**
   * Makes somebody the owner and the writer of a run and of the unfinished runs of its subflows, all or nothing.
   *
   * @throws `ExecutionConflictError` when somebody else drives it; `ConcurrencyError` when a part of it has gone on, has
   * ended or is unknown: `admitClaim` is the rule. Nothing is changed then.
   */
  claim(claim: Claim): Promise<void>
  /**
   * Begins an execution whose history is that of another one up to `seq`, and then its own: what both have is read under
   * the id of each, and stored once. It is a root, with the blueprint and the tags of its source, and starts with `event`.
   * The source is not changed. One that is deleted later is gone for every reader, and its events are kept as far as a
   * fork needs them.
   *
   * @throws `ConcurrencyError` for an id that is there already, a `FlowcraftError` with the code `EXECUTION_UNKNOWN` for a
   * source without that event: `admitFork` is the rule. Nothing is changed then.
   */
  fork(fork: Fork): Promise<void>
  /**
   * Says that `owner` is alive for the next `leaseMs` milliseconds, by the clock of the store; 0 gives the lease back.
   * `close` gives back what was renewed here.
   */
  renew(owner: string, leaseMs: number): Promise<void>
  /** Runs that somebody should take care of, no runs of subflows: those whose time has come first. */
  due(now: number, limit?: number): Promise<DueExecution[]>
}

/** A store with any of the optional capabilities. */
export type EventStore = IEventStore & Partial<EventStoreCapabilities>
