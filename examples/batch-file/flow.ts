import { readFile } from 'node:fs/promises'
import { createFlow, type NodeContext, type SettledResult } from 'flowcraft'
import { parseSale, type Line } from './sale.ts'

interface SalesContext {
  readonly file: string
}

/** What the nodes need of the outside world. */
export interface SalesDependencies {
  /** Euros for one unit of a currency. */
  rateOf(currency: string): Promise<number>
}

/** A sale of one line of the file, in euros. */
export interface Sale {
  readonly shop: string
  readonly euros: number
}

/** What the shops have sold, and the lines that could not be read. */
export interface SalesReport {
  readonly totals: ReadonlyMap<string, number>
  readonly refused: readonly string[]
}

type Call<TInput> = NodeContext<SalesContext, SalesDependencies, TInput>

/** Every line of a file is a piece of work of its own; one that fails is part of the result. */
export const salesFlow = createFlow<SalesContext, SalesDependencies>('sales')
  .node('lines', lines)
  .batch('convert', convert, {
    inputKey: 'lines',
    chunkSize: 8,
    concurrency: 3,
    onError: 'collect',
    config: { maxRetries: 2, retryDelay: 5 },
  })
  .node('report', report, { inputs: { lines: 'lines', results: 'convert_gather' } })

  .edge('lines', 'convert')
  .edge('convert', 'report')

/** The lines below the head of the file, with their numbers. */
async function lines({ context }: Call<unknown>) {
  const text = await readFile((await context.get('file')) ?? '', 'utf8')
  const all = text.trimEnd().split('\n')
  return { output: all.slice(1).map((line, index): Line => ({ number: index + 2, text: line })) }
}

async function convert({ input, dependencies }: Call<Line>) {
  const { shop, amount, currency } = parseSale(input.text)
  return { output: { shop, euros: amount * (await dependencies.rateOf(currency)) } satisfies Sale }
}

/** The results of a batch stand in the order of its items. */
function report({
  input,
}: Call<{ readonly lines: readonly Line[]; readonly results: readonly SettledResult<Sale>[] }>) {
  const totals = new Map<string, number>()
  const refused: string[] = []
  for (const [index, result] of input.results.entries()) {
    if (result.status === 'fulfilled') {
      const { shop, euros } = result.value
      totals.set(shop, (totals.get(shop) ?? 0) + euros)
    } else {
      refused.push(`line ${input.lines[index]?.number}: ${result.reason.cause?.message}`)
    }
  }
  return { output: { totals, refused } satisfies SalesReport }
}
