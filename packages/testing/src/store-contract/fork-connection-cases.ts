import { isFlowcraftError } from 'flowcraft'
import { appended, given, sizeOf } from './answers.ts'
import { batch } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { follow } from './follower.ts'
import { expectHistories, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const needs = ['openAgain', 'append', 'fork'] as const

/** What a store promises to those who fork the same executions by two connections. */
export const forkConnectionCases: readonly StoreCase[] = [
  storeCase('shows one connection the forks of the other', [...needs, 'subscribe'], async ({ open, openAgain }) => {
    const one = await open()
    const two = await openAgain(one)
    await given(one, batch('a', 0, 4))
    const follower = follow(one, 'f')
    const all = follow(one, { types: ['workflow:fork'] })
    const next = [follower.next('the first event of the fork'), all.next('the first own event of the fork')] as const
    const fork = forkOf('f', 'a', 2)
    await two.fork(fork)
    const history = forked(fork, batch('a', 0, 4).events)
    expectEqual((await next[0]).event, history[0], 'the first event of the fork')
    expectEqual((await next[1]).event, fork.event, 'the first own event of the fork')
    for (const each of [follower, all]) await each.leave()
    await expectHistories(one, { f: history })
    expectEqual(await appended(one, batch('f', 4, 1, 'f'), batch('f', 5, 1, 'other')), ['done', conflict], 'appends')
    expectEqual(await appended(two, batch('f', 5, 1, 'f'), batch('a', 4, 1)), ['done', 'done'], 'appends of the other')
    await expectHistories(one, {
      f: forked(fork, batch('a', 0, 4).events, batch('f', 4, 2)),
      a: batch('a', 0, 5).events,
    })
  }),

  storeCase(
    'gives an id to one of two connections that fork at once',
    [...needs, 'getStats'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, batch('a', 0, 4))
      for (let round = 0; round < 10; round++) {
        const id = `fork ${round}`
        const forks = [forkOf(id, 'a', 1, { writer: 'one' }), forkOf(id, 'a', 2, { writer: 'two' })]
        const outcomes = await Promise.allSettled([one.fork(forks[0]!), two.fork(forks[1]!)])
        const codes = outcomes.map((each) => (each.status === 'fulfilled' ? 'done' : codeOf(each.reason)))
        expectEqual(codes.toSorted(), [conflict, 'done'], 'the two outcomes')
        const won = forks[codes.indexOf('done')]!
        await expectHistories(two, { [id]: forked(won, batch('a', 0, 4).events) }, ` of round ${round}`)
      }
      expectEqual(await sizeOf(one), [14, 11], 'the number of events and executions')
    },
  ),

  storeCase('forks what the other connection appends to at the same time', needs, async ({ open, openAgain }) => {
    const one = await open()
    const two = await openAgain(one)
    await given(one, batch('a', 0, 5))
    const forks = Array.from({ length: 20 }, (_, index) => forkOf(`fork ${index}`, 'a', index % 5))
    const write = async (): Promise<void> => {
      for (let seq = 5; seq < 65; seq += 3) expectEqual(await appended(one, batch('a', seq, 3)), ['done'])
    }
    const fork = async (): Promise<void> => {
      for (const each of forks) await two.fork(each)
    }
    await Promise.all([write(), fork()])
    const source = batch('a', 0, 65).events
    const histories = forks.map((each) => [each.executionId, forked(each, source)] as const)
    await expectHistories(one, { a: source, ...Object.fromEntries(histories) })
  }),

  storeCase(
    'lets nobody who remembers a deleted source or fork go on with it',
    [...needs, 'delete', 'getStats'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      await given(one, batch('a', 0, 4))
      const fork = forkOf('f', 'a', 2)
      await one.fork(fork)
      await given(one, batch('f', 4, 1, 'f'))
      expectEqual(await two.delete('a'), 1, 'the number removed with the source')
      expectEqual(await appended(one, batch('a', 4, 1)), ['HISTORY_CORRUPT'], 'an append to the source')
      await expectRejection(one.fork(forkOf('g', 'a', 1)), 'EXECUTION_UNKNOWN', 'a fork of the source')
      const history = forked(fork, batch('a', 0, 4).events, batch('f', 4, 1))
      await expectHistories(one, { a: [], f: history })
      await given(one, batch('a', 0, 1, 'new'))
      expectEqual(await two.delete('f'), 1, 'the number removed with the fork')
      expectEqual(await appended(one, batch('f', 5, 1, 'f')), ['HISTORY_CORRUPT'], 'an append to the fork')
      await expectHistories(one, { a: batch('a', 0, 1).events, f: [] }, ' in the end')
      expectEqual(await sizeOf(two), [1, 1], 'the number of events and executions')
    },
  ),

  storeCase(
    'forks a source, or finds it deleted, when both happen at once',
    [...needs, 'delete'],
    async ({ open, openAgain }) => {
      const one = await open()
      const two = await openAgain(one)
      for (let round = 0; round < 10; round++) {
        const [id, source] = [`fork ${round}`, batch(`run ${round}`, 0, 5)]
        await given(one, source)
        const fork = forkOf(id, source.executionId, 3)
        const calls = [() => one.fork(fork), () => two.delete(source.executionId)]
        if (round % 2 === 1) calls.reverse()
        const outcomes = await Promise.allSettled(calls.map((call) => call()))
        const codes = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [] : [codeOf(each.reason)]))
        const isForked = codes.length === 0
        expectEqual(codes, isForked ? [] : ['EXECUTION_UNKNOWN'], 'what was refused')
        const history = isForked ? forked(fork, source.events) : []
        await expectHistories(one, { [id]: history, [source.executionId]: [] }, ` of round ${round}`)
      }
    },
  ),
]

function codeOf(error: unknown): string {
  return isFlowcraftError(error) ? error.code : String(error)
}
