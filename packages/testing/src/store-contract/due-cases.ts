import { given } from './answers.ts'
import { batchOf, event, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const long = 600_000

function sleeping(id: string, wakeUpAt?: number, also: readonly object[] = []): Parameters<typeof given>[1] {
  const timer = { nodeId: 'a', reason: 'timer', ...(wakeUpAt !== undefined && { wakeUpAt }) }
  return runOf(id, { steps: [['workflow:stall', { remainingNodes: 1, waiting: [timer, ...also] }]] })
}

/** What `due` promises. */
export const dueCases: readonly StoreCase[] = [
  storeCase(
    'names those whose time has come, the earliest first, then those that nobody drives',
    ['append', 'due', 'renew'],
    async ({ open }) => {
      const store = await open()
      await store.renew('living', long)
      const now = usualTime + 100
      await given(
        store,
        sleeping('late', now - 10),
        sleeping('earliest', now - 50),
        sleeping('just', now),
        sleeping('future', now + 1),
        sleeping('two timers', now + 5, [{ nodeId: 'b', reason: 'timer', wakeUpAt: now - 20 }]),
        sleeping('no timer'),
        sleeping('paused', now - 50, [{ nodeId: 'b', reason: 'user_pause' }]),
        runOf('waiting', { steps: ['workflow:pause'] }),
        runOf('ended', { steps: [finish('completed')] }),
        runOf('driven', { owner: 'living' }),
        runOf('abandoned', { owner: 'gone' }),
        runOf('nobody'),
      )
      const due = await store.due(now)
      expectEqual(
        due.filter(({ reason }) => reason === 'timer').map(({ executionId }) => executionId),
        ['earliest', 'two timers', 'late', 'just'],
        'those whose time has come',
      )
      const rest = due.slice(4)
      expectEqual(rest.map(({ executionId }) => executionId).toSorted(), ['abandoned', 'nobody'], 'the others')
      expectEqual(new Set(rest.map(({ reason }) => reason)), new Set(['abandoned']), 'the reason of the others')
      expectEqual((await store.due(usualTime - 10_000)).length, 2, 'the number of those due long before')
    },
  ),

  storeCase('names no runs of subflows', ['append', 'due'], async ({ open }) => {
    const store = await open()
    const sleep = [
      'workflow:stall',
      { remainingNodes: 1, waiting: [{ nodeId: 'a', reason: 'timer', wakeUpAt: 5 }] },
    ] as const
    await given(
      store,
      runOf('root'),
      runOf('child', { parent: 'root' }),
      runOf('sleeper', { parent: 'root', steps: [sleep] }),
    )
    expectEqual(await store.due(usualTime), [{ executionId: 'root', reason: 'abandoned' }], 'what is due')
  }),

  storeCase(
    'names a run no more once it has gone on, has ended or is driven',
    ['append', 'due', 'renew'],
    async ({ open }) => {
      const store = await open()
      const now = usualTime + 100
      const ids = async (): Promise<string[]> => (await store.due(now)).map(({ executionId }) => executionId)
      await given(store, sleeping('a', now), runOf('b', { owner: 'me' }))
      expectEqual(await ids(), ['a', 'b'], 'what is due')
      await store.renew('me', long)
      expectEqual(await ids(), ['a'], 'what is due once an owner lives')
      await given(store, { ...batchOf('a', 2, ['workflow:resume']), owner: 'me' })
      expectEqual(await ids(), [], 'what is due once the sleeper has gone on')
      await store.renew('me', 0)
      expectEqual((await ids()).toSorted(), ['a', 'b'], 'what is due once the owner is gone')
      for (const [id, seq] of [
        ['a', 3],
        ['b', 1],
      ] as const)
        await given(store, batchOf(id, seq, ['workflow:finish']))
      expectEqual(await ids(), [], 'what is due once all has ended')
    },
  ),

  storeCase('names the time that a later parking says', ['append', 'due'], async ({ open }) => {
    const store = await open()
    const now = usualTime + 100
    await given(store, sleeping('a', now + 50))
    const waiting = [{ nodeId: 'a', reason: 'timer', wakeUpAt: now - 1 }]
    const events = [event('a', 2, 'workflow:resume', { reason: 'timer' }), event('a', 3, 'workflow:pause', { waiting })]
    await given(store, { executionId: 'a', writer: 'other', events, expectedSeq: 2 })
    expectEqual(await store.due(now), [{ executionId: 'a', reason: 'timer' }], 'what is due')
  }),

  storeCase(
    'names no more than are asked for, and leaves a quarter to those that nobody drives',
    ['append', 'due'],
    async ({ open }) => {
      const store = await open()
      const numbers = Array.from({ length: 12 }, (_, index) => index)
      await given(store, ...numbers.map((index) => sleeping(`timer ${index}`, usualTime + index)))
      const reasonsOf = async (limit?: number): Promise<readonly [timers: number, abandoned: number]> => {
        const due = await store.due(usualTime + 100, limit)
        const timers = due.filter(({ reason }) => reason === 'timer')
        expectEqual(
          timers.map(({ executionId }) => executionId),
          numbers.slice(0, timers.length).map((index) => `timer ${index}`),
          'the timers',
        )
        return [timers.length, due.length - timers.length]
      }
      expectEqual(await reasonsOf(8), [8, 0], 'of 12 timers alone')
      await given(store, runOf('abandoned 0'))
      expectEqual(await reasonsOf(8), [7, 1], 'of 12 timers and one that nobody drives')
      await given(store, ...numbers.slice(1, 6).map((index) => runOf(`abandoned ${index}`)))
      expectEqual(await reasonsOf(8), [6, 2], 'of 12 timers and 6 that nobody drives')
      expectEqual(await reasonsOf(16), [12, 4], 'the first 16')
      expectEqual(await reasonsOf(18), [12, 6], 'all')
      expectEqual(await reasonsOf(), [12, 6], 'without a limit')
    },
  ),

  storeCase('says no to a time or a limit that is none', ['due'], async ({ open }) => {
    const store = await open()
    for (const now of [Number.NaN, '5' as unknown as number]) {
      await expectRejection(store.due(now), 'EVENT_STORE_FAILED', `due at ${String(now)}`)
    }
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      await expectRejection(store.due(usualTime, limit), 'EVENT_STORE_FAILED', `due, at most ${limit}`)
    }
  }),
]
