import type { FlowcraftEvent, FollowFilter } from 'flowcraft'
import { given } from './answers.ts'
import { batch, batchOf, finish, runOf } from './events.ts'
import { expectEqual } from './expectation.ts'
import { allOf, eventsOf, follow } from './follower.ts'
import { chainOf, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const needs = ['append', 'fork', 'subscribe'] as const

/** Checks that the events which are there and fit are these, by what comes before an event that comes last and fits. */
async function expectFitting(
  store: StoreWith<(typeof needs)[number]>,
  filter: FollowFilter,
  expected: readonly FlowcraftEvent[],
): Promise<void> {
  const what = `the events that fit ${JSON.stringify(filter)}`
  const follower = follow(store, filter)
  const found = eventsOf(await follower.take(expected.length, what))
  const next = follower.next(`${what}: the last`)
  const last = runOf(`last ${JSON.stringify(filter)}`, {
    ...(filter.blueprintId !== undefined && { blueprintId: filter.blueprintId }),
    ...(filter.tag !== undefined && { tags: [filter.tag] }),
    steps: filter.types?.filter((type) => type !== 'workflow:start').slice(0, 1) ?? [],
  })
  await given(store, last)
  expectEqual((await next).event.executionId, last.executionId, `${what}: who comes next`)
  await follower.leave()
  const idsOf = (events: readonly FlowcraftEvent[]): string[] => events.map(({ id }) => id).toSorted()
  expectEqual(idsOf(found), idsOf(expected), what)
}

/** What a store promises to those who follow forks. */
export const forkFollowingCases: readonly StoreCase[] = [
  storeCase('gives those who follow a fork its whole history, behind any cursor', needs, async ({ open }) => {
    const store = await open()
    const { ids, histories } = await chainOf(store, 5, 3)
    for (const id of ids) {
      const all = histories[id]!
      for (let seq = -1; seq < all.length; seq++) {
        const follower = follow(store, id, seq < 0 ? {} : { cursor: String(seq) })
        const taken = await follower.take(all.length - 1 - seq)
        expectEqual(eventsOf(taken), all.slice(seq + 1), `the events of '${id}' behind ${seq}`)
        const cursors = all.slice(seq + 1).map((one) => String(one.seq))
        expectEqual(
          taken.map(({ cursor }) => cursor),
          cursors,
          `the cursors of '${id}' behind ${seq}`,
        )
        await follower.leave()
      }
    }
  }),

  storeCase('gives those who wait for a fork all of it, and then what comes', needs, async ({ open }) => {
    const store = await open()
    const source = runOf('a', { steps: ['node:start', finish('failed')] })
    await given(store, source)
    const follower = follow(store, 'f')
    const first = follower.next('the first event of a fork that comes')
    const fork = forkOf('f', 'a', 2)
    await store.fork(fork)
    const own = batchOf('f', 4, ['node:start', 'workflow:finish'], 'f')
    const history = forked(fork, source.events, own)
    expectEqual((await first).event, history[0], 'the first event')
    await follower.expect(history.slice(1, 4), 'the events up to the fork')
    const fromNow = follow(store, 'f', { cursor: 'end' })
    const next = [follower.next('what comes'), fromNow.next('what comes from now on')]
    await given(store, own)
    for (const each of await Promise.all(next)) expectEqual(each, { event: own.events[0], cursor: '4' }, 'what comes')
    for (const each of [follower, fromNow]) {
      await each.expect(own.events.slice(1))
      await each.expectEnd('the subscription behind the own end')
    }
    await follow(store, 'a', { cursor: '1' }).expect(source.events.slice(2))
    await follow(store, 'a', { cursor: '2' }).expectEnd('the subscription to the source, which has ended')
  }),

  storeCase('tells those who follow a source nothing of its forks', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    const follower = follow(store, 'a')
    await follower.take(3)
    const next = follower.next('what comes in the source')
    await store.fork(forkOf('f', 'a', 1))
    await given(store, batch('f', 3, 2, 'f'))
    await given(store, batch('a', 3, 1))
    expectEqual((await next).event, batch('a', 3, 1).events[0], 'what comes in the source')
    await follower.leave()
  }),

  storeCase("gives those who follow by a filter a fork's own events, and none twice", needs, async ({ open }) => {
    const store = await open()
    const source = runOf('a', { blueprintId: 'orders', tags: ['x'], steps: ['node:start', 'node:finish'] })
    await given(store, source)
    const early = follow(store, {})
    await early.expect(source.events)
    const next = early.next('the first own event of a fork')
    const payload = { blueprintId: 'orders' }
    const fork = forkOf('f', 'a', 2, { payload })
    const moved = { blueprintId: 'other', blueprintHash: 'h2' }
    const second = forkOf('g', 'f', 1, { payload: moved })
    await store.fork(fork)
    expectEqual((await next).event, fork.event, 'the first own event of a fork')
    const own = batchOf('f', 4, ['node:start', 'node:skipped'], 'f')
    await given(store, own)
    await store.fork(second)
    await early.expect([...own.events, second.event])
    await early.leave()
    await expectFitting(store, {}, [...allOf(source, own), fork.event, second.event])
  }),

  storeCase('finds forks by the tags of their source, and by their blueprint', needs, async ({ open }) => {
    const store = await open()
    const source = runOf('a', { blueprintId: 'orders', tags: ['x'], steps: ['node:start', 'node:finish'] })
    await given(store, source)
    const fork = forkOf('f', 'a', 2, { payload: { blueprintId: 'orders' } })
    const second = forkOf('g', 'f', 1, { payload: { blueprintId: 'other', blueprintHash: 'h2' } })
    await store.fork(fork)
    await store.fork(second)
    const own = batchOf('f', 4, ['node:start'], 'f')
    await given(store, own)
    const all = [...allOf(source, own), fork.event, second.event]
    await expectFitting(store, { tag: 'x' }, all)
    await expectFitting(store, { blueprintId: 'orders' }, all.slice(0, -1))
    await expectFitting(store, { blueprintId: 'other' }, [second.event])
    await expectFitting(store, { types: ['workflow:fork'] }, [fork.event, second.event])
    await expectFitting(store, { types: ['node:start'], tag: 'x' }, [source.events[1]!, own.events[0]!])
  }),

  storeCase('goes on behind any cursor of a filter, with forks among the others', needs, async ({ open }) => {
    const store = await open()
    const { ids } = await chainOf(store, 4, 3)
    await given(store, ...ids.map((id) => batch(`other ${id}`, 0, 2)))
    const count = 4 + 3 * 3 + ids.length * 2
    const first = follow(store, {})
    const whole = await first.take(count)
    await first.leave()
    expectEqual(new Set(whole.map(({ event }) => event.id)).size, count, 'the number of different events')
    for (const [index, { cursor }] of whole.entries()) {
      const rest = follow(store, {}, { cursor })
      await rest.expect(eventsOf(whole.slice(index + 1)), `what comes behind event ${index}`)
      await rest.leave()
    }
  }),

  storeCase(
    'tells those who follow by a filter nothing of a source that was deleted, and all of its forks',
    [...needs, 'delete'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('other', 0, 1), runOf('a', { tags: ['x'], steps: ['node:start', 'node:finish'] }))
      const whole = follow(store, {})
      const [first] = await whole.take(1)
      await whole.leave()
      const fork = forkOf('f', 'a', 1)
      await store.fork(fork)
      await store.delete('a')
      const own = batch('f', 3, 2, 'f')
      await given(store, own)
      await expectFitting(store, {}, [...allOf(batch('other', 0, 1), own), fork.event])
      await expectFitting(store, { tag: 'x' }, [...own.events, fork.event])
      if (first?.event.executionId !== 'other') return
      const behind = follow(store, {}, { cursor: first.cursor })
      await behind.expect([fork.event, ...own.events], 'what comes behind a cursor')
      await behind.leave()
    },
  ),

  storeCase(
    'shows what came under the id of a source that was deleted to those who wait',
    [...needs, 'delete'],
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 3))
      await store.fork(forkOf('f', 'a', 1))
      await store.delete('a')
      const follower = follow(store, 'a')
      const next = follower.next('the first event under the id')
      await given(store, batch('a', 0, 2, 'new'))
      expectEqual((await next).event, batch('a', 0, 1).events[0], 'the first event under the id')
      await follower.expect(batch('a', 1, 1).events)
      await follower.leave()
    },
  ),
]
