import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import { lintBlueprint } from '../../src/lint/lint-blueprint.ts'
import { isPlan, planOf } from '../../src/blueprint/plan.ts'
import {
  child,
  edges,
  evaluator,
  found,
  gather,
  loop,
  node,
  scatter,
  sleep,
  subflow,
  wait,
  withFallback,
} from './blueprints.ts'

describe('the linter is silent on', () => {
  it.each<readonly [string, unknown, unknown?, unknown?]>([
    ['a single node', [node('a')]],
    ['parallel nodes, one with a fallback', [node('a'), withFallback('b', 'c'), node('c')]],
    ['a node of its own that names its inputs', [node('a'), node('b'), node('c', { inputs: 'key' })], edges('a>b')],
    [
      'joins, routes and inputs',
      [
        node('a', { config: { maxRetries: 3, retryDelay: 10, retryBackoff: 'exponential', timeout: 100 } }),
        node('b', { inputs: 'a.total' }),
        node('c', { inputs: { own: '_outputs.a', theirs: '_inputs.a', key: 'anything', mine: '_private' } }),
        node('d', { config: { joinStrategy: 'any' } }),
      ],
      [
        ...edges('a>b:go', { condition: 'result.output > 1' }),
        ...edges('a>c', { transform: 'input.total * 2' }),
        ...edges('b>d c>d c>d'),
      ],
      { version: '1', color: 'red' },
    ],
    ['an input from a node with a dot in its id', [node('a.b'), node('c', { inputs: '_outputs.a.b' })], edges('a.b>c')],
    [
      'fallbacks: a node, a shared one, a chain, a registry key',
      [withFallback('a', 'f'), withFallback('b', 'f'), withFallback('f', 'g'), withFallback('g', 'work'), node('h')],
      edges('a>b b>h f>h'),
    ],
    [
      'a primary whose only connection is its fallback',
      [node('a'), withFallback('b', 'f'), node('f'), node('z')],
      edges('a>z f>z'),
    ],
    [
      'a loop that is entered at its first node',
      [node('in'), node('a'), loop(), node('out')],
      edges('in>a a>loop loop>a:continue loop>out:break'),
    ],
    [
      'a loop that is entered at its controller',
      [node('in'), node('a'), loop(), node('out')],
      edges('in>loop a>loop loop>a:continue loop>out'),
    ],
    ['a loop with nothing around it', [node('a'), loop()], edges('a>loop loop>a:continue')],
    [
      'a loop in a loop',
      [node('in'), node('a'), loop(), { ...loop(), id: 'inner' }, node('b')],
      edges('in>a a>b b>inner inner>b:continue inner>loop:break loop>a:continue'),
    ],
    [
      'a loop-controller that may be replaced by what gives other actions',
      [node('a'), loop({ config: { fallback: 'work' } }), node('z')],
      edges('a>loop loop>a:continue loop>z:failed'),
    ],
    [
      'fallbacks in a loop',
      [node('in'), withFallback('a', 'f'), node('f'), { ...loop(), config: { fallback: 'work' } }],
      edges('in>a a>loop f>loop loop>a:continue loop>f:break'),
    ],
    [
      'a fallback that leads back to where its node begins',
      [node('s'), node('a'), withFallback('b', 'f'), node('f')],
      edges('s>a a>b b>a f>a'),
    ],
    ['a bare cycle', [node('a'), node('b'), node('c')], edges('a>b b>a b>c')],
    ['two bare cycles', [node('a'), node('b'), node('c'), node('d')], edges('a>b b>a c>d d>c')],
    ['a cycle with an entry point', [node('a'), node('b')], edges('a>b b>a'), { cycleEntryPoints: ['b'] }],
    ['a cycle behind a start node', [node('s'), node('a'), node('b')], edges('s>a a>b b>a')],
    [
      'a batch with all its options',
      [
        node('a'),
        scatter({ chunkSize: 10, concurrency: 2, onError: 'collect', outputKey: 'out' }),
        gather({ outputKey: 'out' }),
        node('z'),
      ],
      edges('a>b_scatter b_scatter>b_gather b_gather>z'),
    ],
    [
      'a batch of what has a fallback',
      [{ ...scatter(), config: { fallback: 'f', maxRetries: 2 } }, gather(), node('f')],
      edges('b_scatter>b_gather'),
    ],
    ['a subflow with all its options', [subflow({ inputs: { x: 'y' }, outputs: { z: 'only' } })]],
    ['a subflow of the blueprint itself', [subflow({ blueprintId: 'flow' })]],
    ['sleeps', [sleep(0), { ...sleep('10m'), id: 'b' }, { ...sleep('2h'), id: 'c' }, { ...sleep('1d'), id: 'd' }]],
    [
      'a wait, whose answer may have any action',
      [wait({ event: 'approval', timeout: '1d' }), node('a')],
      edges('ask>a:timeout ask>a:yes'),
    ],
    ['a wait for anything', [node('ask', { uses: 'wait' })]],
    ['no nodes at all', []],
  ])('%s', (_, nodes, links = [], metadata) => {
    expect(found(nodes, links, metadata)).toEqual([])
    // What is silent here must be what the engine takes.
    const blueprint = { id: 'flow', nodes, edges: links, metadata } as unknown as WorkflowBlueprint
    expect(isPlan(planOf(blueprint))).toBe(true)
  })

  it('what the builder makes', () => {
    const work = () => ({ output: 1 })
    const flow = createFlow('built')
      .node('a', work)
      .node('b', work)
      .batch('each', work, { inputKey: 'a', chunkSize: 5 })
      .loop('again', { startNodeId: 'b', endNodeId: 'b', condition: 'input < 3' })
      .sleep('nap', { duration: '5s' })
      .wait('ask')
      .subflow('sub', { blueprintId: 'known' })
      .edge('a', 'each', { condition: 'input == 1' })
      .edge('each', 'b')
      .edge('again', 'nap')
      .edge('nap', 'ask')
      .edge('ask', 'sub', { action: 'yes' })
    const given = [flow.toBlueprint(), flow.getFunctionRegistry(), { known: child }, { evaluator }] as const
    expect(lintBlueprint(...given).issues).toEqual([])
  })
})
