import { createFlow, type NodeContext } from 'flowcraft'

/** What the nodes of a bill share. */
export interface BillContext {
  readonly order: string
  readonly currency: string
  /** In cents of euros. */
  readonly net: number
  /** How much of the currency is a euro. */
  readonly rate: number
  /** In cents of the currency. */
  readonly amount: number
}

/** What a bill needs of the outside world. */
export interface BillDependencies {
  /** Today's rate. */
  readonly bank: (currency: string) => Promise<number>
  /** The rates of yesterday, as a file of JSON. */
  readonly ratesFile: () => string
  /** Takes whole cents only. */
  readonly payments: { charge(amount: number, idempotencyKey: string): void }
  readonly sendMail: (text: string) => void
}

/** A call of one of the nodes. */
export type BillCall = NodeContext<BillContext, BillDependencies>

/** A bill in the customer's currency. Where the bank does not answer, the rate of yesterday has to do. */
export function billFlow(lastRate: (call: BillCall) => Promise<void> = lastRateAsDeployed) {
  return createFlow<BillContext, BillDependencies>('bill')
    .node('askBank', askBank, { config: { fallback: 'lastRate' } })
    .node('lastRate', lastRate)
    .node('convert', convert)
    .node('invoice', invoice)
    .node('charge', charge)
    .node('mail', mail)
    .edge('askBank', 'convert')
    .edge('convert', 'invoice')
    .edge('invoice', 'charge')
    .edge('charge', 'mail')
}

/** The bill as it was deployed. */
export const deployed = billFlow()

async function askBank({ context, dependencies }: BillCall): Promise<void> {
  const currency = (await context.get('currency')) ?? 'EUR'
  await context.set('rate', await dependencies.bank(currency))
}

/** The mistake: nobody looks whether the rates in the file are numbers. */
async function lastRateAsDeployed({ context, dependencies }: BillCall): Promise<void> {
  const rates = JSON.parse(dependencies.ratesFile()) as Record<string, number>
  const currency = (await context.get('currency')) ?? 'EUR'
  await context.set('rate', rates[currency] ?? 1)
}

async function convert({ context }: BillCall): Promise<void> {
  const net = (await context.get('net')) ?? 0
  const rate = (await context.get('rate')) ?? 1
  await context.set('amount', Math.round(net * rate))
}

async function invoice({ context }: BillCall): Promise<{ output: string }> {
  return { output: `bill of order ${await context.get('order')}` }
}

async function charge({ context, idempotencyKey, dependencies }: BillCall): Promise<{ output: number }> {
  const amount = (await context.get('amount')) ?? 0
  dependencies.payments.charge(amount, idempotencyKey)
  return { output: amount }
}

async function mail({ context, input, dependencies }: BillCall): Promise<void> {
  dependencies.sendMail(`${await context.get('order')}: we have charged ${Number(input)} cents`)
}
