import { given } from './answers.ts'
import { batch, batchOf, finish, runOf } from './events.ts'
import { expectEqual, expectRejection, within } from './expectation.ts'
import { follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const needs = ['append', 'subscribe'] as const

/** How a subscription ends, and what it refuses. */
export const subscribeEndCases: readonly StoreCase[] = [
  storeCase('ends at once behind the end of a run', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: [finish('cancelled')] }))
    await follow(store, 'a', { cursor: '1' }).expectEnd('the subscription behind the last event')
    await follow(store, 'a', { cursor: 'end' }).expectEnd('the subscription from the end on')
  }),

  storeCase('goes on behind a finish that is not the last event, and behind a parking', needs, async ({ open }) => {
    const store = await open()
    const run = runOf('a', { steps: ['workflow:finish', 'workflow:pause'] })
    await given(store, run)
    const follower = follow(store, 'a')
    await follower.expect(run.events)
    const next = follower.next('what comes behind the parking')
    const resumed = batchOf('a', 3, ['workflow:resume', 'workflow:finish'], 'other')
    await given(store, resumed)
    expectEqual((await next).event, resumed.events[0], 'what comes behind the parking')
    await follower.expect(resumed.events.slice(1))
    await follower.expectEnd()
  }),

  storeCase(
    'ends quietly when the signal aborts: before the start, between events, and while it waits',
    needs,
    async ({ open }) => {
      const store = await open()
      await given(store, batch('a', 0, 3), batch('b', 0, 3))
      for (const target of ['a', {}] as const) {
        await follow(store, target, { signal: AbortSignal.abort() }).expectEnd('a subscription aborted before')
        const between = new AbortController()
        const first = follow(store, target, { signal: between.signal })
        await first.take(1)
        between.abort()
        await first.expectEnd('a subscription aborted between two events')
        const waiting = new AbortController()
        const second = follow(store, target, { cursor: 'end', signal: waiting.signal })
        const next = second.soon()
        await new Promise((resolve) => setTimeout(resolve, 10))
        waiting.abort(new Error('enough'))
        expectEqual(await next, 'ended', 'a subscription aborted while it waits')
      }
    },
  ),

  storeCase('ends when it is left, also while it waits, and gives nothing any more', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    for (const target of ['a', {}] as const) {
      const follower = follow(store, target)
      await follower.take(3)
      const next = follower.soon()
      await follower.leave()
      expectEqual(await next, 'ended', 'the event that somebody waited for')
      await follower.expectEnd('a subscription that was left')
      const unused = follow(store, target)
      await unused.leave()
      await unused.expectEnd('a subscription that was left before its first event')
    }
  }),

  storeCase('says that the store is closed to whoever follows it', [...needs, 'close'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 1))
    const waiting = [follow(store, 'a'), follow(store, {}), follow(store, 'nobody')]
    for (const follower of waiting.slice(0, 2)) await follower.take(1)
    const between = follow(store, 'a')
    const next = waiting.map((follower) => follower.soon())
    for (const each of next) each.catch(() => undefined)
    await within(store.close(), 'close')
    for (const each of next) await expectRejection(each, 'STORE_CLOSED', 'a subscription that waits')
    await expectRejection(between.soon(), 'STORE_CLOSED', 'a subscription that nobody has asked yet')
  }),

  storeCase(
    'says no to a cursor that is none, and to a filter with unknown keys or values of another type',
    ['subscribe'],
    async ({ open }) => {
      const store = await open()
      for (const cursor of ['', 'x', '-1', '1.5', 'END', "' OR 1=1 --", '1e3', ' 1', '99999999999999999999']) {
        for (const target of ['a', {}]) {
          const what = `the cursor ${JSON.stringify(cursor)} of ${JSON.stringify(target)}`
          await expectRejection(follow(store, target, { cursor }).soon(), 'EVENT_STORE_FAILED', what)
        }
      }
      for (const filter of [{ status: 'running' }, { tag: 7 }, { blueprintId: null }, { types: 'node:start' }]) {
        const target = filter as { tag: string } // Callers in JavaScript give anything.
        await expectRejection(
          follow(store, target).soon(),
          'EVENT_STORE_FAILED',
          `the filter ${JSON.stringify(filter)}`,
        )
      }
    },
  ),
]
