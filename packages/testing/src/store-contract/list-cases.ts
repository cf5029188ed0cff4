import type { ExecutionFilter } from 'flowcraft'
import { given } from './answers.ts'
import { error, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection, expectTrue } from './expectation.ts'
import { storeCase, type Bench, type StoreCase, type StoreWith } from './store-case.ts'

type ListStore = StoreWith<'append' | 'list'>

const day = 86_400_000

/** Six roots, a day apart, and children. */
async function sample({ open }: Bench<'append' | 'list'>): Promise<ListStore> {
  const store = await open()
  const at = (days: number): number => usualTime + days * day
  await given(
    store,
    runOf('running', { at: at(1), tags: ['red', 'big'] }),
    runOf('awaiting', { at: at(2), tags: ['red'], steps: ['workflow:pause'] }),
    runOf('stalled', {
      at: at(3),
      blueprintId: 'other',
      steps: [['workflow:stall', { remainingNodes: 1, waiting: [], stuck: [{ nodeId: 'b', reason: 'no way' }] }]],
    }),
    runOf('completed', { at: at(4), tags: ['big', 'red', 'big'], steps: [finish('completed')] }),
    runOf('failed', { at: at(5), blueprintId: 'other', steps: [finish('failed', error, error)] }),
    runOf('cancelled', { at: at(6), steps: ['workflow:cancel', finish('cancelled')] }),
    runOf('child', { at: at(5), parent: 'running', tags: ['red'] }),
    runOf('second child', { at: at(7), parent: 'running', steps: [finish('failed', error)] }),
    runOf('grandchild', { at: at(8), parent: 'child' }),
  )
  return store
}

async function expectIds(store: ListStore, filter: ExecutionFilter, expected: readonly string[]): Promise<void> {
  const { items, ...rest } = await store.list(filter)
  const what = `the executions that ${JSON.stringify(filter)} lists`
  expectEqual(
    items.map(({ executionId }) => executionId),
    expected,
    what,
  )
  expectEqual(rest, {}, `${what}, besides the items`)
}

const roots = ['cancelled', 'failed', 'completed', 'stalled', 'awaiting', 'running']

/** What `list` promises of filters. */
export const listCases: readonly StoreCase[] = [
  storeCase('lists the roots, the one that started last first', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, {}, roots)
    expectEqual((await store.list()).items.length, 6, 'the number of items without a filter')
    expectEqual(await (await bench.open()).list(), { items: [] }, 'the list of an empty store')
  }),

  storeCase('lists children only where their parent or they are named', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, { parent: 'running' }, ['second child', 'child'])
    await expectIds(store, { parent: 'child' }, ['grandchild'])
    await expectIds(store, { parent: 'completed' }, [])
    await expectIds(store, { parent: 'nobody' }, [])
    await expectIds(store, { executionId: 'grandchild' }, ['grandchild'])
    await expectIds(store, { tag: 'red', parent: 'running' }, ['child'])
    await expectIds(store, { status: 'failed', parent: 'running' }, ['second child'])
  }),

  storeCase('lists by execution id', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, { executionId: 'awaiting' }, ['awaiting'])
    await expectIds(store, { executionId: 'nobody' }, [])
    await expectIds(store, { executionId: 'awaiting', status: 'running' }, [])
    await expectIds(store, { executionId: 'child', parent: 'running' }, ['child'])
    await expectIds(store, { executionId: 'child', parent: 'completed' }, [])
  }),

  storeCase('lists by status, by one or by several', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    for (const status of ['running', 'awaiting', 'stalled', 'completed', 'failed', 'cancelled'] as const) {
      await expectIds(store, { status }, [status])
      await expectIds(store, { status: [status] }, [status])
    }
    await expectIds(store, { status: ['running', 'failed', 'awaiting'] }, ['failed', 'awaiting', 'running'])
    await expectIds(store, { status: [] }, [])
  }),

  storeCase('lists by blueprint id', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, { blueprintId: 'other' }, ['failed', 'stalled'])
    await expectIds(store, { blueprintId: 'Other' }, [])
    await expectIds(store, { blueprintId: 'other', status: 'failed' }, ['failed'])
  }),

  storeCase('lists by the time of the start: from then on, and before then', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    const at = (days: number): number => usualTime + days * day
    await expectIds(store, { startedFrom: at(5) }, ['cancelled', 'failed'])
    await expectIds(store, { startedFrom: at(5) + 1 }, ['cancelled'])
    await expectIds(store, { startedBefore: at(2) }, ['running'])
    await expectIds(store, { startedBefore: at(2) + 1 }, ['awaiting', 'running'])
    await expectIds(store, { startedFrom: at(2), startedBefore: at(4) }, ['stalled', 'awaiting'])
    await expectIds(store, { startedFrom: at(4), startedBefore: at(4) }, [])
    await expectIds(store, { startedFrom: at(2.5), blueprintId: 'flow' }, ['cancelled', 'completed'])
  }),

  storeCase('lists by whether they ended with errors', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, { hasErrors: true }, ['failed'])
    await expectIds(
      store,
      { hasErrors: false },
      roots.filter((id) => id !== 'failed'),
    )
    await expectIds(store, { hasErrors: true, blueprintId: 'flow' }, [])
    await expectIds(store, { hasErrors: true, parent: 'running' }, ['second child'])
  }),

  storeCase('lists by tag', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    await expectIds(store, { tag: 'red' }, ['completed', 'awaiting', 'running'])
    await expectIds(store, { tag: 'big' }, ['completed', 'running'])
    await expectIds(store, { tag: 'blue' }, [])
    await expectIds(store, { tag: 'Red' }, [])
    await expectIds(store, { tag: 're' }, [])
    await expectIds(store, { tag: 'red', status: ['awaiting', 'failed'] }, ['awaiting'])
  }),

  storeCase('takes a key that is undefined as not given', ['append', 'list'], async (bench) => {
    const store = await sample(bench)
    const names = ['executionId', 'status', 'blueprintId', 'startedFrom', 'startedBefore', 'hasErrors', 'tag']
    const filter = Object.fromEntries([...names, 'errorText', 'parent'].map((name) => [name, undefined]))
    await expectIds(store, filter, roots)
    const page = await store.list(undefined, { limit: undefined, cursor: undefined })
    expectEqual(page.items.length, 6, 'the number of items')
  }),

  storeCase('says no to a filter that has an unknown key or a value of another type', ['list'], async ({ open }) => {
    const store = await open()
    const filters: readonly (readonly [key: string, value: unknown])[] = [
      ['state', 'running'],
      ['status', 'done'],
      ['status', 7],
      ['status', ['running', null]],
      ['executionId', 7],
      ['blueprintId', {}],
      ['startedFrom', '2024'],
      ['startedBefore', Number.NaN],
      ['hasErrors', 'yes'],
      ['errorText', /x/],
      ['parent', null],
      ['tag', ['a']],
    ]
    for (const [key, value] of filters) {
      const filter = { [key]: value } as ExecutionFilter // Callers in JavaScript give anything.
      const { message } = await expectRejection(store.list(filter), 'EVENT_STORE_FAILED', `the filter with ${key}`)
      expectTrue(message.includes(key), `the message names '${key}': ${message}`)
    }
  }),
]
