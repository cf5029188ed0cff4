import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { creating, edge, node, registry, runWith } from './dynamic-parts.ts'
import { graph, recordingRuntime } from './run-recorded.ts'
import { virtualClock } from './virtual-clock.ts'

describe('a node that another one creates', () => {
  it('begins with the output of its creator when no edge leads to it', async () => {
    const { result, started } = await runWith(graph(['a -> b']), {
      a: creating([node('d1'), node('d2')]),
      b: registry.pass,
    })
    expect(result).toMatchObject({ status: 'completed', context: { b: 'out', d1: 'd1(out)', d2: 'd2(out)' } })
    expect(started).toEqual(['a', 'b', 'd1', 'd2'])
  })

  it('begins with its own inputs where it has some', async () => {
    const created = [node('d1', { inputs: 'first' }), node('d2', { uses: 'pass', inputs: { x: 'first', y: 'a' } })]
    const { result } = await runWith(graph(['first -> a']), { first: () => ({ output: 1 }), a: creating(created) })
    expect(result.context).toMatchObject({ d1: 'd1(1)', d2: { x: 1, y: 'out' } })
  })

  it('is led to by edges, and leads on to nodes that the run has', async () => {
    const { result, started } = await runWith(graph(['a -> b', 'b -> c']), {
      a: creating([node('d1'), node('d2')], [edge('a', 'd1'), edge('d1', 'd2'), edge('d2', 'c')]),
      b: registry.pass,
      c: registry.pass,
    })
    expect(result.context).toMatchObject({ c: { b: 'out', d2: 'd2(d1(out))' } })
    expect(started).toEqual(['a', 'b', 'd1', 'd2', 'c'])
  })

  it('has edges that go on counting', async () => {
    const { of, result } = await runWith(graph(['a -> b']), {
      a: creating([node('d1')], [edge('a', 'd1', { condition: 'result.output == "out"' }), edge('d1', 'b')]),
      b: registry.pass,
    })
    expect(of('edge:evaluate').map(({ payload }) => [payload.edge, payload.source, payload.target])).toEqual([
      [0, 'a', 'b'],
      [1, 'a', 'd1'],
      [2, 'd1', 'b'],
    ])
    expect(result.context['b']).toEqual({ a: 'out', d1: 'd1(out)' })
  })

  it('is chosen by actions, conditions and transforms as any other one', async () => {
    const created = [node('yes'), node('no'), node('never'), node('changed')]
    const { result, of } = await runWith(graph([], { a: {} }), {
      a: () => ({
        output: 3,
        action: 'yes',
        dynamicNodes: created,
        dynamicEdges: [
          edge('a', 'yes', { action: 'yes' }),
          edge('a', 'no', { action: 'no' }),
          edge('a', 'never', { action: 'yes', condition: 'input > 5' }),
          edge('a', 'changed', { action: 'yes', transform: 'input * 2' }),
        ],
      }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { yes: 'yes(3)', changed: 'changed(6)' } })
    expect(of('node:skipped').map(({ payload }) => payload.nodeId)).toEqual(['no', 'never'])
  })

  it('does not delay what follows its creator', async () => {
    let go = (): void => {}
    const gone = new Promise<void>((resolve) => (go = resolve))
    const { result } = await runWith(graph(['a -> b']), {
      a: creating([node('slow', { uses: 'slow' })]),
      slow: async () => ({ output: await gone }),
      b: () => go(),
    })
    expect(result.status).toBe('completed')
  })

  it('is retried, bounded and replaced by its own configuration', async () => {
    const { result, of } = await runWith(graph([], { a: {} }), {
      a: creating([
        node('d', { uses: 'fail', config: { maxRetries: 2, fallback: 'spare' } }),
        node('spare'),
        node('k', { uses: 'fail', config: { fallback: 'named' } }),
        node('unneeded', { config: { fallback: 'idle' } }),
        node('idle'),
      ]),
    })
    expect(result).toMatchObject({ status: 'completed', context: { d: 'spare(out)', k: 'k(out)' } })
    expect(of('node:retry').map(({ payload }) => payload.nodeId)).toEqual(['d'])
    expect(of('node:skipped').map(({ payload }) => [payload.nodeId, payload.reason])).toEqual([
      ['idle', 'fallback-not-needed'],
    ])
  })

  it('fails the run when it fails, and kills what it leads to', async () => {
    const { result, of } = await runWith(graph(['a -> b', 'b -> c']), {
      a: creating([node('d', { uses: 'fail' })], [edge('d', 'c')]),
      b: registry.pass,
      c: registry.pass,
    })
    expect(result).toMatchObject({ status: 'failed', errors: [{ nodeId: 'd' }] })
    expect(of('node:skipped').map(({ payload }) => payload.nodeId)).toEqual(['c'])
  })

  it('may create nodes itself, 2 000 deep', async () => {
    const { result } = await runWith(graph([], { a: { uses: 'next' } }), {
      next: ({ input }) => {
        const depth = typeof input === 'number' ? input : 0
        return depth < 2000
          ? { output: depth + 1, dynamicNodes: [{ id: `n${depth}`, uses: 'next' }] }
          : { output: 'end' }
      },
    })
    expect(result).toMatchObject({ status: 'completed', context: { n1999: 'end' } })
  })

  it('may be one of 5 000', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => node(`d${index}`))
    const { result } = await runWith(graph(['a -> b', 'b -> end']), {
      a: creating(
        many,
        many.map(({ id }) => edge(id, 'end')),
      ),
      b: registry.pass,
      end: ({ input }) => ({ output: Object.keys(input as object).length }),
    })
    expect(result).toMatchObject({ status: 'completed', context: { end: 5001 } })
  })

  it('joins with the attempt that succeeded', async () => {
    const { result, started } = await runWith(graph([], { a: { config: { maxRetries: 3 } } }), {
      a: ({ attempt }) => {
        if (attempt < 3) throw new Error('not yet')
        return { output: attempt, dynamicNodes: [node('d')] }
      },
    })
    expect(result).toMatchObject({ status: 'completed', context: { d: 'd(3)' } })
    expect(started).toEqual(['a', 'a', 'a', 'd'])
  })

  it('may be created by a fallback, be it a registry key or a node', async () => {
    const byKey = await runWith(graph(['a -> b'], { a: { uses: 'fail', config: { fallback: 'spare' } } }), {
      spare: creating([node('d')], [edge('a', 'd'), edge('d', 'b')]),
      b: registry.pass,
    })
    expect(byKey.result).toMatchObject({ status: 'completed', context: { b: { a: 'out', d: 'd(out)' } } })
    const byNode = await runWith(graph(['a -> b'], { a: { uses: 'fail', config: { fallback: 'spare' } }, spare: {} }), {
      spare: creating([node('d')], [edge('spare', 'd'), edge('d', 'b')]),
      b: registry.pass,
    })
    expect(byNode.result).toMatchObject({ status: 'completed', context: { b: { a: 'out', d: 'd(out)' } } })
  })

  it('begins with the output of that run of a fallback which created it', async () => {
    const blueprint = graph([], {
      p1: { uses: 'fail', config: { fallback: 'spare' } },
      p2: { uses: 'fail', config: { fallback: 'spare' } },
      spare: {},
    })
    const spare = ({ iteration }: NodeContext) => ({ output: iteration, dynamicNodes: [node(`d${iteration}`)] })
    const { result } = await runWith(blueprint, { spare }, { concurrency: 1 })
    expect(result).toMatchObject({ status: 'completed', context: { d0: 'd0(0)', d1: 'd1(1)' } })
  })

  it('may be one of the kinds that the engine runs itself', async () => {
    const clock = virtualClock()
    const child = createFlow('child').node('x', ({ input }) => ({ output: ['child', input] }))
    const blueprint = graph(['a -> b', 'b -> end'])
    const { runtime, look } = recordingRuntime({ clock, flows: [child], registry })
    const functionRegistry = {
      a: creating(
        [
          node('nap', { uses: 'sleep', params: { duration: '1s' } }),
          node('ask', { uses: 'wait', params: { event: 'answer' } }),
          node('sub', { uses: 'subflow', params: { blueprintId: 'child' } }),
        ],
        [edge('nap', 'end'), edge('ask', 'end'), edge('sub', 'end')],
      ),
      b: registry.pass,
      end: registry.pass,
    }
    const parked = await runtime.run(blueprint, {}, { functionRegistry })
    expect((await look(blueprint, parked)).result).toMatchObject({
      status: 'awaiting',
      context: { _awaitingNodeIds: ['nap', 'ask'], sub: ['child', 'out'] },
    })
    runtime.startScheduler()
    await clock.advance(2000)
    runtime.stopScheduler()
    const { result } = await look(blueprint, await runtime.resume(parked.executionId, { nodeId: 'ask', output: 'yes' }))
    expect(result).toMatchObject({
      status: 'completed',
      context: { end: { b: 'out', nap: 'out', ask: 'yes', sub: ['child', 'out'] } },
    })
  })

  it('waits in the log, from which another process goes on', async () => {
    const blueprint = graph(['a -> b', 'b -> end'])
    const functionRegistry = {
      ...registry,
      a: creating([node('ask', { uses: 'wait' }), node('next')], [edge('ask', 'next'), edge('next', 'end')]),
      b: registry.pass,
      end: registry.pass,
    }
    const first = recordingRuntime()
    const parked = await first.runtime.run(blueprint, {}, { functionRegistry })
    const again = recordingRuntime({}, first.store)
    const result = await again.runtime.resume(blueprint, parked.serializedContext, { output: 'yes' }, 'ask', {
      functionRegistry,
    })
    await again.look(blueprint, result)
    expect(result).toMatchObject({ status: 'completed', context: { end: { b: 'out', next: 'next(yes)' } } })
  })
})
