const rates = new Map([
  ['EUR', 1],
  ['CHF', 1.05],
  ['GBP', 1.2],
])

/** A rate service that is too busy for the first question about a currency from abroad, and answers the second. */
export function rateService(): (currency: string) => Promise<number> {
  const asked = new Set<string>()
  return async (currency) => {
    const rate = rates.get(currency)
    if (rate === undefined) throw new Error(`no rate for '${currency}'`)
    const isBusy = currency !== 'EUR' && !asked.has(currency)
    asked.add(currency)
    if (isBusy) throw new Error('the rate service is busy')
    return rate
  }
}
