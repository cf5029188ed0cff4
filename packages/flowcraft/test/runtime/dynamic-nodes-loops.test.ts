import { describe, expect, it } from 'vitest'
import { FlowRuntime, NullLogger } from 'flowcraft'
import { creatingInTurn, edge, node, registry, runWith } from './dynamic-parts.ts'
import { frontierAfter, graph, recordingRuntime } from './run-recorded.ts'
import { idle } from './virtual-clock.ts'

const { pass, named } = registry

/** A loop that begins at `a` and ends with `z`, round and round while `condition` holds; then `end`. */
const loopOf = (condition: string, more: Parameters<typeof graph>[1] = {}) =>
  graph(
    ['start -> a', 'a -> z', 'z -> l', edge('l', 'a', { action: 'continue' }), edge('l', 'end', { action: 'break' })],
    { l: { uses: 'loop-controller', params: { condition } }, start: { uses: 'pass' }, z: { uses: 'pass' }, ...more },
  )

describe('a node that is created in a loop', () => {
  it('is forgotten with the turn: the next one may have its id, for something else', async () => {
    const { result, started, of } = await runWith(loopOf('input.a < 3', { end: { uses: 'pass' } }), {
      a: creatingInTurn((turn) => ({
        dynamicNodes: [node('d', { uses: turn % 2 === 0 ? 'named' : 'pass' })],
        dynamicEdges: [edge('a', 'd'), edge('d', 'z')],
      })),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { a: 3, d: 3 } } })
    expect(started.filter((id) => id === 'd')).toHaveLength(4)
    const outputs = of('node:finish').filter(({ payload }) => payload.nodeId === 'd')
    expect(outputs.map(({ payload }) => payload.result.output)).toEqual(['d(0)', 1, 'd#2(2)', 3])
  })

  it('ends with its turn, which waits for it', async () => {
    const { result, events } = await runWith(loopOf('input < 2', { end: { uses: 'pass' } }), {
      a: creatingInTurn(() => ({ dynamicNodes: [node('side', { uses: 'slow' })] })),
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
    const { result, started } = await runWith(loopOf('input.a < 2', { z: {}, end: { uses: 'pass' } }), {
      a: creatingInTurn((turn) =>
        turn === 1 ? {} : { dynamicNodes: [node('d')], dynamicEdges: [edge('a', 'd'), edge('d', 'z')] },
      ),
      z: ({ input }) => ({ output: typeof input === 'object' ? input : { a: input } }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: { a: 2, d: 'd#1(2)' } } })
    expect(started.filter((id) => id === 'd')).toHaveLength(2)
  })

  it('may create nodes itself, which go with it', async () => {
    const { result, started, events } = await runWith(loopOf('input < 3', { end: { uses: 'pass' } }), {
      a: creatingInTurn(() => ({ dynamicNodes: [node('d', { uses: 'more' })] })),
      more: ({ input }) => ({ output: input, dynamicNodes: [node('e')], dynamicEdges: [edge('d', 'e')] }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: 3, e: 'e#3(3)' } })
    expect(started.filter((id) => id === 'e')).toHaveLength(4)
    expect(frontierAfter(loopOf('input < 3', { end: { uses: 'pass' } }), events).plan.nodes).toHaveLength(5 + 2)
  })

  it('fails the exits of its loop no more than any side branch does', async () => {
    const { result } = await runWith(loopOf('input < 1', { end: { uses: 'pass' } }), {
      a: creatingInTurn(() => ({ dynamicNodes: [node('d', { uses: 'broken' })] })),
      broken: () => {
        throw new Error('broken')
      },
    })
    expect(result).toMatchObject({ status: 'failed', context: { end: 1 } })
    expect(result.errors?.map(({ nodeId }) => nodeId)).toEqual(['d', 'd'])
  })

  it('may lead out of the loop: that takes effect when the loop rests, with the last value', async () => {
    const { result, started } = await runWith(loopOf('input < 3', { end: { uses: 'pass' } }), {
      a: creatingInTurn((turn) => ({
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
    const { result } = await runWith(loopOf('input < 2', { end: { uses: 'pass' } }), {
      a: creatingInTurn((turn) => {
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
      d0: 'd0(0)',
      e0: 'e0(0)',
      d1: 'd1(1)',
      e1: 'e1(1)',
      d2: 'd2(2)',
      e2: 'e2(2)',
    })
  })

  it('may lead, in each turn by another name, to what nothing else leads to', async () => {
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const more = { primary: { uses: 'slow', config: { fallback: 'spare' } }, spare: { uses: 'pass' } }
    const { result } = await runWith(loopOf('input < 1', more), {
      a: creatingInTurn((turn) => ({
        dynamicNodes: [node(`d${turn}`)],
        dynamicEdges: [edge('a', `d${turn}`), edge(`d${turn}`, 'spare')],
      })),
      slow: async () => await ended,
      end: () => end(),
    })
    expect(result).toMatchObject({ status: 'completed', context: { spare: { d0: 'd0(0)', d1: 'd1(1)' } } })
  })

  it('has nothing of the one that had its place in the turn before', async () => {
    const { result, of } = await runWith(loopOf('input < 1', { end: { uses: 'pass' }, z: {} }), {
      a: creatingInTurn((turn) => ({
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
      context: { behind: 'behind(lost#1(1))' },
    })
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['behind', 'upstream-failed'],
      ['chosen', 'not-chosen'],
      ['spare', 'fallback-not-needed'],
    ])
  })

  it('needs no more place in the plan after 5 000 turns than after one', { timeout: 60_000 }, async () => {
    const blueprint = loopOf('input.a < 4999', { end: { uses: 'pass' } })
    const { runtime, store } = recordingRuntime()
    const functionRegistry = {
      pass,
      named,
      a: creatingInTurn(() => ({
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
    const blueprint = loopOf('input.a < 2', { end: { uses: 'pass' } })
    const functionRegistry = {
      pass,
      named,
      a: creatingInTurn(() => ({
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
