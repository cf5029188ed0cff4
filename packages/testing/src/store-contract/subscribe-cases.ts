import { given } from './answers.ts'
import { batch, change, finish, runOf } from './events.ts'
import { expectEqual, expectTrue } from './expectation.ts'
import { eventsOf, follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const needs = ['append', 'subscribe'] as const

/** What `subscribe` promises to whoever follows one execution. */
export const subscribeCases: readonly StoreCase[] = [
  storeCase(
    'gives the events of an execution from the first on, then those that come, to its end',
    needs,
    async ({ open }) => {
      const store = await open()
      const whole = runOf('a', { steps: ['context:change', 'node:start', 'node:finish', finish('completed')] }).events
      const part = (from: number, to?: number): Parameters<typeof given>[1] => ({
        executionId: 'a',
        writer: 'w',
        events: whole.slice(from, to),
        expectedSeq: from,
      })
      await given(store, part(0, 2), runOf('other', { steps: [finish('completed')] }))
      const follower = follow(store, 'a')
      await follower.expect(whole.slice(0, 2), 'what was there before')
      const third = follower.next('what comes while somebody waits')
      await given(store, part(2, 3))
      expectEqual((await third).event, whole[2], 'what comes while somebody waits')
      await given(store, part(3))
      await follower.expect(whole.slice(3), 'what came while nobody waited')
      await follower.expectEnd('the subscription, behind the end of the run')
    },
  ),

  storeCase('goes on behind the cursor of any event, which is its seq', needs, async ({ open }) => {
    const store = await open()
    const run = runOf('a', { steps: ['context:change', 'node:start', finish('failed')] })
    await given(store, run)
    const cursors = (await follow(store, 'a').take(4)).map(({ cursor }) => cursor)
    expectEqual(cursors, ['0', '1', '2', '3'], 'the cursors')
    for (const [index, cursor] of cursors.entries()) {
      const follower = follow(store, 'a', { cursor })
      await follower.expect(run.events.slice(index + 1), `the events behind ${cursor}`)
      await follower.expectEnd(`the subscription behind ${cursor}`)
    }
  }),

  storeCase('gives events frozen, with a cursor that is text', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: [finish('completed')] }))
    for (const target of ['a', {}]) {
      for (const { event, cursor } of await follow(store, target).take(2)) {
        expectTrue(Object.isFrozen(event) && Object.isFrozen(event.payload), 'the event is frozen')
        expectEqual(typeof cursor, 'string', 'the type of the cursor')
      }
    }
  }),

  storeCase('gives only what comes from now on, when that is asked for', needs, async ({ open }) => {
    const store = await open()
    for (const target of ['a', {}] as const) {
      const id = 'a'
      const known = (await store.retrieve(id)).length
      await given(store, batch(id, known, 5))
      const follower = follow(store, target, { cursor: 'end' })
      const first = follower.soon()
      let seen: Awaited<typeof first> | undefined
      void first.then((followed) => (seen = followed)).catch(() => undefined)
      let seq = known + 5
      // It begins to look at some moment from the call on.
      for (; seen === undefined && seq < known + 100; seq++) {
        await given(store, batch(id, seq, 1))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const followed = await first
      if (followed === 'ended') throw new Error('the subscription has ended, expected an event')
      expectTrue(followed.event.seq >= known + 5, 'the first event given came after the call')
      await given(store, batch(id, seq, 1))
      const expected = Array.from({ length: seq - followed.event.seq }, (_, index) => followed.event.seq + 1 + index)
      const rest = eventsOf(await follower.take(expected.length)).map((event) => event.seq)
      expectEqual(rest, expected, 'the seqs of what came behind the first one')
      await follower.leave()
    }
  }),

  storeCase('waits for an execution that is still to come', needs, async ({ open }) => {
    const store = await open()
    const follower = follow(store, 'a')
    const first = follower.next('the first event of an execution that came later')
    await given(store, batch('b', 0, 1))
    await given(store, batch('a', 0, 2))
    expectEqual((await first).event, change('a', 0), 'the first event')
    await follower.expect([change('a', 1)])
    await follower.leave()
  }),

  storeCase('gives what was stored event by event, too', ['subscribe'], async ({ open }) => {
    const store = await open()
    const followers = [follow(store, 'a'), follow(store, {})]
    const first = followers.map((follower) => follower.next('the first event'))
    const { events } = runOf('a', { steps: [finish('completed')] })
    for (const one of events) await store.store(one, 'a')
    for (const followed of await Promise.all(first)) expectEqual(followed.event, events[0], 'the first event')
    for (const follower of followers) await follower.expect(events.slice(1))
    await followers[0]!.expectEnd()
    await followers[1]!.leave()
  }),

  storeCase('gives a long history as a whole, while it grows', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 2500))
    const follower = follow(store, 'a')
    const seqs: number[] = []
    for (let count = 0; count < 2600; count++) {
      if (count === 1200) await given(store, batch('a', 2500, 100))
      seqs.push((await follower.next()).event.seq)
    }
    const expected = Array.from({ length: 2600 }, (_, seq) => seq)
    expectEqual(seqs, expected, 'the seqs')
    await follower.leave()
  }),

  storeCase('lets several follow the same execution, each at its own pace', needs, async ({ open }) => {
    const store = await open()
    const [fast, slow] = [follow(store, 'a'), follow(store, 'a')]
    const run = runOf('a', { steps: ['context:change', finish('completed')] })
    await given(store, run)
    await fast.expect(run.events)
    await slow.expect(run.events.slice(0, 1))
    await fast.expectEnd()
    await slow.expect(run.events.slice(1))
    await slow.expectEnd()
  }),
]
