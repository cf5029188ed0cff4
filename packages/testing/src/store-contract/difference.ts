/**
 * Where two values differ first, in words; `undefined` when they are equal. Keys may come in any order; `0` and `-0`
 * differ, as do what is absent and what is `undefined`; shared references and cycles must be shared alike, within each
 * item of a list.
 */
export function differenceOf(found: unknown, expected: unknown): string | undefined {
  return compare(found, expected, '', new Map())
}

/** A value in a few words. */
export function shown(value: unknown): string {
  return shorten(describe(value, 0), 400)
}

type Met = Map<object, object>

function compare(found: unknown, expected: unknown, path: string, met: Met): string | undefined {
  if (!isObject(found) || !isObject(expected)) {
    return Object.is(found, expected) ? undefined : differs(path, found, expected)
  }
  if (met.has(expected)) return met.get(expected) === found ? undefined : `${place(path)} is not shared as it was`
  met.set(expected, found)
  if (found === expected) return undefined
  if (kindOf(found) !== kindOf(expected)) return differs(path, found, expected)
  return compareText(found, expected, path) ?? compareParts(found, expected, path, met)
}

/** What such objects hold besides their properties. */
function compareText(found: object, expected: object, path: string): string | undefined {
  const [left, right] = [textOf(found), textOf(expected)]
  return left === right ? undefined : differs(path, found, expected)
}

function textOf(value: object): string {
  if (value instanceof Date) return String(value.getTime())
  if (value instanceof RegExp) return `${String(value)} ${value.lastIndex}`
  if (value instanceof URL) return value.href
  if (value instanceof Error) return JSON.stringify([value.name, value.message])
  if (value instanceof ArrayBuffer) return new Uint8Array(value).join()
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join()
  return ''
}

function compareParts(found: object, expected: object, path: string, met: Met): string | undefined {
  const [left, right] = [partsOf(found), partsOf(expected)]
  if (Array.isArray(expected) && Array.isArray(found) && found.length !== expected.length) {
    return `${place(path)} has length ${found.length}, expected ${expected.length}: ${shown(found)}`
  }
  for (const key of right.keys()) if (!left.has(key)) return `${place(path)} lacks '${key}'`
  for (const key of left.keys()) if (!right.has(key)) return `${place(path)} has '${key}' which is not expected`
  for (const [key, value] of right) {
    // What several events share need not be shared by what is read.
    const isItem = path === '' && Array.isArray(expected)
    const difference = compare(left.get(key), value, `${path}.${key}`, isItem ? new Map() : met)
    if (difference !== undefined) return difference
  }
  return undefined
}

function partsOf(value: object): Map<string, unknown> {
  if (value instanceof Map || value instanceof Set) {
    const entries = [...(value as Map<unknown, unknown> | Set<unknown>)]
    return new Map(entries.map((entry, index) => [String(index), entry]))
  }
  if (isOpaque(value)) return new Map()
  if (value instanceof Error) return errorParts(value)
  return new Map(Object.keys(value).map((key) => [key, Reflect.get(value, key) as unknown]))
}

/** The stack is left out: it is not the same everywhere. */
function errorParts(error: Error): Map<string, unknown> {
  const names = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack' && name !== 'name')
  return new Map(names.map((name) => [name, Reflect.get(error, name) as unknown]))
}

function isOpaque(value: object): boolean {
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return true
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value)
}

function kindOf(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  if (isOpaque(value) && typeof constructor === 'function') return constructor.name
  return Object.prototype.toString.call(value)
}

function differs(path: string, found: unknown, expected: unknown): string {
  return `${place(path)} is ${shown(found)}, expected ${shown(expected)}`
}

function place(path: string): string {
  return path === '' ? 'it' : `'${shorten(path.slice(1), 200)}'`
}

function describe(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value, 120))
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'bigint') return `${value}n`
  if (!isObject(value)) return String(value)
  if (value instanceof Error) return `${value.name} ${JSON.stringify(value.message)}`
  if (depth > 3) return '…'
  if (isOpaque(value)) return `${kindOf(value)} ${shorten(textOf(value), 60)}`
  const parts = [...partsOf(value)].slice(0, 12)
  if (Array.isArray(value)) return `[${parts.map(([, each]) => describe(each, depth + 1)).join(', ')}]`
  return `{ ${parts.map(([key, each]) => `${key}: ${describe(each, depth + 1)}`).join(', ')} }`
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
