// @flowcraft/sqlite-history: index.d.mts
import { AppendOutcome, Claim, DueExecution, EventBatch, EventStoreCapabilities, EventStoreStats, ExecutionFilter, ExecutionPage, FlowcraftEvent, FollowOptions, FollowTarget, FollowedEvent, Fork, IEventStore, PageRequest, PruneOptions, ReadRange, WorkflowBlueprint } from "flowcraft";
import Database from "better-sqlite3";

//#region src/open-database.d.ts
/** Options of a `SqliteHistoryAdapter`. */
interface SqliteHistoryOptions {
  /** The file; made with its folder when it is missing. `':memory:'` keeps everything in memory. */
  readonly databasePath: string;
  /** Write-ahead log: readers do not wait for writers. `false` leaves the file's journal mode as it is. Default `true`. */
  readonly walMode?: boolean | undefined;
  /**
  * `'FULL'` (default): what was reported as stored survives a power cut. `'NORMAL'`: it survives a crash of the process;
  * a power cut may take the latest commits.
  */
  readonly synchronous?: "FULL" | "NORMAL" | undefined;
  /** How long a call waits for other connections to let go of the file. Default 5 000 ms. */
  readonly busyTimeout?: number | undefined;
  /** Only read; the file must be there. Default `false`. */
  readonly readonly?: boolean | undefined;
  /** The name of the events table, and the beginning of the other names. Default `'flowcraft_events'`. */
  readonly tableName?: string | undefined;
}
//#endregion
//#region src/sqlite-history-adapter.d.ts
/**
* An event store in one SQLite file, which several processes may use at once. Events come back deep-frozen and equal to
* those that were stored.
*/
declare class SqliteHistoryAdapter implements IEventStore, EventStoreCapabilities {
  #private;
  /**
  * Brings the tables of an older version to the present one.
  *
  * @throws `EventStoreError` when the file cannot be used, or an option is wrong; nothing is changed then.
  */
  constructor(options: SqliteHistoryOptions);
  /**
  * Keeps one event. An event that is there already is left as it is.
  *
  * @throws `ConcurrencyError` when another event has its `seq`, or the execution is written by `append` and is not
  * parked; `HistoryCorruptError` when it would leave a gap.
  */
  store(event: FlowcraftEvent, executionId: string): Promise<void>;
  append(batches: readonly EventBatch[]): Promise<AppendOutcome[]>;
  retrieve(executionId: string): Promise<FlowcraftEvent[]>;
  retrieveMultiple(executionIds: readonly string[]): Promise<Map<string, FlowcraftEvent[]>>;
  read(executionId: string, range?: ReadRange): AsyncGenerator<FlowcraftEvent, void, undefined>;
  /** @throws `EventStoreError` for a filter, a limit or a cursor that cannot be. */
  list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage>;
  /**
  * Commits of other connections are seen within some 2 ms, for which a timer runs while somebody waits. The cursor of a
  * filter is a position in the file, which is never given to another event.
  *
  * @throws `EventStoreError` with the first event, for a filter or a cursor that cannot be.
  */
  subscribe(target: FollowTarget, options?: FollowOptions): AsyncIterableIterator<FollowedEvent, void, undefined>;
  getStats(): Promise<EventStoreStats>;
  delete(executionId: string): Promise<number>;
  /** A slice has at most 1 000 executions, or one family. Other writers get a turn in between. */
  prune(options: PruneOptions): Promise<number>;
  clear(): Promise<void>;
  claim(claim: Claim): Promise<void>;
  /** Whoever searches for the text of an error finds those of the fork's own events only. */
  fork(fork: Fork): Promise<void>;
  renew(owner: string, leaseMs: number): Promise<void>;
  due(now: number, limit?: number): Promise<DueExecution[]>;
  /** Closing a closed store does nothing. */
  close(): Promise<void>;
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
}
//#endregion
export { SqliteHistoryAdapter, type SqliteHistoryOptions };
