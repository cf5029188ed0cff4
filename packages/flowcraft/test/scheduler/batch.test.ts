import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/events/event.ts'
import { graph } from '../runtime/run-recorded.ts'
import { edge, error, factsOf, finish, retry, start, whenAsked } from './given.ts'

const blueprintOf = (params: Record<string, unknown> = {}) =>
  graph(['s -> g', 'g -> end'], {
    s: { uses: 'batch-scatter', params: { workerUsesKey: 'w', gatherNodeId: 'g', ...params }, inputs: 'items' },
    g: { uses: 'batch-gather', params: { outputKey: 'all' } },
  })

const chunk = (...items: readonly number[]): Fact => ({
  type: 'batch:start',
  payload: { batchId: 's', scatterNodeId: 's', iteration: 0, workerNodeIds: items.map((item) => `s[${item}]`) },
})
const results = (...values: readonly unknown[]): Fact => ({
  type: 'batch:finish',
  payload: { batchId: 's', gatherNodeId: 'g', iteration: 0, results: values },
})
const begun = start('s', { input: ['x', 'y', 'z'] })
const ended = (item: number): Fact[] => [start(`s[${item}]`), finish(`s[${item}]`, item)]

describe('a scatter that has started', () => {
  it('has its first chunk of workers recorded', () => {
    const { facts } = whenAsked(blueprintOf({ chunkSize: 2 }), [begun]) as { facts: readonly Fact[] }
    expect(facts).toEqual([chunk(0, 1)])
  })

  it('holds no slot: its workers may start', () => {
    const decision = whenAsked(blueprintOf({ chunkSize: 2 }), [begun, chunk(0, 1)], { concurrency: 1 })
    expect(factsOf(decision)).toMatchObject([{ type: 'node:start', payload: { nodeId: 's[0]', input: 'x' } }])
  })

  it('waits for every worker of a chunk, also for one that is to be tried again', () => {
    const blueprint = blueprintOf({ chunkSize: 2 })
    const past = [begun, chunk(0, 1), ...ended(0), start('s[1]')]
    expect(whenAsked(blueprint, past)).toEqual({ kind: 'wait' })
    expect(whenAsked(blueprint, [...past, retry('s[1]', 5)])).toEqual({ kind: 'wait' })
    expect(factsOf(whenAsked(blueprint, [...past, retry('s[1]', 0)]))).toMatchObject([{ payload: { attempt: 2 } }])
  })

  it('has the next chunk recorded when all of one have ended, however', () => {
    const past = [begun, chunk(0, 1), ...ended(0), start('s[1]'), error('s[1]')]
    expect(factsOf(whenAsked(blueprintOf({ chunkSize: 2 }), past))).toEqual([chunk(2)])
  })

  it('finishes without an output when no item is left, and its gather follows', () => {
    const past = [begun, chunk(0, 1, 2), ...ended(0), ...ended(1), ...ended(2)]
    expect(factsOf(whenAsked(blueprintOf(), past))).toMatchObject([
      { type: 'node:finish', payload: { nodeId: 's', result: {} } },
    ])
    const after = [...past, finish('s', undefined), edge(0, 's', 'g')]
    expect(factsOf(whenAsked(blueprintOf(), after))).toMatchObject([{ type: 'node:start', payload: { nodeId: 'g' } }])
  })

  it('lets a worker start when another one leaves its place', () => {
    const blueprint = blueprintOf({ concurrency: 1 })
    const past = [begun, chunk(0, 1, 2), start('s[0]')]
    expect(whenAsked(blueprint, past)).toEqual({ kind: 'wait' })
    expect(factsOf(whenAsked(blueprint, [...past, finish('s[0]')]))).toMatchObject([{ payload: { nodeId: 's[1]' } }])
    expect(factsOf(whenAsked(blueprint, [...past, retry('s[0]', 5)]))).toMatchObject([{ payload: { nodeId: 's[1]' } }])
  })

  it('has no worker start twice whose delay ended, unrecorded, while its batch was full', () => {
    const past = [begun, chunk(0, 1, 2), start('s[0]'), retry('s[0]', 5), ...ended(1)]
    const again = [...past, start('s[0]', { attempt: 2 }), finish('s[0]', 0, { attempt: 2 })]
    const blueprint = blueprintOf({ concurrency: 1 })
    expect(factsOf(whenAsked(blueprint, again))).toMatchObject([{ payload: { nodeId: 's[2]' } }])
    expect(factsOf(whenAsked(blueprint, [...again, ...ended(2)]))).toMatchObject([
      { type: 'node:finish', payload: { nodeId: 's' } },
    ])
  })
})

describe('a worker that led to nodes of its own', () => {
  const created = { dynamicNodes: [{ id: 'd', uses: 'w' }], dynamicEdges: [{ source: 's[0]', target: 'd' }] }
  const past = [begun, chunk(0), start('s[0]'), finish('s[0]', 0, { result: { output: 0, ...created } })]

  it('has its edges decided before its place is given to another one', () => {
    const blueprint = blueprintOf({ chunkSize: 1 })
    expect(whenAsked(blueprint, past)).toMatchObject({ kind: 'route', node: { id: 's[0]' } })
    expect(factsOf(whenAsked(blueprint, [...past, edge(2, 's[0]', 'd')]))).toEqual([chunk(1)])
  })
})

describe('a gather that has started', () => {
  const past = [begun, chunk(0, 1, 2), ...ended(0), ...ended(1), ...ended(2), finish('s', undefined), edge(0, 's', 'g')]

  it('has its results recorded, then its write, then its output', () => {
    expect(factsOf(whenAsked(blueprintOf(), [...past, start('g')]))).toMatchObject([
      { type: 'batch:finish', payload: { results: [0, 1, 2] } },
      { type: 'context:change', payload: { sourceNode: 'g', key: 'all', value: [0, 1, 2] } },
      { type: 'node:finish', payload: { nodeId: 'g', result: { output: [0, 1, 2] } } },
    ])
  })

  it('has no results recorded twice where a log was cut behind them', () => {
    const cut = [...past, start('g'), results(0, 1, 2)]
    expect(factsOf(whenAsked(blueprintOf(), cut)).map(({ type }) => type)).toEqual(['context:change', 'node:finish'])
  })
})
