/** A line of the file. */
export interface Line {
  /** As editors count: the first line of a file is 1. */
  readonly number: number
  readonly text: string
}

/** What one line says. @throws for a line that does not say it. */
export function parseSale(text: string): { readonly shop: string; readonly amount: number; readonly currency: string } {
  const [date, shop, amount, currency, ...rest] = text.split(',')
  if (date === undefined || shop === undefined || amount === undefined || currency === undefined || rest.length > 0) {
    throw new Error(`expected 4 columns, found ${text.split(',').length}`)
  }
  if (!/^\d+(\.\d+)?$/.test(amount)) throw new Error(`'${amount}' is no amount`)
  return { shop, amount: Number(amount), currency }
}
