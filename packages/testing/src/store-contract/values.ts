/** JSON has all of these. */
export const plain: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5,
  1e21,
  5e-324,
  '',
  'a',
  [],
  {},
  [[], {}],
  { a: [{ b: null }] },
]

/** Text that databases like to refuse, to cut or to change. */
export const texts: readonly unknown[] = [
  '\0',
  'a\0b\0',
  '\\u0000',
  '\\\0',
  '\ud800',
  '\udc00 x',
  'x \ud83c',
  '\ud83c\udf89',
  'e\u0301 é',
  '\u2028\u2029\ufeff\ufffd\uffff',
  ' spaced \t\r\n ',
  `'; DROP TABLE flowcraft_events; -- "quoted" \`back\` $1 ? :a @b %s {} \\`,
  { 'key\0': 'a', '\ud800': { '\udc00': ['\0'] }, '': 1 },
]

/** Numbers beyond JSON, and big integers. */
export const numbers: readonly unknown[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_VALUE,
  1.7976931348623157e308,
  0.1 + 0.2,
  2n ** 53n + 1n,
  -(2n ** 64n),
  0n,
  10n ** 100n,
  { nan: Number.NaN, list: [-0, 0, undefined, null], none: undefined },
]

/** Dates and what else is neither plain nor a collection. */
export const clocks: readonly unknown[] = [
  new Date(0),
  new Date(-1),
  new Date(8.64e15),
  new Date(Number.NaN),
  new URL('https://example.com/a?b=%20#c'),
  /a\/b[\n"']/giu,
  { at: new Date(1_700_000_000_123), in: [new Date(5)] },
]

/** Maps and Sets. */
export const collections: readonly unknown[] = [
  new Map(),
  new Set(),
  new Map<unknown, unknown>([
    ['b', 1],
    ['a', new Map([[1, new Set([1n])]])],
    [{ an: 'object' }, Number.NaN],
    [undefined, null],
  ]),
  new Set<unknown>([3, '3', [3], Number.NaN, undefined]),
]

/** What cannot be frozen. */
export const bytes: readonly unknown[] = [
  new Uint8Array([0, 1, 254, 255]),
  new Uint8Array(),
  new Float64Array([Math.PI, -0, Number.NaN]),
  new BigInt64Array([-1n, 2n ** 62n]),
  new Uint16Array([1, 65535]),
  Uint8Array.from({ length: 100_000 }, (_, index) => index % 251).buffer,
]

/** Errors. */
export const failures: readonly unknown[] = [
  new Error('plain'),
  new TypeError('with a cause', { cause: new RangeError('the cause', { cause: 'text' }) }),
  Object.assign(new Error('with properties'), { code: 'E', details: { at: new Date(0), n: 1n } }),
]

const shared = { in: 'both' }
const cycle: { self?: unknown; list: unknown[] } = { list: [] }
cycle.self = cycle
cycle.list.push(cycle, cycle.list)
const ring = new Map<string, unknown>([['a', 1]])
ring.set('ring', ring)

/** Shared references and cycles. */
export const shapes: readonly unknown[] = [
  { one: shared, two: shared, list: [shared, { ...shared }] },
  cycle,
  ring,
  [shared, new Set([shared]), new Map([[shared, shared]])],
]

/** Keys that mean something to JavaScript. */
export const hostile: readonly unknown[] = [
  JSON.parse('{ "__proto__": { "polluted": true }, "a": 1 }'),
  JSON.parse('{ "constructor": { "prototype": { "polluted": true } }, "toString": 1, "valueOf": null }'),
  JSON.parse('{ "toJSON": "x", "then": 1, "length": -1, "hasOwnProperty": false, "$ref": "#", "json": 1, "meta": {} }'),
  JSON.parse('{ "a.b": 1, "a/b": 2, "~0": 3, "0": 4, "": { "": 5 } }'),
]

function nested(depth: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { v: value }
  return value
}

/** Nearly as deep as a recorded value may be, and long. */
export const large: readonly unknown[] = [
  nested(990),
  { date: new Date(0), deep: nested(900) },
  'x'.repeat(2 ** 20),
  'ä🎉\0'.repeat(100_000),
  Array.from({ length: 20_000 }, (_, index) => ({ index, text: `item ${index}` })),
]
