import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { FlowRuntime, PersistentEventBusAdapter, type Clock } from 'flowcraft'
import { expenseFlow, type ExpenseDependencies } from './flow.ts'

/** The store, the bus and the runtime, as every process that works on expenses opens them. */
export function openService(databasePath: string, clock?: Clock) {
  const store = new SqliteHistoryAdapter({ databasePath, walMode: true })
  const dependencies: ExpenseDependencies = { sendMail: (to, text) => console.log(`  mail to ${to}: ${text}`) }
  const runtime = new FlowRuntime({
    eventBus: new PersistentEventBusAdapter(store),
    dependencies,
    flows: [expenseFlow],
    clock,
  })
  return { store, runtime }
}
