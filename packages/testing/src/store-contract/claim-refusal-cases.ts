import type { Claim, ClaimedPart, FlowcraftEvent } from 'flowcraft'
import { appended, given } from './answers.ts'
import { claimOf, family, lengths, partOf, wholeFamily } from './claims.ts'
import { batch, batchOf, finish, runOf, typical } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['append', 'claim', 'renew'] as const

/** What `claim` promises of what it does not give, or gives only once. */
export const claimRefusalCases: readonly StoreCase[] = [
  storeCase('gives all of a family or nothing', needs, async ({ open }) => {
    const store = await open()
    await family(store)
    const [child, parked] = wholeFamily
    const faults: readonly (readonly [string, readonly ClaimedPart[]])[] = [
      ['a child that has gone on', [partOf('child', 0, 'workflow:resume'), parked!]],
      ['a parked child that has gone on', [child!, partOf('parked', 1)]],
      ['a child behind its end', [partOf('child', 2, 'workflow:resume')]],
      ['a child that is unknown', [child!, parked!, partOf('nobody', 1)]],
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

  storeCase('gives nothing that is unknown, has ended or has gone on', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('ended', { steps: [finish('completed')] }), runOf('a', { steps: ['node:start'] }))
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
]
