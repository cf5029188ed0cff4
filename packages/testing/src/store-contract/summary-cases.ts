import type { ExecutionSummary } from 'flowcraft'
import { given } from './answers.ts'
import { batchOf, error, event, finish, runOf, usualTime } from './events.ts'
import { expectEqual } from './expectation.ts'
import { storeCase, type StoreCase } from './store-case.ts'

/** What `list` promises of the summaries. */
export const summaryCases: readonly StoreCase[] = [
  storeCase('sums up a run that is under way', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const shape = { tags: ['b', 'a', 'b'], blueprintId: 'orders', blueprintVersion: '2.1', blueprintHash: 'h' }
    await given(store, runOf('a', { ...shape, steps: ['node:start', 'context:change'] }))
    const expected: ExecutionSummary = {
      executionId: 'a',
      blueprintId: 'orders',
      blueprintVersion: '2.1',
      blueprintHash: 'h',
      status: 'running',
      startedAt: usualTime,
      updatedAt: usualTime + 2,
      lastSeq: 2,
      errorCount: 0,
      tags: ['a', 'b'],
      isOwned: false,
    }
    const [found] = (await store.list()).items
    expectEqual({ ...found, tags: found?.tags.toSorted() }, expected, 'the summary')
  }),

  storeCase('sums up a run that sleeps, goes on, and ends with errors', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const of = async (id: string): Promise<Partial<ExecutionSummary>> => {
      const [found] = (await store.list({ executionId: id })).items
      if (found === undefined) throw new Error(`no execution '${id}' is listed`)
      const { status, updatedAt, lastSeq, errorCount } = found
      const { finishedAt, wakeUpAt, parent } = found
      const present = Object.entries({ finishedAt, wakeUpAt, parent }).filter(([name]) => name in found)
      return { status, updatedAt, lastSeq, errorCount, ...Object.fromEntries(present) }
    }
    const waiting = [
      { nodeId: 'a', reason: 'timer', wakeUpAt: usualTime + 70 },
      { nodeId: 'b', reason: 'timer', wakeUpAt: usualTime + 50 },
    ]
    const stall = event('a', 1, 'workflow:stall', { remainingNodes: 2, waiting })
    await given(store, runOf('root'), runOf('a', { parent: 'root' }))
    await given(store, { executionId: 'a', writer: 'w', events: [stall], expectedSeq: 1 })
    const asleep = { status: 'awaiting', updatedAt: usualTime + 1, lastSeq: 1, errorCount: 0 }
    expectEqual(await of('a'), { ...asleep, wakeUpAt: usualTime + 50, parent: 'root' }, 'a run that sleeps')
    await given(store, batchOf('a', 2, ['workflow:resume', 'context:change']))
    const awake = { status: 'running', updatedAt: usualTime + 3, lastSeq: 3, errorCount: 0, parent: 'root' }
    expectEqual(await of('a'), awake, 'a run that goes on')
    const end = event('a', 4, 'workflow:finish', { status: 'failed', errors: [error, error], durationMs: 4 })
    await given(store, { executionId: 'a', writer: 'w', events: [end], expectedSeq: 4 })
    const ended = { status: 'failed', updatedAt: usualTime + 4, lastSeq: 4, errorCount: 2, parent: 'root' }
    expectEqual(await of('a'), { ...ended, finishedAt: usualTime + 4 }, 'a run that has ended')
  }),

  storeCase('lists runs that were stored event by event, too', ['list'], async ({ open }) => {
    const store = await open()
    const { events } = runOf('a', { tags: ['x'], steps: [finish('completed')] })
    for (const one of events) await store.store(one, 'a')
    const { items } = await store.list({ status: 'completed', tag: 'x', blueprintId: 'flow' })
    expectEqual(
      items.map(({ executionId, lastSeq, isOwned }) => [executionId, lastSeq, isOwned]),
      [['a', 1, false]],
      'the list',
    )
  }),
]
