import { isFlowcraftError } from 'flowcraft'
import { appended, collect, given, sizeOf } from './answers.ts'
import { batch, batchOf, change, event, eventTypes, run } from './events.ts'
import { expectEqual, expectTrue } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'

/** What `append` promises for an execution that runs. */
export const appendCases: readonly StoreCase[] = [
  storeCase('gives back what was appended, in order, equal and frozen', ['append'], async ({ open }) => {
    const store = await open()
    const events = run('a', 3)
    const outcomes = await store.append([{ executionId: 'a', writer: 'w', events, expectedSeq: 0 }])
    expectEqual(outcomes, [{ executionId: 'a' }], 'the outcomes')
    const stored = await store.retrieve('a')
    expectEqual(stored, events, 'the events')
    const isFrozen = stored.every((one) => Object.isFrozen(one) && Object.isFrozen(one.payload))
    expectTrue(isFrozen, 'the events and their payloads are frozen')
  }),

  storeCase('counts what the same writer appends twice as done, also in part', ['append'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    expectEqual(await appended(store, batch('a', 0, 3)), ['done'], 'the same batch')
    expectEqual(await appended(store, batch('a', 1, 5)), ['done'], 'a batch that is known in part')
    expectEqual(await appended(store, batch('a', 2, 1)), ['done'], 'a batch from inside')
    expectEqual(await store.retrieve('a'), batch('a', 0, 6).events, 'the events')
  }),

  storeCase(
    'lets no second writer append, at the end, inside or behind it, and keeps what is there',
    ['append'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 3))
      for (const from of [0, 2, 3, 4]) {
        expectEqual(await appended(store, batch('a', from, 2, 'other')), [conflict], `another writer at seq ${from}`)
      }
      expectEqual(await appended(store, batch('a', 3, 1)), ['done'], 'the writer that was there first')
      expectEqual(await store.retrieve('a'), batch('a', 0, 4).events, 'the events')
    },
  ),

  storeCase(
    'refuses a batch that would leave a gap, in a known and in a new execution',
    ['append', 'getStats'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 1))
      const codes = await appended(store, batch('a', 2, 1), batch('b', 1, 1))
      expectEqual(codes, ['HISTORY_CORRUPT', 'HISTORY_CORRUPT'], 'the outcomes')
      expectEqual(await sizeOf(store), [1, 1], 'the number of events and executions')
    },
  ),

  storeCase(
    'refuses a batch whose events do not follow each other or belong elsewhere',
    ['append', 'getStats'],
    async ({ open }) => {
      const store = await open()
      const codes = await appended(
        store,
        { executionId: 'a', writer: 'w', events: [change('a', 0), change('a', 2)], expectedSeq: 0 },
        { executionId: 'b', writer: 'w', events: [change('c', 0)], expectedSeq: 0 },
      )
      expectEqual(codes, ['EVENT_STORE_FAILED', 'EVENT_STORE_FAILED'], 'the outcomes')
      expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions')
    },
  ),

  storeCase(
    'does not fail a batch for the fault of another in the same call',
    ['append', 'getStats'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 1))
      const outcomes = await store.append([batch('b', 0, 2), batch('a', 1, 1, 'other'), batch('c', 0, 1)])
      const answers = outcomes.map(({ executionId, error }) => [executionId, error?.code ?? 'done'])
      expectEqual(
        answers,
        [
          ['b', 'done'],
          ['a', conflict],
          ['c', 'done'],
        ],
        'the outcomes',
      )
      expectTrue(isFlowcraftError(outcomes[1]?.error), 'the error of an outcome is a FlowcraftError')
      expectEqual(await sizeOf(store), [4, 3], 'the number of events and executions')
    },
  ),

  storeCase('takes several batches of one execution in one call', ['append'], async ({ open }) => {
    const store = await open()
    const codes = await appended(store, batch('a', 0, 1), batch('a', 1, 2), batch('a', 1, 2), batch('a', 3, 1))
    expectEqual(codes, ['done', 'done', 'done', 'done'], 'the outcomes')
    expectEqual(await store.retrieve('a'), batch('a', 0, 4).events, 'the events')
  }),

  storeCase('takes no batches, and a batch without events', ['append', 'getStats'], async ({ open }) => {
    const store = await open()
    expectEqual(await store.append([]), [], 'the outcomes of no batches')
    expectEqual(await appended(store, batch('a', 0, 0)), ['done'], 'a batch without events')
    expectEqual(await store.retrieve('a'), [], 'the events')
    expectEqual(await sizeOf(store), [0, 0], 'the number of events and executions')
  }),

  storeCase('takes thousands of events in one call', ['append', 'getStats'], async ({ open }) => {
    const store = await open()
    const batches = Array.from({ length: 30 }, (_, index) => batch(`run ${index}`, 0, 150))
    expectEqual(await appended(store, ...batches), Array(30).fill('done'), 'the outcomes')
    expectEqual(await sizeOf(store), [4500, 30], 'the number of events and executions')
    expectEqual(await store.retrieve('run 29'), batches[29]!.events, 'the events of the last')
  }),

  storeCase('gives calls at once one order, each batch as a whole', ['append'], async ({ open }) => {
    const store = await open()
    const writers = ['one', 'two', 'three', 'four']
    const calls = writers.map((writer) => appended(store, batch('a', 0, 5, writer)))
    const codes = (await Promise.all(calls)).flat()
    expectEqual(codes.toSorted(), [conflict, conflict, conflict, 'done'], 'what the four writers were told')
    expectEqual(await store.retrieve('a'), batch('a', 0, 5).events, 'the events')
  }),

  storeCase(
    'keeps an event of a type that this version does not know, and one with another blueprint id',
    ['append'],
    async ({ open }) => {
      const store = await open()
      const events = [
        event('a', 0, 'signal:sent', { to: 'b' }),
        event('a', 1, '7', {}),
        event('a', 2, 'node:start', { blueprintId: 'another', nodeId: 'n' }),
        { ...change('a', 3), schemaVersion: 2 },
      ]
      await given(store, { executionId: 'a', writer: 'w', events, expectedSeq: 0 })
      expectEqual(await store.retrieve('a'), events, 'the events')
    },
  ),

  storeCase(
    'gives back an event of every type that there is, and finds each by its type',
    ['append', 'read'],
    async ({ open }) => {
      const store = await open()
      const all = batchOf('a', 0, eventTypes)
      await given(store, all)
      expectEqual(await store.retrieve('a'), all.events, 'the events')
      for (const [seq, type] of eventTypes.entries()) {
        expectEqual(await collect(store, 'a', { types: [type] }), [all.events[seq]], `the events of type ${type}`)
      }
    },
  ),
]
