import type { EventStoreCapabilities } from 'flowcraft'
import { appended, collect, given } from './answers.ts'
import { claimOf } from './claims.ts'
import { batch, change, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { follow } from './follower.ts'
import { forkOf } from './forks.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const blueprint = { id: 'flow', nodes: [{ id: 'a', uses: 'f' }], edges: [] }

type Method = Exclude<keyof EventStoreCapabilities, 'close'>
type Call<M extends Method> = (store: StoreWith<M | 'close'>) => Promise<unknown>

const callsAfterClose: { readonly [M in Method]: Call<M> } = {
  append: (store) => store.append([batch('a', 1, 1)]),
  read: (store) => collect(store, 'a'),
  list: (store) => store.list(),
  subscribe: (store) => follow(store, 'a').soon(),
  getStats: (store) => store.getStats(),
  delete: (store) => store.delete('a'),
  prune: (store) => store.prune({ olderThan: usualTime }),
  clear: (store) => store.clear(),
  saveBlueprint: (store) => store.saveBlueprint('h', blueprint),
  loadBlueprint: (store) => store.loadBlueprint('h'),
  claim: (store) => store.claim(claimOf('a', 1)),
  fork: (store) => store.fork(forkOf('f', 'a', 0)),
  renew: (store) => store.renew('me', 1000),
  due: (store) => store.due(usualTime),
}

function afterClose<M extends Method>(method: M): StoreCase {
  return storeCase<M | 'close'>(`rejects ${method} after close`, [method, 'close'], async ({ open }) => {
    const store = await open()
    await store.store(change('a', 0), 'a')
    await store.close()
    await expectRejection(callsAfterClose[method](store), 'STORE_CLOSED', `${method} after close`)
  })
}

/** What a store promises about blueprints, about being emptied and about being closed. */
export const lifecycleCases: readonly StoreCase[] = [
  storeCase(
    'keeps a blueprint by its hash, the first one for good',
    ['saveBlueprint', 'loadBlueprint'],
    async ({ open }) => {
      const store = await open()
      const given = structuredClone(blueprint)
      await store.saveBlueprint('h', given)
      await store.saveBlueprint('h', { ...given, id: 'other' })
      given.id = 'changed later'
      expectEqual(await store.loadBlueprint('h'), blueprint, 'the blueprint')
      const loaded = await store.loadBlueprint('h')
      if (loaded !== undefined && !Object.isFrozen(loaded)) Object.assign(loaded, { id: 'changed' })
      expectEqual(await store.loadBlueprint('h'), blueprint, 'the blueprint, once somebody has changed what was loaded')
      expectEqual(await store.loadBlueprint('unknown'), undefined, 'an unknown blueprint')
    },
  ),

  storeCase('counts events and executions, children too', ['append', 'getStats'], async ({ open }) => {
    const store = await open()
    expectEqual(await store.getStats(), { totalEvents: 0, executions: 0 }, 'the stats of an empty store')
    await given(store, runOf('a', { steps: [finish('completed')] }), runOf('b', { parent: 'a' }), batch('a', 2, 3))
    await store.store(change('c', 0), 'c')
    expectEqual(await store.getStats(), { totalEvents: 7, executions: 3 }, 'the stats')
  }),

  storeCase('is empty after clear, and can be used again', ['append', 'clear', 'getStats'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3), runOf('child', { parent: 'a' }))
    await store.clear()
    expectEqual(await store.getStats(), { totalEvents: 0, executions: 0 }, 'the stats')
    expectEqual(await store.retrieve('a'), [], 'the events')
    expectEqual(await appended(store, batch('a', 3, 1)), ['HISTORY_CORRUPT'], 'what would have come next')
    expectEqual(await appended(store, batch('a', 0, 1, 'other')), ['done'], 'a new beginning by another writer')
    await store.clear()
    await store.clear()
  }),

  storeCase(
    'knows no blueprint, no tag and no child after clear',
    ['append', 'clear', 'list', 'saveBlueprint', 'loadBlueprint'],
    async ({ open }) => {
      const store = await open()
      await given(store, runOf('a', { tags: ['x'] }), runOf('child', { parent: 'a', tags: ['x'] }))
      await store.saveBlueprint('h', blueprint)
      await store.clear()
      expectEqual(await store.loadBlueprint('h'), undefined, 'the blueprint')
      await given(store, runOf('a'), runOf('other', { tags: ['x'] }))
      expectEqual((await store.list({ parent: 'a' })).items, [], 'the children')
      expectEqual(
        (await store.list({ tag: 'x' })).items.map(({ executionId }) => executionId),
        ['other'],
        'those with the tag',
      )
    },
  ),

  storeCase(
    'goes on for those who follow it when it is cleared',
    ['append', 'clear', 'subscribe'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 3), batch('b', 0, 3))
      const follower = follow(store, {})
      await follower.take(6)
      await store.clear()
      const next = follower.next('what comes behind the clear')
      await given(store, batch('c', 0, 2))
      expectEqual((await next).event, change('c', 0), 'what comes behind the clear')
      await follower.expect([change('c', 1)])
      await follower.leave()
    },
  ),

  storeCase('can be closed, and closed again', ['close'], async ({ open }) => {
    const store = await open()
    await store.store(change('a', 0), 'a')
    await Promise.all([store.close(), store.close()])
    await store.close()
  }),

  storeCase('rejects the three methods after close', ['close'], async ({ open }) => {
    const store = await open()
    await store.store(change('a', 0), 'a')
    await store.close()
    await expectRejection(store.store(change('a', 1), 'a'), 'STORE_CLOSED', 'store after close')
    await expectRejection(store.retrieve('a'), 'STORE_CLOSED', 'retrieve after close')
    await expectRejection(store.retrieve('nobody'), 'STORE_CLOSED', 'retrieve of an unknown execution after close')
    await expectRejection(store.retrieveMultiple(['a']), 'STORE_CLOSED', 'retrieveMultiple after close')
    await expectRejection(store.retrieveMultiple([]), 'STORE_CLOSED', 'retrieveMultiple of nothing after close')
  }),

  // Its keys are the methods.
  ...(Object.keys(callsAfterClose) as Method[]).map((method) => afterClose(method)),
]
