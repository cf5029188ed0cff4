import type { ExecutionFilter, ExecutionSummary } from 'flowcraft'
import { given } from './answers.ts'
import { batchOf, error, event, finish, runOf, usualTime } from './events.ts'
import { expectEqual } from './expectation.ts'
import { forkOf } from './forks.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

const needs = ['append', 'fork', 'list'] as const
const at = usualTime + 1000

async function summary(store: StoreWith<'list'>, executionId: string): Promise<ExecutionSummary> {
  const { items } = await store.list({ executionId })
  const [found] = items
  if (found === undefined || items.length > 1) throw new Error(`'${executionId}' is listed ${items.length} times`)
  return { ...found, tags: found.tags.toSorted() }
}

async function expectListed(store: StoreWith<'list'>, filter: ExecutionFilter, ids: readonly string[]): Promise<void> {
  const found = (await store.list(filter)).items.map(({ executionId }) => executionId)
  expectEqual(found, ids, `the list by ${JSON.stringify(filter)}`)
}

const orders = { blueprintId: 'orders', blueprintVersion: '2.1', blueprintHash: 'h', tags: ['b', 'a'] } as const

/** What `list` promises of forks. */
export const forkListCases: readonly StoreCase[] = [
  storeCase('sums up a fork: where it comes from, its own times, the rest as its source', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { ...orders, steps: ['node:start', finish('failed', error)] }))
    const before = await summary(store, 'a')
    await store.fork(forkOf('f', 'a', 2, { at, owner: 'me', payload: { blueprintVersion: '7' } }))
    const expected: ExecutionSummary = {
      executionId: 'f',
      blueprintId: 'orders',
      blueprintVersion: '2.1',
      blueprintHash: 'h',
      status: 'running',
      startedAt: at + 3,
      updatedAt: at + 3,
      lastSeq: 3,
      errorCount: 0,
      forkedFrom: { executionId: 'a', seq: 2 },
      tags: ['a', 'b'],
      owner: 'me',
      isOwned: false,
    }
    expectEqual(await summary(store, 'f'), expected, 'the summary of the fork')
    expectEqual(await summary(store, 'a'), before, 'the summary of the source')
    await given(store, batchOf('f', 4, ['node:start', 'workflow:finish'], 'f'))
    const { owner: _, ...rest } = expected
    const end = { status: 'completed', finishedAt: usualTime + 5, updatedAt: usualTime + 5, lastSeq: 5 } as const
    expectEqual(await summary(store, 'f'), { ...rest, ...end }, 'the summary of the fork, once it has ended')
    expectEqual(await summary(store, 'a'), before, 'the summary of the source')
  }),

  storeCase('sums up a fork with another blueprint, and forks of it', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { ...orders, steps: ['node:start', 'node:finish'] }))
    const payload = { blueprintId: 'orders 2', blueprintHash: 'h2' }
    await store.fork(forkOf('f', 'a', 1, { payload }))
    await store.fork(forkOf('g', 'f', 2))
    await store.fork(forkOf('h', 'f', 0, { payload: { blueprintHash: 'h3', blueprintVersion: '3' } }))
    const of = async (id: string): Promise<unknown> => {
      const { blueprintId, blueprintVersion, blueprintHash, forkedFrom, tags } = await summary(store, id)
      return [blueprintId, blueprintVersion, blueprintHash, forkedFrom, tags]
    }
    const tags = ['a', 'b']
    expectEqual(await of('f'), ['orders 2', undefined, 'h2', { executionId: 'a', seq: 1 }, tags], 'another blueprint')
    expectEqual('blueprintVersion' in (await summary(store, 'f')), false, 'whether it has a version')
    expectEqual(await of('g'), ['orders 2', undefined, 'h2', { executionId: 'f', seq: 2 }, tags], 'a fork of it')
    expectEqual(await of('h'), ['flow', '3', 'h3', { executionId: 'f', seq: 0 }, tags], 'a fork inside what it shares')
    expectEqual(await of('a'), ['orders', '2.1', 'h', undefined, tags], 'the source')
    expectEqual('forkedFrom' in (await summary(store, 'a')), false, 'whether a source is said to be a fork')
    await expectListed(store, { blueprintId: 'orders' }, ['a'])
    await expectListed(store, { blueprintId: 'flow' }, ['h'])
  }),

  storeCase('sums up a fork of a run that sleeps as one that runs, until it sleeps itself', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: ['workflow:stall'] }))
    await store.fork(forkOf('f', 'a', 1))
    const { wakeUpAt: _, ...awake } = await summary(store, 'f')
    expectEqual(await summary(store, 'f'), awake, 'the summary, which has no time to wake up')
    expectEqual(awake.status, 'running', 'the status')
    const waiting = [{ nodeId: 'a', reason: 'timer', wakeUpAt: usualTime + 50 }]
    const stall = event('f', 3, 'workflow:stall', { remainingNodes: 1, waiting })
    await given(store, { executionId: 'f', writer: 'f', events: [stall], expectedSeq: 3 })
    const asleep = {
      ...awake,
      status: 'awaiting',
      wakeUpAt: usualTime + 50,
      lastSeq: 3,
      updatedAt: usualTime + 3,
    } as const
    expectEqual(await summary(store, 'f'), asleep, 'the summary, once it sleeps')
  }),

  storeCase('sums up a copy of a fork, appended as a whole, as one that runs', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const ended = runOf('f', { steps: ['node:start', finish('failed', error)] }).events
    const { event: first } = forkOf('f', 'a', 2)
    await given(store, { executionId: 'f', writer: 'f', events: [...ended, first], expectedSeq: 0 })
    const { status, errorCount, lastSeq, startedAt, ...rest } = await summary(store, 'f')
    expectEqual([status, errorCount, lastSeq, startedAt], ['running', 0, 3, usualTime], 'the summary of the copy')
    expectEqual(
      ['finishedAt' in rest, 'forkedFrom' in rest],
      [false, false],
      'whether it has ended, or shares anything',
    )
  }),

  storeCase('lists forks by when they began, their own status and errors, and tags', needs, async ({ open }) => {
    const store = await open()
    const node = [
      'node:error',
      { nodeId: 'a', iteration: 0, attempt: 1, error: { ...error, message: 'it BURNS' } },
    ] as const
    await given(store, runOf('a', { ...orders, steps: [node, finish('failed', { ...error, message: 'burnt' })] }))
    await store.fork(forkOf('f', 'a', 2, { at }))
    await store.fork(forkOf('g', 'a', 1, { at: at + 1000 }))
    await given(store, runOf('later', { at: at + 500 }))
    await expectListed(store, {}, ['g', 'later', 'f', 'a'])
    await expectListed(store, { tag: 'a' }, ['g', 'f', 'a'])
    await expectListed(store, { blueprintId: 'orders' }, ['g', 'f', 'a'])
    await expectListed(store, { status: 'failed' }, ['a'])
    await expectListed(store, { status: 'running', tag: 'b' }, ['g', 'f'])
    await expectListed(store, { hasErrors: true }, ['a'])
    await expectListed(store, { hasErrors: false }, ['g', 'later', 'f'])
    await expectListed(store, { startedFrom: at }, ['g', 'later', 'f'])
    await expectListed(store, { startedBefore: at }, ['a'])
    // What is shared is told of once.
    await expectListed(store, { errorText: 'burn' }, ['a'])
    const own = event('f', 4, 'node:error', {
      nodeId: 'a',
      iteration: 0,
      attempt: 1,
      error: { ...error, message: 'drowns' },
    })
    await given(store, { executionId: 'f', writer: 'f', events: [own], expectedSeq: 4 })
    await expectListed(store, { errorText: 'DROWN' }, ['f'])
  }),

  storeCase('lists forks page by page, each once', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('a', { steps: ['node:start', 'node:finish'] }))
    const ids = Array.from({ length: 9 }, (_, index) => `fork ${index}`)
    for (const [index, id] of ids.entries()) await store.fork(forkOf(id, 'a', 1, { at: at + Math.floor(index / 3) }))
    for (const limit of [1, 2, 4, 10]) {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({}, { limit, cursor })
        found.push(...page.items.map(({ executionId }) => executionId))
        cursor = page.cursor
      } while (cursor !== undefined)
      expectEqual(found, [...ids.toReversed(), 'a'], `the pages of ${limit}`)
    }
  }),

  storeCase('takes a fork of the run of a subflow for a root', needs, async ({ open }) => {
    const store = await open()
    await given(store, runOf('root'), runOf('child', { parent: 'root', at, tags: ['x'], steps: ['node:start'] }))
    await store.fork(forkOf('f', 'child', 1, { at: at + 1000 }))
    await expectListed(store, {}, ['f', 'root'])
    await expectListed(store, { tag: 'x' }, ['f'])
    await expectListed(store, { parent: 'root' }, ['child'])
    expectEqual('parent' in (await summary(store, 'f')), false, 'whether the fork has a parent')
    await given(store, runOf('sub', { parent: 'f', writer: 'f' }))
    await expectListed(store, { parent: 'f' }, ['sub'])
    await expectListed(store, { parent: 'child' }, [])
  }),
]
