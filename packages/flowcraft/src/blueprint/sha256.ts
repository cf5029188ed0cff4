/** The SHA-256 of `text` in UTF-8, as 64 hexadecimal digits. Source: FIPS 180-4, sections 4.1.2, 4.2.2, 5 and 6.2. */
export function sha256(text: string): string {
  const message = padded(new TextEncoder().encode(text))
  const hash = Uint32Array.from(initialHash)
  const schedule = new Uint32Array(64)
  for (let offset = 0; offset < message.byteLength; offset += 64) addBlock(hash, message, offset, schedule)
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('')
}

const primes = firstPrimes(64)
const initialHash = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const constants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))

/** The message, a one bit, zeros up to 8 bytes before the end of a block, and the length in bits (5.1.1). */
function padded(bytes: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64))
  new Uint8Array(view.buffer).set(bytes)
  view.setUint8(bytes.length, 0x80)
  view.setBigUint64(view.byteLength - 8, BigInt(bytes.length) * 8n)
  return view
}

/** One round of 6.2.2; the letters are those of the standard. Unrolled where an array would cost an allocation. */
function addBlock(hash: Uint32Array, message: DataView, offset: number, w: Uint32Array): void {
  for (let t = 0; t < 16; t++) w[t] = message.getUint32(offset + 4 * t)
  for (let t = 16; t < 64; t++)
    w[t] = sigma(w[t - 2]!, 17, 19, 10) + w[t - 7]! + sigma(w[t - 15]!, 7, 18, 3) + w[t - 16]!

  let a = hash[0]!
  let b = hash[1]!
  let c = hash[2]!
  let d = hash[3]!
  let e = hash[4]!
  let f = hash[5]!
  let g = hash[6]!
  let h = hash[7]!
  for (let t = 0; t < 64; t++) {
    const t1 = (h + sum(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + constants[t]! + w[t]!) | 0
    const t2 = (sum(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  hash[0]! += a
  hash[1]! += b
  hash[2]! += c
  hash[3]! += d
  hash[4]! += e
  hash[5]! += f
  hash[6]! += g
  hash[7]! += h
}

function sum(x: number, first: number, second: number, third: number): number {
  return rotate(x, first) ^ rotate(x, second) ^ rotate(x, third)
}

function sigma(x: number, first: number, second: number, shift: number): number {
  return rotate(x, first) ^ rotate(x, second) ^ (x >>> shift)
}

function rotate(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits))
}

/** The first 32 bits of the fractional part. */
function fraction(x: number): number {
  return Math.floor((x - Math.floor(x)) * 2 ** 32)
}

function firstPrimes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
