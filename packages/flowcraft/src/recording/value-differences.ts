import { encodeValue } from '../events/value-codec.ts'

/** One place at which two recorded values differ. */
export interface ValueDifference {
  /** The keys and indices that lead there; none for the whole value. */
  readonly path: readonly (string | number)[]
  /** The value as JSON, its type in front where JSON has no such type; cut when long. Absent where there is none. */
  readonly a?: string
  readonly b?: string
}

/** Whether the part at a path does not count. */
export type Exempt = (path: readonly (string | number)[]) => boolean

/**
 * The places at which two recorded values differ, by path; `[]` for equal ones. The order of the keys of objects does not
 * count. Parts that both values hold in several places are told of once. Linear in the values.
 */
export function differencesOf(a: unknown, b: unknown, isExempt: Exempt = () => false): ValueDifference[] {
  const found: ValueDifference[] = []
  const met = new Map<object, Set<object>>()
  const compare = (one: unknown, other: unknown, path: readonly (string | number)[]): void => {
    if (Object.is(one, other) || isExempt(path)) return
    const [partsOfOne, partsOfOther] = [partsOf(one), partsOf(other)]
    if (partsOfOne === undefined || partsOfOther === undefined || Array.isArray(one) !== Array.isArray(other)) {
      if (!isSame(one, other)) found.push({ path, a: valueText(one), b: valueText(other) })
      return
    }
    // Where there are parts, there is an object.
    const [first, second] = [one as object, other as object]
    const partners = met.get(first) ?? new Set()
    if (partners.has(second)) return
    met.set(first, partners.add(second))
    for (const key of sorted([...partsOfOne.keys(), ...partsOfOther.keys()])) {
      const at = [...path, key]
      if (partsOfOne.has(key) && partsOfOther.has(key)) compare(partsOfOne.get(key), partsOfOther.get(key), at)
      else if (isExempt(at)) continue
      else if (partsOfOne.has(key)) found.push({ path: at, a: valueText(partsOfOne.get(key)) })
      else found.push({ path: at, b: valueText(partsOfOther.get(key)) })
    }
  }
  compare(a, b, [])
  return found
}

/** A recorded value for people, in one line. */
export function valueText(value: unknown): string {
  const { json, notes } = encodeValue(value)
  if (notes === undefined) return cut(json)
  // Notes are a list of `[path, type, extra?]`.
  const list = JSON.parse(notes) as readonly (readonly [readonly unknown[], string])[]
  const [first] = list
  if (list.length !== 1 || first === undefined || first[0].length > 0) return cut(`${json} with types ${notes}`)
  if (first[1] === 'undefined') return 'undefined'
  if (first[1] === 'number' || first[1] === 'bigint') return cut(`${first[1]} ${json.replaceAll('"', '')}`)
  return cut(first[1] === 'string' ? notes : `${first[1]} ${json}`)
}

/** The names without duplicates, in an order that does not depend on where they come from. */
export function sorted<K extends string | number>(names: Iterable<K>): K[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

function partsOf(value: unknown): ReadonlyMap<string | number, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.entries())
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? new Map(Object.entries(value)) : undefined
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [one, other] = [encodeValue(a), encodeValue(b)]
  return one.json === other.json && one.notes === other.notes
}

const longest = 500

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`
}
