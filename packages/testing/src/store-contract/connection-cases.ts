import type { EventBatch } from 'flowcraft'
import { appended, given } from './answers.ts'
import { claimOf, family, partOf } from './claim-cases.ts'
import { batch, batchOf, runOf } from './events.ts'
import { expectEqual, within } from './expectation.ts'
import { eventsOf, follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['openAgain', 'append'] as const

/** What a store promises to those who reach the same events by two connections. */
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

  storeCase(
    'shuts a late owner out of a whole family by a claim of the other connection',
    [...needs, 'claim'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await family(one)
      await two.claim(claimOf('root', 2, 'new', [partOf('child', 1, 'workflow:resume'), partOf('parked', 2)]))
      const late = [
        batch('root', 2, 1, 'old'),
        batch('root', 3, 1, 'old'),
        batch('child', 1, 1, 'old'),
        batchOf('parked', 2, ['workflow:resume'], 'old'),
        runOf('late', { parent: 'root', writer: 'old' }),
      ]
      expectEqual(await appended(one, ...late), Array(5).fill(conflict), 'the late owner')
      expectEqual(await appended(one, batch('root', 3, 1, 'new')), ['done'], 'the new writer by the late connection')
    },
  ),

  storeCase(
    'gives a run to one of two connections that claim it at once',
    [...needs, 'claim', 'renew'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await one.renew('one', long)
      await two.renew('two', long)
      for (let round = 0; round < 10; round++) {
        const id = `run ${round}`
        await given(one, runOf(id, { owner: 'gone' }), runOf(`${id} child`, { owner: 'gone', parent: id }))
        const parts = [partOf(`${id} child`, 1, 'workflow:resume')]
        const claims = [one.claim(claimOf(id, 1, 'one', parts)), two.claim(claimOf(id, 1, 'two', parts))]
        const won = (await Promise.allSettled(claims)).map(({ status }) => status === 'fulfilled')
        expectEqual(won.toSorted(), [false, true], 'whether the two got it')
        expectEqual(
          await appended(one, batch(`${id} child`, 2, 1, won[0] === true ? 'one' : 'two')),
          ['done'],
          'the winner',
        )
      }
    },
  ),

  storeCase(
    'knows by one connection who lives by the other, until that is closed',
    [...needs, 'renew', 'list', 'due', 'close'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await one.renew('me', long)
      await two.renew('other', long)
      await given(one, runOf('a', { owner: 'me' }), runOf('b', { owner: 'other' }))
      const owned = async (): Promise<(boolean | undefined)[]> =>
        await Promise.all(['a', 'b'].map(async (id) => (await two.list({ executionId: id })).items[0]?.isOwned))
      expectEqual(await owned(), [true, true], 'whether the two runs are owned')
      expectEqual(await two.due(Date.now()), [], 'what is due')
      await one.close()
      expectEqual(await owned(), [false, true], 'whether they are owned once the first connection is closed')
      expectEqual(await two.due(Date.now()), [{ executionId: 'a', reason: 'abandoned' }], 'what is due then')
      expectEqual(await appended(two, batch('b', 1, 1)), ['done'], 'the connection that is open')
    },
  ),

  storeCase(
    'tells those who follow by one connection what comes by the other',
    [...needs, 'subscribe'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, batch('a', 0, 1))
      const followers = [follow(two, 'a'), follow(two, {}), follow(two, { types: ['context:change'] })]
      for (const follower of followers) await follower.expect(batch('a', 0, 1).events)
      for (let seq = 1; seq < 6; seq++) {
        const next = followers.map((follower) => follower.next('what comes by the other connection'))
        await given(one, batch('a', seq, 1))
        for (const followed of await Promise.all(next)) expectEqual(followed.event.seq, seq, 'the seq')
      }
      for (const follower of followers) await follower.leave()
    },
  ),

  storeCase(
    'gives those who follow each event once, though two connections write at once',
    [...needs, 'subscribe'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      const ids = ['a', 'b', 'c', 'd', 'e', 'f']
      const write = async (id: string, index: number): Promise<void> => {
        for (let seq = 0; seq < 40; seq += 2) await given(index % 2 === 0 ? one : two, batch(id, seq, 2))
      }
      const followers = [follow(one, {}), follow(two, {})]
      const seen = followers.map((follower) => follower.take(6 * 40))
      await within(Promise.all(ids.map(write)), 'the writers')
      for (const each of await Promise.all(seen)) {
        for (const id of ids) {
          const own = eventsOf(each).filter(({ executionId }) => executionId === id)
          expectEqual(own, batch(id, 0, 40).events, `the events of '${id}'`)
        }
      }
      for (const follower of followers) await follower.leave()
    },
  ),
]
