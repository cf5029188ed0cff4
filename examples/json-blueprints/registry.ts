import type { NodeContext, SettledResult } from 'flowcraft'

type Call<TInput = unknown> = NodeContext<Record<string, unknown>, Record<string, unknown>, TInput>

/** What the blueprints may use: whoever writes one needs to know these names, and no TypeScript. */
export const registry = {
  async listNames({ context }: Call) {
    const names = await context.get('names')
    await context.set('pending', names)
    return { output: names }
  },

  /** Some mailboxes are full for a while, and some for ever. */
  sendMail({ input, iteration }: Call<string>) {
    if (input === 'bob' && iteration === 0) throw new Error('mailbox full')
    if (input === 'eve') throw new Error('no such mailbox')
    return { output: `delivered to ${input}` }
  },

  async keepUndelivered({ input, context, iteration }: Call<Delivery>) {
    const undelivered = input.pending.filter((_, index) => input.results[index]?.status === 'rejected')
    await context.set('pending', undelivered)
    return { output: { undelivered, round: iteration + 1 } }
  },

  say({ input, params }: Call) {
    return { output: `${String(params['text'])} ${String(input)}` }
  },

  pass({ input }: Call) {
    return { output: input }
  },
}

interface Delivery {
  readonly pending: readonly string[]
  readonly results: readonly SettledResult<string>[]
}
