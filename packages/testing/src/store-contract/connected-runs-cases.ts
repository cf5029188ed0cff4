import { appended, given } from './answers.ts'
import { claimOf, family, partOf } from './claims.ts'
import { batch, batchOf, runOf } from './events.ts'
import { expectEqual, within } from './expectation.ts'
import { eventsOf, follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const long = 600_000
const needs = ['openAgain', 'append'] as const

/** What a store promises to those who claim and follow runs by two connections. */
export const connectedRunsCases: readonly StoreCase[] = [
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
        expectEqual(won.filter(Boolean).length, 1, 'the number of those who got it')
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
