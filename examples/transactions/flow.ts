import { createFlow, type NodeContext } from 'flowcraft'
import type { Bank } from './bank.ts'
import { undoingRetries } from './middleware.ts'

interface Payments {
  readonly rent: number
  readonly tax: number
}

/** What the runtime gives the nodes. */
export interface BankDependencies {
  readonly bank: Bank
  /** The bank on the other side, which may be busy. */
  transfer(to: string, amount: number): Promise<void>
}

type Call<TInput> = NodeContext<Payments, BankDependencies, TInput>

const paying = { maxRetries: 2, retryDelay: 5 }

/** What is to be paid at the end of the month; the two payments go on side by side. */
export const paymentsFlow = createFlow<Payments, BankDependencies>('payments')
  .node('rent', undoingRetries(pay), { inputs: 'rent', params: { to: 'landlord' }, config: paying })
  .node('tax', undoingRetries(pay), { inputs: 'tax', params: { to: 'tax office' }, config: paying })
  .node('statement', statement)
  .edge('rent', 'statement')
  .edge('tax', 'statement')

async function pay({ input, params, dependencies, idempotencyKey }: Call<number>) {
  const { bank, transfer } = dependencies
  const to = String(params['to'])
  // The transaction is committed before the engine records the result: a crash in between lets the node run once more,
  // under the same key.
  if (bank.book(idempotencyKey)) {
    bank.add('us', -input)
    await transfer(to, input)
    bank.add(to, input)
  }
  return { output: `${input} to the ${to}` }
}

function statement({ dependencies }: Call<unknown>) {
  return { output: dependencies.bank.balances() }
}
