import { appended, given } from './answers.ts'
import { batch, batchOf, finish, runOf } from './events.ts'
import { expectEqual } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'

/** What `append` promises for the runs of subflows: who writes the parent writes them. */
export const familyCases: readonly StoreCase[] = [
  storeCase('lets a run begin a subflow only by the writer of its parent', ['append'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('root', { writer: 'first' }))
    const late = runOf('child', { parent: 'root', writer: 'second' })
    expectEqual(await appended(store, late), [conflict], 'a child by another writer')
    expectEqual(await store.retrieve('child'), [], 'the events of the child')
    const child = runOf('child', { parent: 'root', writer: 'first' })
    expectEqual(await appended(store, child), ['done'], 'a child by the writer of its parent')
    const grandchild = runOf('grandchild', { parent: 'child', writer: 'second' })
    expectEqual(await appended(store, grandchild), [conflict], 'a child of the child by another writer')
    expectEqual(await appended(store, child), ['done'], 'the same child again')
  }),

  storeCase(
    'lets a subflow begin whose parent is unknown, or was stored without a writer',
    ['append'],
    async ({ open }) => {
      const store = await open()
      for (const one of runOf('single').events) await store.store(one, 'single')
      const codes = await appended(
        store,
        runOf('a', { parent: 'nobody', writer: 'any' }),
        runOf('b', { parent: 'single', writer: 'any' }),
      )
      expectEqual(codes, ['done', 'done'], 'the outcomes')
    },
  ),

  storeCase('knows the writer of a parent that begins in the same call', ['append'], async ({ open }) => {
    const store = await open()
    const codes = await appended(
      store,
      runOf('root', { writer: 'first' }),
      runOf('late', { parent: 'root', writer: 'second' }),
      runOf('child', { parent: 'root', writer: 'first' }),
    )
    expectEqual(codes, ['done', conflict, 'done'], 'the outcomes')
  }),

  storeCase('lets a parked subflow go on only by the writer of its parent', ['append'], async ({ open }) => {
    const store = await open()
    const parked = ['workflow:pause'] as const
    await given(
      store,
      runOf('root', { writer: 'first', steps: parked }),
      runOf('child', { parent: 'root', writer: 'first', steps: parked }),
    )
    const goOn = (writer: string): ReturnType<typeof batchOf> => batchOf('child', 2, ['workflow:resume'], writer)
    expectEqual(await appended(store, goOn('second')), [conflict], 'the child, before its root was taken over')
    await given(store, batchOf('root', 2, ['workflow:resume'], 'second'))
    expectEqual(await appended(store, goOn('second')), ['done'], 'the child, once its root was taken over')
    expectEqual(await appended(store, goOn('third')), [conflict], 'the child by somebody else')
    expectEqual(await appended(store, batch('child', 3, 1, 'first')), [conflict], 'the child by the writer before')
  }),

  storeCase(
    'lets nobody whose root was taken over while it was parked begin or wake a subflow',
    ['append'],
    async ({ open }) => {
      const store = await open()
      await given(
        store,
        runOf('root', { writer: 'first', steps: ['workflow:pause'] }),
        runOf('parked', { parent: 'root', writer: 'first', steps: ['workflow:stall'] }),
        batchOf('root', 2, ['workflow:cancel'], 'second'),
      )
      const codes = await appended(
        store,
        runOf('new', { parent: 'root', writer: 'first' }),
        batch('root', 3, 1, 'first'),
        batchOf('parked', 2, ['workflow:cancel'], 'second'),
        batchOf('parked', 3, ['workflow:resume'], 'first'),
      )
      expectEqual(codes, [conflict, conflict, 'done', conflict], 'the outcomes')
      expectEqual((await store.retrieve('parked')).length, 3, 'the number of events of the parked subflow')
    },
  ),

  storeCase('keeps the rules of a family when its root has ended', ['append'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('root', { writer: 'first', steps: [finish('completed')] }))
    const late = runOf('late', { parent: 'root', writer: 'second' })
    expectEqual(await appended(store, late), [conflict], 'a child of an ended root by another writer')
  }),
]
