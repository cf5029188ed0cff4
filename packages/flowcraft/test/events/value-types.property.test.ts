import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isFlowcraftError } from '../../src/errors.ts'
import { copyOf, snapshot } from '../../src/events/snapshot.ts'
import { decodeValue, encodeValue } from '../../src/events/value-codec.ts'
import { centsIn, hasInstanceInCycle, linked, objectsIn, types, withInstances } from './custom-values.ts'
import { portrait } from './values.ts'
import { checkedWith } from '../laws/runs.ts'

const options = { where: 'a test', types }
it('gives back instances of value types wherever they are, after every way that a value can take', () => {
  fc.assert(
    fc.property(withInstances(), (value) => {
      const recorded = snapshot(value, options)
      const { json, notes } = encodeValue(recorded)
      for (const given of [recorded, decodeValue(json, notes)].map((each) => copyOf(each, undefined, options))) {
        expect(portrait(given)).toBe(portrait(value))
        expect(centsIn(given)).toEqual(centsIn(value))
      }
      expect(portrait(decodeValue(json, notes))).toBe(portrait(recorded))
    }),
    checkedWith(500),
  )
})

it('gives values that share nothing with what was recorded, nor with each other', () => {
  fc.assert(
    fc.property(withInstances(), (value) => {
      const recorded = snapshot(value, options)
      const all = [value, recorded, copyOf(recorded, undefined, options), copyOf(recorded, undefined, options)]
      const objects = all.flatMap((each) => [...objectsIn(each)])
      expect(new Set(objects).size).toBe(objects.length)
    }),
    checkedWith(300),
  )
})

it('keeps what is shared and every cycle, and refuses just the instances that are part of themselves', () => {
  fc.assert(
    fc.property(linked(), (nodes) => {
      if (hasInstanceInCycle(nodes)) {
        expect(codeOf(() => snapshot(nodes, options))).toBe('SERIALIZATION_FAILED')
        return
      }
      const recorded = snapshot(nodes, options)
      const { json, notes } = encodeValue(recorded)
      expect(portrait(copyOf(decodeValue(json, notes), undefined, options))).toBe(portrait(nodes))
      for (const part of recorded as object[]) copyOf(part, undefined, options)
    }),
    checkedWith(1500),
  )
})

it('reads any text that is noted as a custom value into one, or into a SerializationError', () => {
  const path = fc.array(fc.constantFrom('type', 'encoded', '__proto__', 'constructor', 0), { maxLength: 2 })
  const note = fc.tuple(path, fc.constantFrom('custom', 'custom', 'Map', 'ref', 'keys', 'undefined'), fc.jsonValue())
  const part = fc.oneof(fc.constantFrom('Money', 'Parcel', '__proto__', null), fc.jsonValue())
  const json = fc.dictionary(fc.constantFrom('type', 'encoded', '__proto__', 'more'), part, { noNullPrototype: true })
  fc.assert(
    fc.property(json, fc.array(note, { maxLength: 3 }), (value, others) => {
      const notes = JSON.stringify([[[], 'custom'], ...others])
      const read = (): unknown => copyOf(decodeValue(JSON.stringify(value), notes), undefined, options)
      expect(codeOf(read)).toMatch(/^(none|SERIALIZATION_FAILED)$/)
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
    checkedWith(500),
  )
})

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return isFlowcraftError(error) ? error.code : String(error)
  }
}
