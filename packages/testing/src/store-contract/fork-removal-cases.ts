import { appended, given, sizeOf } from './answers.ts'
import { claimOf, partOf } from './claims.ts'
import { batch, batchOf, error, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { expectHistories, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const needs = ['append', 'fork', 'delete', 'getStats'] as const
const unknown = 'EXECUTION_UNKNOWN'

/** What `delete` and `clear` promise of sources and forks. */
export const forkRemovalCases: readonly StoreCase[] = [
  storeCase('deletes a fork without touching its source', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4))
    for (const id of ['f', 'g']) await store.fork(forkOf(id, 'a', 2))
    expectEqual(await sizeOf(store), [6, 3], 'the number of events and executions')
    expectEqual(await store.delete('f'), 1, 'the number removed')
    const g = forked(forkOf('g', 'a', 2), batch('a', 0, 4).events)
    await expectHistories(store, { a: batch('a', 0, 4).events, f: [], g })
    expectEqual(await sizeOf(store), [5, 2], 'the number of events and executions')
    expectEqual(await appended(store, batch('f', 4, 1, 'f'), batch('a', 4, 1)), ['HISTORY_CORRUPT', 'done'], 'appends')
    const again = forkOf('f', 'g', 3, { writer: 'other' })
    await store.fork(again)
    await expectHistories(store, { f: forked(again, g) }, ' once the id is used again')
    expectEqual(await store.delete('g'), 1, 'the number removed with another')
    expectEqual(await store.delete('f'), 1, 'the number removed with the last fork')
    expectEqual(await store.delete('a'), 1, 'the number removed with the source')
    expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions in the end')
  }),

  storeCase('keeps a fork whole when its source is deleted, which nobody finds any more', needs, async ({ open }) => {
    const store = await open()
    const source = runOf('a', { tags: ['x'], owner: 'gone', steps: ['node:start', 'node:finish', 'node:skipped'] })
    await given(store, source)
    const fork = forkOf('f', 'a', 2)
    await store.fork(fork)
    expectEqual(await store.delete('a'), 1, 'the number removed')
    const history = forked(fork, source.events)
    await expectHistories(store, { a: [], f: history })
    expectEqual(await sizeOf(store), [1, 1], 'the number of events and executions')
    expectEqual(await store.delete('a'), 0, 'the number that a second call removes')
    await expectRejection(store.fork(forkOf('g', 'a', 0)), unknown, 'a fork of it')
    expectEqual(await appended(store, batch('a', 4, 1), batch('a', 3, 1)), ['HISTORY_CORRUPT', 'HISTORY_CORRUPT'])
    await expectRejection(store.store(batch('a', 3, 1).events[0]!, 'a'), 'HISTORY_CORRUPT', 'a single event')
    await given(store, batch('f', 4, 2, 'f'))
    await expectHistories(store, { f: [...history, ...batch('f', 4, 2).events] }, ' when it has gone on')
  }),

  storeCase(
    'neither lists nor claims a source that was deleted, nor finds it due',
    [...needs, 'list', 'due', 'claim'],
    async ({ open }) => {
      const store = await open()
      const ids = ['a', 'asleep', 'ended']
      const end = finish('failed', { ...error, message: 'burnt' })
      await given(store, runOf('a', { tags: ['x'], steps: ['node:start'] }))
      await given(store, runOf('asleep', { tags: ['x'], steps: ['workflow:stall'] }), runOf('ended', { steps: [end] }))
      for (const id of ids) await store.fork(forkOf(`of ${id}`, id, 1, { at: usualTime + 1000 }))
      for (const id of ids) expectEqual(await store.delete(id), 1, `the number removed with '${id}'`)
      for (const filter of [
        {},
        { hasErrors: true },
        { errorText: 'burnt' },
        { tag: 'x' },
        { status: 'failed' },
      ] as const) {
        const found = (await store.list(filter)).items.map(({ executionId }) => executionId)
        expectEqual(
          found.filter((id) => ids.includes(id)),
          [],
          `the deleted ones in the list by ${JSON.stringify(filter)}`,
        )
      }
      expectEqual((await store.list()).items.length, 3, 'the number of those listed')
      for (const id of ids) {
        expectEqual((await store.list({ executionId: id })).items, [], `the list of '${id}'`)
        const [left] = (await store.list({ executionId: `of ${id}` })).items
        expectEqual(left?.forkedFrom, { executionId: id, seq: 1 }, `where the fork of '${id}' comes from`)
      }
      const due = (await store.due(usualTime + 100_000)).map(({ executionId }) => executionId)
      expectEqual(
        due.toSorted(),
        ids.map((id) => `of ${id}`),
        'what is due',
      )
      await expectRejection(store.claim(claimOf('a', 2)), 'CONCURRENCY_CONFLICT', 'a claim of what was deleted')
      await store.claim(claimOf('of a', 3, 'new', [partOf('asleep', 0)]))
    },
  ),

  storeCase('lets the id of a deleted source begin anew, beside its forks', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: ['node:start', 'node:finish'] }))
    const first = forkOf('f', 'a', 2)
    await store.fork(first)
    await store.delete('a')
    const next = runOf('a', { writer: 'second', blueprintId: 'other', steps: ['node:skipped'] })
    await given(store, next)
    const second = forkOf('g', 'a', 1)
    await store.fork(second)
    await expectRejection(store.fork(forkOf('h', 'a', 2)), unknown, 'a fork where only the deleted one had an event')
    const f = forked(first, runOf('a', { steps: ['node:start', 'node:finish'] }).events)
    const g = forked(second, next.events)
    await expectHistories(store, { a: next.events, f, g })
    expectEqual(await store.delete('a'), 1, 'the number removed with the second')
    await given(store, batch('a', 0, 1, 'third'))
    await expectHistories(store, { a: batch('a', 0, 1).events, f, g }, ' when a third has the id')
    expectEqual(await store.delete('f'), 1, 'the number removed with the fork of the first')
    await expectHistories(store, { a: batch('a', 0, 1).events, f: [], g }, ' when the fork of the first is gone')
    expectEqual(await store.delete('g'), 1, 'the number removed with the fork of the second')
    await expectHistories(store, { a: batch('a', 0, 1).events }, ' in the end')
    expectEqual(await sizeOf(store), [1, 1], 'the number of events and executions in the end')
  }),

  storeCase('lets a fork of what was deleted take its id', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    const first = forkOf('f', 'a', 1)
    await store.fork(first)
    await store.delete('a')
    const f = forked(first, batch('a', 0, 3).events)
    const second = forkOf('a', 'f', 2, { writer: 'second' })
    await store.fork(second)
    const a = forked(second, f)
    await expectHistories(store, { f, a })
    await store.delete('f')
    await expectHistories(store, { f: [], a }, ' when the fork between them is gone')
    expectEqual(await appended(store, batchOf('a', 4, ['node:start'], 'second')), ['done'], 'an append to it')
    expectEqual(await sizeOf(store), [2, 1], 'the number of events and executions')
  }),

  storeCase('is empty after clear, of what is only kept for forks too', [...needs, 'clear'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    await store.fork(forkOf('f', 'a', 1))
    await store.delete('a')
    await store.fork(forkOf('g', 'f', 2))
    await store.clear()
    expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions')
    await expectHistories(store, { a: [], f: [], g: [] })
    await expectRejection(store.fork(forkOf('g', 'f', 2)), unknown, 'a fork of what was cleared')
    await given(store, batch('a', 0, 2, 'new'))
    const fork = forkOf('f', 'a', 0)
    await store.fork(fork)
    await expectHistories(store, { a: batch('a', 0, 2).events, f: forked(fork, batch('a', 0, 1).events) }, ' later')
  }),
]
