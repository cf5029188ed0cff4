import type { BillCall } from './flow.ts'

/** The node `lastRate`, mended: the file has its rates as texts, with a comma. */
export async function lastRateMended({ context, dependencies }: BillCall): Promise<void> {
  const rates = JSON.parse(dependencies.ratesFile()) as Record<string, unknown>
  const currency = (await context.get('currency')) ?? 'EUR'
  const rate = Number(String(rates[currency]).replace(',', '.'))
  if (!(rate > 0)) throw new Error(`The file of yesterday has no rate for ${currency}: '${String(rates[currency])}'`)
  await context.set('rate', rate)
}
