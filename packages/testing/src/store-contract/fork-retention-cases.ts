import { appended, given, sizeOf } from './answers.ts'
import { batch, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { chainOf, expectHistories, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const needs = ['append', 'fork', 'delete', 'getStats'] as const
const ended = [finish('completed')]

/** What a store promises of chains of forks, of families and of old runs, of which a part is removed. */
export const forkRetentionCases: readonly StoreCase[] = [
  storeCase('keeps the last of a chain whole, in whatever order the others are deleted', needs, async ({ open }) => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
    ]) {
      const store = await open()
      const { ids, histories } = await chainOf(store, 5, 4)
      const left: Record<string, (typeof histories)[string]> = { ...histories }
      for (const index of order) {
        const id = ids[index]!
        expectEqual(await store.delete(id), 1, `the number removed with '${id}'`)
        left[id] = []
        await expectHistories(store, left, ` once '${id}' is gone, of the order ${order.join()}`)
      }
      expectEqual(await sizeOf(store), [3, 1], 'the number of events and executions')
      const last = ids.at(-1)!
      const fork = forkOf('of the last', last, 2)
      await store.fork(fork)
      expectEqual(await store.delete(last), 1, 'the number removed with the last')
      await expectHistories(store, { [last]: [], 'of the last': forked(fork, histories[last]!) })
      expectEqual(await store.delete('of the last'), 1, 'the number removed with the fork of the last')
      expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions in the end')
      const anew = ids.map((id) => batch(id, 0, 1, 'new'))
      expectEqual(
        await appended(store, ...anew),
        ids.map(() => 'done'),
        'new beginnings under all ids',
      )
    }
  }),

  storeCase(
    'keeps what each of several forks of a deleted source needs, as long as it is there',
    needs,
    async ({ open }) => {
      const store = await open()
      const source = batch('a', 0, 30)
      await given(store, source)
      const forks = [4, 25, 11, 25, 0].map((seq, index) => forkOf(`fork ${index}`, 'a', seq))
      for (const fork of forks) await store.fork(fork)
      await store.delete('a')
      const left = new Map(forks.map((fork) => [fork.executionId, forked(fork, source.events)]))
      for (const gone of [undefined, 'fork 1', 'fork 3', 'fork 4', 'fork 2', 'fork 0']) {
        if (gone !== undefined) {
          expectEqual(await store.delete(gone), 1, `the number removed with '${gone}'`)
          left.set(gone, [])
        }
        await expectHistories(store, Object.fromEntries(left), ` once ${gone ?? 'the source'} is gone`)
      }
      expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions')
    },
  ),

  storeCase('deletes a family of which forks need a part, and keeps the forks', needs, async ({ open }) => {
    const store = await open()
    const child = runOf('child', { parent: 'root', steps: ['node:start', 'node:finish'] })
    await given(store, runOf('root', { steps: ['node:start'] }), child, runOf('grandchild', { parent: 'child' }))
    const fork = forkOf('f', 'child', 1)
    await store.fork(fork)
    await given(store, runOf('f child', { parent: 'f', writer: 'f' }))
    expectEqual(await store.delete('root'), 3, 'the number removed with the root')
    const f = forked(fork, child.events)
    await expectHistories(store, {
      root: [],
      child: [],
      grandchild: [],
      f,
      'f child': runOf('f child', { parent: 'f' }).events,
    })
    expectEqual(await sizeOf(store), [2, 2], 'the number of events and executions')
    await given(store, runOf('root', { writer: 'new' }), runOf('child', { parent: 'root', writer: 'new' }))
    expectEqual(await store.delete('root'), 2, 'the number removed with another root of the same id')
    await given(store, runOf('child', { parent: 'nobody' }))
    expectEqual(await store.delete('child'), 1, 'the number removed with another child of the same id')
    await expectHistories(store, { root: [], child: [], f }, ' when others had those ids')
    expectEqual(await store.delete('f'), 2, 'the number removed with the fork')
    expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions in the end')
  }),

  storeCase('takes a deleted source for unknown when a subflow begins', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('root', { writer: 'w', steps: ['node:start'] }))
    await store.fork(forkOf('f', 'root', 1))
    await store.delete('root')
    expectEqual(await appended(store, runOf('late', { parent: 'root', writer: 'any' })), ['done'], 'a child of it')
    expectEqual(await store.delete('late'), 1, 'the number removed with that child')
    expectEqual(await sizeOf(store), [1, 1], 'the number of events and executions')
  }),

  storeCase(
    'prunes sources and forks, each by its own end, and keeps what a fork needs',
    [...needs, 'prune'],
    async ({ open }) => {
      const store = await open()
      const source = runOf('a', { steps: ['node:start', ...ended] })
      await given(store, source, runOf('b', { at: usualTime + 5000, steps: ended }))
      const later = forkOf('f', 'a', 2, { at: usualTime + 1000 })
      const running = forkOf('g', 'a', 1)
      const old = forkOf('h', 'b', 0)
      for (const fork of [later, running, old]) await store.fork(fork)
      await given(store, {
        ...runOf('f', { writer: 'f', at: usualTime + 1000 }),
        events: endOf('f', 4, 1000),
        expectedSeq: 4,
      })
      await given(store, { ...runOf('h', { writer: 'f' }), events: endOf('h', 2), expectedSeq: 2 })
      expectEqual(await store.prune({ olderThan: usualTime + 500 }), 2, 'the number of old ones')
      const f = [...forked(later, source.events), ...endOf('f', 4, 1000)]
      const g = forked(running, source.events)
      const b = runOf('b', { at: usualTime + 5000, steps: ended }).events
      await expectHistories(store, { a: [], b, f, g, h: [] })
      expectEqual(await sizeOf(store), [5, 3], 'the number of events and executions')
      expectEqual(await store.prune({ olderThan: usualTime + 500 }), 0, 'the number of old ones, once they are gone')
      expectEqual(await store.prune({ olderThan: usualTime + 2000, keep: 1 }), 0, 'the number beyond one that is kept')
      expectEqual(await store.prune({ olderThan: usualTime + 2000 }), 1, 'the number of those that have ended')
      await expectHistories(store, { b, f: [], g }, ' in the end')
      expectEqual(await store.prune({ olderThan: usualTime + 9000, status: ['running', 'completed'] }), 2, 'the rest')
      expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions in the end')
    },
  ),

  storeCase('prunes a source, its fork and a fork of that together', [...needs, 'prune'], async ({ open }) => {
    const store = await open()
    const { ids } = await chainOf(store, 5, 6)
    const kept = forkOf('kept', ids[3]!, 8, { at: usualTime + 5000 })
    await store.fork(kept)
    const history = await store.retrieve('kept')
    expectEqual(await store.prune({ olderThan: usualTime + 1000, status: 'running' }), 7, 'the number removed')
    await expectHistories(store, { kept: history, ...Object.fromEntries(ids.map((id) => [id, []])) })
    expectEqual(await sizeOf(store), [1, 1], 'the number of events and executions')
    for (const id of ids)
      await expectRejection(store.fork(forkOf('g', id, 0)), 'EXECUTION_UNKNOWN', `a fork of '${id}'`)
  }),
]

function endOf(executionId: string, seq: number, later = 0): ReturnType<typeof batch>['events'] {
  const [, end] = runOf(executionId, { at: usualTime + later + seq - 1, steps: ended }).events
  return [{ ...end!, seq, id: `${executionId}:${seq}` }]
}
