import { appended, given, sizeOf } from './answers.ts'
import { batch, batchOf, change, finish, run, runOf } from './events.ts'
import { expectEqual, expectRejection, expectTrue } from './expectation.ts'
import { expectHistories, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const conflict = 'CONCURRENCY_CONFLICT'
const needs = ['append', 'fork'] as const

/** What `fork` promises of the history of both, and of how the fork goes on. */
export const forkCases: readonly StoreCase[] = [
  storeCase('gives a fork the history of its source up to an event, then its own', needs, async ({ open }) => {
    const store = await open()
    const source = runOf('a', {
      blueprintId: 'orders',
      tags: ['x'],
      steps: ['node:start', 'node:finish', 'node:skipped'],
    })
    await given(store, source, batch('b', 0, 6))
    const fork = forkOf('f', 'a', 2)
    await store.fork(fork)
    const history = forked(fork, source.events)
    await expectHistories(store, { f: history, a: source.events, b: batch('b', 0, 6).events, nobody: [] })
    const [first] = await store.retrieve('f')
    expectEqual([first?.id, first?.executionId, first?.payload.executionId], ['f:0', 'f', 'f'], 'the ids of the first')
    expectEqual(first?.payload.blueprintId, 'orders', 'the blueprint id of the first')
    const isFrozen = (await store.retrieve('f')).every((one) => Object.isFrozen(one) && Object.isFrozen(one.payload))
    expectTrue(isFrozen, 'the events and their payloads are frozen')
  }),

  storeCase('forks at every event, the first and the last, also of a run that has ended', needs, async ({ open }) => {
    const store = await open()
    const source = run('a', 3)
    await given(store, { executionId: 'a', writer: 'w', events: source, expectedSeq: 0 })
    const forks = source.map(({ seq }) => forkOf(`fork ${seq}`, 'a', seq))
    for (const fork of forks) await store.fork(fork)
    const histories = forks.map((fork) => [fork.executionId, forked(fork, source)] as const)
    await expectHistories(store, { a: source, ...Object.fromEntries(histories) })
  }),

  storeCase('lets source and fork go on, each by its writer and none in the other', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 3))
    const fork = forkOf('f', 'a', 1)
    await store.fork(fork)
    for (const round of [0, 1, 2]) {
      const codes = await appended(store, batch('a', 3 + round, 1), batch('f', 3 + round, 1, 'f'))
      expectEqual(codes, ['done', 'done'], `the appends of round ${round}`)
    }
    expectEqual(await appended(store, batch('a', 6, 1, 'f'), batch('f', 6, 1)), [conflict, conflict], 'by each other')
    expectEqual(await appended(store, batch('f', 7, 1, 'f')), ['HISTORY_CORRUPT'], 'behind a gap')
    const codes = await appended(store, batch('f', 3, 3, 'f'), batch('f', 4, 4, 'f'))
    expectEqual(codes, ['done', 'done'], 'what it has appended already, as a whole and in part')
    const source = batch('a', 0, 6).events
    await expectHistories(store, { a: source, f: forked(fork, source, batch('f', 3, 5)) })
  }),

  storeCase('changes nothing of what is shared by an append or a single event', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4))
    const fork = forkOf('f', 'a', 2)
    await store.fork(fork)
    const history = forked(fork, batch('a', 0, 4).events)
    for (const writer of ['f', 'w', 'third']) {
      const [code] = await appended(store, batchOf('f', 1, ['node:start', 'node:finish'], writer))
      const isFine = code === conflict || (writer === 'f' && code === 'done')
      expectTrue(
        isFine,
        `what '${writer}' appends inside is refused, or known to its writer, but it was told '${code}'`,
      )
      const inside = `writer '${writer}' inside`
      expectEqual(await store.retrieve('f'), history, `the events behind an append of ${inside}`)
    }
    for (const one of history) await store.store(one, 'f')
    for (const seq of [0, 2, 3]) {
      await expectRejection(store.store(change('f', seq, 'other'), 'f'), conflict, `another single event at ${seq}`)
    }
    await expectRejection(store.store(change('f', 4), 'f'), conflict, 'a single event behind the last')
    await expectHistories(store, { f: history, a: batch('a', 0, 4).events })
  }),

  storeCase('counts the same fork again as done, also when it has gone on', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4))
    const fork = forkOf('f', 'a', 2)
    await Promise.all([store.fork(fork), store.fork(fork)])
    await store.fork(fork)
    await given(store, batch('f', 4, 2, 'f'))
    await store.fork(fork)
    expectEqual(await store.retrieve('f'), forked(fork, batch('a', 0, 4).events, batch('f', 4, 2)), 'the events')
  }),

  storeCase('says no to an id that is there already, and changes nothing', [...needs, 'getStats'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4), batch('b', 0, 1), batch('long', 0, 9))
    const fork = forkOf('f', 'a', 2)
    await store.fork(fork)
    for (const id of ['a', 'b', 'f', 'long']) {
      const again = forkOf(id, 'a', 2, { writer: 'other' })
      await expectRejection(store.fork(again), conflict, `a fork as '${id}'`)
    }
    await expectHistories(store, {
      a: batch('a', 0, 4).events,
      b: batch('b', 0, 1).events,
      f: forked(fork, batch('a', 0, 4).events),
    })
    expectEqual(await appended(store, batch('f', 4, 1, 'other'), batch('f', 4, 1, 'f')), [conflict, 'done'], 'writers')
    expectEqual(await sizeOf(store), [16, 4], 'the number of events and executions')
  }),

  storeCase('says no to a source without that event', [...needs, 'getStats'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4))
    const unknown = 'EXECUTION_UNKNOWN'
    await expectRejection(store.fork(forkOf('f', 'nobody', 0)), unknown, 'a fork of an unknown execution')
    await expectRejection(store.fork(forkOf('f', 'f', 0)), unknown, 'a fork of itself')
    await expectRejection(store.fork(forkOf('f', 'a', 4)), unknown, 'a fork behind the last event')
    await expectRejection(store.fork(forkOf('f', 'a', -1)), unknown, 'a fork before the first event')
    expectEqual(await sizeOf(store), [4, 1], 'the number of events and executions')
    await store.fork(forkOf('f', 'a', 3))
    await expectRejection(store.fork(forkOf('g', 'f', 5)), unknown, 'a fork behind the last event of a fork')
    expectEqual((await store.retrieve('f')).length, 5, 'the number of events of a fork under the same id')
  }),

  storeCase('says no to a fork that begins with another event', [...needs, 'getStats'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 4), batch('b', 0, 4))
    const fork = forkOf('f', 'a', 2)
    const others = [forkOf('g', 'a', 2), forkOf('f', 'b', 2), forkOf('f', 'a', 1), { event: change('f', 3) }]
    for (const [index, { event }] of others.entries()) {
      const wrong = { ...fork, event } as typeof fork // Callers in JavaScript give anything.
      await expectRejection(store.fork(wrong), 'EVENT_STORE_FAILED', `a fork with the wrong event number ${index}`)
    }
    expectEqual(await sizeOf(store), [8, 2], 'the number of events and executions')
  }),

  storeCase('parks a fork, and gives it to whoever resumes it', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: [finish('completed')] }))
    const fork = forkOf('f', 'a', 1)
    await store.fork(fork)
    const parked = batchOf('f', 3, ['node:wait', 'workflow:pause'], 'f')
    await given(store, parked)
    expectEqual(await appended(store, batch('f', 5, 1, 'other')), [conflict], 'a change by another')
    const resumed = batchOf('f', 5, ['workflow:resume'], 'other')
    expectEqual(await appended(store, resumed, batch('f', 6, 1, 'f')), ['done', conflict], 'who resumes, who is late')
    expectEqual(
      await store.retrieve('f'),
      forked(fork, runOf('a', { steps: [finish('completed')] }).events, parked, resumed),
    )
  }),

  storeCase('takes a fork of a parked source for one that is not parked', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: ['node:wait', 'workflow:pause'] }))
    await store.fork(forkOf('f', 'a', 2))
    expectEqual(await appended(store, batchOf('f', 4, ['workflow:resume'], 'other')), [conflict], 'another who resumes')
    expectEqual(
      await appended(store, batchOf('a', 3, ['workflow:resume'], 'other')),
      ['done'],
      'who resumes the source',
    )
    expectEqual(await appended(store, batch('f', 4, 1, 'f')), ['done'], 'the writer of the fork')
  }),
]
