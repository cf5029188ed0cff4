import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { fingerprint } from '../../src/blueprint/fingerprint.ts'
import { sha256 } from '../../src/blueprint/sha256.ts'
import { checkedWith } from '../laws/runs.ts'

const node = (id: string) => ({ id, uses: 'work', params: { a: 1, b: [1, { c: 'x' }] } })
const blueprint = (change: object = {}) =>
  ({ id: 'b', nodes: [node('a'), node('b')], edges: [{ source: 'a', target: 'b' }], ...change }) as WorkflowBlueprint

it('hashes as node:crypto does', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(text, (input) => {
      expect(sha256(input)).toBe(createHash('sha256').update(input).digest('hex'))
    }),
    checkedWith(500),
  )
  for (let length = 0; length < 130; length++) {
    const input = 'x'.repeat(length)
    expect(sha256(input)).toBe(createHash('sha256').update(input).digest('hex'))
  }
})

it('is the same for any order of keys, and for undefined properties', () => {
  const reordered = {
    edges: [{ target: 'b', source: 'a', action: undefined }],
    nodes: [{ params: { b: [1, { c: 'x' }], a: 1 }, uses: 'work', id: 'a' }, node('b')],
    id: 'b',
  }
  expect(fingerprint(reordered)).toBe(fingerprint(blueprint()))
  expect(fingerprint(JSON.parse(JSON.stringify(blueprint())) as WorkflowBlueprint)).toBe(fingerprint(blueprint()))
})

it('never changes between releases', () => {
  expect(fingerprint(blueprint())).toBe('a30718d2bcdf59da4bb4e1b50c02ce722cbcfc4ffa8fb1c315676628180b109b')
})

it.each([
  ['the order of nodes', { nodes: [node('b'), node('a')] }],
  ['an edge', { edges: [{ source: 'a', target: 'b', action: 'x' }] }],
  ['metadata', { metadata: { version: '2' } }],
  ['a parameter', { nodes: [{ ...node('a'), params: { a: '1' } }, node('b')] }],
  ['where text ends', { id: 'b","x":"' }],
])('is another one when %s differs', (_, change) => {
  expect(fingerprint(blueprint(change))).not.toBe(fingerprint(blueprint()))
})

it('refuses a blueprint that contains itself', () => {
  const params: Record<string, unknown> = {}
  params.self = params
  expect(() => fingerprint(blueprint({ nodes: [{ id: 'a', uses: 'u', params }] }))).toThrow(
    "Blueprint 'b' is nested deeper",
  )
})
