import { PostgresHistoryAdapter } from '@flowcraft/postgres-history'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { FlowRuntime, PersistentEventBusAdapter } from 'flowcraft'
import { ledgerIn, reportFlow, type WorkerDependencies } from './flow.ts'

/** What every worker opens: `database` is the path of a SQLite file, or the URL of a PostgreSQL server. */
export function openService(database: string, ledgerPath: string) {
  const store = database.startsWith('postgres')
    ? new PostgresHistoryAdapter({ connectionString: database, tableName: 'killed_worker' })
    : new SqliteHistoryAdapter({ databasePath: database, walMode: true })
  const dependencies: WorkerDependencies = { ledger: ledgerIn(ledgerPath) }
  const runtime = new FlowRuntime({
    // A second without a sign of life, and others may take over. In production, be more patient.
    eventBus: new PersistentEventBusAdapter(store, { leaseMs: 1000 }),
    dependencies,
    flows: [reportFlow],
  })
  return { store, runtime }
}
