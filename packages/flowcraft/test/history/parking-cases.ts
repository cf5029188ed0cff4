import assert from 'node:assert/strict'
import { batch, batchOf, change, event, typical } from './events.ts'
import { appended, rejectsWith, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const parkings = ['workflow:pause', 'workflow:stall'] as const
const takeovers = ['workflow:resume', 'workflow:cancel'] as const

/** What every event store with `append` must do with executions that are parked. */
export const parkingCases: readonly StoreCase[] = [
  {
    promise: 'lets another writer go on behind a parked execution, and shuts the earlier one out',
    async check(open) {
      for (const parking of parkings) {
        for (const takeover of takeovers) {
          const store = open()
          await store.append([batchOf('a', 0, ['workflow:start', parking], 'first')])
          const next = batchOf('a', 2, [takeover, 'node:finish'], 'second')
          assert.deepEqual(await appended(store, next), ['done'], `${parking} ${takeover}`)
          assert.deepEqual(await appended(store, batch('a', 4, 1, 'first')), [conflict])
          assert.deepEqual(await appended(store, batchOf('a', 2, [takeover], 'first')), [conflict])
          assert.deepEqual(await appended(store, batch('a', 4, 1, 'second')), ['done'])
          const written = ['workflow:start', parking, takeover, 'node:finish', 'context:change'] as const
          assert.deepEqual(await store.retrieve('a'), batchOf('a', 0, written).events)
        }
      }
    },
  },
  {
    promise: 'lets another writer into a parked execution at its very end, to resume or to cancel it, and no other way',
    async check(open) {
      const store = open()
      await store.append([batchOf('a', 0, ['workflow:start', 'context:change', 'workflow:pause'], 'first')])
      for (const from of [0, 1, 2, 4]) {
        assert.deepEqual(
          await appended(store, batchOf('a', from, ['workflow:resume'], 'second')),
          [conflict],
          `${from}`,
        )
      }
      for (const type of ['context:change', 'node:finish', 'workflow:pause', 'workflow:finish'] as const) {
        const late = batchOf('a', 3, [type, 'workflow:resume'], 'second')
        assert.deepEqual(await appended(store, late), [conflict], type)
      }
      assert.deepEqual(await appended(store, batchOf('a', 3, [], 'second')), [conflict])
      assert.equal((await store.retrieve('a')).length, 3)
      assert.deepEqual(await appended(store, batchOf('a', 3, ['workflow:resume'], 'first')), ['done'])
    },
  },
  {
    promise: 'lets nobody take over what has gone on since it was parked',
    async check(open) {
      for (const last of ['workflow:resume', 'workflow:cancel', 'context:change', 'workflow:finish'] as const) {
        const store = open()
        await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause', last], 'first')])
        assert.deepEqual(await appended(store, batchOf('a', 3, ['workflow:resume'], 'second')), [conflict], last)
        assert.deepEqual(await appended(store, batch('a', 3, 1, 'first')), ['done'])
      }
    },
  },
  {
    promise: 'lets exactly one of two writers go on from the same end of a parked execution',
    async check(open) {
      const store = open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
      const [second, third] = ['second', 'third'].map((writer) =>
        batchOf('a', 2, ['workflow:resume', 'workflow:pause'], writer),
      )
      assert.deepEqual(await appended(store, second!, third!), ['done', conflict])
      // It is parked again, and yet the loser has read an end that is no more.
      assert.deepEqual(await appended(store, third!), [conflict])
      assert.deepEqual(await appended(store, second!), ['done'])
      assert.equal((await store.retrieve('a')).length, 4)
    },
  },
  {
    promise: 'gives one of two calls at once a parked execution, and the other a conflict',
    async check(open) {
      const store = open()
      for (let round = 0; round < 10; round++) {
        const id = `run ${round}`
        await store.append([batchOf(id, 0, ['workflow:start', 'workflow:stall'], 'first')])
        const calls = ['second', 'third'].map((writer) => appended(store, batchOf(id, 2, ['workflow:resume'], writer)))
        assert.deepEqual((await Promise.all(calls)).flat().toSorted(), [conflict, 'done'])
        assert.equal((await store.retrieve(id)).length, 3)
      }
    },
  },
  {
    promise: 'counts what the new writer appends twice as done, also in part',
    async check(open) {
      const store = open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
      const types = ['workflow:resume', 'node:finish', 'context:change'] as const
      for (const count of [2, 2, 1, 3]) {
        assert.deepEqual(await appended(store, batchOf('a', 2, types.slice(0, count), 'second')), ['done'])
      }
      const written = ['workflow:start', 'workflow:pause', ...types] as const
      assert.deepEqual(await store.retrieve('a'), batchOf('a', 0, written).events)
    },
  },
  {
    promise: 'lets the writer that parked an execution go on itself, and say again what it has said',
    async check(open) {
      const store = open()
      const parked = batchOf('a', 0, ['workflow:start', 'workflow:pause'])
      assert.deepEqual(await appended(store, parked, parked, batch('a', 2, 1), batch('a', 2, 2)), Array(4).fill('done'))
      assert.equal((await store.retrieve('a')).length, 4)
    },
  },
  {
    promise: 'gives a parked execution from hand to hand, in one call too',
    async check(open) {
      const store = open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'], 'first')])
      const turn = ['workflow:resume', 'node:finish', 'workflow:stall'] as const
      const turns = ['second', 'first', 'third'].map((writer, index) => batchOf('a', 2 + 3 * index, turn, writer))
      assert.deepEqual(await appended(store, ...turns), ['done', 'done', 'done'])
      assert.deepEqual(await appended(store, batch('a', 11, 1, 'second')), [conflict])
      assert.deepEqual(await appended(store, batchOf('a', 11, ['workflow:cancel', 'workflow:finish'])), ['done'])
      const seqs = (await store.retrieve('a')).map(({ seq }) => seq)
      assert.deepEqual(
        seqs,
        Array.from({ length: 13 }, (_, seq) => seq),
      )
    },
  },
  {
    promise: 'lets single events go on behind a parked execution, and then no writer that was there before',
    async check(open) {
      const store = open()
      await store.append([batchOf('a', 0, ['workflow:start', 'workflow:pause'])])
      const resumed = typical('a', 2, 'workflow:resume')
      await rejectsWith(store.store(change('a', 2), 'a'), conflict)
      await store.store(resumed, 'a')
      await store.store(resumed, 'a')
      await rejectsWith(store.store(event('a', 2, 'workflow:resume', { reason: 'timer' }), 'a'), conflict)
      assert.deepEqual(await appended(store, batchOf('a', 2, ['workflow:resume'])), [conflict])
      await store.store(change('a', 3), 'a')
      assert.deepEqual(await store.retrieve('a'), [
        ...batchOf('a', 0, ['workflow:start', 'workflow:pause', 'workflow:resume', 'context:change']).events,
      ])
    },
  },
]
