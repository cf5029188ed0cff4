import { given } from './answers.ts'
import { batchOf, finish, runOf } from './events.ts'
import { expectEqual, expectRejection, until } from './expectation.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const long = 600_000

async function isOwned(store: StoreWith<'list'>, executionId: string): Promise<boolean | undefined> {
  return (await store.list({ executionId })).items[0]?.isOwned
}

/** What `renew` promises, and what becomes of owners. */
export const ownershipCases: readonly StoreCase[] = [
  storeCase(
    'knows a run as owned while the lease of its owner goes on',
    ['append', 'list', 'renew'],
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('a', { owner: 'me' }), runOf('b', { owner: 'other' }), runOf('c'))
      expectEqual(await isOwned(store, 'a'), false, 'whether it is owned before a lease')
      await store.renew('me', long)
      expectEqual(
        [await isOwned(store, 'a'), await isOwned(store, 'b'), await isOwned(store, 'c')],
        [true, false, false],
      )
      await store.renew('me', long)
      expectEqual(await isOwned(store, 'a'), true, 'whether it is owned after another renewal')
      await store.renew('me', 0)
      expectEqual(await isOwned(store, 'a'), false, 'whether it is owned once the lease is given back')
      await store.renew('nobody', 0)
      await store.renew('me', 30)
      await until(async () => (await isOwned(store, 'a')) === false, 'a run whose lease is over is not owned')
      await store.renew('me', long)
      expectEqual(await isOwned(store, 'a'), true, 'whether it is owned after a late renewal')
    },
  ),

  storeCase('shortens a lease as it prolongs it', ['append', 'list', 'renew'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { owner: 'me' }))
    await store.renew('me', long)
    await store.renew('me', 20)
    await until(async () => (await isOwned(store, 'a')) === false, 'a run whose shorter lease is over is not owned')
  }),

  storeCase('keeps the owner of a run only while it runs', ['append', 'list', 'renew'], async ({ open }) => {
    const store = await open()
    await store.renew('me', long)
    await given(store, runOf('a', { owner: 'me' }))
    const steps = [
      ['node:start', true],
      ['workflow:pause', false],
      ['workflow:resume', true],
      ['workflow:stall', false],
      ['workflow:resume', true],
      ['node:finish', true],
      ['workflow:finish', false],
    ] as const
    for (const [index, [type, expected]] of steps.entries()) {
      await given(store, { ...batchOf('a', index + 1, [type]), owner: 'me' })
      expectEqual(await isOwned(store, 'a'), expected, `whether it is owned behind event ${index + 1}, ${type}`)
      const owner = (await store.list({ executionId: 'a' })).items[0]?.owner
      expectEqual(owner, expected ? 'me' : undefined, `its owner behind event ${index + 1}, ${type}`)
    }
    await given(store, runOf('left', { owner: 'nobody heard of' }))
    const [left] = (await store.list({ executionId: 'left' })).items
    expectEqual([left?.owner, left?.isOwned], ['nobody heard of', false], 'the owner of a run that was cut off')
    await given(store, runOf('at once', { owner: 'me', steps: [finish('failed')] }))
    expectEqual(await isOwned(store, 'at once'), false, 'whether a run is owned that came as a whole')
  }),

  storeCase('says no to a lease that is no time', ['renew'], async ({ open }) => {
    const store = await open()
    for (const leaseMs of [-1, Number.NaN, Infinity, '5' as unknown as number]) {
      await expectRejection(store.renew('me', leaseMs), 'EVENT_STORE_FAILED', `a lease of ${String(leaseMs)} ms`)
    }
  }),

  storeCase('keeps leases when it is cleared', ['append', 'list', 'renew', 'clear'], async ({ open }) => {
    const store = await open()
    await store.renew('me', long)
    await store.clear()
    await given(store, runOf('a', { owner: 'me' }))
    expectEqual(await isOwned(store, 'a'), true, 'whether a run is owned that came behind the clear')
  }),
]
