/** A span of time: milliseconds, or a number with a unit: `'5s'`, `'10m'`, `'2h'`, `'1d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`

/**
 * A {@link Duration} in whole milliseconds; `undefined` for anything else, for a negative one, and for one of more than
 * 50 million days, whose end would be no date.
 */
export function durationMs(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? parse(value) : NaN
  return ms >= 0 && ms <= longestMs ? Math.round(ms) : undefined
}

const dayMs = 86_400_000
const longestMs = 50_000_000 * dayMs
const unitMs = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', dayMs],
])

function parse(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  return Number(amount) * (unitMs.get(unit ?? '') ?? NaN)
}
