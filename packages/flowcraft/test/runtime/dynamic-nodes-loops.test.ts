import { describe, expect, it } from 'vitest'
import {
  FlowRuntime,
  NullLogger,
  type NodeContext,
  type NodeFunction,
  type NodeResult,
  type WorkflowBlueprint,
} from 'flowcraft'
import { edge, node, registry, runWith } from './dynamic-parts.ts'
import { frontierAfter, graph, recordingRuntime, type RecordedRun } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

const { pass } = registry
const named = ({ input, nodeId, iteration }: NodeContext): NodeResult => ({
  output: `${nodeId}#${iteration}(${String(input)})`,
})
const run = (blueprint: WorkflowBlueprint, functions: Readonly<Record<string, NodeFunction>>): Promise<RecordedRun> =>
  runWith(blueprint, { named, ...functions })

/** A loop that begins at `a` and ends with `z`, round and round while `condition` holds; then `end`. */
const loopOf = (condition: string, edges: Parameters<typeof graph>[0] = [], more: Parameters<typeof graph>[1] = {}) =>
  graph(
    [
      'start -> a',
      'a -> z',
      'z -> l',
      edge('l', 'a', { action: 'continue' }),
      edge('l', 'end', { action: 'break' }),
      ...edges,
    ],
    { l: { uses: 'loop-controller', params: { condition } }, start: { uses: 'pass' }, z: { uses: 'pass' }, ...more },
  )

/** Gives the number of its turn, and creates what `made` says. */
const creator =
  (made: (turn: number) => Pick<NodeResult, 'dynamicNodes' | 'dynamicEdges'>) =>
  ({ iteration }: NodeContext) => ({
    output: iteration,
    ...made(iteration),
  })

describe('a node that is created in a loop', () => {
  it('is forgotten with the turn: the next one may have its id, for something else', async () => {
    const { result, started, of } = await run(loopOf('input.a < 3', [], { end: { uses: 'pass' } }), {
      a: creator((turn) => ({
        dynamicNodes: [node('d', { uses: turn % 2 === 0 ? 'named' : 'pass' })],
        dynamicEdges: [edge('a', 'd'), edge('d', 'z')],
      })),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { a: 3, d: 3 } } })
    expect(started.filter((id) => id === 'd')).toHaveLength(4)
    const outputs = of('node:finish').filter(({ payload }) => payload.nodeId === 'd')
    expect(outputs.map(({ payload }) => payload.result.output)).toEqual(['d#0(0)', 1, 'd#2(2)', 3])
  })

  it('ends with its turn, which waits for it', async () => {
    const { result, events } = await run(loopOf('input < 2', [], { end: { uses: 'pass' } }), {
      a: creator(() => ({ dynamicNodes: [node('side', { uses: 'slow' })] })),
      slow: async ({ input }) => {
        await idle()
        return { output: input }
      },
    })
    expect(result.context).toMatchObject({ end: 2, side: 2 })
    const steps = events.flatMap(({ type, payload }) =>
      'nodeId' in payload && ['a', 'side', 'end'].includes(payload.nodeId ?? '') ? [`${payload.nodeId} ${type}`] : [],
    )
    const turn = ['a node:start', 'a node:finish', 'side node:start', 'side node:finish']
    expect(steps).toEqual([...turn, ...turn, ...turn, 'end node:start', 'end node:finish'])
  })

  it('is not part of a turn that creates none', async () => {
    const { result, started } = await run(loopOf('input.a < 2', [], { z: {}, end: { uses: 'pass' } }), {
      a: creator((turn) =>
        turn === 1 ? {} : { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'z')] },
      ),
      z: ({ input }) => ({ output: typeof input === 'object' ? input : { a: input } }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { a: 2, d: 'd#1(2)' } } })
    expect(started.filter((id) => id === 'd')).toHaveLength(2)
  })

  it('may create nodes itself, which go with it', async () => {
    const { result, started, events } = await run(loopOf('input < 3', [], { end: { uses: 'pass' } }), {
      a: creator(() => ({ dynamicNodes: [node('d', { uses: 'more' })] })),
      more: ({ input }) => ({ output: input, dynamicNodes: [node('e')], dynamicEdges: [edge('d', 'e')] }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: 3, e: 'e#3(3)' } })
    expect(started.filter((id) => id === 'e')).toHaveLength(4)
    expect(frontierAfter(loopOf('input < 3', [], { end: { uses: 'pass' } }), events).plan.nodes).toHaveLength(5 + 2)
  })

  it('fails the exits of its loop no more than any side branch does', async () => {
    const { result } = await run(loopOf('input < 1', [], { end: { uses: 'pass' } }), {
      a: creator(() => ({ dynamicNodes: [node('d', { uses: 'broken' })] })),
      broken: () => {
        throw new Error('broken')
      },
    })
    expect(result).toMatchObject({ status: 'failed', context: { end: 1 } })
    expect(result.errors?.map(({ nodeId }) => nodeId)).toEqual(['d', 'd'])
  })

  it('may lead out of the loop: that takes effect when the loop rests, with the last value', async () => {
    const { result, started } = await run(loopOf('input < 3', [], { end: { uses: 'pass' } }), {
      a: creator((turn) => ({
        dynamicNodes: [node('d'), node('e')],
        dynamicEdges: [
          edge('a', 'd'),
          edge('d', 'end'),
          edge('a', 'e'),
          edge('e', 'end', { condition: `${turn} == 1` }),
        ],
      })),
    })
    expect(result.status).toBe('completed')
    // Taken in any turn: what the last turn that took it delivered.
    expect(result.context['end']).toEqual({ l: 3, d: 'd#3(3)', e: 'e#1(1)' })
    expect(started.filter((id) => id === 'end')).toHaveLength(1)
  })

  it('may lead out of the loop by other names in other turns', async () => {
    const { result } = await run(loopOf('input < 2', [], { end: { uses: 'pass' } }), {
      a: creator((turn) => {
        const [first, second] = turn % 2 === 0 ? ['d', 'e'] : ['e', 'd']
        return {
          dynamicNodes: [node(`${first}${turn}`), node(`${second}${turn}`)],
          dynamicEdges: [
            edge('a', `${first}${turn}`),
            edge(`${first}${turn}`, 'end'),
            edge('a', `${second}${turn}`),
            edge(`${second}${turn}`, 'end'),
          ],
        }
      }),
    })
    expect(result.context['end']).toEqual({
      l: 2,
      d0: 'd0#0(0)',
      e0: 'e0#0(0)',
      d1: 'd1#0(1)',
      e1: 'e1#0(1)',
      d2: 'd2#0(2)',
      e2: 'e2#0(2)',
    })
  })

  it('may lead, in each turn by another name, to what nothing else leads to', async () => {
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const more = { primary: { uses: 'slow', config: { fallback: 'spare' } }, spare: { uses: 'pass' } }
    const { result } = await run(loopOf('input < 1', [], more), {
      a: creator((turn) => ({
        dynamicNodes: [node(`d${turn}`)],
        dynamicEdges: [edge('a', `d${turn}`), edge(`d${turn}`, 'spare')],
      })),
      slow: async () => await ended,
      end: () => end(),
    })
    expect(result).toMatchObject({ status: 'completed', context: { spare: { d0: 'd0#0(0)', d1: 'd1#0(1)' } } })
  })

  it('has nothing of the one that had its place in the turn before', async () => {
    const { result, of } = await run(loopOf('input < 1', [], { end: { uses: 'pass' }, z: {} }), {
      a: creator((turn) => ({
        dynamicNodes: [
          node('chosen'),
          node('first', { uses: turn === 0 ? 'broken' : 'named', config: { fallback: 'spare' } }),
          node('spare'),
          node('lost', { uses: turn === 0 ? 'broken' : 'named' }),
          node('behind'),
        ],
        dynamicEdges: [
          edge('a', 'chosen', { condition: `${turn} == 0` }),
          edge('a', 'first'),
          edge('a', 'lost'),
          edge('lost', 'behind'),
        ],
      })),
      z: ({ iteration }) => ({ output: iteration }),
      broken: () => {
        throw new Error('broken')
      },
    })
    expect(result).toMatchObject({
      status: 'failed',
      errors: [{ nodeId: 'lost' }],
      context: { behind: 'behind#0(lost#1(1))' },
    })
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['behind', 'upstream-failed'],
      ['chosen', 'not-chosen'],
      ['spare', 'fallback-not-needed'],
    ])
  })

  it('needs no more place in the plan after 5 000 turns than after one', { timeout: 60_000 }, async () => {
    const blueprint = loopOf('input.a < 4999', [], { end: { uses: 'pass' } })
    const { runtime, store } = recordingRuntime()
    const functionRegistry = {
      pass,
      named,
      a: creator(() => ({
        dynamicNodes: [node('d'), node('e'), node('f', { config: { fallback: 'g' } }), node('g')],
        dynamicEdges: [edge('a', 'd'), edge('d', 'e'), edge('e', 'z')],
      })),
    }
    const result = await runtime.run(blueprint, {}, { functionRegistry })
    expect(result).toMatchObject({ status: 'completed', context: { end: { a: 4999, e: `e#4999(d#4999(4999))` } } })
    const { plan, unresolved, freePlaces, dynamic } = frontierAfter(blueprint, await store.retrieve(result.executionId))
    expect([plan.nodes.length, unresolved.length, plan.indexOf.size]).toEqual([5 + 4, 5 + 4, 5 + 4])
    expect([freePlaces, dynamic?.length]).toEqual([[], 1])
    const [loop] = plan.loops
    expect([loop?.nodes.length, loop?.innerEdges.length, loop?.exits.length]).toEqual([3 + 4, 3 + 3, 1])
    for (const { incoming, outgoing } of plan.nodes) expect(incoming.length + outgoing.length).toBeLessThan(6)
  })

  it('is found again by whoever goes on from the log, or from the text of a run that nothing records', async () => {
    const blueprint = loopOf('input.a < 2', [], { end: { uses: 'pass' } })
    const functionRegistry = {
      pass,
      named,
      a: creator(() => ({
        dynamicNodes: [node('d'), node('ask', { uses: 'wait' })],
        dynamicEdges: [edge('a', 'd'), edge('d', 'ask'), edge('ask', 'z')],
      })),
    }
    const first = recordingRuntime()
    let parked = await first.runtime.run(blueprint, {}, { functionRegistry })
    for (const answer of ['one', 'two', 'three']) {
      const { runtime, look } = recordingRuntime({}, first.store)
      parked = await runtime.resume(blueprint, parked.serializedContext, { output: answer }, 'ask', {
        functionRegistry,
      })
      await look(blueprint, parked)
    }
    expect(parked).toMatchObject({ status: 'completed', context: { end: { a: 2, ask: 'three' } } })

    const bare = () => new FlowRuntime({ logger: new NullLogger() })
    let unrecorded = await bare().run(blueprint, {}, { functionRegistry })
    for (const answer of ['one', 'two', 'three']) {
      const { serializedContext } = unrecorded
      unrecorded = await bare().resume(blueprint, serializedContext, { output: answer }, 'ask', { functionRegistry })
    }
    expect(unrecorded).toMatchObject({ status: 'completed', context: { end: { a: 2, ask: 'three' } } })
  })
})

describe('a node that is created in a loop inside another one', () => {
  const nested = graph(
    [
      'start -> o',
      'o -> a',
      'a -> z',
      'z -> inner',
      edge('inner', 'a', { action: 'continue' }),
      edge('inner', 'p', { action: 'break' }),
      'p -> outer',
      edge('outer', 'o', { action: 'continue' }),
      edge('outer', 'end', { action: 'break' }),
    ],
    {
      start: { uses: 'pass' },
      o: { uses: 'pass' },
      z: { uses: 'pass' },
      inner: { uses: 'loop-controller', params: { condition: 'input % 2 == 0' } },
      outer: { uses: 'loop-controller', params: { condition: 'input.turn < 2' } },
      end: { uses: 'pass' },
    },
  )
  const toTurn = ({ input, iteration }: NodeContext) => ({ output: { turn: iteration, input } })

  it('leads to the loop around it, whose next turn begins without it', async () => {
    const { result, of } = await run(nested, {
      // Two turns of the inner loop in each of the outer one; an edge out of it in the very first turn only.
      a: creator((turn) =>
        turn === 0 ? { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] } : {},
      ),
      p: toTurn,
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { turn: 2, input: 5 } } })
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([{ inner: 1, d: 'd#0(0)' }, 3, 5])
  })

  it('has led there in an earlier turn, and says nothing of what leads there later', async () => {
    const blueprint = graph(
      [
        ...nested.edges.filter(({ target }) => target !== 'p'),
        edge('inner', 'p', { action: 'break' }),
        edge('o', 'q'),
        edge('q', 'p'),
      ],
      Object.fromEntries([...nested.nodes.map((each) => [each.id, each]), ['q', { uses: 'slow' }]]),
    )
    const { result, of } = await run(blueprint, {
      a: creator((turn) =>
        turn === 0 ? { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] } : {},
      ),
      p: toTurn,
      slow: async ({ iteration }) => {
        await idle()
        return { output: `q${iteration}` }
      },
    })
    expect(result.status).toBe('completed')
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([
      { inner: 1, q: 'q0', d: 'd#0(0)' },
      { inner: 3, q: 'q1' },
      { inner: 5, q: 'q2' },
    ])
  })

  it('leads there in each turn', async () => {
    const { result, of, events } = await run(nested, {
      a: creator(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'p')] })),
      p: toTurn,
    })
    expect(result.status).toBe('completed')
    const inputs = of('node:start').filter(({ payload }) => payload.nodeId === 'p')
    expect(inputs.map(({ payload }) => payload.input)).toEqual([
      { inner: 1, d: 'd#1(1)' },
      { inner: 3, d: 'd#3(3)' },
      { inner: 5, d: 'd#5(5)' },
    ])
    const { plan } = frontierAfter(nested, events)
    expect(plan.nodes).toHaveLength(nested.nodes.length + 1)
    expect(plan.loops.map(({ exits }) => exits.length)).toEqual([1 + 2, 1])
  })

  it('leads out of both', async () => {
    const { result } = await run(nested, {
      a: creator((turn) => ({
        dynamicNodes: [node('d')],
        dynamicEdges: [edge('a', 'd'), edge('d', 'end', { condition: `${turn} < 2` })],
      })),
      p: toTurn,
    })
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { outer: { turn: 2, input: 5 }, d: 'd#1(1)' } },
    })
  })

  it('is created outside of the inner loop, and forgotten with the turn of the outer one', async () => {
    const { result, started } = await run(
      { ...nested, nodes: nested.nodes.map((each) => (each.id === 'o' ? node('o', { uses: 'o' }) : each)) },
      {
        o: creator(() => ({ dynamicNodes: [node('d')], dynamicEdges: [edge('o', 'd'), edge('d', 'p')] })),
        a: ({ iteration }) => ({ output: iteration }),
        p: toTurn,
      },
    )
    expect(started.filter((id) => id === 'd')).toHaveLength(3)
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { turn: 2, input: { inner: 5, d: 'd#2(2)' } } },
    })
  })
})
