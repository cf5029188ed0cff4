import type { FlowcraftEvent, ReadRange } from 'flowcraft'
import { collect, given, nextOf } from './answers.ts'
import { batch, run } from './events.ts'
import { expectEqual, expectTrue } from './expectation.ts'
import { storeCase, type Bench, type StoreCase, type StoreWith } from './store-case.ts'

const changes = 2500
const last = changes + 1

async function longRun({ open }: Bench<'append' | 'read'>): Promise<StoreWith<'append' | 'read'>> {
  const store = await open()
  await given(store, { executionId: 'a', writer: 'w', events: run('a', changes), expectedSeq: 0 }, batch('b', 0, 3))
  return store
}

async function expectSeqs(store: StoreWith<'read'>, range: ReadRange, expected: readonly number[]): Promise<void> {
  const seqs = (await collect(store, 'a', range)).map(({ seq }) => seq)
  expectEqual(seqs, expected, `the seqs of the range ${JSON.stringify(range)}`)
}

/** What `read` promises. */
export const readCases: readonly StoreCase[] = [
  storeCase('reads a whole history, and nothing of an unknown one', ['append', 'read'], async (bench) => {
    const store = await longRun(bench)
    const events = await collect(store, 'a')
    expectEqual(events, run('a', changes), 'the events')
    expectTrue(
      events.every((one) => Object.isFrozen(one) && Object.isFrozen(one.payload)),
      'all events are frozen',
    )
    expectEqual(await collect(store, 'nobody'), [], 'the events of an unknown execution')
  }),

  storeCase('reads a part of a history, both ends included', ['append', 'read'], async (bench) => {
    const store = await longRun(bench)
    await expectSeqs(store, { fromSeq: 998, toSeq: 1001 }, [998, 999, 1000, 1001])
    await expectSeqs(store, { fromSeq: last - 1 }, [last - 1, last])
    await expectSeqs(store, { toSeq: 1 }, [0, 1])
    await expectSeqs(store, { fromSeq: 7, toSeq: 7 }, [7])
    await expectSeqs(store, { fromSeq: 3, toSeq: 2 }, [])
    await expectSeqs(store, { fromSeq: last + 1 }, [])
    await expectSeqs(store, { fromSeq: -5, toSeq: 0 }, [0])
    await expectSeqs(store, { fromSeq: last, toSeq: last + 1000 }, [last])
  }),

  storeCase('reads the events of some types', ['append', 'read'], async (bench) => {
    const store = await longRun(bench)
    await expectSeqs(store, { types: ['workflow:start', 'workflow:finish'] }, [0, last])
    await expectSeqs(store, { types: ['workflow:start', 'workflow:finish'], fromSeq: 1 }, [last])
    await expectSeqs(store, { types: ['node:skipped'] }, [])
    await expectSeqs(store, { types: [] }, [])
  }),

  storeCase('reads no more events than are asked for', ['append', 'read'], async (bench) => {
    const store = await longRun(bench)
    await expectSeqs(store, { limit: 2 }, [0, 1])
    await expectSeqs(store, { types: ['context:change'], fromSeq: 2, limit: 2 }, [2, 3])
    await expectSeqs(store, { types: ['workflow:finish'], limit: 5 }, [last])
    await expectSeqs(store, { limit: 0 }, [])
    expectEqual((await collect(store, 'a', { limit: 2200 })).length, 2200, 'the number of events')
  }),

  storeCase('does not show events that came after a read began', ['append', 'read'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 1500))
    const seen: FlowcraftEvent[] = []
    for await (const one of store.read('a')) {
      if (seen.length === 0) await given(store, batch('a', 1500, 10))
      seen.push(one)
    }
    expectEqual(seen.length, 1500, 'the number of events')
    expectEqual((await collect(store, 'a')).length, 1510, 'the number of events that a later read gives')
  }),

  storeCase('lets a read be left early, and others go on', ['append', 'read'], async (bench) => {
    const store = await longRun(bench)
    const left = store.read('a')[Symbol.asyncIterator]()
    const other = store.read('a')[Symbol.asyncIterator]()
    await nextOf(left, 'the first event')
    await nextOf(other, 'the first event of the other')
    await left.return?.()
    expectEqual(await nextOf(left, 'behind the end'), 'ended', 'a read that was left')
    await given(store, batch('c', 0, 1))
    const second = await nextOf(other, 'the second event of the other')
    expectEqual(second, run('a', 1)[1], 'the second event of the other')
    await other.return?.()
  }),
]
