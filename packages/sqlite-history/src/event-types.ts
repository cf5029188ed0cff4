import type { EventType } from 'flowcraft'

/** The number by which a type is stored. Never changed and never used again; new types get new numbers. */
const typeIds: Readonly<Record<EventType, number>> = {
  'workflow:start': 1,
  'workflow:finish': 2,
  'workflow:cancel': 3,
  'workflow:stall': 4,
  'workflow:pause': 5,
  'workflow:resume': 6,
  'workflow:fork': 7,
  'node:start': 10,
  'node:finish': 11,
  'node:error': 12,
  'node:retry': 13,
  'node:fallback': 14,
  'node:skipped': 15,
  'node:wait': 16,
  'edge:evaluate': 30,
  'context:change': 40,
  'batch:start': 50,
  'batch:finish': 51,
}

/** The name of each number. */
export const typeNames: ReadonlyMap<number, string> = new Map(Object.entries(typeIds).map(([name, id]) => [id, name]))

// better-sqlite3 binds a number as a float, which takes eight bytes in a column without affinity, and a bigint as an integer.
const columns = new Map<string, bigint>(Object.entries(typeIds).map(([name, id]) => [name, BigInt(id)]))

/** What is stored for a type: its number, or the name itself for a type that this version does not know. */
export function typeToColumn(type: string): bigint | string {
  return columns.get(type) ?? type
}

/** The type that is stored as `column`. */
export function typeFromColumn(column: number | string): string {
  return typeof column === 'string' ? column : (typeNames.get(column) ?? String(column))
}
