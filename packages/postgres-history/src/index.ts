export { PostgresHistoryAdapter } from './postgres-history-adapter.ts'
export type {
  PostgresClientOptions,
  PostgresConnectionOptions,
  PostgresHistoryOptions,
  PostgresServerOptions,
  PostgresTableOptions,
  PostgresUrlOptions,
} from './options.ts'
