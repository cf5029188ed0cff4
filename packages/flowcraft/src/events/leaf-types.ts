/** A kind of object without parts of its own: how it is told apart, copied, and written as JSON. */
export interface LeafType {
  readonly name: string
  is(value: object): boolean
  copy(value: never): object
  /** Readable JSON, and what reading needs besides. */
  encode(value: never): { readonly json: unknown; readonly extra?: unknown }
  /** The value, or `undefined` when `json` and `extra` are not what `encode` gives. May throw. */
  decode(json: unknown, extra: unknown): object | undefined
}

type Bytes = Uint8Array<ArrayBuffer>
type BytesLike = ArrayBuffer | ArrayBufferView

interface BufferClass {
  from(data: ArrayBufferLike): Bytes
  from(data: string, encoding: 'base64'): Bytes
  from(data: ArrayBufferLike, byteOffset: number, length: number): { toString(encoding: 'base64'): string }
  isBuffer(value: unknown): boolean
}

// The core does not depend on Node, and uses its Buffer where there is one.
const buffers = (globalThis as { Buffer?: BufferClass }).Buffer

const dateType: LeafType = {
  name: 'Date',
  is: (value) => value instanceof Date,
  copy: (value: Date) => new Date(value.getTime()),
  encode: (value: Date) => ({ json: Number.isNaN(value.getTime()) ? null : value.toISOString() }),
  decode(json) {
    if (json === null) return new Date(NaN)
    const date = typeof json === 'string' ? new Date(json) : undefined
    return date && !Number.isNaN(date.getTime()) ? date : undefined
  },
}

const urlType: LeafType = {
  name: 'URL',
  is: (value) => value instanceof URL,
  copy: (value: URL) => new URL(value.href),
  encode: (value: URL) => ({ json: value.href }),
  decode: (json) => (typeof json === 'string' ? new URL(json) : undefined),
}

const regExpType: LeafType = {
  name: 'RegExp',
  is: (value) => value instanceof RegExp,
  copy: (value: RegExp) => regExp(value.source, value.flags, Number(value.lastIndex)),
  encode: (value: RegExp) => ({
    json: wellFormed(String(value)),
    extra: [value.source, value.flags, value.lastIndex],
  }),
  decode(_json, extra) {
    if (!Array.isArray(extra)) return undefined
    const [source, flags, lastIndex] = extra as unknown[]
    if (typeof source !== 'string' || typeof flags !== 'string' || typeof lastIndex !== 'number') return undefined
    return regExp(source, flags, lastIndex)
  },
}

const arrayBufferType = bytesType(
  'ArrayBuffer',
  (value) => value instanceof ArrayBuffer,
  (bytes) => bytes.buffer,
)

const bufferType = bytesType(
  'Buffer',
  (value) => buffers?.isBuffer(value) ?? false,
  (bytes) => buffers?.from(bytes.buffer) ?? bytes,
)

const views: readonly (new (buffer: ArrayBuffer) => ArrayBufferView)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
]

const viewTypes = views.map((View) =>
  bytesType(
    View.name,
    (value) => value instanceof View,
    (bytes) => new View(bytes.buffer),
  ),
)

/** Every leaf type, in the order in which they are asked: a Buffer is a Uint8Array too. */
const leafTypes: readonly LeafType[] = [dateType, urlType, regExpType, arrayBufferType, bufferType, ...viewTypes]

const typesByName = new Map(leafTypes.map((type) => [type.name, type]))

/** The leaf type of `value`, if it has one. */
export function leafTypeOf(value: object): LeafType | undefined {
  return leafTypes.find((type) => type.is(value))
}

/** The leaf type called `name`, if there is one. */
export function leafTypeNamed(name: string): LeafType | undefined {
  return typesByName.get(name)
}

/** The number of bytes behind `value`; 0 for what is not binary. */
export function byteLengthOf(value: object): number {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength : 0
}

/** `text` with U+FFFD for what a database may refuse: NUL and lone surrogates. */
export function wellFormed(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\ufffd')
}

function bytesType(name: string, is: (value: object) => boolean, of: (bytes: Bytes) => object): LeafType {
  return {
    name,
    is,
    copy: (value: BytesLike) => of(copyBytes(value)),
    encode: (value: BytesLike) => ({ json: toBase64(value) }),
    decode: (json) => (typeof json === 'string' ? of(fromBase64(json)) : undefined),
  }
}

function regExp(source: string, flags: string, lastIndex: number): RegExp {
  const copy = new RegExp(source, flags)
  copy.lastIndex = lastIndex
  return copy
}

/** The window of a view only, so that a small Buffer does not bring the pool that it is cut from. */
function copyBytes(value: BytesLike): Bytes {
  return windowOf(value).slice()
}

function windowOf(value: BytesLike): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
}

function toBase64(value: BytesLike): string {
  const bytes = windowOf(value)
  if (buffers) return buffers.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function fromBase64(text: string): Bytes {
  if (!buffers) return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  const bytes = copyBytes(buffers.from(text, 'base64'))
  // Buffer skips what is not base64 instead of refusing it.
  if (buffers.from(bytes.buffer, 0, bytes.length).toString('base64') !== text) throw new TypeError('not base64')
  return bytes
}
