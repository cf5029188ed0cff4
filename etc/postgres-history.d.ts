// @flowcraft/postgres-history: index.d.mts
import { AppendOutcome, Claim, DueExecution, EventBatch, EventStoreCapabilities, EventStoreStats, ExecutionFilter, ExecutionPage, FlowcraftEvent, FollowOptions, FollowTarget, FollowedEvent, Fork, IEventStore, PageRequest, PruneOptions, ReadRange, WorkflowBlueprint } from "flowcraft";
import { Sql } from "postgres";

//#region src/options.d.ts
/** What all options of a `PostgresHistoryAdapter` have. */
interface PostgresTableOptions {
  /** The name of the events table, and the beginning of the other names: at most 52 bytes. Default `'flowcraft_events'`. */
  readonly tableName?: string | undefined;
  /** The schema of the tables. Default the first of the connection's `search_path`. */
  readonly schema?: string | undefined;
  /** Makes the schema and the tables where they are missing. Default `true`. */
  readonly autoCreateTables?: boolean | undefined;
  /**
  * Tells other processes of an append by `NOTIFY`, and listens, so that they need not wait for the next look. With it
  * or without, nothing is missed. Default `false`.
  */
  readonly notify?: boolean | undefined;
  /** Told what somebody should know and nothing else says. Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
/** What connections that the adapter opens itself can have. */
interface PostgresConnectionOptions extends PostgresTableOptions {
  /** Connections for reading: 1 or more. There is one more for writing. Default 4. */
  readonly max?: number | undefined;
  /** As of postgres.js: `'require'`, `'prefer'`, `'verify-full'` or options of `tls.connect`. Default none. */
  readonly ssl?: boolean | "require" | "allow" | "prefer" | "verify-full" | object | undefined;
  /** How long to wait for a connection, in seconds. Default 30. */
  readonly connectTimeout?: number | undefined;
  /** What the server shows as the name of the program. Default `'flowcraft'`. */
  readonly applicationName?: string | undefined;
}
/** A server by its parts. */
interface PostgresServerOptions extends PostgresConnectionOptions {
  /** Default `PGHOST`, else `'localhost'`. */
  readonly host?: string | undefined;
  /** Default `PGPORT`, else 5432. */
  readonly port?: number | undefined;
  /** Default `PGDATABASE`, else the name of the user. */
  readonly database?: string | undefined;
  /** Default `PGUSER`, else the user of the process. */
  readonly user?: string | undefined;
  /** Default `PGPASSWORD`. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  readonly connectionString?: undefined;
  readonly sql?: undefined;
}
/** A server by its URL. */
interface PostgresUrlOptions extends PostgresConnectionOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly connectionString: string;
  readonly sql?: undefined;
}
/** A client that is there already. */
interface PostgresClientOptions extends PostgresTableOptions {
  /** A postgres.js client. The adapter does not end it. */
  readonly sql: Sql;
  readonly connectionString?: undefined;
}
/** Options of a `PostgresHistoryAdapter`: a server by its parts or by its URL, or a client. */
type PostgresHistoryOptions = PostgresServerOptions | PostgresUrlOptions | PostgresClientOptions;
//#endregion
//#region src/postgres-history-adapter.d.ts
/**
* An event store in a PostgreSQL database (13 or later), which several processes may use at once. Events come back
* deep-frozen and equal to those that were stored. The first call connects and sees to the tables.
*/
declare class PostgresHistoryAdapter implements IEventStore, EventStoreCapabilities {
  #private;
  /** @throws `EventStoreError` when an option is wrong. A server that cannot be reached fails the calls, until it can. */
  constructor(options: PostgresHistoryOptions);
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
  list(filter?: ExecutionFilter, page?: PageRequest): Promise<ExecutionPage>;
  subscribe(target: FollowTarget, {
    cursor,
    signal
  }?: FollowOptions): AsyncIterableIterator<FollowedEvent>;
  getStats(): Promise<EventStoreStats>;
  delete(executionId: string): Promise<number>;
  prune(options: PruneOptions): Promise<number>;
  clear(): Promise<void>;
  /** Closing a closed store does nothing. A client that was given as `sql` stays open. */
  close(): Promise<void>;
  saveBlueprint(hash: string, blueprint: WorkflowBlueprint): Promise<void>;
  loadBlueprint(hash: string): Promise<WorkflowBlueprint | undefined>;
  claim(claim: Claim): Promise<void>;
  /** Whoever searches for the text of an error finds those of the fork's own events only. */
  fork(fork: Fork): Promise<void>;
  /** Not behind the writes: a lease must not end because much is written. */
  renew(owner: string, leaseMs: number): Promise<void>;
  due(now: number, limit?: number): Promise<DueExecution[]>;
}
//#endregion
export { type PostgresClientOptions, type PostgresConnectionOptions, PostgresHistoryAdapter, type PostgresHistoryOptions, type PostgresServerOptions, type PostgresTableOptions, type PostgresUrlOptions };
