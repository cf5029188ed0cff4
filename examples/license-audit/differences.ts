import { inspect, isDeepStrictEqual } from 'node:util'

/** Where two values differ, one line for each place; empty when they are equal. */
export function differences(before: unknown, after: unknown, path = 'context'): string[] {
  if (isDeepStrictEqual(before, after)) return []
  const [left, right] = [partsOf(before), partsOf(after)]
  if (left === undefined || right === undefined) return [`${path}: ${short(before)} → ${short(after)}`]
  const keys = new Set([...left.keys(), ...right.keys()])
  const lines = [...keys].flatMap((key) => differences(left.get(key), right.get(key), `${path}[${short(key)}]`))
  return lines.length > 0 ? lines : [`${path}: ${short(before)} → ${short(after)}`]
}

function partsOf(value: unknown): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value
  if (Array.isArray(value)) return new Map(value.entries())
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? new Map(Object.entries(value)) : undefined
}

function short(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80, maxArrayLength: 3 })
}
