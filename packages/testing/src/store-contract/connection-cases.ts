import type { EventBatch } from 'flowcraft'
import { appended, given } from './answers.ts'
import { batch, batchOf, runOf } from './events.ts'
import { expectEqual } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const needs = ['openAgain', 'append'] as const

/** What a store promises to those who append to the same events by two connections. */
export const connectionCases: readonly StoreCase[] = [
  storeCase(
    'shows one connection what came by the other',
    [...needs, 'list', 'getStats'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, runOf('a', { tags: ['x'] }))
      expectEqual(await two.retrieve('a'), runOf('a', { tags: ['x'] }).events, 'the events')
      expectEqual(await appended(two, batch('a', 1, 1), batch('a', 2, 1, 'other')), ['done', conflict], 'the outcomes')
      expectEqual((await one.retrieve('a')).length, 2, 'the number of events')
      expectEqual(await one.getStats(), await two.getStats(), 'the stats')
      expectEqual((await two.list({ tag: 'x' })).items, (await one.list({ tag: 'x' })).items, 'the list')
    },
  ),

  storeCase('lets one writer go on by either connection', needs, async ({ open, openAgain }) => {
    const one = await open()
    const two = await openAgain(one)
    for (let seq = 0; seq < 12; seq += 2) {
      expectEqual(await appended(seq % 4 === 0 ? one : two, batch('a', seq, 2)), ['done'], `the batch at ${seq}`)
      expectEqual(await appended(seq % 4 === 0 ? two : one, batch('a', seq, 2)), ['done'], `the batch at ${seq} again`)
    }
    expectEqual(await one.retrieve('a'), batch('a', 0, 12).events, 'the events')
  }),

  storeCase(
    'gives a parked run to one of two connections, whatever each remembers of it',
    needs,
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      for (let round = 0; round < 10; round++) {
        const id = `run ${round}`
        await given(one, batchOf(id, 0, ['workflow:start', 'workflow:pause'], 'first'))
        const goOn = (writer: string): EventBatch => batchOf(id, 2, ['workflow:resume', 'workflow:pause'], writer)
        const calls = [appended(one, goOn('one')), appended(two, goOn('two'))]
        expectEqual((await Promise.all(calls)).flat().toSorted(), [conflict, 'done'], 'the two outcomes')
        // Both remember an end that the other has left behind.
        expectEqual(await appended(two, batchOf(id, 4, ['workflow:resume', 'workflow:pause'], 'three')), ['done'])
        expectEqual(await appended(one, batchOf(id, 4, ['workflow:resume'], 'four')), [conflict])
        expectEqual(await appended(one, batchOf(id, 6, ['workflow:resume'], 'four')), ['done'])
        expectEqual(
          (await two.retrieve(id)).map(({ seq }) => seq),
          [0, 1, 2, 3, 4, 5, 6],
          'the seqs',
        )
      }
    },
  ),

  storeCase('gives calls of two connections at once one order', needs, async ({ open, openAgain }) => {
    const one = await open()
    const two = await openAgain(one)
    for (let round = 0; round < 10; round++) {
      const calls = [one, two].map((store, index) => appended(store, batch(`run ${round}`, 0, 3, `writer ${index}`)))
      expectEqual((await Promise.all(calls)).flat().toSorted(), [conflict, 'done'], 'the two outcomes')
    }
  }),

  storeCase(
    'lets a writer that remembers a deleted run not go on with it',
    [...needs, 'delete'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, batch('a', 0, 3), batch('b', 0, 1))
      expectEqual(await two.delete('a'), 1, 'the number removed')
      expectEqual(await appended(one, batch('a', 3, 1)), ['HISTORY_CORRUPT'], 'what would have come next')
      expectEqual(await appended(one, batch('b', 1, 1)), ['done'], 'another run')
      expectEqual(await appended(one, batch('a', 0, 2, 'new')), ['done'], 'a new beginning')
      expectEqual(await two.retrieve('a'), batch('a', 0, 2).events, 'the events')
    },
  ),

  storeCase(
    'lets a writer that remembers what was cleared not go on with it',
    [...needs, 'clear'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, batch('a', 0, 3))
      await two.clear()
      await given(two, batch('other', 0, 3))
      expectEqual(await appended(one, batch('a', 3, 1)), ['HISTORY_CORRUPT'], 'what would have come next')
      expectEqual(await appended(one, batch('a', 0, 2)), ['done'], 'a new beginning')
      expectEqual(await two.retrieve('a'), batch('a', 0, 2).events, 'the events')
      expectEqual(await two.retrieve('other'), batch('other', 0, 3).events, 'the events of the other run')
    },
  ),
]
