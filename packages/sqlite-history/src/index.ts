export { SqliteHistoryAdapter } from './sqlite-history-adapter.ts'
export type { SqliteHistoryOptions } from './open-database.ts'
