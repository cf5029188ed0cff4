import type { ErrorCode, EventBatch } from 'flowcraft'
import { appended, given } from './answers.ts'
import { claimOf, family, partOf } from './claims.ts'
import { batch, batchOf, runOf } from './events.ts'
import { expectEqual } from './expectation.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const conflict: ErrorCode = 'CONCURRENCY_CONFLICT'
const needs = ['append', 'claim'] as const

async function expectRefused(store: StoreWith<'append'>, late: EventBatch, what: string): Promise<void> {
  const before = await store.retrieve(late.executionId)
  expectEqual(await appended(store, late), [conflict], what)
  expectEqual(await store.retrieve(late.executionId), before, `the events of ${late.executionId}, ${what}`)
}

/** A family with a parked grandchild, taken over with all its parts. */
async function takenOver(store: StoreWith<'append' | 'claim'>): Promise<void> {
  await family(store)
  const old = { writer: 'old', owner: 'old', steps: ['workflow:stall'] } as const
  await given(store, runOf('grandchild', { ...old, parent: 'parked' }))
  const parts = [partOf('child', 1, 'workflow:resume'), partOf('parked', 2), partOf('grandchild', 2)]
  await store.claim(claimOf('root', 2, 'new', parts))
}

/** What whoever drove a run can still write once it was claimed: nothing. */
export const lateOwnerCases: readonly StoreCase[] = [
  storeCase('lets a late owner write nothing to the root', needs, async ({ open }) => {
    const store = await open()
    await takenOver(store)
    await expectRefused(store, batch('root', 3, 1, 'old'), 'an event behind the claim')
    await expectRefused(store, batch('root', 2, 1, 'old'), 'an event in place of the claim')
    await expectRefused(store, batch('root', 0, 2, 'old'), 'what it had written before')
    await expectRefused(store, batchOf('root', 3, ['workflow:resume'], 'old'), 'a resume')
    await expectRefused(store, batchOf('root', 3, ['workflow:cancel', 'workflow:finish'], 'old'), 'a cancel')
  }),

  storeCase('lets a late owner write nothing to a child that runs', needs, async ({ open }) => {
    const store = await open()
    await takenOver(store)
    await expectRefused(store, batch('child', 1, 1, 'old'), 'an event in place of the claim')
    await expectRefused(store, batchOf('child', 2, ['workflow:finish'], 'old'), 'its end')
  }),

  storeCase('lets a late owner wake no child and no grandchild that is parked', needs, async ({ open }) => {
    const store = await open()
    await takenOver(store)
    for (const id of ['parked', 'grandchild']) {
      await expectRefused(store, batchOf(id, 2, ['workflow:resume', 'workflow:finish'], 'old'), `a resume of '${id}'`)
      await expectRefused(store, batchOf(id, 2, ['workflow:cancel'], 'old'), `a cancel of '${id}'`)
      await expectRefused(store, batch(id, 2, 1, 'old'), `an event of '${id}'`)
      const next = batchOf(id, 2, ['workflow:resume', 'workflow:finish'], 'new')
      expectEqual(await appended(store, next), ['done'], `the new writer of '${id}'`)
    }
  }),

  storeCase('lets a late owner begin no child and no grandchild', needs, async ({ open }) => {
    const store = await open()
    await takenOver(store)
    for (const parent of ['root', 'child', 'parked', 'grandchild']) {
      const late = runOf(`late of ${parent}`, { parent, writer: 'old', owner: 'old' })
      await expectRefused(store, late, `a new child of '${parent}'`)
      const next = runOf(`next of ${parent}`, { parent, writer: 'new', owner: 'new' })
      expectEqual(await appended(store, next), ['done'], `a new child of '${parent}' by the new writer`)
    }
  }),

  storeCase('lets a late owner wake no child that the claim did not name', needs, async ({ open }) => {
    const store = await open()
    await family(store)
    await store.claim(claimOf('root', 2, 'new', [partOf('child', 1, 'workflow:resume')]))
    await expectRefused(store, batchOf('parked', 2, ['workflow:resume'], 'old'), 'a parked child that was not named')
    expectEqual(await appended(store, batchOf('parked', 2, ['workflow:resume'], 'new')), ['done'], 'the new writer')
  }),

  storeCase('shuts a late owner out of one batch of a call, and not others out of theirs', needs, async ({ open }) => {
    const store = await open()
    await takenOver(store)
    await given(store, runOf('own', { writer: 'old', owner: 'old' }))
    const batches = [batch('root', 3, 1, 'old'), batch('own', 1, 2, 'old'), batch('child', 2, 1, 'new')]
    expectEqual(await appended(store, ...batches), [conflict, 'done', 'done'], 'the outcomes')
  }),
]
