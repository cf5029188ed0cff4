import { appended, given } from './answers.ts'
import { batch, batchOf, change, finish, runOf } from './events.ts'
import { claimOf } from './claims.ts'
import { expectEqual } from './expectation.ts'
import { eventsOf, follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'

const hostileIds: readonly string[] = [
  'é',
  'É',
  'e\u0301',
  ' a',
  'a',
  'A',
  'a ',
  'a\n',
  '',
  `'`,
  `"`,
  `''`,
  `'; DROP TABLE x; --`,
  `" OR ""="`,
  '\\',
  '\\%',
  '%',
  '_',
  '*',
  '?',
  '$1',
  ':a',
  '🎉',
  '__proto__',
  'constructor',
  'null',
  'end',
  '0',
  '00',
  '1e3',
  'x'.repeat(500),
  `${'x'.repeat(499)}y`,
  '🎉'.repeat(250),
]

/** What a store promises about ids of any letters. */
export const idCases: readonly StoreCase[] = [
  storeCase('keeps executions apart whose ids have any letters', [], async ({ open }) => {
    const store = await open()
    for (const id of hostileIds) await store.store(change(id, 0, id), id)
    for (const id of hostileIds)
      expectEqual(await store.retrieve(id), [change(id, 0, id)], `the events of ${JSON.stringify(id)}`)
    const histories = await store.retrieveMultiple([...hostileIds])
    for (const id of hostileIds)
      expectEqual(histories.get(id)?.length, 1, `the number of events of ${JSON.stringify(id)}`)
  }),

  storeCase('keeps them apart for every writer, too', ['append', 'getStats'], async ({ open }) => {
    const store = await open()
    const batches = hostileIds.map((id) => batch(id, 0, 2, id))
    expectEqual(await appended(store, ...batches), Array(hostileIds.length).fill('done'), 'the outcomes')
    const next = hostileIds.map((id) => batch(id, 2, 1, id))
    expectEqual(await appended(store, ...next), Array(hostileIds.length).fill('done'), 'the outcomes of the next')
    const other = hostileIds.map((id) => batch(id, 3, 1, `${id}!`))
    expectEqual(new Set(await appended(store, ...other)), new Set(['CONCURRENCY_CONFLICT']), 'the other writers')
    expectEqual(
      await store.getStats(),
      { totalEvents: 3 * hostileIds.length, executions: hostileIds.length },
      'the stats',
    )
  }),

  storeCase('keeps an id with NUL or a lone surrogate as it is, or says no to it', ['append'], async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 1), batch('a\ufffd', 0, 1))
    for (const id of ['a\0', 'a\0b', '\0', 'a\ud800', '\udc00']) {
      const [answer] = await appended(store, batch(id, 0, 2))
      const length = (await store.retrieve(id)).length
      expectEqual([answer, length], answer === 'done' ? ['done', 2] : ['EVENT_STORE_FAILED', 0], JSON.stringify(id))
    }
    expectEqual(
      [(await store.retrieve('a')).length, (await store.retrieve('a\ufffd')).length],
      [1, 1],
      'what was there',
    )
  }),

  storeCase('lists by ids, tags and parents of any letters as they stand', ['append', 'list'], async ({ open }) => {
    const store = await open()
    const letters = hostileIds.filter((id) => id !== '')
    for (const id of letters) {
      await given(store, runOf(id, { blueprintId: id, tags: [id] }), runOf(`${id}:child`, { parent: id }))
    }
    for (const id of letters) {
      const filters = [
        { executionId: id },
        { blueprintId: id },
        { tag: id },
        { tag: id, blueprintId: id, executionId: id },
      ]
      for (const filter of filters) {
        const ids = (await store.list(filter)).items.map(({ executionId }) => executionId)
        expectEqual(ids, [id], `the list by ${JSON.stringify(filter)}`)
      }
      const { items } = await store.list({ parent: id })
      expectEqual(
        items.map(({ executionId, parent }) => [executionId, parent]),
        [[`${id}:child`, id]],
        `the children of ${JSON.stringify(id)}`,
      )
    }
  }),

  storeCase(
    'follows, claims and deletes executions whose ids have any letters',
    ['append', 'subscribe', 'claim', 'delete', 'renew'],
    async ({ open }) => {
      const store = await open()
      const letters = hostileIds.filter((id) => id !== '')
      await given(store, ...letters.map((id) => runOf(id, { blueprintId: id, tags: [id], steps: ['workflow:pause'] })))
      for (const id of letters) {
        await store.renew(id, 600_000)
        await store.claim(claimOf(id, 2, id))
        await given(store, { ...batchOf(id, 3, ['workflow:finish'], id), owner: id })
        const follower = follow(store, id)
        expectEqual(
          (await follower.take(4)).map(({ event }) => event.executionId),
          [id, id, id, id],
          JSON.stringify(id),
        )
        await follower.expectEnd()
        const byTag = follow(store, { tag: id, blueprintId: id })
        expectEqual(
          eventsOf(await byTag.take(2)).map(({ seq }) => seq),
          [0, 1],
          `by tag and blueprint ${JSON.stringify(id)}`,
        )
        await byTag.leave()
      }
      for (const [index, id] of letters.entries()) {
        expectEqual(await store.delete(id), 1, `the number removed with ${JSON.stringify(id)}`)
        const next = letters[index + 1]
        if (next !== undefined)
          expectEqual((await store.retrieve(next)).length, 4, `the events of ${JSON.stringify(next)}`)
      }
    },
  ),

  storeCase('keeps blueprints under hashes of any letters', ['saveBlueprint', 'loadBlueprint'], async ({ open }) => {
    const store = await open()
    for (const id of hostileIds) await store.saveBlueprint(id, { id, nodes: [], edges: [] })
    for (const id of hostileIds)
      expectEqual((await store.loadBlueprint(id))?.id, id, `the blueprint ${JSON.stringify(id)}`)
  }),

  storeCase(
    'keeps tags that are no text, and parents that are none, from doing harm',
    ['append', 'list'],
    async ({ open }) => {
      const store = await open()
      const broken = { tags: ['x', 7, null, 'x', {}], parent: { executionId: 7 } }
      const start = { ...runOf('a').events[0]!.payload, ...broken }
      await given(
        store,
        runOf('a', { steps: [finish('completed')] }),
        runOf('b', { steps: [['workflow:start', start]] }),
      )
      const run = runOf('c')
      const event = Object.freeze({ ...run.events[0]!, payload: Object.freeze({ ...start, executionId: 'c' }) })
      await given(store, { ...run, events: [event as (typeof run.events)[number]] })
      const found = (await store.list({ tag: 'x' })).items
      expectEqual(
        found.map(({ executionId, tags, parent }) => [executionId, tags, parent]),
        [['c', ['x'], undefined]],
        'the list by a tag',
      )
    },
  ),
]
