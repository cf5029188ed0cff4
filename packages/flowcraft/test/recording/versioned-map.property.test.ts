import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VersionedMap } from '../../src/recording/versioned-map.ts'
import { checkedWith } from '../laws/runs.ts'

type Change =
  | { readonly kind: 'set'; readonly key: string; readonly value: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'clear' }

const key = fc.constantFrom('a', 'b', 'c', '__proto__')
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
)

it('a map that remembers is at every event what a plain map was then, its order and its size included', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 60 }), (events) => {
      const now = { seq: -1 }
      const map = new VersionedMap<string, number>(now)
      const plain = new Map<string, number>()
      const copies: Map<string, number>[] = []
      for (const [seq, changes] of events.entries()) {
        now.seq = seq
        for (const one of changes) {
          make(one, map)
          make(one, plain)
        }
        copies.push(new Map(plain))
        expect([...map]).toEqual([...plain])
      }
      for (const [seq, copy] of copies.entries()) {
        const then = map.at(seq)
        expect([...then]).toEqual([...copy])
        expect(then.size).toBe(copy.size)
        expect([[...then.keys()], [...then.values()]]).toEqual([[...copy.keys()], [...copy.values()]])
        for (const name of ['a', 'b', 'c', '__proto__', 'none']) {
          expect([then.has(name), then.get(name)]).toEqual([copy.has(name), copy.get(name)])
        }
      }
      expect([...map.at(-1)]).toEqual([])
    }),
    checkedWith(500),
  )
}, 600_000)

function make(one: Change, map: Map<string, number>): void {
  if (one.kind === 'set') map.set(one.key, one.value)
  else if (one.kind === 'delete') map.delete(one.key)
  else map.clear()
}

it('a key that changes at every event has the value of each of them', () => {
  const now = { seq: 0 }
  const map = new VersionedMap<string, number>(now)
  for (; now.seq < 200_000; now.seq += 1) map.set('hot', now.seq)
  for (let seq = 0; seq < 200_000; seq += 7) expect(map.at(seq).get('hot')).toBe(seq)
  expect(map.versionsOf('hot')).toHaveLength(200_000)
}, 60_000)
