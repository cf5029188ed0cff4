import type { Claim, ClaimedPart, EventType, FlowcraftEvent } from 'flowcraft'
import { appended, given } from './answers.ts'
import { batch, batchOf, finish, runOf, typical } from './events.ts'
import { expectEqual, expectRejection, until } from './expectation.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['append', 'claim', 'renew'] as const

/** A claim of an execution at `expectedSeq` by `by`, which is both owner and writer. */
export function claimOf(executionId: string, expectedSeq: number, by = 'new', family?: readonly ClaimedPart[]): Claim {
  const event = typical(executionId, expectedSeq, 'workflow:resume')
  return { executionId, owner: by, writer: by, expectedSeq, event, ...(family !== undefined && { family }) }
}

/** A part of a claim, with an event of this type. */
export function partOf(executionId: string, expectedSeq: number, type?: EventType): ClaimedPart {
  return {
    executionId,
    expectedSeq,
    ...(type !== undefined && { event: typical(executionId, expectedSeq, type) }),
  }
}

/** A root and two children, of which one is parked, all written and driven by `'old'`. */
export async function family(store: StoreWith<'append'>): Promise<void> {
  const old = { writer: 'old', owner: 'old' }
  await given(
    store,
    runOf('root', { ...old, then: ['node:start'] }),
    runOf('child', { ...old, parent: 'root' }),
    runOf('parked', { ...old, parent: 'root', then: ['workflow:pause'] }),
  )
}

const wholeFamily = [partOf('child', 1, 'workflow:resume'), partOf('parked', 2)]

async function lengths(store: StoreWith<never>, ...ids: readonly string[]): Promise<number[]> {
  const histories = await store.retrieveMultiple([...ids])
  return ids.map((id) => histories.get(id)?.length ?? -1)
}

/** What `claim` promises. */
export const claimCases: readonly StoreCase[] = [
  storeCase(
    'gives a run whose owner is gone to whoever claims it, and shuts the earlier writer out',
    needs,
    async ({ open }) => {
      const store = await open()
      const run = runOf('a', { writer: 'old', owner: 'gone', then: ['node:start'] })
      await given(store, run)
      const claim = claimOf('a', 2)
      await store.claim(claim)
      expectEqual(await store.retrieve('a'), [...run.events, claim.event], 'the events')
      expectEqual(await appended(store, batch('a', 3, 1, 'old'), batch('a', 2, 1, 'old')), [conflict, conflict])
      expectEqual(await appended(store, batch('a', 3, 1, 'new')), ['done'], 'the new writer')
    },
  ),

  storeCase('gives a parked run to whoever claims it, to resume or to cancel it', needs, async ({ open }) => {
    const store = await open()
    for (const type of ['workflow:resume', 'workflow:cancel'] as const) {
      await given(store, runOf(type, { writer: 'old', owner: 'old', then: ['workflow:stall'] }))
      // Its owner lives, yet nobody owns what is parked.
      await store.renew('old', long)
      await store.claim({ ...claimOf(type, 2), event: typical(type, 2, type) })
      expectEqual(await appended(store, batchOf(type, 3, ['workflow:resume'], 'old')), [conflict], 'the old writer')
      expectEqual(await appended(store, batch(type, 3, 1, 'new')), ['done'], 'the new writer')
    }
  }),

  storeCase(
    'gives a run that was stored event by event to whoever claims it',
    ['claim', 'append'],
    async ({ open }) => {
      const store = await open()
      for (const one of runOf('a').events) await store.store(one, 'a')
      await store.claim(claimOf('a', 1))
      await expectRejection(store.store(batch('a', 2, 1).events[0]!, 'a'), conflict, 'a single event')
      expectEqual(await appended(store, batch('a', 2, 1, 'new')), ['done'], 'the new writer')
    },
  ),

  storeCase(
    'gives a root and its unfinished runs together, with events for those that get one',
    needs,
    async ({ open }) => {
      const store = await open()
      await family(store)
      await store.claim(claimOf('root', 2, 'new', wholeFamily))
      expectEqual(await lengths(store, 'root', 'child', 'parked'), [3, 2, 2], 'the numbers of events')
      const late = [
        batch('root', 3, 1, 'old'),
        batch('child', 2, 1, 'old'),
        batchOf('parked', 2, ['workflow:resume'], 'old'),
      ]
      expectEqual(await appended(store, ...late), [conflict, conflict, conflict], 'the earlier writer')
      const next = [
        batch('root', 3, 1, 'new'),
        batch('child', 2, 1, 'new'),
        batchOf('parked', 2, ['workflow:resume'], 'new'),
      ]
      expectEqual(await appended(store, ...next), ['done', 'done', 'done'], 'the new writer')
    },
  ),

  storeCase('gives all of a family or nothing', needs, async ({ open }) => {
    const store = await open()
    await family(store)
    const [child, parked] = wholeFamily
    const faults: readonly (readonly [string, readonly ClaimedPart[]])[] = [
      ['a child that has gone on', [partOf('child', 0, 'workflow:resume'), parked!]],
      ['a parked child that has gone on', [child!, partOf('parked', 1)]],
      ['a child behind its end', [partOf('child', 2, 'workflow:resume')]],
      ['a child that is unknown', [child!, parked!, partOf('nobody', 0)]],
    ]
    for (const [what, parts] of faults) {
      await expectRejection(store.claim(claimOf('root', 2, 'new', parts)), conflict, what)
    }
    await expectRejection(store.claim(claimOf('root', 1, 'new', wholeFamily)), conflict, 'a root that has gone on')
    expectEqual(await lengths(store, 'root', 'child', 'parked', 'nobody'), [2, 1, 2, 0], 'the numbers of events')
    const next = [
      batch('root', 2, 1, 'old'),
      batch('child', 1, 1, 'old'),
      batchOf('parked', 2, ['workflow:resume'], 'old'),
    ]
    expectEqual(await appended(store, ...next), ['done', 'done', 'done'], 'the writer that was not shut out')
  }),

  storeCase('counts a claim that comes again as done, in whole or in part', needs, async ({ open }) => {
    const store = await open()
    await family(store)
    const [child, parked] = wholeFamily
    await store.claim(claimOf('root', 2, 'new', [child!]))
    await store.claim(claimOf('root', 2, 'new', [child!]))
    await given(store, batch('root', 3, 1, 'new'))
    await store.claim(claimOf('root', 2, 'new', [child!, parked!]))
    expectEqual(await lengths(store, 'root', 'child', 'parked'), [4, 2, 2], 'the numbers of events')
    expectEqual(
      await appended(store, batchOf('parked', 2, ['workflow:resume'], 'new')),
      ['done'],
      'what came in the last',
    )
    await expectRejection(store.claim(claimOf('root', 2, 'third')), conflict, 'the same claim by somebody else')
  }),

  storeCase('gives nothing that somebody drives', needs, async ({ open }) => {
    const store = await open()
    await family(store)
    await store.renew('old', long)
    await expectRejection(
      store.claim(claimOf('root', 2, 'new', wholeFamily)),
      'EXECUTION_CONFLICT',
      'a run that is driven',
    )
    await given(store, batch('root', 2, 1, 'old'))
    await given(store, runOf('b', { writer: 'b' }), runOf('b child', { writer: 'b', owner: 'old', parent: 'b' }))
    const claim = claimOf('b', 1, 'new', [partOf('b child', 1, 'workflow:resume')])
    await expectRejection(store.claim(claim), 'EXECUTION_CONFLICT', 'a run whose child is driven')
    expectEqual(await lengths(store, 'root', 'child', 'b', 'b child'), [3, 1, 1, 1], 'the numbers of events')
    expectEqual(await appended(store, batch('b', 1, 1, 'b')), ['done'], 'the writer of the root that was not claimed')
  }),

  storeCase('gives a run to its own owner, who lives', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { writer: 'w1', owner: 'me' }))
    await store.renew('me', long)
    await store.claim({ ...claimOf('a', 1), owner: 'me', writer: 'w2' })
    expectEqual(await appended(store, batch('a', 2, 1, 'w1'), batch('a', 2, 1, 'w2')), [conflict, 'done'])
  }),

  storeCase('makes whoever claims the owner, as long as its lease goes on', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { writer: 'old' }))
    await store.renew('new', long)
    await store.claim(claimOf('a', 1, 'new'))
    await expectRejection(
      store.claim(claimOf('a', 2, 'third')),
      'EXECUTION_CONFLICT',
      'a third, while the second lives',
    )
    await store.renew('new', 0)
    await store.claim(claimOf('a', 2, 'third'))
    expectEqual(await appended(store, batch('a', 3, 1, 'new'), batch('a', 3, 1, 'third')), [conflict, 'done'])
  }),

  storeCase('gives a run once the lease of its owner is over, or given back', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { owner: 'one' }), runOf('b', { owner: 'two' }))
    await store.renew('one', long)
    await store.renew('two', 300)
    await expectRejection(store.claim(claimOf('a', 1)), 'EXECUTION_CONFLICT', 'before the lease is given back')
    await store.renew('one', 0)
    await store.claim(claimOf('a', 1))
    let refusals = 0
    await until(async () => {
      try {
        await store.claim(claimOf('b', 1))
        return true
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EXECUTION_CONFLICT') throw error
        refusals++
        return false
      }
    }, 'a claim once the lease is over')
    expectEqual(refusals > 0, true, 'whether it was refused while the lease went on')
    expectEqual(await lengths(store, 'a', 'b'), [2, 2], 'the numbers of events')
  }),

  storeCase('gives nothing that is unknown, has ended or has gone on', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('ended', { then: [finish('completed')] }), runOf('a', { then: ['node:start'] }))
    const claims = [claimOf('nobody', 0), claimOf('ended', 2), claimOf('ended', 1), claimOf('a', 1), claimOf('a', 3)]
    for (const claim of claims) {
      await expectRejection(store.claim(claim), conflict, `'${claim.executionId}' at seq ${claim.expectedSeq}`)
    }
    expectEqual(await lengths(store, 'nobody', 'ended', 'a'), [0, 2, 2], 'the numbers of events')
  }),

  storeCase(
    'says no to a claim that names an execution twice, or an event that does not fit',
    needs,
    async ({ open }) => {
      const store = await open()
      await family(store)
      const other = (id: string, seq: number): FlowcraftEvent => typical(id, seq, 'workflow:resume')
      const claims: readonly (readonly [string, Claim])[] = [
        ['the root in its own family', claimOf('root', 2, 'new', [partOf('root', 2)])],
        ['a child twice', claimOf('root', 2, 'new', [wholeFamily[0]!, wholeFamily[0]!])],
        ['an event of another seq', { ...claimOf('root', 2), event: other('root', 3) }],
        ['an event of another execution', { ...claimOf('root', 2), event: other('child', 2) }],
        ['the same in the family', claimOf('root', 2, 'new', [{ ...partOf('child', 1), event: other('root', 1) }])],
      ]
      for (const [what, claim] of claims) await expectRejection(store.claim(claim), 'EVENT_STORE_FAILED', what)
      expectEqual(await lengths(store, 'root', 'child', 'parked'), [2, 1, 2], 'the numbers of events')
      expectEqual(await appended(store, batch('root', 2, 1, 'old')), ['done'], 'the writer that was not shut out')
    },
  ),

  storeCase('gives a run to exactly one of those who claim it at once', needs, async ({ open }) => {
    const store = await open()
    const names = ['one', 'two', 'three']
    for (const name of names) await store.renew(name, long)
    for (let round = 0; round < 5; round++) {
      const id = `run ${round}`
      await given(store, runOf(id, { owner: 'gone' }), runOf(`${id} child`, { owner: 'gone', parent: id }))
      const parts = [partOf(`${id} child`, 1, 'workflow:resume')]
      const claims = await Promise.allSettled(names.map((name) => store.claim(claimOf(id, 1, name, parts))))
      const winners = names.filter((_, index) => claims[index]!.status === 'fulfilled')
      expectEqual(winners.length, 1, 'the number of those who got it')
      expectEqual(await appended(store, batch(id, 2, 1, winners[0])), ['done'], 'whoever got it')
      expectEqual(await lengths(store, id, `${id} child`), [3, 2], 'the numbers of events')
    }
  }),

  storeCase(
    'lists what was claimed as running, and as owned while the lease goes on',
    [...needs, 'list'],
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('a', { writer: 'old', owner: 'old', then: ['workflow:stall'] }))
      await store.renew('new', long)
      await store.claim(claimOf('a', 2))
      const [found] = (await store.list()).items
      expectEqual([found?.status, found?.isOwned, found?.lastSeq], ['running', true, 2], 'status, ownership and end')
      expectEqual(found !== undefined && 'wakeUpAt' in found, false, 'whether it still has a time to wake up at')
    },
  ),
]
