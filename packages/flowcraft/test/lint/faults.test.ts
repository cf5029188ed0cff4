import { describe, expect, it } from 'vitest'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'
import { edges, gather, lint, loop, node, registry, scatter, sleep, subflow, wait, withFallback } from './blueprints.ts'

describe('the linter finds', () => {
  const batch = edges('b_scatter>b_gather')
  it.each([
    ['a batch without a worker', 'INVALID_BATCH_WORKER_KEY', [scatter({ workerUsesKey: undefined }), gather()], batch],
    ['a batch without a gather node', 'INVALID_BATCH_WORKER_KEY', [scatter({ gatherNodeId: 'x' })], []],
    [
      'a gather node that is an ordinary one',
      'INVALID_BATCH_WORKER_KEY',
      [scatter({ gatherNodeId: 'a' }), node('a')],
      edges('b_scatter>a'),
    ],
    [
      'a scatter without an edge to its gather node',
      'INVALID_BATCH_WORKER_KEY',
      [scatter(), node('a'), gather()],
      edges('b_scatter>a a>b_gather'),
    ],
    ['a gather node without a scatter', 'INVALID_BATCH_WORKER_KEY', [node('a'), gather()], edges('a>b_gather')],
    ['chunks of no size', 'INVALID_INPUT', [scatter({ chunkSize: 0 }), gather()], batch],
    ['half a worker', 'INVALID_INPUT', [scatter({ concurrency: 0.5 }), gather()], batch],
    ['another way to handle errors', 'INVALID_INPUT', [scatter({ onError: 'ignore' }), gather()], batch],
    ['an output key without a name', 'INVALID_INPUT', [scatter({ outputKey: '' }), gather()], batch],
    ['an output key that is no text', 'INVALID_INPUT', [scatter(), gather({ outputKey: 1 })], batch],
    ['an action of a batch', 'UNREACHABLE_ACTION', [scatter(), gather()], edges('b_scatter>b_gather:go')],
    ['a subflow without a blueprint', 'INVALID_SUBFLOW_BLUEPRINT_ID', [subflow({ blueprintId: '' })], []],
    ['a subflow whose inputs are a list', 'INVALID_INPUT', [subflow({ inputs: ['a'] })], []],
    ['a subflow whose outputs are no keys', 'INVALID_INPUT', [subflow({ outputs: { a: 1 } })], []],
    ['a subflow that gets what is not there', 'INVALID_INPUT', [subflow({ inputs: { a: '_outputs.ghost' } })], []],
    ['a sleep of less than nothing', 'INVALID_INPUT', [sleep(-1)], []],
    ['a sleep in unknown units', 'INVALID_INPUT', [sleep('5 fortnights')], []],
    ['a sleep without end', 'INVALID_INPUT', [sleep(undefined)], []],
    ['a timeout that is no time', 'INVALID_INPUT', [wait({ timeout: true })], []],
    ['an event that is no text', 'INVALID_INPUT', [wait({ event: {} })], []],
    ['an event without a name', 'INVALID_INPUT', [wait({ event: '' })], []],
    ['inputs that are no keys', 'INVALID_INPUT', [node('a', { inputs: { x: 1 } })], []],
    [
      'a loop condition that cannot be parsed',
      'INVALID_EXPRESSION',
      [node('a'), loop({ params: { condition: 'input <' } })],
      edges('a>loop loop>a:continue'),
    ],
    [
      'a transform that cannot be parsed',
      'INVALID_EXPRESSION',
      [node('a'), node('b')],
      edges('a>b', { transform: '{' }),
    ],
    ['a condition that is no text', 'INVALID_EXPRESSION', [node('a'), node('b')], edges('a>b', { condition: true })],
    ['an action that is no text', 'UNREACHABLE_ACTION', [node('a'), node('b')], edges('a>b', { action: null })],
    ['a node that is its own fallback', 'INVALID_FALLBACK', [withFallback('a', 'a')], []],
    ['a fallback that is no text', 'INVALID_FALLBACK', [withFallback('a', 5)], []],
    [
      'an input from what has an unusual name',
      'INVALID_INPUT',
      [node('a'), node('b', { inputs: '_outputs.two\nlines' })],
      edges('a>b'),
    ],
    ['a batch in pieces, once', 'INVALID_BATCH_WORKER_KEY', [node('a'), node('b'), scatter(), gather()], edges('a>b')],
    [
      'a gather node of two batches',
      'INVALID_BATCH_WORKER_KEY',
      [scatter(), { ...scatter(), id: 'other' }, gather()],
      edges('b_scatter>b_gather other>b_gather'),
    ],
    [
      'a node with the id of a worker',
      'DUPLICATE_NODE_ID',
      [scatter(), gather(), node('b[0]'), node('b[x]')],
      edges('b_scatter>b_gather b_gather>b[0] b_gather>b[x]'),
    ],
    [
      'a loop that goes on in two places',
      'UNREACHABLE_ACTION',
      [node('a'), node('b'), loop()],
      edges('a>loop b>loop loop>a:continue loop>b:continue'),
    ],
    [
      'a fallback that its node waits for',
      'INVALID_FALLBACK',
      [node('a'), node('f'), withFallback('p', 'f')],
      edges('a>f f>p'),
    ],
    ['a fallback by the key of a built-in', 'INVALID_FALLBACK', [withFallback('a', 'wait')], []],
    ['params that are no object', 'INVALID_INPUT', [node('a', { params: 'fast' })], []],
    ['a config that is no object', 'INVALID_INPUT', [node('a', { config: [] })], []],
    ['a join of another kind', 'INVALID_INPUT', [node('a', { config: { joinStrategy: 'some' } })], []],
    ['a node without an id', 'INVALID_INPUT', [{ uses: 'work' }], []],
    ['a scatter without an id', 'INVALID_INPUT', [{ ...scatter(), id: '' }, gather()], []],
    ['an entry that is no node', 'INVALID_INPUT', [node('a'), null], []],
    ['edges that are no list', 'INVALID_INPUT', [node('a')], {}],
  ])('%s', (_, code, nodes, links) => {
    expect(lint(nodes, links).issues.map((issue) => issue.code)).toEqual([code])
  })

  it.each([
    ['the fallback of one', [node('a'), node('b'), withFallback('c', 'f'), node('f')], 'a>b c>c', [], ['c', 'f']],
    ['a cycle, where another has an entry point', [node('c'), node('d')], 'c>c d>d', ['d'], ['c']],
    ['an entry point, where there is a start node', [node('a'), node('b'), node('c')], 'a>b c>c', ['c'], ['c']],
  ] as const)('a node that no run comes to: %s', (_, nodes, links, cycleEntryPoints, orphans) => {
    const { issues } = lint(nodes, edges(links), { cycleEntryPoints })
    expect(issues.map(({ code, nodeId }) => [code, nodeId])).toEqual(orphans.map((id) => ['ORPHAN_NODE', id]))
  })

  it.each([
    ['an entry point that is no node', { cycleEntryPoints: ['ghost'] }],
    ['entry points that are no list', { cycleEntryPoints: 'a' }],
    ['a version that is no text', { version: 2 }],
    ['metadata that are no object', 'v2'],
  ])('%s', (_, metadata) => {
    expect(lint([node('a')], [], metadata).issues.map((issue) => issue.code)).toEqual(['INVALID_INPUT'])
  })

  it.each([[null], [[]], ['{}'], [7], [undefined], [{}]])('%o, which is no blueprint', (blueprint) => {
    const { isValid, issues } = lintBlueprint(blueprint, registry)
    expect(isValid).toBe(false)
    expect(new Set(issues.map((issue) => issue.code))).toEqual(new Set(['INVALID_INPUT']))
  })
})
