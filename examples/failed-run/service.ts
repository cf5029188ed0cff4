import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { FlowRuntime, PersistentEventBusAdapter } from 'flowcraft'
import { stillClock } from './clock.ts'
import { deployed, type BillDependencies } from './flow.ts'

/** What takes payments: whole cents only. */
export function takeCents(amount: number): void {
  if (!Number.isInteger(amount)) throw new RangeError(`An amount is a whole number of cents; found ${amount}`)
}

/** The outside world of that night, in which the bank does not answer. */
export const outside: BillDependencies = {
  bank: async () => {
    throw new Error('the bank does not answer')
  },
  ratesFile: () => '{ "CHF": "0,94", "GBP": "0,86" }',
  payments: {
    charge(amount, idempotencyKey) {
      takeCents(amount)
      console.log(`   charged: ${amount} cents (${idempotencyKey})`)
    },
  },
  sendMail: (text) => console.log(`   mailed: ${text}`),
}

/** The store and the runtime, as every process opens them. */
export function openService(databasePath: string) {
  const store = new SqliteHistoryAdapter({ databasePath, walMode: true })
  const eventBus = new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ eventBus, dependencies: outside, flows: [deployed], clock: stillClock })
  return { store, runtime }
}
