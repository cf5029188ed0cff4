import { decodeValue, encodeValue, type FlowcraftEvent } from 'flowcraft'
import { collect, given } from './answers.ts'
import { batch, batchOf, change, eventTypes } from './events.ts'
import { expectEqual } from './expectation.ts'
import { chainOf, expectHistories, forked, forkOf } from './forks.ts'
import { storeCase, type StoreCase } from './store-case.ts'
import { bytes, clocks, collections, hostile, numbers, shapes, texts } from './values.ts'

const needs = ['append', 'fork', 'read'] as const

function recorded(value: unknown): unknown {
  const { json, notes } = encodeValue(value)
  return decodeValue(json, notes)
}

/** What a store promises to those who read forks. */
export const forkReadingCases: readonly StoreCase[] = [
  storeCase('gives forks of forks of any depth their whole histories', needs, async ({ open }) => {
    const store = await open()
    const { histories } = await chainOf(store, 5, 12)
    await expectHistories(store, histories)
  }),

  storeCase('forks a fork inside what it shares, wherever that came from', needs, async ({ open }) => {
    const store = await open()
    const { ids, histories } = await chainOf(store, 4, 3)
    const last = ids.at(-1)!
    const all = histories[last]!
    const made: Record<string, readonly FlowcraftEvent[]> = {}
    for (const { seq } of all) {
      const fork = forkOf(`at ${seq}`, last, seq)
      await store.fork(fork)
      const own = batch(fork.executionId, seq + 2, 1, 'f')
      await given(store, own)
      made[fork.executionId] = forked(fork, all, own)
    }
    await expectHistories(store, { ...histories, ...made })
  }),

  storeCase('reads any part of a fork of a fork of a fork', needs, async ({ open }) => {
    const store = await open()
    const { ids, histories } = await chainOf(store, 4, 3)
    const id = ids.at(-1)!
    const all = histories[id]!
    for (let fromSeq = -1; fromSeq <= all.length; fromSeq++) {
      for (let toSeq = fromSeq - 1; toSeq <= all.length; toSeq++) {
        const expected = all.filter(({ seq }) => seq >= fromSeq && seq <= toSeq)
        expectEqual(await collect(store, id, { fromSeq, toSeq }), expected, `the events ${fromSeq} to ${toSeq}`)
      }
      const behind = all.filter(({ seq }) => seq >= fromSeq)
      for (let limit = 0; limit <= all.length + 1; limit++) {
        const found = await collect(store, id, { fromSeq, limit })
        expectEqual(found, behind.slice(0, limit), `${limit} events from ${fromSeq} on`)
      }
      for (const types of [['workflow:fork'], ['context:change'], ['workflow:fork', 'context:change'], []] as const) {
        const fitting = behind.filter(({ type }) => (types as readonly string[]).includes(type))
        for (const limit of [1, 2, 100]) {
          const found = await collect(store, id, { fromSeq, types, limit })
          expectEqual(found, fitting.slice(0, limit), `${limit} of ${JSON.stringify(types)} from ${fromSeq} on`)
        }
      }
    }
  }),

  storeCase('reads forks of thousands of events, wherever the border is', needs, async ({ open }) => {
    const store = await open()
    const source = batch('a', 0, 2600)
    await given(store, source)
    for (const seq of [0, 998, 999, 1000, 1001, 1999, 2599]) {
      const fork = forkOf(`at ${seq}`, 'a', seq)
      await store.fork(fork)
      const own = batch(fork.executionId, seq + 2, 1200, 'f')
      await given(store, own)
      const history = forked(fork, source.events, own)
      await expectHistories(store, { [fork.executionId]: history })
      const range = { fromSeq: seq - 1, toSeq: seq + 1100 }
      const expected = history.filter((one) => one.seq >= range.fromSeq && one.seq <= range.toSeq)
      expectEqual(await collect(store, fork.executionId, range), expected, `the events round the border ${seq}`)
      const ends = await collect(store, fork.executionId, { types: ['workflow:fork'], fromSeq: 1, limit: 9 })
      expectEqual(ends, [fork.event], `the one event of its type round the border ${seq}`)
    }
  }),

  storeCase('does not show events of a fork that came after a read began', needs, async ({ open }) => {
    const store = await open()
    await given(store, batch('a', 0, 1200))
    const fork = forkOf('f', 'a', 1100)
    await store.fork(fork)
    const seen: FlowcraftEvent[] = []
    for await (const one of store.read('f')) {
      if (seen.length === 0) await given(store, batch('f', 1102, 5, 'f'), batch('a', 1200, 5))
      seen.push(one)
    }
    expectEqual(seen, forked(fork, batch('a', 0, 1200).events), 'the events')
  }),

  storeCase('gives a fork an event of every type, and finds each by its type', needs, async ({ open }) => {
    const store = await open()
    const source = batchOf('a', 0, eventTypes)
    await given(store, source)
    const fork = forkOf('f', 'a', eventTypes.length - 1)
    await store.fork(fork)
    const history = forked(fork, source.events)
    await expectHistories(store, { f: history })
    for (const type of eventTypes) {
      const expected = history.filter((one) => one.type === type)
      expectEqual(await collect(store, 'f', { types: [type] }), expected, `the events of type ${type}`)
    }
  }),

  storeCase('gives a fork values of every kind as its source has them', needs, async ({ open }) => {
    const store = await open()
    const values = [bytes, clocks, collections, hostile, numbers, shapes, texts].flat().map(recorded)
    const events = values.map((value, seq) => change('a', seq, [value]))
    await given(store, { executionId: 'a', writer: 'w', events, expectedSeq: 0 })
    const fork = forkOf('f', 'a', values.length - 1, { payload: { set: { k: values[0] } } })
    await store.fork(fork)
    await expectHistories(store, { f: forked(fork, events), a: events })
  }),

  storeCase(
    'gives back one value that events of a source and its forks share, also once the source is gone',
    [...needs, 'delete'],
    async ({ open }) => {
      const store = await open()
      const value = recorded({ text: 'x'.repeat(5000), items: [1n, new Date(0)] })
      const part = (id: string, seq: number, writer: string): Parameters<typeof given>[1] => {
        const events = [change(id, seq, value), change(id, seq + 1, { value, again: value })]
        return { executionId: id, writer, events, expectedSeq: seq }
      }
      await given(store, part('a', 0, 'w'), part('a', 2, 'w'))
      const fork = forkOf('f', 'a', 2)
      await store.fork(fork)
      await given(store, part('f', 4, 'f'), part('a', 4, 'w'))
      const second = forkOf('g', 'f', 4)
      await store.fork(second)
      await given(store, part('g', 6, 'f'))
      const source = [...part('a', 0, 'w').events, ...part('a', 2, 'w').events]
      const first = forked(fork, source, part('f', 4, 'f'))
      const histories = { f: first, g: forked(second, first, part('g', 6, 'f')) }
      await expectHistories(store, histories)
      for (const id of ['a', 'f']) {
        await store.delete(id)
        await expectHistories(store, { g: histories.g }, ` once '${id}' is gone`)
        expectEqual(await collect(store, 'g', { fromSeq: 6 }), histories.g.slice(6), `the last once '${id}' is gone`)
      }
    },
  ),
]
