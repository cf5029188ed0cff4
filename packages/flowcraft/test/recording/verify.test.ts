import { describe, expect, it } from 'vitest'
import type { WorkflowBlueprint } from '../../src/blueprint/blueprint.ts'
import { createFlow } from '../../src/blueprint/builder.ts'
import { verifyRecording } from '../../src/recording/verify.ts'
import type { Verification } from '../../src/recording/verification.ts'
import { keptHistory } from './kept-histories.ts'
import { changed, edgeOf, nodeOf } from './verify-changes.ts'

type Change = (blueprint: WorkflowBlueprint) => void

/** A kept history against a blueprint that is its own but for a change. */
function verified(name: string, change: Change): Verification {
  const { blueprint, events } = keptHistory(name)
  return verifyRecording(changed(blueprint, change), { blueprint, events })
}

const removeEdge = (source: string, target: string): Change => {
  return (blueprint) => blueprint.edges.splice(blueprint.edges.indexOf(edgeOf(blueprint, source, target)), 1)
}

const removeNode = (id: string): Change => {
  return (blueprint) => {
    blueprint.nodes.splice(blueprint.nodes.indexOf(nodeOf(blueprint, id)), 1)
    blueprint.edges = blueprint.edges.filter(({ source, target }) => source !== id && target !== id)
  }
}

const insertBetween = (source: string, target: string): Change => {
  return (blueprint) => {
    blueprint.nodes.push({ id: 'between', uses: 'any' })
    edgeOf(blueprint, source, target).target = 'between'
    blueprint.edges.push({ source: 'between', target })
  }
}

describe('a blueprint that would decide otherwise is told by', () => {
  const cases: readonly (readonly [what: string, name: string, change: Change, found: object])[] = [
    [
      'the edge whose condition is another one',
      'routing',
      (blueprint) => (edgeOf(blueprint, 'start', 'small').condition = 'input.amount < 5'),
      {
        edge: { source: 'start', target: 'small' },
        expected: { type: 'edge:evaluate', result: true },
        actual: { type: 'edge:evaluate', source: 'start', target: 'small', result: false },
      },
    ],
    [
      'the edge whose condition fails now',
      'recovered',
      (blueprint) => (edgeOf(blueprint, 'start', 'left').condition = 'input.a.b.c'),
      { edge: { source: 'start', target: 'left' }, actual: { result: false } },
    ],
    [
      'the edge that was not taken for want of its action, and has another one now',
      'routing',
      (blueprint) => (edgeOf(blueprint, 'start', 'large').action = 'small'),
      { edge: { source: 'start', target: 'large' }, expected: { result: false }, actual: { result: true } },
    ],
    [
      'the edge that is gone',
      'joins',
      removeEdge('quick', 'either'),
      { edge: { source: 'quick', target: 'either' }, actual: { type: 'nothing' } },
    ],
    [
      'the edge that leads somewhere else',
      'cycle',
      (blueprint) => {
        blueprint.nodes.push({ id: 'other', uses: 'other' })
        edgeOf(blueprint, 'second', 'last').target = 'other'
        blueprint.edges.push({ source: 'other', target: 'last' })
      },
      { edge: { source: 'second', target: 'last' }, actual: { type: 'edge:evaluate', target: 'other', result: true } },
    ],
    [
      'the edge whose action has another name',
      'waiting',
      (blueprint) => (edgeOf(blueprint, 'approve', 'yes').action = 'approved'),
      { edge: { source: 'approve', target: 'yes' }, expected: { result: true }, actual: { result: false } },
    ],
    [
      'the edge whose transform is another one',
      'routing',
      (blueprint) => (edgeOf(blueprint, 'start', 'small').transform = 'input.amount * 3'),
      { edge: { source: 'start', target: 'small' }, expected: { value: '10' }, actual: { value: '15' } },
    ],
    [
      'the edge that has no transform any more',
      'routing',
      (blueprint) => delete edgeOf(blueprint, 'start', 'small').transform,
      { edge: { source: 'start', target: 'small' } },
    ],
    [
      'the edge that makes the default one needless',
      'defaults',
      (blueprint) => (edgeOf(blueprint, 'start', 'small').condition = 'input.amount > limit'),
      { edge: { source: 'start', target: 'small' }, expected: { result: false }, actual: { result: true } },
    ],
    [
      'the edge in whose place there is a node between',
      'recovered',
      insertBetween('left', 'join'),
      {
        edge: { source: 'left', target: 'join' },
        actual: { type: 'edge:evaluate', source: 'left', target: 'between' },
      },
    ],
    [
      'the node that must wait for a new one',
      'recovered',
      (blueprint) => {
        blueprint.nodes.push({ id: 'first', uses: 'any' })
        blueprint.edges.push({ source: 'first', target: 'join' })
      },
      {
        nodeId: 'join',
        expected: { type: 'node:start', nodeId: 'join' },
        actual: { type: 'node:start', nodeId: 'first' },
      },
    ],
    [
      'the edge to a node that is gone',
      'recovered',
      removeNode('right'),
      { edge: { source: 'start', target: 'right' } },
    ],
    ['the node that is gone, where nothing leads to it', 'failing', removeNode('lost'), { nodeId: 'lost' }],
    [
      'the node that joins otherwise',
      'joins',
      (blueprint) => delete nodeOf(blueprint, 'either').config,
      {
        nodeId: 'either',
        expected: { type: 'node:start' },
        actual: { type: 'node:skipped', reason: 'upstream-failed' },
      },
    ],
    [
      'the node that does not wait for all',
      'joins',
      (blueprint) => (nodeOf(blueprint, 'both').config = { joinStrategy: 'any' }),
      { nodeId: 'both', expected: { type: 'node:skipped' }, actual: { type: 'node:start' } },
    ],
    [
      'the node that has its input from somewhere else',
      'defaults',
      (blueprint) => (nodeOf(blueprint, 'mapped').inputs = { name: 'start.name' }),
      { nodeId: 'mapped', actual: { type: 'node:start', value: '{"name":"n"}' } },
    ],
    [
      'the node that would have had more attempts',
      'failing',
      (blueprint) => (nodeOf(blueprint, 'lost').config = { maxRetries: 2 }),
      { nodeId: 'lost', expected: { type: 'node:error' }, actual: { type: 'node:retry', attempt: 1 } },
    ],
    [
      'the node that would have had less',
      'classes',
      (blueprint) => (nodeOf(blueprint, 'steady').config = { maxRetries: 2 }),
      { nodeId: 'steady', expected: { type: 'node:retry', attempt: 2 }, actual: { type: 'node:error' } },
    ],
    [
      'the node that had a fallback',
      'repeated',
      (blueprint) => {
        delete nodeOf(blueprint, 'sub').config!.fallback
        blueprint.edges.push({ source: 'sub', target: 'spare', action: 'never' })
      },
      { nodeId: 'sub', expected: { type: 'node:fallback', fallback: 'spare' }, actual: { type: 'nothing' } },
    ],
    [
      'the node that has one now',
      'failing',
      (blueprint) => (nodeOf(blueprint, 'lost').config = { fallback: 'another' }),
      { nodeId: 'lost', actual: { type: 'node:fallback', fallback: 'another' } },
    ],
    [
      'the node that has another one',
      'late',
      (blueprint) => (nodeOf(blueprint, 'slow').config!.fallback = 'late/other'),
      { nodeId: 'slow', expected: { fallback: 'late/instead' }, actual: { fallback: 'late/other' } },
    ],
    [
      'the fallback that is none any more, and would begin the run',
      'failing',
      (blueprint) => delete nodeOf(blueprint, 'broken').config!.fallback,
      { nodeId: 'broken', expected: { type: 'node:fallback' } },
    ],
    [
      'the loop whose condition is another one',
      'loop',
      (blueprint) => (nodeOf(blueprint, 'again').params!['condition'] = 'input < 2'),
      {
        nodeId: 'again',
        expected: { type: 'node:finish', action: 'continue' },
        actual: { type: 'node:finish', action: 'break' },
      },
    ],
    [
      'the loop whose condition fails now',
      'nested',
      (blueprint) => (nodeOf(blueprint, 'inside').params!['condition'] = 'input.a.b'),
      { nodeId: 'inside', actual: { type: 'node:error' } },
    ],
    [
      'the node of a loop whose turn waits for a new one',
      'nested',
      (blueprint) => {
        blueprint.nodes.push({ id: 'aside', uses: 'any' })
        blueprint.edges.push({ source: 'inner', target: 'aside' })
      },
      { nodeId: 'inner', actual: { type: 'node:start', nodeId: 'aside' } },
    ],
    [
      'the batch whose chunks are larger',
      'batch',
      (blueprint) => (nodeOf(blueprint, 'shout_scatter').params!['chunkSize'] = 3),
      {
        nodeId: 'shout_scatter',
        expected: { type: 'batch:start', workerNodeIds: ['shout[0]', 'shout[1]'] },
        actual: { type: 'batch:start', workerNodeIds: ['shout[0]', 'shout[1]', 'shout[2]'] },
      },
    ],
    [
      'the batch that takes failures otherwise',
      'batch',
      (blueprint) => delete nodeOf(blueprint, 'shout_scatter').params!['onError'],
      { nodeId: 'shout_scatter', expected: { onError: 'collect' } },
    ],
    [
      'the batch that puts its results somewhere else',
      'batch',
      (blueprint) => {
        nodeOf(blueprint, 'shout_scatter').params!['outputKey'] = 'elsewhere'
        nodeOf(blueprint, 'shout_gather').params!['outputKey'] = 'elsewhere'
      },
      {
        nodeId: 'shout_gather',
        expected: { type: 'context:change', key: 'shouted' },
        actual: { type: 'context:change', key: 'elsewhere' },
      },
    ],
    [
      'the worker that would have had more attempts',
      'batch',
      (blueprint) => (nodeOf(blueprint, 'shout_scatter').config!.maxRetries = 3),
      { nodeId: 'shout[2]', expected: { type: 'node:error' }, actual: { type: 'node:retry' } },
    ],
    [
      'the subflow that runs another blueprint',
      'subflow',
      (blueprint) => (nodeOf(blueprint, 'sub').params!['blueprintId'] = 'another'),
      { nodeId: 'sub', expected: { type: 'node:start', nodeId: 'sub' } },
    ],
    [
      'the node that is of another kind',
      'waiting',
      (blueprint) => Object.assign(nodeOf(blueprint, 'nap'), { uses: 'waiting/own', params: {} }),
      { nodeId: 'nap', expected: { type: 'node:start' } },
    ],
    [
      'the node that waits for another event',
      'waiting',
      (blueprint) => (nodeOf(blueprint, 'approve').params!['event'] = 'refusal'),
      { nodeId: 'approve', expected: { type: 'node:wait', event: 'approval' }, actual: { event: 'refusal' } },
    ],
    [
      'the node that no target needs any more',
      'targets',
      (blueprint) => {
        blueprint.nodes.push({ id: 'new', uses: 'any' })
        blueprint.edges = [
          { source: 'start', target: 'beside' },
          { source: 'new', target: 'wanted' },
        ]
      },
      { nodeId: 'start' },
    ],
    [
      'the node of which something was created that there is already',
      'dynamic',
      (blueprint) => blueprint.nodes.push({ id: 'free', uses: 'any' }),
      { nodeId: 'plan', expected: { type: 'node:finish' }, actual: { type: 'node:error' } },
    ],
    [
      'the node that a fork ran again, where its edge is gone',
      'forked-again',
      removeEdge('join', 'end'),
      { edge: { source: 'join', target: 'end' } },
    ],
    [
      'the node that would run once more',
      'paused',
      (blueprint) => blueprint.edges.push({ source: 'second', target: 'first' }),
      { expected: { type: 'workflow:finish' }, nodeId: 'first', actual: { type: 'node:start', nodeId: 'first' } },
    ],
  ]

  it.each(cases)('%s (%s)', (_, name, change, found) => {
    const result = verified(name, change)
    expect(result).toMatchObject({ ok: false, divergence: found })
    if (result.ok) return
    const { divergence } = result
    const { events } = keptHistory(name)
    expect(divergence.expected.type).toBe(events[divergence.seq]!.type)
    expect(divergence.reason).toContain(
      divergence.edge === undefined ? `'${divergence.nodeId}'` : `'${divergence.edge.target}'`,
    )
    expect(JSON.parse(JSON.stringify(divergence))).toEqual(divergence)
  })
})

describe('a blueprint whose change no recorded decision hangs on verifies', () => {
  const cases: readonly (readonly [what: string, name: string, change: Change])[] = [
    [
      'with a new node at the end',
      'recovered',
      (blueprint) => {
        blueprint.nodes.push({ id: 'new', uses: 'any' })
        blueprint.edges.push({ source: 'join', target: 'new' })
      },
    ],
    [
      'with a new node at the end of a run that failed',
      'failing',
      (blueprint) => {
        blueprint.nodes.push({ id: 'new', uses: 'any' })
        blueprint.edges.push({ source: 'behind', target: 'new' }, { source: 'flaky', target: 'new' })
      },
    ],
    [
      'with another branch, of several nodes',
      'recovered',
      (blueprint) => {
        blueprint.nodes.unshift({ id: 'new', uses: 'any' }, { id: 'newer', uses: 'any' })
        blueprint.edges.unshift({ source: 'start', target: 'new' }, { source: 'new', target: 'newer' })
      },
    ],
    [
      'with another branch that the run would not have chosen',
      'recovered',
      (blueprint) => {
        blueprint.nodes.push({ id: 'new', uses: 'any' }, { id: 'newer', uses: 'any' })
        blueprint.edges.push(
          { source: 'start', target: 'new', condition: 'input > 1' },
          { source: 'new', target: 'newer' },
          { source: 'newer', target: 'join' },
        )
        nodeOf(blueprint, 'join').inputs = { left: 'left', right: 'right' }
      },
    ],
    [
      'with a node that nothing leads to',
      'waiting',
      (blueprint) => blueprint.nodes.unshift({ id: 'new', uses: 'any' }),
    ],
    [
      'with a new node behind a loop',
      'loop',
      (blueprint) => {
        blueprint.nodes.push({ id: 'new', uses: 'any' })
        blueprint.edges.unshift({ source: 'end', target: 'new' })
      },
    ],
    [
      'with an edge before those that nodes create',
      'dynamic',
      (blueprint) => {
        blueprint.nodes.unshift({ id: 'new', uses: 'any' })
        blueprint.edges.unshift({ source: 'end', target: 'new' })
      },
    ],
    [
      'with other metadata and other code',
      'routing',
      (blueprint) => {
        blueprint.metadata = { version: '2', label: 'other' }
        for (const node of blueprint.nodes) node.uses = `${node.uses}/new`
      },
    ],
    [
      'with other times',
      'waiting',
      (blueprint) => {
        nodeOf(blueprint, 'nap').params!['duration'] = '1d'
        nodeOf(blueprint, 'approve').params!['timeout'] = '2d'
      },
    ],
    [
      'with other delays and bounds in time',
      'classes',
      (blueprint) => Object.assign(nodeOf(blueprint, 'steady').config!, { retryDelay: 0, timeout: 1000 }),
    ],
    [
      'with more places in a batch',
      'batch',
      (blueprint) => (nodeOf(blueprint, 'shout_scatter').params!['concurrency'] = 5),
    ],
    [
      'with attempts that nobody needed',
      'recovered',
      (blueprint) => {
        for (const node of blueprint.nodes) node.config = { maxRetries: 5, fallback: 'any' }
      },
    ],
    ['without a branch that was not chosen', 'routing', removeNode('other')],
    [
      'with a condition that comes to the same',
      'recovered',
      (blueprint) => (edgeOf(blueprint, 'start', 'right').condition = 'result.output < 2'),
    ],
    [
      'with a loop that is asked in other words',
      'nested',
      (blueprint) => (nodeOf(blueprint, 'inside').params!['condition'] = 'context.inner % 2 === 0'),
    ],
  ]

  it.each(cases)('%s (%s)', (_, name, change) => {
    expect(verified(name, change)).toEqual({ ok: true })
  })
})

describe('verifyRecording', () => {
  it('asks the evaluator that it is given', () => {
    const { blueprint, events } = keptHistory('recovered')
    const other = changed(blueprint, (copy) => (edgeOf(copy, 'start', 'left').condition = 'in the language of another'))
    const evaluator = { evaluate: (expression: string) => expression.startsWith('in the') }
    expect(verifyRecording(other, { blueprint, events }, { evaluator })).toEqual({ ok: true })
    expect(verifyRecording(other, { blueprint, events })).toMatchObject({ ok: false })
  })

  it('does not ask about what it knows from the recording', () => {
    const { blueprint, events } = keptHistory('loop')
    const evaluator = {
      evaluate(): never {
        throw new Error('nobody should ask')
      },
    }
    expect(verifyRecording(structuredClone(blueprint), { blueprint, events }, { evaluator })).toEqual({ ok: true })
    // By its hash, the blueprint is the recorded one.
    expect(verifyRecording(blueprint, events, { evaluator })).toEqual({ ok: true })
  })

  it('finds a recording of another flow at its first node', () => {
    const { blueprint } = keptHistory('loop')
    expect(verifyRecording(blueprint, keptHistory('batch'))).toMatchObject({
      ok: false,
      divergence: { seq: 1, nodeId: 'list', expected: { type: 'node:start', nodeId: 'list' } },
    })
  })

  it('does not take a blueprint that cannot run', () => {
    const { events } = keptHistory('loop')
    const broken = { id: 'broken', nodes: [], edges: [{ source: 'a', target: 'b' }] }
    expect(() => verifyRecording(broken, events)).toThrow(expect.objectContaining({ code: 'BLUEPRINT_INVALID' }))
  })

  it('says what it needs, where that is not what it was given', () => {
    const { events, blueprint } = keptHistory('loop')
    const flow = createFlow('flow').node('a', async () => ({ output: 1 }))
    for (const [no, found] of [
      [null, 'it is null'],
      [5, 'it is 5'],
      [{ id: 'x', nodes: {} }, 'its nodes are an object'],
      [flow, 'toBlueprint()'],
    ] as const) {
      const refused = expect.objectContaining({ code: 'BLUEPRINT_INVALID', message: expect.stringContaining(found) })
      expect(() => verifyRecording(no as never, events)).toThrow(refused)
    }
    for (const no of [null, undefined, 5, 'text', {}, { events: 5 }]) {
      const refused = expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining('; found ') })
      expect(() => verifyRecording(blueprint, no as never)).toThrow(refused)
    }
  })

  it('knows the kinds of its own that a runtime has other code for', () => {
    const { events, blueprint } = keptHistory('recovered')
    const waits = changed(blueprint, (copy) => (nodeOf(copy, 'right').uses = 'wait'))
    expect(verifyRecording(waits, { events, blueprint: waits })).toMatchObject({
      ok: false,
      divergence: { nodeId: 'right' },
    })
    expect(verifyRecording(waits, { events, blueprint: waits }, { overridden: ['wait'] })).toEqual({ ok: true })
  })
})
