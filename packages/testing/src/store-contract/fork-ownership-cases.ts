import { appended, given, sizeOf } from './answers.ts'
import { claimOf, lengths, partOf } from './claims.ts'
import { batch, batchOf, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['append', 'fork'] as const

/** What a store promises of who drives forks, and of the runs of their subflows. */
export const forkOwnershipCases: readonly StoreCase[] = [
  storeCase(
    'leaves a source to its owner, and gives a fork to its own',
    [...needs, 'renew', 'list'],
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('a', { writer: 'w', owner: 'one', steps: ['node:start'] }))
      await store.renew('one', long)
      const ownersOf = async (): Promise<unknown> =>
        (await store.list()).items.map(({ executionId, owner, isOwned }) => [executionId, owner, isOwned])
      await store.fork(forkOf('f', 'a', 1, { owner: 'two', at: usualTime + 1000 }))
      const first = ['a', 'one', true]
      expectEqual(await ownersOf(), [['f', 'two', false], first], 'the owners, before the lease of the second')
      await store.renew('two', long)
      expectEqual(await ownersOf(), [['f', 'two', true], first], 'the owners')
      await store.renew('one', 0)
      expectEqual(
        await ownersOf(),
        [
          ['f', 'two', true],
          ['a', 'one', false],
        ],
        'the owners, when the first is gone',
      )
      await store.fork(forkOf('g', 'f', 2, { at: usualTime + 2000 }))
      const [newest] = (await store.list()).items
      expectEqual([newest?.executionId, 'owner' in newest!, newest?.isOwned], ['g', false, false], 'a fork of nobody')
    },
  ),

  storeCase('names a fork as due while nobody drives it', [...needs, 'renew', 'due', 'delete'], async ({ open }) => {
    const store = await open()
    const now = usualTime + 10_000
    const due = async (): Promise<string[]> =>
      (await store.due(now)).map(({ executionId, reason }) => `${executionId}: ${reason}`).toSorted()
    await given(store, runOf('root', { owner: 'me' }), runOf('child', { parent: 'root', steps: ['workflow:stall'] }))
    await given(store, runOf('ended', { steps: [finish('completed')] }), runOf('asleep', { steps: ['workflow:stall'] }))
    await store.renew('me', long)
    for (const id of ['child', 'ended', 'asleep']) await store.fork(forkOf(`of ${id}`, id, 1, { owner: 'me' }))
    expectEqual(await due(), ['asleep: timer'], 'what is due while an owner lives')
    await store.renew('me', 0)
    const abandoned = ['of asleep', 'of child', 'of ended', 'root'].map((id) => `${id}: abandoned`)
    expectEqual(await due(), ['asleep: timer', ...abandoned], 'what is due once the owner is gone')
    await store.delete('asleep')
    expectEqual(await due(), abandoned, 'what is due once a source is gone')
    await given(
      store,
      batchOf('of child', 3, ['workflow:stall'], 'f'),
      batchOf('of ended', 3, ['workflow:finish'], 'f'),
    )
    expectEqual(await due(), ['of asleep: abandoned', 'of child: timer', 'root: abandoned'], 'what is due in the end')
  }),

  storeCase('gives a fork whose owner is gone to whoever claims it', [...needs, 'claim', 'renew'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { owner: 'one', steps: ['node:start', 'node:finish'] }))
    await store.fork(forkOf('f', 'a', 1, { owner: 'one' }))
    await store.renew('one', long)
    await expectRejection(store.claim(claimOf('f', 3)), 'EXECUTION_CONFLICT', 'a claim while its owner lives')
    await store.renew('one', 0)
    await expectRejection(store.claim(claimOf('f', 1)), conflict, 'a claim inside what is shared')
    await expectRejection(store.claim(claimOf('f', 2)), conflict, 'a claim in the place of its first own event')
    await store.claim(claimOf('f', 3))
    const codes = await appended(store, batch('f', 4, 1, 'f'), batch('f', 4, 1, 'new'), batch('a', 3, 1))
    expectEqual(codes, [conflict, 'done', 'done'], 'the writer before, who claimed, the writer of the source')
    expectEqual(await lengths(store, 'a', 'f'), [4, 5], 'the numbers of events')
  }),

  storeCase('lets the subflow of a fork begin by the writer of the fork, and by no other', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('root', { writer: 'w', steps: ['node:start'] }))
    await store.fork(forkOf('f', 'root', 1))
    const codes = await appended(
      store,
      runOf('f late', { parent: 'f', writer: 'w' }),
      runOf('f child', { parent: 'f', writer: 'f' }),
      runOf('late', { parent: 'root', writer: 'f' }),
      runOf('child', { parent: 'root', writer: 'w' }),
    )
    expectEqual(codes, [conflict, 'done', conflict, 'done'], 'the outcomes')
  }),

  storeCase(
    'does not tie a fork to the family of the run of a subflow',
    [...needs, 'claim', 'renew'],
    async ({ open }) => {
      const store = await open()
      const parked = ['node:wait', 'workflow:pause'] as const
      await given(
        store,
        runOf('root', { writer: 'w', owner: 'one' }),
        runOf('child', { parent: 'root', steps: parked }),
      )
      await store.fork(forkOf('f', 'child', 2, { writer: 'f' }))
      await given(store, batchOf('f', 4, ['workflow:pause'], 'f'))
      // That of a child could go on by the writer of its parent only.
      expectEqual(
        await appended(store, batchOf('f', 5, ['workflow:resume'], 'other')),
        ['done'],
        'who resumes the fork',
      )
      await store.claim(claimOf('root', 1, 'new', [partOf('child', 3)]))
      const codes = await appended(store, batch('f', 6, 1, 'other'), batchOf('child', 3, ['workflow:resume'], 'w'))
      expectEqual(codes, ['done', conflict], 'the fork and the child, once the family is claimed')
    },
  ),

  storeCase(
    'deletes a source while its fork is driven, and a fork while its source is',
    [...needs, 'renew', 'delete', 'getStats'],
    async ({ open }) => {
      const store = await open()
      await store.renew('me', long)
      await given(store, runOf('a', { steps: ['node:start'] }), runOf('b', { owner: 'me', steps: ['node:start'] }))
      await store.fork(forkOf('of a', 'a', 0, { owner: 'me' }))
      await store.fork(forkOf('of b', 'b', 0))
      expectEqual(await store.delete('a'), 1, 'the number removed with a source whose fork is driven')
      expectEqual(await store.delete('of b'), 1, 'the number removed with a fork whose source is driven')
      for (const id of ['of a', 'b']) await expectRejection(store.delete(id), 'EXECUTION_CONFLICT', `deleting '${id}'`)
      expectEqual(await lengths(store, 'a', 'of a', 'b', 'of b'), [0, 2, 2, 0], 'the numbers of events')
      expectEqual(await sizeOf(store), [3, 2], 'the number of events and executions')
    },
  ),
]
