import fc from 'fast-check'
import { it } from 'vitest'
import { randomFamily } from './generator/family.ts'
import { cutOf, driveFamily, expectSameFamily } from './recovery-families.ts'
import { checkedWith } from './runs.ts'

/** From 0 up to 1. */
const anywhere = fc.noBias(fc.nat(999)).map((thousandths) => thousandths / 1000)
const cuts = fc.array(anywhere, { minLength: 2, maxLength: 3 })

it('a family that was cut off anywhere, also in the middle of a step, comes to what it would have come to', async () => {
  let count = 0
  const property = fc.asyncProperty(randomFamily, cuts, fc.boolean(), async ({ parts }, places, isBare) => {
    const id = `family-${(count += 1)}`
    const undisturbed = await driveFamily(parts, id, [], false)
    for (const place of places) {
      const stored = cutOf(undisturbed, place)
      expectSameFamily(await driveFamily(parts, id, stored, isBare), stored, undisturbed)
    }
  })
  await fc.assert(property, { ...checkedWith(100), timeout: 10_000 })
}, 600_000)

it('a family that is cut off again while it is recovered comes to the same', async () => {
  let count = 0
  const property = fc.asyncProperty(randomFamily, cuts, async ({ parts }, places) => {
    const id = `family-${(count += 1)}`
    const undisturbed = await driveFamily(parts, id, [], false)
    let stored = cutOf(undisturbed, 0.5)
    for (const place of places) {
      const recovered = await driveFamily(parts, id, stored, false)
      expectSameFamily(recovered, stored, undisturbed)
      stored = [...stored, ...cutOf(recovered, place)]
    }
  })
  await fc.assert(property, { ...checkedWith(60), timeout: 10_000 })
}, 600_000)
