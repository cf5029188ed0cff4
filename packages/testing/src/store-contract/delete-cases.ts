import { appended, given, sizeOf } from './answers.ts'
import { batch, finish, runOf } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

/** What `delete` promises. */
export const deleteCases: readonly StoreCase[] = [
  storeCase(
    'deletes an execution and all that came of it, and nothing else',
    ['append', 'delete', 'getStats'],
    async ({ open }) => {
      const store = await open()
      await given(
        store,
        runOf('a', { tags: ['x'], steps: ['node:start'] }),
        runOf('a:child', { parent: 'a' }),
        runOf('a:grandchild', { parent: 'a:child' }),
        runOf('a:second', { parent: 'a', steps: [finish('completed')] }),
        runOf('a2', { tags: ['x'] }),
        runOf('a2:child', { parent: 'a2' }),
      )
      expectEqual(await store.delete('a'), 4, 'the number of executions that were removed')
      for (const id of ['a', 'a:child', 'a:grandchild', 'a:second']) {
        expectEqual(await store.retrieve(id), [], `the events of '${id}'`)
      }
      expectEqual(await sizeOf(store), [2, 2], 'the number of events and executions')
      expectEqual((await store.retrieve('a2:child')).length, 1, 'the number of events of another family')
      expectEqual(await store.delete('a'), 0, 'the number that a second call removes')
      expectEqual(await store.delete('nobody'), 0, 'the number of an unknown execution')
    },
  ),

  storeCase('does not list what was deleted', ['append', 'delete', 'list'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { tags: ['x'] }), runOf('child', { parent: 'a' }), runOf('b', { tags: ['x'] }))
    await store.delete('a')
    for (const filter of [{}, { tag: 'x' }, { status: 'running' }, { blueprintId: 'flow' }] as const) {
      const ids = (await store.list(filter)).items.map(({ executionId }) => executionId)
      expectEqual(ids, ['b'], `the list by ${JSON.stringify(filter)}`)
    }
    expectEqual((await store.list({ parent: 'a' })).items, [], 'the list of the children')
    expectEqual((await store.list({ executionId: 'a' })).items, [], 'the list by its id')
  }),

  storeCase('lets a deleted id begin anew, by anybody', ['append', 'delete'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { writer: 'first' }), runOf('child', { parent: 'a', writer: 'first' }))
    await store.delete('a')
    expectEqual(await appended(store, batch('a', 1, 1, 'first')), ['HISTORY_CORRUPT'], 'the writer that was late')
    expectEqual(await appended(store, runOf('a', { writer: 'second' })), ['done'], 'a new writer')
    const child = runOf('child', { parent: 'a', writer: 'second' })
    expectEqual(await appended(store, child), ['done'], 'a new child')
    expectEqual(await store.retrieve('a'), runOf('a').events, 'the events')
  }),

  storeCase('deletes the run of a subflow only with its root', ['append', 'delete', 'getStats'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a'), runOf('child', { parent: 'a' }), runOf('orphan', { parent: 'nobody' }))
    await expectRejection(store.delete('child'), 'EXECUTION_CONFLICT', 'deleting a child')
    expectEqual(await sizeOf(store), [3, 3], 'the number of events and executions')
    expectEqual(await store.delete('orphan'), 1, 'the number removed with a child whose parent is not there')
  }),

  storeCase('deletes nothing that somebody drives', ['append', 'delete', 'renew', 'getStats'], async ({ open }) => {
    const store = await open()
    await given(
      store,
      runOf('a', { owner: 'living' }),
      runOf('b', { owner: 'gone' }),
      runOf('b child', { parent: 'b', owner: 'living' }),
      runOf('c', { owner: 'gone' }),
      runOf('d', { owner: 'living', steps: ['workflow:pause'] }),
    )
    await store.renew('living', 600_000)
    await expectRejection(store.delete('a'), 'EXECUTION_CONFLICT', 'deleting a run that is driven')
    await expectRejection(store.delete('b'), 'EXECUTION_CONFLICT', 'deleting a run whose child is driven')
    expectEqual(await sizeOf(store), [6, 5], 'the number of events and executions')
    expectEqual(await store.delete('c'), 1, 'the number removed with a run whose owner is gone')
    expectEqual(await store.delete('d'), 1, 'the number removed with a parked run')
    await store.renew('living', 0)
    expectEqual(await store.delete('a'), 1, 'the number removed once the owner is gone')
    expectEqual(await store.delete('b'), 2, 'the number removed once the owner of the child is gone')
    expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions')
  }),
]
