import assert from 'node:assert/strict'
import { isFlowcraftError } from '../../src/errors.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { ReadRange } from '../../src/history/event-store.ts'
import { batch, batchOf, change, event, eventTypes, run } from './events.ts'
import { parkingCases } from './parking-cases.ts'
import { collect, rejectsWith, type StoreCase } from './store-case.ts'

/** What every event store with the whole of `EventStoreCapabilities` must do. */
export const eventStoreCases: readonly StoreCase[] = [
  {
    promise: 'gives back what was appended, in order, equal and frozen',
    async check(open) {
      const store = open()
      const events = run('a', 3)
      assert.deepEqual(await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }]), [
        { executionId: 'a' },
      ])
      const stored = await store.retrieve('a')
      assert.deepEqual(stored, events)
      assert.ok(stored.every((one) => Object.isFrozen(one) && Object.isFrozen(one.payload)))
    },
  },
  {
    promise: 'gives back what was stored one by one',
    async check(open) {
      const store = open()
      for (const one of run('a', 3)) await store.store(one, 'a')
      assert.deepEqual(await store.retrieve('a'), run('a', 3))
    },
  },
  {
    promise: 'knows nothing of an unknown execution, and says so with an empty list',
    async check(open) {
      const store = open()
      assert.deepEqual(await store.retrieve('nobody'), [])
      assert.deepEqual(await collect(store, 'nobody'), [])
    },
  },
  {
    promise: 'has a key for every execution that retrieveMultiple asks for',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 2), batch('b', 0, 1)])
      const histories = await store.retrieveMultiple(['b', 'nobody', 'a'])
      assert.deepEqual([...histories.keys()], ['b', 'nobody', 'a'])
      assert.deepEqual(
        [...histories.values()].map((events) => events.length),
        [1, 0, 2],
      )
    },
  },
  {
    promise: 'gives a new array each time',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 2)])
      ;(await store.retrieve('a')).pop()
      assert.equal((await store.retrieve('a')).length, 2)
    },
  },
  {
    promise: 'counts what the same writer appends twice as done, also in part',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 3)])
      assert.deepEqual(await store.append([batch('a', 0, 3)]), [{ executionId: 'a' }])
      assert.deepEqual(await store.append([batch('a', 1, 5)]), [{ executionId: 'a' }])
      assert.deepEqual(await store.retrieve('a'), [...batch('a', 0, 6).events])
    },
  },
  {
    promise: 'lets no second writer append, at the end, inside or behind it, and keeps what is there',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 3)])
      for (const from of [0, 2, 3, 4]) {
        const [outcome] = await store.append([batch('a', from, 2, 'other')])
        assert.ok(isFlowcraftError(outcome?.error, 'CONCURRENCY_CONFLICT'), `at ${from}`)
      }
      assert.deepEqual(await store.append([batch('a', 3, 1)]), [{ executionId: 'a' }])
      assert.deepEqual(await store.retrieve('a'), [...batch('a', 0, 4).events])
    },
  },
  {
    promise: 'refuses a batch that would leave a gap, in a known and in a new execution',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 1)])
      const outcomes = await store.append([batch('a', 2, 1), batch('b', 1, 1)])
      for (const { error } of outcomes) assert.ok(isFlowcraftError(error, 'HISTORY_CORRUPT'))
      assert.deepEqual(await store.getStats(), { totalEvents: 1, executions: 1 })
    },
  },
  {
    promise: 'refuses a batch whose events do not follow each other or belong elsewhere',
    async check(open) {
      const store = open()
      const outcomes = await store.append([
        { executionId: 'a', writer: 'w', events: [change('a', 0), change('a', 2)], expectedSeq: 0 },
        { executionId: 'b', writer: 'w', events: [change('c', 0)], expectedSeq: 0 },
      ])
      for (const { error } of outcomes) assert.ok(isFlowcraftError(error, 'EVENT_STORE_FAILED'))
      assert.deepEqual(await store.getStats(), { totalEvents: 0, executions: 0 })
    },
  },
  {
    promise: 'does not fail a batch for the fault of another in the same call',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 1)])
      const outcomes = await store.append([batch('b', 0, 2), batch('a', 1, 1, 'other'), batch('c', 0, 1)])
      assert.deepEqual(
        outcomes.map(({ executionId, error }) => [executionId, error === undefined]),
        [
          ['b', true],
          ['a', false],
          ['c', true],
        ],
      )
      assert.deepEqual(await store.getStats(), { totalEvents: 4, executions: 3 })
    },
  },
  {
    promise: 'takes several batches of one execution in one call',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 1), batch('a', 1, 2), batch('a', 3, 1)])
      assert.deepEqual(await store.retrieve('a'), [...batch('a', 0, 4).events])
    },
  },
  {
    promise: 'lets the first writer go on where single events end, and nowhere else',
    async check(open) {
      const store = open()
      for (const one of batch('a', 0, 2).events) await store.store(one, 'a')
      const [inside] = await store.append([batch('a', 1, 2)])
      assert.ok(isFlowcraftError(inside?.error, 'CONCURRENCY_CONFLICT'))
      assert.deepEqual(await store.append([batch('a', 2, 1)]), [{ executionId: 'a' }])
      await rejectsWith(store.store(change('a', 3), 'a'), 'CONCURRENCY_CONFLICT')
    },
  },
  {
    promise: 'stores the very same event once, and no other in its place',
    async check(open) {
      const store = open()
      await store.store(change('a', 0, { deep: [1] }), 'a')
      await store.store(change('a', 0, { deep: [1] }), 'a')
      await rejectsWith(store.store(change('a', 0, { deep: [2] }), 'a'), 'CONCURRENCY_CONFLICT')
      await rejectsWith(store.store(change('a', 2), 'a'), 'HISTORY_CORRUPT')
      await rejectsWith(store.store(change('b', 1), 'a'), 'EVENT_STORE_FAILED')
      assert.deepEqual(await store.retrieve('a'), [change('a', 0, { deep: [1] })])
    },
  },
  {
    promise: 'reads any part of a history, both ends included, by type and up to a number',
    async check(open) {
      const store = open()
      const events = run('a', 2500)
      await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }])
      const seqs = async (range: ReadRange): Promise<number[]> =>
        (await collect(store, 'a', range)).map(({ seq }) => seq)
      assert.deepEqual(await collect(store, 'a'), events)
      assert.deepEqual(await seqs({ fromSeq: 998, toSeq: 1001 }), [998, 999, 1000, 1001])
      assert.deepEqual(await seqs({ fromSeq: 2500 }), [2500, 2501])
      assert.deepEqual(await seqs({ toSeq: 1 }), [0, 1])
      assert.deepEqual(await seqs({ fromSeq: 3, toSeq: 2 }), [])
      assert.deepEqual(await seqs({ types: ['workflow:start', 'workflow:finish'] }), [0, 2501])
      assert.deepEqual(await seqs({ types: [] }), [])
      assert.deepEqual(await seqs({ types: ['context:change'], fromSeq: 2, limit: 2 }), [2, 3])
      assert.equal((await seqs({ limit: 2200 })).length, 2200)
      assert.deepEqual(await seqs({ limit: 0 }), [])
    },
  },
  {
    promise: 'does not show events that came after a read began',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 1500)])
      const seen: FlowcraftEvent[] = []
      for await (const one of store.read('a')) {
        if (seen.length === 0) await store.append([batch('a', 1500, 10)])
        seen.push(one)
      }
      assert.equal(seen.length, 1500)
    },
  },
  {
    promise: 'keeps an event of a type that this version does not know, and one without a blueprint id',
    async check(open) {
      const store = open()
      const events = [
        event('a', 0, 'signal:sent', { to: 'b' }),
        event('a', 1, '7', {}),
        event('a', 2, 'node:start', { blueprintId: 'another', nodeId: 'n' }),
        { ...change('a', 3), schemaVersion: 2 },
      ]
      await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }])
      assert.deepEqual(await store.retrieve('a'), events)
    },
  },
  {
    promise: 'gives back an event of every type that there is, and finds each by its type',
    async check(open) {
      const store = open()
      const all = batchOf('a', 0, eventTypes)
      await store.append([all])
      assert.deepEqual(await store.retrieve('a'), all.events)
      for (const [seq, type] of eventTypes.entries()) {
        assert.deepEqual(await collect(store, 'a', { types: [type] }), [all.events[seq]], type)
      }
    },
  },
  {
    promise: 'keeps ids of any letters apart',
    async check(open) {
      const store = open()
      const ids = [
        'é',
        'É',
        'e\u0301',
        ' a',
        'a',
        'A',
        'a ',
        "'; DROP TABLE x; --",
        '%',
        '_',
        '🎉',
        '__proto__',
        'null',
      ]
      await store.append(ids.map((id) => batch(id, 0, 1)))
      for (const id of ids) assert.deepEqual(await store.retrieve(id), [change(id, 0)])
    },
  },
  {
    promise: 'keeps a blueprint by its hash, the first one for good',
    async check(open) {
      const store = open()
      const blueprint = { id: 'flow', nodes: [{ id: 'a', uses: 'f' }], edges: [] }
      await store.saveBlueprint('h', blueprint)
      await store.saveBlueprint('h', { ...blueprint, id: 'other' })
      blueprint.id = 'changed later'
      assert.deepEqual(await store.loadBlueprint('h'), { ...blueprint, id: 'flow' })
      assert.equal(await store.loadBlueprint('unknown'), undefined)
    },
  },
  {
    promise: 'is empty after clear, and can be used again',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 3)])
      await store.saveBlueprint('h', { id: 'flow', nodes: [], edges: [] })
      await store.clear()
      assert.deepEqual(await store.getStats(), { totalEvents: 0, executions: 0 })
      assert.deepEqual(await store.retrieve('a'), [])
      assert.equal(await store.loadBlueprint('h'), undefined)
      const [gap] = await store.append([batch('a', 3, 1)])
      assert.ok(isFlowcraftError(gap?.error, 'HISTORY_CORRUPT'))
      assert.deepEqual(await store.append([batch('a', 0, 1, 'other')]), [{ executionId: 'a' }])
    },
  },
  {
    promise: 'rejects every call after close, and can be closed again',
    async check(open) {
      const store = open()
      await store.append([batch('a', 0, 1)])
      await store.close()
      const calls: (() => Promise<unknown>)[] = [
        () => store.store(change('a', 1), 'a'),
        () => store.append([batch('a', 1, 1)]),
        () => store.retrieve('a'),
        () => store.retrieveMultiple(['a']),
        () => collect(store, 'a'),
        () => store.getStats(),
        () => store.clear(),
        () => store.saveBlueprint('h', { id: 'flow', nodes: [], edges: [] }),
        () => store.loadBlueprint('h'),
      ]
      for (const call of calls) await rejectsWith(call(), 'STORE_CLOSED')
      await store.close()
    },
  },
  ...parkingCases,
]
