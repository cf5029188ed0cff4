import fc from 'fast-check'
import { expect, it } from 'vitest'
import { randomFlow } from './generator/flow.ts'
import { expectNothingAfter } from './lost-write.ts'
import { checkedWith } from './runs.ts'

it.each([
  ['a store', false],
  ['a plain event bus', true],
])(
  '%s that loses its n-th write, for every n, ends the run with an EventStoreError and nothing that rests on it happens',
  async (_, isPlainBus) => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    await fc.assert(
      fc.asyncProperty(randomFlow, async (flow) => {
        let fails = true
        for (let nth = 0; fails; nth += 1) fails = await expectNothingAfter(flow, nth, isPlainBus)
      }),
      checkedWith(80),
    )
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  },
  600_000,
)
