import { appended, given } from './answers.ts'
import { claimOf, family, lengths, wholeFamily } from './claims.ts'
import { batch, batchOf, runOf, typical } from './events.ts'
import { expectEqual, expectRejection, until } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['append', 'claim', 'renew'] as const

/** What `claim` promises to whoever may claim. */
export const claimCases: readonly StoreCase[] = [
  storeCase(
    'gives a run whose owner is gone to whoever claims it, and shuts the earlier writer out',
    needs,
    async ({ open }) => {
      const store = await open()
      const run = runOf('a', { writer: 'old', owner: 'gone', steps: ['node:start'] })
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
      await given(store, runOf(type, { writer: 'old', owner: 'old', steps: ['workflow:stall'] }))
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
    'refuses a claim that expects the run of a subflow not to have begun, once it has',
    needs,
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('root', { writer: 'old', owner: 'gone', steps: ['node:start'] }))
      const child = { executionId: 'root:sub#0', expectedSeq: 0 }
      await given(store, runOf(child.executionId, { writer: 'old', owner: 'gone', parent: 'root' }))
      await expectRejection(store.claim(claimOf('root', 2, 'new', [child])), conflict, 'a claim of one that has begun')
      expectEqual(await lengths(store, 'root', child.executionId), [2, 1], 'the numbers of events')
      const other = { executionId: 'root:sub#1', expectedSeq: 0 }
      await store.claim(claimOf('root', 2, 'new', [other]))
      expectEqual(await lengths(store, 'root', other.executionId), [3, 0], 'the numbers of events behind the claim')
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

  storeCase(
    'lists what was claimed as running, and as owned while the lease goes on',
    [...needs, 'list'],
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('a', { writer: 'old', owner: 'old', steps: ['workflow:stall'] }))
      await store.renew('new', long)
      await store.claim(claimOf('a', 2))
      const [found] = (await store.list()).items
      expectEqual([found?.status, found?.isOwned, found?.lastSeq], ['running', true, 2], 'status, ownership and end')
      expectEqual(found !== undefined && 'wakeUpAt' in found, false, 'whether it still has a time to wake up at')
    },
  ),
]
