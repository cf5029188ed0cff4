// Payments in database transactions: one is tried twice, one fails for good. Every statement is printed as it runs.
import { createDefaultContainer, FlowRuntime } from 'flowcraft'
import { Bank } from './bank.ts'
import { paymentsFlow, type BankDependencies } from './flow.ts'
import { audit, inTransaction } from './middleware.ts'

const bank = new Bank({ us: 1000, landlord: 0, 'tax office': 0 }, (sql) => console.log(`    ${sql}`))
const container = createDefaultContainer({
  dependencies: { bank, transfer: busyAtFirst() } satisfies BankDependencies,
  // The outermost first: the audit hears of the end of a node when its transaction is closed.
  middleware: [audit((line) => console.log(`  ${line}`)), inTransaction(bank, ['rent', 'tax'])],
})

let runs = 0
const runtime = new FlowRuntime<BankDependencies>(container, { idGenerator: () => `payments-${++runs}` })

await pay('March')
await pay('April')

async function pay(month: string): Promise<void> {
  console.log(`The rent and the tax of ${month}`)
  const { executionId, status, errors = [] } = await paymentsFlow.run(runtime, { rent: 600, tax: 150 })
  console.log(`  ${executionId} is ${status}`)
  for (const { nodeId, cause } of errors) console.log(`  ${nodeId}: ${cause?.message}`)
  console.log('  balances:', bank.balances())
}

/** A bank on the other side that fails once. */
function busyAtFirst(): BankDependencies['transfer'] {
  let isBusy = true
  return async () => {
    const wasBusy = isBusy
    isBusy = false
    if (wasBusy) throw new Error('the other bank is busy')
  }
}
