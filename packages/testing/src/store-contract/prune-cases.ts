import type { PruneOptions } from 'flowcraft'
import { given } from './answers.ts'
import { batch, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

type PruneStore = StoreWith<'append' | 'prune'>

const ended = [finish('completed')]
const needs = ['append', 'prune'] as const

async function expectPruned(
  store: PruneStore,
  options: PruneOptions,
  removed: number,
  left: readonly string[],
  gone: readonly string[],
): Promise<void> {
  const what = `prune ${JSON.stringify(options)}`
  expectEqual(await store.prune(options), removed, `${what}: the number of executions that were removed`)
  const histories = await store.retrieveMultiple([...left, ...gone])
  const found = [...histories].filter(([, events]) => events.length > 0).map(([id]) => id)
  expectEqual(found.toSorted(), left.toSorted(), `${what}: what is left`)
}

/** What `prune` promises. */
export const pruneCases: readonly StoreCase[] = [
  storeCase('prunes what has ended and whose last event is older', needs, async ({ open }) => {
    const store = await open()
    await given(
      store,
      runOf('completed', { steps: ended }),
      runOf('failed', { steps: [finish('failed')] }),
      runOf('cancelled', { steps: [finish('cancelled')] }),
      runOf('newer', { steps: ['context:change', finish('completed')] }),
      runOf('running', {}),
      runOf('parked', { steps: ['workflow:pause'] }),
    )
    const terminal = ['completed', 'failed', 'cancelled']
    const others = ['newer', 'running', 'parked']
    await expectPruned(store, { olderThan: usualTime + 1 }, 0, [...terminal, ...others], [])
    await expectPruned(store, { olderThan: usualTime + 2 }, 3, others, terminal)
    await expectPruned(store, { olderThan: usualTime + 2 }, 0, others, terminal)
    await expectPruned(store, { olderThan: usualTime + 1000 }, 1, ['running', 'parked'], ['newer'])
  }),

  storeCase('prunes by status', needs, async ({ open }) => {
    const store = await open()
    await given(
      store,
      runOf('completed', { steps: ended }),
      runOf('failed', { steps: [finish('failed')] }),
      runOf('running', {}),
      runOf('parked', { steps: ['workflow:pause'] }),
    )
    const olderThan = usualTime + 1000
    await expectPruned(store, { olderThan, status: [] }, 0, ['completed', 'failed', 'running', 'parked'], [])
    await expectPruned(store, { olderThan, status: 'failed' }, 1, ['completed', 'running', 'parked'], ['failed'])
    await expectPruned(store, { olderThan, status: ['awaiting', 'running'] }, 2, ['completed'], ['running', 'parked'])
  }),

  storeCase('prunes families as a whole, by their root', needs, async ({ open }) => {
    const store = await open()
    await given(
      store,
      runOf('old', { steps: ended }),
      runOf('old child', { parent: 'old', at: usualTime + 5000, steps: ended }),
      runOf('old grandchild', { parent: 'old child', steps: ['workflow:pause'] }),
      runOf('live', {}),
      runOf('live child', { parent: 'live', steps: ended }),
    )
    const [old, live] = [
      ['old', 'old child', 'old grandchild'],
      ['live', 'live child'],
    ]
    await expectPruned(store, { olderThan: usualTime + 1000 }, 3, live!, old!)
  }),

  storeCase('keeps so many of those that started last', needs, async ({ open }) => {
    const store = await open()
    const ids = Array.from({ length: 6 }, (_, index) => `run ${index}`)
    await given(store, ...ids.map((id, index) => runOf(id, { at: usualTime + index * 10, steps: ended })))
    await given(store, runOf('failed', { at: usualTime + 200, steps: [finish('failed')] }))
    const olderThan = usualTime + 1000
    const status = 'completed'
    await expectPruned(store, { olderThan, status, keep: 9 }, 0, [...ids, 'failed'], [])
    await expectPruned(store, { olderThan, status, keep: 4 }, 2, [...ids.slice(2), 'failed'], ids.slice(0, 2))
    // Those that are not older do not count among the kept.
    const before = { olderThan: usualTime + 35, status, keep: 1 } as const
    await expectPruned(store, before, 1, [...ids.slice(3), 'failed'], ids.slice(0, 3))
    await expectPruned(store, { olderThan, status, keep: 0 }, 3, ['failed'], ids)
  }),

  storeCase('leaves what somebody drives, and families with such a member', [...needs, 'renew'], async ({ open }) => {
    const store = await open()
    await given(
      store,
      runOf('driven', { owner: 'living' }),
      runOf('abandoned', { owner: 'gone' }),
      runOf('root', { owner: 'gone' }),
      runOf('child', { parent: 'root', owner: 'living' }),
    )
    await store.renew('living', 600_000)
    const options = { olderThan: usualTime + 1000, status: 'running' } as const
    await expectPruned(store, options, 1, ['driven', 'root', 'child'], ['abandoned'])
    await store.renew('living', 0)
    await expectPruned(store, options, 3, [], ['driven', 'root', 'child'])
  }),

  storeCase('prunes thousands', [...needs, 'getStats'], async ({ open }) => {
    const store = await open()
    const runs = Array.from({ length: 2300 }, (_, index) => runOf(`run ${index}`, { steps: ended }))
    await given(store, ...runs, batch('kept', 0, 1))
    expectEqual(await store.prune({ olderThan: usualTime + 1000, keep: 100 }), 2200, 'the number removed')
    expectEqual(await store.getStats(), { totalEvents: 201, executions: 101 }, 'what is left')
  }),

  storeCase(
    'keeps the blueprints of what it prunes',
    [...needs, 'saveBlueprint', 'loadBlueprint'],
    async ({ open }) => {
      const store = await open()
      const blueprint = { id: 'flow', nodes: [], edges: [] }
      await store.saveBlueprint('hash', blueprint)
      await given(store, runOf('a', { steps: ended }))
      await store.prune({ olderThan: usualTime + 1000 })
      expectEqual(await store.loadBlueprint('hash'), blueprint, 'the blueprint of a run that was pruned')
    },
  ),

  storeCase('says no to options that are none, and prunes nothing', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: ended }))
    const olderThan = usualTime + 1000
    const faults: readonly object[] = [
      {},
      { olderThan: Number.NaN },
      { olderThan: Infinity },
      { olderThan: '2024' },
      { olderThan, keep: -1 },
      { olderThan, keep: 0.5 },
      { olderThan, keep: Number.NaN },
      { olderThan, status: 'done' },
      { olderThan, before: 1 },
    ]
    for (const fault of faults) {
      const options = fault as PruneOptions // Callers in JavaScript give anything.
      await expectRejection(store.prune(options), 'EVENT_STORE_FAILED', `prune ${JSON.stringify(fault)}`)
    }
    expectEqual((await store.retrieve('a')).length, 2, 'the number of events')
  }),
]
