import type { Piece } from './draft.ts'

/** Transforms, and what each of them gives, written down by hand; those that fail throw here too. */
export const transformMeanings: Readonly<Record<string, (output: unknown, flag: unknown) => unknown>> = {
  input: (output) => output,
  '[input, flag]': (output, flag) => [output, flag],
  'context.flag ? "yes" : null': (_, flag) => (flag ? 'yes' : null),
  'input?.nothing': () => undefined,
  '1 + ("key" in 5)': () => {
    throw new TypeError('fails by itself')
  },
}

/** Edges that deliver something else than their source's output, or fail their target. */
export const transforms: Piece = (draw, flow) => {
  for (const edge of flow.edges) if (draw.chance(15)) edge.transform = draw.pick(Object.keys(transformMeanings))
}
