import { appended, given } from './answers.ts'
import { batch, change, event, run } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'

/** What the three methods promise that every store has. */
export const singleEventCases: readonly StoreCase[] = [
  storeCase('gives back what was stored one by one, in order', [], async ({ open }) => {
    const store = await open()
    for (const one of run('a', 12)) await store.store(one, 'a')
    expectEqual(await store.retrieve('a'), run('a', 12), 'the events')
  }),

  storeCase('keeps executions apart whose events come by turns', [], async ({ open }) => {
    const store = await open()
    for (const seq of [0, 1, 2]) for (const id of ['a', 'b', 'A']) await store.store(change(id, seq, id), id)
    for (const id of ['a', 'b', 'A']) {
      const expected = [0, 1, 2].map((seq) => change(id, seq, id))
      expectEqual(await store.retrieve(id), expected, `the events of '${id}'`)
    }
  }),

  storeCase('takes events of many executions at once', [], async ({ open }) => {
    const store = await open()
    const ids = Array.from({ length: 20 }, (_, index) => `run ${index}`)
    const storeAll = async (id: string): Promise<void> => {
      for (const one of run(id, 3)) await store.store(one, id)
    }
    await Promise.all(ids.map(storeAll))
    for (const id of ids) expectEqual(await store.retrieve(id), run(id, 3), `the events of '${id}'`)
  }),

  storeCase('knows nothing of an unknown execution, and says so with an empty list', [], async ({ open }) => {
    const store = await open()
    await store.store(change('a', 0), 'a')
    expectEqual(await store.retrieve('nobody'), [], 'the events')
  }),

  storeCase('has a key for every execution that retrieveMultiple asks for', [], async ({ open }) => {
    const store = await open()
    for (const one of [change('a', 0), change('a', 1), change('b', 0)]) await store.store(one, one.executionId)
    const histories = await store.retrieveMultiple(['b', 'nobody', 'a', 'b'])
    expectEqual([...histories.keys()].toSorted(), ['a', 'b', 'nobody'], 'the keys')
    expectEqual(histories.get('a'), [change('a', 0), change('a', 1)], `the events of 'a'`)
    expectEqual(histories.get('b'), [change('b', 0)], `the events of 'b'`)
    expectEqual(histories.get('nobody'), [], 'the events of nobody')
    expectEqual([...(await store.retrieveMultiple([])).keys()], [], 'the keys when nothing is asked for')
  }),

  storeCase('gives a new array each time', [], async ({ open }) => {
    const store = await open()
    for (const seq of [0, 1]) await store.store(change('a', seq), 'a')
    ;(await store.retrieve('a')).pop()
    ;(await store.retrieveMultiple(['a'])).get('a')?.pop()
    expectEqual((await store.retrieve('a')).length, 2, 'the number of events')
  }),

  storeCase('stores the very same event once, and no other in its place', ['append'], async ({ open }) => {
    const store = await open()
    await store.store(change('a', 0, { deep: [1] }), 'a')
    await store.store(change('a', 0, { deep: [1] }), 'a')
    await expectRejection(store.store(change('a', 0, { deep: [2] }), 'a'), conflict, 'another event of this seq')
    await expectRejection(store.store(change('a', 2), 'a'), 'HISTORY_CORRUPT', 'an event behind a gap')
    await expectRejection(store.store(change('b', 1), 'a'), 'EVENT_STORE_FAILED', 'an event of another execution')
    expectEqual(await store.retrieve('a'), [change('a', 0, { deep: [1] })], 'the events')
  }),

  storeCase('tells apart events that differ only in what JSON does not show', ['append'], async ({ open }) => {
    const store = await open()
    const values: readonly unknown[] = [null, Number.NaN, -0, 0, [undefined], [null], new Map(), {}, '0', 0n]
    for (const [index, value] of values.entries()) {
      const id = `run ${index}`
      await store.store(change(id, 0, value), id)
      await store.store(change(id, 0, value), id)
      for (const other of values.filter((each) => !Object.is(each, value))) {
        await expectRejection(store.store(change(id, 0, other), id), conflict, `another value than number ${index}`)
      }
    }
    await store.store(change('a', 0), 'a')
    const later = event('a', 0, 'context:change', change('a', 0).payload, 5)
    await expectRejection(store.store(later, 'a'), conflict, 'the same event at another time')
  }),

  storeCase('lets the first writer go on where single events end, and nowhere else', ['append'], async ({ open }) => {
    const store = await open()
    for (const seq of [0, 1]) await store.store(change('a', seq), 'a')
    expectEqual(await appended(store, batch('a', 1, 2)), [conflict], 'a writer that begins inside')
    expectEqual(await appended(store, batch('a', 2, 1)), ['done'], 'a writer that begins behind the last event')
    await expectRejection(store.store(change('a', 3), 'a'), conflict, 'a single event, once there is a writer')
    expectEqual(await store.retrieve('a'), batch('a', 0, 3).events, 'the events')
  }),

  storeCase('lets a single event that is known come again, whoever wrote it', ['append'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 2))
    for (const one of batch('a', 0, 2).events) await store.store(one, 'a')
    expectEqual(await appended(store, batch('a', 2, 1)), ['done'], 'the writer that goes on')
    expectEqual(await store.retrieve('a'), batch('a', 0, 3).events, 'the events')
  }),
]
