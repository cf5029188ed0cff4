import { decodeValue, encodeValue } from 'flowcraft'
import { appended, collect, given } from './answers.ts'
import { change, runOf } from './events.ts'
import { expectEqual } from './expectation.ts'
import { follow } from './follower.ts'
import { storeCase, type StoreCase } from './store-case.ts'
import { bytes, clocks, collections, failures, hostile, large, numbers, plain, shapes, texts } from './values.ts'

const groups: readonly (readonly [promise: string, values: readonly unknown[]])[] = [
  ['gives back plain values', plain],
  ['gives back text of any characters, NUL and lone surrogates too', texts],
  ['gives back numbers that JSON does not have, and integers of any size', numbers],
  ['gives back dates, URLs and regular expressions', clocks],
  ['gives back Maps and Sets', collections],
  ['gives back bytes', bytes],
  ['gives back errors with their causes', failures],
  ['gives back shared references and cycles as they were', shapes],
  ['gives back objects with hostile keys, and harms no other', hostile],
  ['gives back what is deep or large', large],
]

function recorded(value: unknown): unknown {
  const { json, notes } = encodeValue(value)
  return decodeValue(json, notes)
}

async function checkValues(
  values: readonly unknown[],
  check: (value: unknown, id: string) => Promise<void>,
): Promise<void> {
  for (const [index, value] of values.entries()) await check(recorded(value), `value ${index}`)
}

function keysOf(value: unknown): readonly string[] {
  return Object.keys(value as object)
}

/** What a store promises about the values in its events. */
export const valueCases: readonly StoreCase[] = [
  ...groups.map(([promise, values]) =>
    storeCase(promise, [], async ({ open }) => {
      const store = await open()
      await checkValues(values, async (value, id) => {
        await store.store(change(id, 0, [value]), id)
        expectEqual(await store.retrieve(id), [change(id, 0, [value])], id)
      })
    }),
  ),

  storeCase(
    'gives back values of every kind by append, read and subscribe',
    ['append', 'read', 'subscribe'],
    async ({ open }) => {
      const store = await open()
      const values = groups.flatMap(([, each]) => each).map(recorded)
      const events = values.map((value, seq) => change('a', seq, [value]))
      expectEqual(
        await appended(store, { executionId: 'a', writer: 'w', events, expectedSeq: 0 }),
        ['done'],
        'the append',
      )
      expectEqual(await store.retrieve('a'), events, 'the events by retrieve')
      expectEqual(await collect(store, 'a'), events, 'the events by read')
      expectEqual(await collect(store, 'a', { fromSeq: 7, toSeq: 9 }), events.slice(7, 10), 'the events of a range')
      for (const target of ['a', {}]) {
        const follower = follow(store, target)
        await follower.expect(events)
        await follower.leave()
      }
    },
  ),

  storeCase('keeps the order of keys', [], async ({ open }) => {
    const store = await open()
    const value = {
      z: 1,
      a: { y: 1, b: 2, x: 3 },
      10: 1,
      2: 1,
      m: new Map([
        ['z', 1],
        ['a', 2],
      ]),
    }
    await store.store(change('a', 0, recorded(value)), 'a')
    const [found] = await store.retrieve('a')
    if (found?.type !== 'context:change') throw new Error('the event that was stored is not there')
    // Whether it is so is what is checked.
    const stored = found.payload.value as typeof value
    expectEqual([keysOf(stored), keysOf(stored.a), [...stored.m.keys()]], [keysOf(value), ['y', 'b', 'x'], ['z', 'a']])
  }),

  storeCase('gives back one value that several events share', ['append'], async ({ open }) => {
    const store = await open()
    const shared = recorded({ text: 'x'.repeat(5000), items: [1n, new Date(0)] })
    const events = [0, 1, 2, 3].map((seq) => change('a', seq, seq === 2 ? { shared, again: shared } : shared))
    await given(store, { executionId: 'a', writer: 'w', events: events.slice(0, 2), expectedSeq: 0 })
    await given(store, { executionId: 'a', writer: 'w', events: events.slice(2), expectedSeq: 2 })
    expectEqual(await store.retrieve('a'), events, 'the events')
  }),

  storeCase('gives back any values in a start, a resume and a finish', ['append'], async ({ open }) => {
    const store = await open()
    const value = recorded({ 'k\0': 2n ** 53n + 1n, s: '\ud800', m: new Map([[{}, -0]]) })
    const run = runOf('a', {
      steps: [
        ['node:finish', { nodeId: 'a', iteration: 0, attempt: 1, result: { output: value }, durationMs: 0.5 }],
        ['workflow:pause', { waiting: [] }],
        ['workflow:resume', { reason: 'external', nodeId: 'a', output: value, action: '\0' }],
        ['workflow:cancel', { reason: value }],
        ['workflow:finish', { status: 'cancelled', durationMs: 1e21 }],
      ],
    })
    await given(store, run)
    expectEqual(await store.retrieve('a'), run.events, 'the events')
  }),
]
