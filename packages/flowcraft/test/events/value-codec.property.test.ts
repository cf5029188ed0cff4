import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isFlowcraftError } from '../../src/errors.ts'
import { copyOf, snapshot } from '../../src/events/snapshot.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'
import { portrait, recordable } from './values.ts'
import { checkedWith } from '../laws/runs.ts'

const where = { where: 'a test' }
it('gives back every recorded value as it was, with types, order, shared references and cycles', () => {
  fc.assert(
    fc.property(recordable, (value) => {
      const recorded = snapshot(value, where)
      const { json, notes } = encodeValue(recorded)
      expect(portrait(decodeValue(json, notes))).toBe(portrait(recorded))
    }),
    checkedWith(2000),
  )
})

it('writes the same text again for a value that was read', () => {
  fc.assert(
    fc.property(recordable, (value) => {
      const encoded = encodeValue(snapshot(value, where))
      expect(encodeValue(decodeValue(encoded.json, encoded.notes))).toEqual(encoded)
    }),
    checkedWith(500),
  )
})

it('keeps what recorded values share when they are put together, as engine payloads are', () => {
  fc.assert(
    fc.property(fc.oneof(recordable, fc.jsonValue()), fc.nat(), (value, index) => {
      const recorded = snapshot({ value }, where) as object
      const parts = objectsIn(recorded)
      const payload = { first: recorded, second: [parts[index % parts.length]] }
      const { json, notes } = encodeValue(payload)
      expect(portrait(decodeValue(json, notes))).toBe(portrait(payload))
    }),
    checkedWith(2000),
  )
})

it('writes JSON without NUL and without lone surrogates', () => {
  fc.assert(
    fc.property(recordable, (value) => {
      const texts: string[] = []
      JSON.parse(encodeValue(snapshot(value, where)).json, (key, part) => void texts.push(key, String(part)))
      for (const text of texts) expect(text).not.toMatch(/[\0\p{Surrogate}]/u)
    }),
    checkedWith(2000),
  )
})

it('writes plain values exactly as JSON.stringify does, without notes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      fc.pre(
        !JSON.stringify(value).includes('-0') &&
          !/\\u(0000|d[89a-f])/.test(JSON.stringify(value)) &&
          !hasMinusZero(value),
      )
      expect(encodeValue(snapshot(value, where))).toEqual({ json: JSON.stringify(value) })
    }),
    checkedWith(2000),
  )
})

it('copies a recorded value into an equal one that shares nothing with it', () => {
  fc.assert(
    fc.property(recordable, (value) => {
      const recorded = snapshot(value, where)
      const copy = copyOf(recorded)
      expect(portrait(copy)).toBe(portrait(recorded))
      expect(Object.is(copy, recorded)).toBe(typeof copy !== 'object' || copy === null)
    }),
    checkedWith(500),
  )
})

it('reads any text and any notes into a value or a SerializationError', () => {
  const note = fc.tuple(
    fc.array(fc.oneof(fc.nat(3), fc.constantFrom('a', '__proto__', 'constructor'))),
    fc.constantFrom(
      'Map',
      'Set',
      'Date',
      'Error',
      'ref',
      'keys',
      'RegExp',
      'URL',
      'Buffer',
      'bigint',
      'custom',
      'number',
      'undefined',
      'Float64Array',
      '__proto__',
    ),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.string()),
      fc.oneof(
        fc.array(note).map((notes) => JSON.stringify(notes)),
        fc.json(),
      ),
      (json, notes) => {
        expect(codeOf(() => decodeValue(json, notes))).toMatch(/^(none|SERIALIZATION_FAILED)$/)
        expect(Object.keys(Object.prototype)).toEqual([])
      },
    ),
    checkedWith(2000),
  )
})

function hasMinusZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasMinusZero)
  return Object.is(value, -0)
}

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return isFlowcraftError(error) ? error.code : String(error)
  }
}

function objectsIn(root: object): object[] {
  const found = new Set([root])
  for (const object of found) {
    for (const part of Object.values(object)) if (typeof part === 'object' && part !== null) found.add(part as object)
  }
  return [...found]
}
