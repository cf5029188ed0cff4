import type { FlowcraftEvent, FollowedEvent, FollowFilter } from 'flowcraft'
import { appended, given } from './answers.ts'
import { batch, batchOf, finish, runOf } from './events.ts'
import { expectEqual, expectTrue } from './expectation.ts'
import { allOf, eventsOf, follow } from './follower.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const needs = ['append', 'subscribe'] as const

function idsOf(events: readonly FlowcraftEvent[]): string[] {
  return events.map(({ id }) => id)
}

/** Checks that the events which are there and fit are these, and that nothing else comes before a last one that fits. */
async function expectFitting(
  store: StoreWith<'append' | 'subscribe'>,
  filter: FollowFilter,
  expected: readonly FlowcraftEvent[],
): Promise<void> {
  const { types = ['workflow:start'] } = filter
  const mark = runOf(`mark ${JSON.stringify(filter)}`, {
    ...(filter.blueprintId !== undefined && { blueprintId: filter.blueprintId }),
    ...(filter.tag !== undefined && { tags: [filter.tag] }),
    steps: types.filter((type) => type !== 'workflow:start').slice(0, 1),
  })
  await given(store, mark)
  const follower = follow(store, filter)
  const found: FlowcraftEvent[] = []
  for (
    let { event } = await follower.next();
    event.executionId !== mark.executionId;
    { event } = await follower.next()
  ) {
    if (!event.executionId.startsWith('mark')) found.push(event)
  }
  await follower.leave()
  expectEqual(idsOf(found).toSorted(), idsOf(expected).toSorted(), `the events that fit ${JSON.stringify(filter)}`)
}

/** What `subscribe` promises to whoever follows all executions that fit a filter. */
export const subscribeFilterCases: readonly StoreCase[] = [
  storeCase(
    'gives the events of all executions, those of subflows too, then those that come',
    needs,
    async ({ open }) => {
      const store = await open()
      const runs = [
        runOf('a'),
        runOf('b', { parent: 'a' }),
        batch('a', 1, 2),
        runOf('c', { steps: [finish('completed')] }),
      ]
      for (const run of runs) await given(store, run)
      const follower = follow(store, {})
      const there = eventsOf(await follower.take(allOf(...runs).length))
      expectEqual(idsOf(there).toSorted(), idsOf(allOf(...runs)).toSorted(), 'what was there before')
      const next = follower.next('what comes later')
      await given(store, batch('b', 1, 1))
      expectEqual((await next).event, batch('b', 1, 1).events[0], 'what comes later')
      await follower.leave()
    },
  ),

  storeCase(
    'gives the events of one blueprint, of one tag, of some types, and of all of these together',
    needs,
    async ({ open }) => {
      const store = await open()
      const red = runOf('red', { tags: ['red', 'big'], steps: ['node:start', 'node:finish'] })
      const other = runOf('other', { blueprintId: 'other', tags: ['big'], steps: ['node:start', 'context:change'] })
      const child = runOf('child', { parent: 'red', blueprintId: 'other', tags: ['red'], steps: ['node:start'] })
      await given(store, red, other, child)
      await expectFitting(store, { blueprintId: 'other' }, allOf(other, child))
      await expectFitting(store, { tag: 'red' }, allOf(red, child))
      await expectFitting(store, { tag: 're' }, [])
      await expectFitting(store, { types: ['node:start'] }, [red.events[1]!, other.events[1]!, child.events[1]!])
      await expectFitting(store, { types: ['node:finish', 'context:change'] }, [red.events[2]!, other.events[2]!])
      await expectFitting(store, { tag: 'big', types: ['node:start'] }, [red.events[1]!, other.events[1]!])
      await expectFitting(store, { tag: 'red', blueprintId: 'other' }, allOf(child))
      await expectFitting(store, { tag: 'red', blueprintId: 'other', types: ['workflow:start'] }, [child.events[0]!])
    },
  ),

  storeCase(
    'gives each event once and in order of its execution, though many write at once',
    needs,
    async ({ open }) => {
      const store = await open()
      const ids = Array.from({ length: 8 }, (_, index) => `run ${index}`)
      const follower = follow(store, {})
      const write = async (id: string): Promise<void> => {
        for (let seq = 0; seq < 60; seq += 3) expectEqual(await appended(store, batch(id, seq, 3)), ['done'])
      }
      const [seen] = await Promise.all([follower.take(8 * 60), ...ids.map(write)])
      for (const id of ids) {
        const own = eventsOf(seen).filter(({ executionId }) => executionId === id)
        expectEqual(own, batch(id, 0, 60).events, `the events of '${id}'`)
      }
      await follower.leave()
    },
  ),

  storeCase('goes on behind any cursor of a filter, with nothing lost and nothing twice', needs, async ({ open }) => {
    const store = await open()
    for (let seq = 0; seq < 4; seq++) {
      await given(
        store,
        ...['a', 'b', 'c'].map((id) => batch(id, seq, 1)),
        runOf(`new ${seq}`, { steps: ['node:start'] }),
      )
    }
    for (const filter of [{}, { types: ['context:change', 'node:start'] }] satisfies FollowFilter[]) {
      const count = 'types' in filter ? 16 : 20
      const whole = await follow(store, filter).take(count)
      expectEqual(new Set(whole.map(({ cursor }) => cursor)).size, count, 'the number of different cursors')
      for (const [index, { cursor }] of whole.entries()) {
        const rest = follow(store, filter, { cursor })
        await rest.expect(eventsOf(whole.slice(index + 1)), `what comes behind event ${index}`)
        await rest.leave()
      }
    }
  }),

  storeCase('gives what came while nobody followed, behind the last cursor', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 2))
    let cursor: string | undefined
    const seen: FollowedEvent[] = []
    for (let round = 0; round < 5; round++) {
      const follower = follow(store, {}, { cursor })
      const taken = await follower.take(round === 0 ? 2 : 3)
      await follower.leave()
      cursor = taken.at(-1)?.cursor
      seen.push(...taken)
      await given(store, batch(`run ${round}`, 0, 1), batch('a', 2 + round * 2, 2))
    }
    const ids = idsOf(eventsOf(seen))
    expectEqual(new Set(ids).size, ids.length, 'the number of different events')
    expectTrue(ids.includes('run 3:0') && ids.includes('a:9'), 'the last round is there')
  }),

  storeCase('tells those who follow of what a claim wrote', [...needs, 'claim'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { writer: 'first', steps: ['workflow:pause'] }))
    const followers = [follow(store, 'a', { cursor: '1' }), follow(store, { types: ['workflow:resume'] })]
    const next = followers.map((follower) => follower.next('what the claim wrote'))
    const [event] = batchOf('a', 2, ['workflow:resume']).events
    await store.claim({ executionId: 'a', owner: 'o', writer: 'second', expectedSeq: 2, event: event! })
    for (const followed of await Promise.all(next)) expectEqual(followed.event, event, 'what the claim wrote')
    for (const follower of followers) await follower.leave()
  }),

  storeCase(
    'goes on when executions are deleted, and gives nothing of them any more',
    [...needs, 'delete'],
    async ({ open }) => {
      const store = await open()
      for (let index = 0; index < 10; index++) await given(store, batch(`run ${index}`, 0, 1), batch('kept', index, 1))
      const follower = follow(store, {})
      const [first] = await follower.take(1)
      for (let index = 0; index < 10; index++) await store.delete(`run ${index}`)
      await given(store, batch('kept', 10, 1), batch('run 3', 0, 1, 'other'))
      const behind = follow(store, {}, { cursor: first!.cursor })
      const rest = idsOf(eventsOf(await behind.take(first!.event.executionId === 'kept' ? 11 : 12)))
      const expected = ['run 3:0', ...Array.from({ length: 11 }, (_, seq) => `kept:${seq}`)]
      expectEqual(
        rest.toSorted(),
        expected.filter((id) => id !== first!.event.id).toSorted(),
        'the events of those that are there',
      )
      for (const each of [follower, behind]) await each.leave()
    },
  ),
]
