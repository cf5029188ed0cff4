import type { ExecutionFilter, WorkflowError } from 'flowcraft'
import { given } from './answers.ts'
import { error, event, finish, runOf, usualTime } from './events.ts'
import { expectEqual, expectRejection } from './expectation.ts'
import { storeCase, type StoreCase, type StoreWith } from './store-case.ts'

type ListStore = StoreWith<'append' | 'list'>

async function pagesOf(store: ListStore, filter: ExecutionFilter, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  for (let cursor: string | undefined; ;) {
    const page = await store.list(filter, { limit, cursor })
    pages.push(page.items.map(({ executionId }) => executionId))
    if (page.cursor === undefined) return pages
    cursor = page.cursor
    if (pages.length > 1000) throw new Error(`the pages of ${limit} do not end`)
  }
}

function failure(message: string, cause?: string): WorkflowError {
  return { ...error, message, ...(cause !== undefined && { cause: { name: 'Error', message: cause } }) }
}

async function idsWith(store: ListStore, errorText: string): Promise<string[]> {
  const { items } = await store.list({ errorText })
  return items.map(({ executionId }) => executionId).toSorted()
}

/** What `list` promises of pages, and of text in errors. */
export const listPageCases: readonly StoreCase[] = [
  storeCase(
    'gives a list in pages, each execution once, also those that started together',
    ['append', 'list'],
    async ({ open }) => {
      const store = await open()
      const ids = Array.from({ length: 25 }, (_, index) => `run ${index}`)
      // Ten that started at one time, then five, then ten.
      const at = (index: number): number => usualTime + (index < 10 ? 0 : index < 15 ? 1 : 2)
      await given(store, ...ids.map((id, index) => runOf(id, { at: at(index), tags: index % 2 === 0 ? ['even'] : [] })))
      const whole = (await store.list({}, { limit: 1000 })).items
      expectEqual(whole.map(({ executionId }) => executionId).toSorted(), ids.toSorted(), 'the whole list')
      const starts = whole.map(({ startedAt }) => startedAt)
      expectEqual(
        starts,
        starts.toSorted((a, b) => b - a),
        'the times of the start',
      )
      const order = whole.map(({ executionId }) => executionId)
      for (const limit of [1, 2, 7, 10, 24, 25, 26]) {
        const pages = await pagesOf(store, {}, limit)
        expectEqual(pages.flat(), order, `the pages of ${limit} together`)
        expectEqual(pages.length, Math.ceil(25 / limit), `the number of pages of ${limit}`)
      }
      const isEven = (id: string): boolean => ids.indexOf(id) % 2 === 0
      expectEqual((await pagesOf(store, { tag: 'even' }, 3)).flat(), order.filter(isEven), 'the pages of a filter')
    },
  ),

  storeCase('gives 50 items where no limit is given', ['append', 'list'], async ({ open }) => {
    const store = await open()
    await given(store, ...Array.from({ length: 60 }, (_, index) => runOf(`run ${index}`)))
    const first = await store.list()
    const second = await store.list({}, { cursor: first.cursor })
    expectEqual([first.items.length, second.items.length], [50, 10], 'the lengths of the pages')
    expectEqual(second.cursor, undefined, 'the cursor of the last page')
  }),

  storeCase('goes on behind a page though newer executions came meanwhile', ['append', 'list'], async ({ open }) => {
    const store = await open()
    for (const id of ['a', 'b', 'c']) await given(store, runOf(id, { at: usualTime }))
    const first = await store.list({}, { limit: 2 })
    await given(store, runOf('newer', { at: usualTime + 1 }), runOf('equal', { at: usualTime }))
    const rest = (await store.list({}, { cursor: first.cursor })).items.map(({ executionId }) => executionId)
    expectEqual(
      [...first.items.map(({ executionId }) => executionId), ...rest].filter((id) => id.length === 1).toSorted(),
      ['a', 'b', 'c'],
      'what was there before, on both pages',
    )
    expectEqual(rest.includes('newer'), false, 'whether the second page has the newer one')
  }),

  storeCase('says no to a cursor that is none, and to a limit out of range', ['append', 'list'], async ({ open }) => {
    const store = await open()
    await given(store, runOf('a'), runOf('b'))
    for (const cursor of ['', 'x', 'end', '{}', "'; DROP TABLE x; --", 'null', '-', '/', '%']) {
      const what = `the cursor ${JSON.stringify(cursor)}`
      await expectRejection(store.list({}, { cursor }), 'EVENT_STORE_FAILED', what)
    }
    for (const limit of [0, -1, 1001, 1.5, Number.NaN, Infinity, '5' as unknown as number]) {
      await expectRejection(store.list({}, { limit }), 'EVENT_STORE_FAILED', `the limit ${String(limit)}`)
    }
    expectEqual((await store.list({}, { limit: 1000 })).items.length, 2, 'the number of items with the limit 1000')
  }),

  storeCase(
    'finds text in errors, of nodes and of the run, upper and lower case alike',
    ['append', 'list'],
    async ({ open }) => {
      const store = await open()
      const of = (nodeError: WorkflowError): object => ({ nodeId: 'a', iteration: 0, attempt: 1, error: nodeError })
      await given(
        store,
        runOf('by node', { steps: [['node:error', of(failure('Card declined'))]] }),
        runOf('by retry', { steps: [['node:retry', { ...of(failure('card is LOST')), delayMs: 1 }]] }),
        runOf('by run', { steps: [finish('failed', failure('fine'), failure('the Card is stolen'))] }),
        runOf('elsewhere', { steps: [['node:finish', { result: { output: 'declined card' } }]], tags: ['card'] }),
      )
      expectEqual(await idsWith(store, 'card'), ['by node', 'by retry', 'by run'], `'card'`)
      expectEqual(await idsWith(store, 'CARD IS'), ['by retry', 'by run'], `'CARD IS'`)
      expectEqual(await idsWith(store, 'declined'), ['by node'], `'declined'`)
      expectEqual(await idsWith(store, 'fraud'), [], `'fraud'`)
      const { items } = await store.list({ errorText: 'card', status: 'failed' })
      expectEqual(items.length, 1, `the number of those that have failed with 'card'`)
    },
  ),

  storeCase('finds text in the cause of an error', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const thrown = failure(`Node 'a' execution failed`, 'connection refused')
    await given(
      store,
      runOf('a', { steps: [finish('failed', thrown)] }),
      runOf('b', { steps: [finish('failed', error)] }),
    )
    expectEqual(await idsWith(store, 'refused'), ['a'], `'refused'`)
  }),

  storeCase(
    'takes text in errors as it stands, with no wildcards and no escapes',
    ['append', 'list'],
    async ({ open }) => {
      const store = await open()
      const messages = ['100 % sure', 'a_b', 'aXb', `it's "quoted"`, 'back\\slash', 'ärger 🎉', 'line\nbreak', '[x]*']
      await given(store, ...messages.map((message) => runOf(message, { steps: [finish('failed', failure(message))] })))
      const texts = { '0 %': 0, a_b: 1, axB: 2, [`'s "quo`]: 3, 'k\\s': 4, '🎉': 5, 'e\nb': 6, '[x]': 7 }
      for (const [text, index] of Object.entries(texts)) {
        expectEqual(await idsWith(store, text), [messages[index]], JSON.stringify(text))
      }
      for (const text of ['100%', '%', '_', '\\n', "' OR 1=1 --"]) {
        const expected = messages.filter((message) => message.includes(text)).toSorted()
        expectEqual(await idsWith(store, text), expected, JSON.stringify(text))
      }
    },
  ),

  storeCase('finds text in errors of runs that were resumed since', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const failed = { nodeId: 'a', iteration: 0, attempt: 1, error: failure('once wrong'), delayMs: 1 }
    await given(store, runOf('a', { steps: [['node:retry', failed], 'workflow:pause'] }))
    const resumed = event('a', 3, 'workflow:resume', { reason: 'external' })
    await given(store, { executionId: 'a', writer: 'x', events: [resumed], expectedSeq: 3 })
    expectEqual(await idsWith(store, 'ONCE'), ['a'], `'ONCE'`)
  }),
]
