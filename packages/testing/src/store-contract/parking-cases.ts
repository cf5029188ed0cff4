import { appended } from './answers.ts'
import { batch, batchOf, change, event, typical } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const parkings = ['workflow:pause', 'workflow:stall'] as const
const takeovers = ['workflow:resume', 'workflow:cancel'] as const

/** What `append` and `store` promise for executions that are parked. */
export const parkingCases: readonly StoreCase[] = [
  storeCase(
    'lets another writer go on behind a parked execution, and shuts the earlier one out',
    ['append'],
    async ({ open }) => {
      for (const parking of parkings) {
        for (const takeover of takeovers) {
          const store = await open()
          await store.append([batchOf('a', 0, ['workflow:start', parking], 'first')])
          const next = batchOf('a', 2, [takeover, 'node:finish'], 'second')
          expectEqual(await appended(store, next), ['done'], `${parking} ${takeover}`)
          expectEqual(await appended(store, batch('a', 4, 1, 'first')), [conflict])
          expectEqual(await appended(store, batchOf('a', 2, [takeover], 'first')), [conflict])
          expectEqual(await appended(store, batch('a', 4, 1, 'second')), ['done'])
          const written = ['workflow:start', parking, takeover, 'node:finish', 'context:change'] as const
          expectEqual(await store.retrieve('a'), batchOf('a', 0, written).events)
        }
      }
    },
  ),

  storeCase(
    'lets another writer into a parked execution at its very end, to resume or to cancel it, and no other way',
    ['append'],
    async ({ open }) => {
      const store = await open()
      await store.append([batchOf('a', 0, ['workflow:start', 'context:change', 'workflow:pause'], 'first')])
      for (const from of [0, 1, 2, 4]) {
        expectEqual(await appended(store, batchOf('a', from, ['workflow:resume'], 'second')), [conflict], `${from}`)
      }
      for (const type of ['context:change', 'node:finish', 'workflow:pause', 'workflow:finish'] as const) {
        const late = batchOf('a', 3, [type, 'workflow:resume'], 'second')
        expectEqual(await appended(store, late), [conflict], type)
      }
      expectEqual(await appended(store, batchOf('a', 3, [], 'second')), [conflict])
      expectEqual((await store.retrieve('a')).length, 3)
      expectEqual(await appended(store, batchOf('a', 3, ['workflow:resume'], 'first')), ['done'])
    },
  ),

  storeCase('lets nobody take over what has gone on since it was parked', ['append'], async ({ open }) => {
    for (const last of ['workflow:resume', 'workflow:cancel', 'context:change', 'workflow:finish'] as const) {
      const store = await open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause', last], 'first')])
      expectEqual(await appended(store, batchOf('a', 3, ['workflow:resume'], 'second')), [conflict], last)
      expectEqual(await appended(store, batch('a', 3, 1, 'first')), ['done'])
    }
  }),

  storeCase(
    'lets exactly one of two writers go on from the same end of a parked execution',
    ['append'],
    async ({ open }) => {
      const store = await open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
      const [second, third] = ['second', 'third'].map((writer) =>
        batchOf('a', 2, ['workflow:resume', 'workflow:pause'], writer),
      )
      expectEqual(await appended(store, second!, third!), ['done', conflict])
      // It is parked again, and yet the loser has read an end that is no more.
      expectEqual(await appended(store, third!), [conflict])
      expectEqual(await appended(store, second!), ['done'])
      expectEqual((await store.retrieve('a')).length, 4)
    },
  ),

  storeCase(
    'gives one of two calls at once a parked execution, and the other a conflict',
    ['append'],
    async ({ open }) => {
      const store = await open()
      for (let round = 0; round < 10; round++) {
        const id = `run ${round}`
        await store.append([batchOf(id, 0, ['workflow:start', 'workflow:stall'], 'first')])
        const calls = ['second', 'third'].map((writer) => appended(store, batchOf(id, 2, ['workflow:resume'], writer)))
        expectEqual((await Promise.all(calls)).flat().toSorted(), [conflict, 'done'])
        expectEqual((await store.retrieve(id)).length, 3)
      }
    },
  ),

  storeCase('counts what the new writer appends twice as done, also in part', ['append'], async ({ open }) => {
    const store = await open()
    await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
    const types = ['workflow:resume', 'node:finish', 'context:change'] as const
    for (const count of [2, 2, 1, 3]) {
      expectEqual(await appended(store, batchOf('a', 2, types.slice(0, count), 'second')), ['done'])
    }
    const written = ['workflow:start', 'workflow:pause', ...types] as const
    expectEqual(await store.retrieve('a'), batchOf('a', 0, written).events)
  }),

  storeCase(
    'lets the writer that parked an execution go on itself, and say again what it has said',
    ['append'],
    async ({ open }) => {
      const store = await open()
      const parked = batchOf('a', 0, ['workflow:start', 'workflow:pause'])
      expectEqual(await appended(store, parked, parked, batch('a', 2, 1), batch('a', 2, 2)), Array(4).fill('done'))
      expectEqual((await store.retrieve('a')).length, 4)
    },
  ),

  storeCase('gives a parked execution from hand to hand, in one call too', ['append'], async ({ open }) => {
    const store = await open()
    await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
    const turn = ['workflow:resume', 'node:finish', 'workflow:stall'] as const
    const turns = ['second', 'first', 'third'].map((writer, index) => batchOf('a', 2 + 3 * index, turn, writer))
    expectEqual(await appended(store, ...turns), ['done', 'done', 'done'])
    expectEqual(await appended(store, batch('a', 11, 1, 'second')), [conflict])
    expectEqual(await appended(store, batchOf('a', 11, ['workflow:cancel', 'workflow:finish'])), ['done'])
    const seqs = (await store.retrieve('a')).map(({ seq }) => seq)
    expectEqual(
      seqs,
      Array.from({ length: 13 }, (_, seq) => seq),
    )
  }),

  storeCase(
    'lets single events go on behind a parked execution, and then no writer that was there before',
    ['append'],
    async ({ open }) => {
      const store = await open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'])])
      const resumed = typical('a', 2, 'workflow:resume')
      await expectRejection(store.store(change('a', 2), 'a'), conflict, 'a single event of another type')
      await store.store(resumed, 'a')
      await store.store(resumed, 'a')
      await expectRejection(
        store.store(event('a', 2, 'workflow:resume', { reason: 'timer' }), 'a'),
        conflict,
        'another event of this seq',
      )
      expectEqual(await appended(store, batchOf('a', 2, ['workflow:resume'])), [conflict])
      await store.store(change('a', 3), 'a')
      expectEqual(await store.retrieve('a'), [
        ...batchOf('a', 0, ['workflow:start', 'workflow:pause', 'workflow:resume', 'context:change']).events,
      ])
    },
  ),
]
