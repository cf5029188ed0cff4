import { describe, expect, it } from 'vitest'
import { BlueprintError, FlowRuntime, NullLogger } from 'flowcraft'
import { registry } from './dynamic-parts.ts'
import { graph, recordingRuntime } from './run-recorded.ts'
import { allNamed, runTo } from './run-to-targets.ts'

const diamond = graph(['a -> b', 'a -> c', 'b -> d', 'c -> d', 'd -> e', 'x -> y'])

describe('a run with targets', () => {
  it('starts only what leads to its target, and stalls with the rest named', async () => {
    const { result, started, of, resume } = await runTo(diamond, 'b')
    expect(started).toEqual(['a', 'b'])
    expect(result).toMatchObject({ status: 'stalled', errors: undefined, context: { key: 1, a: 'a(undefined)' } })
    expect(result.context).toEqual({
      key: 1,
      _executionId: result.executionId,
      a: 'a(undefined)',
      '_outputs.a': 'a(undefined)',
      b: 'b(a(undefined))',
      '_inputs.b': 'a(undefined)',
      '_outputs.b': 'b(a(undefined))',
    })
    expect(of('workflow:start')[0]?.payload).toMatchObject({ initialContext: { key: 1 }, options: { targets: ['b'] } })
    expect(of('workflow:start')[0]?.payload.initialContext).not.toHaveProperty('_targetNode')
    const reason = 'no target of the run needs it'
    expect(of('workflow:stall').map(({ payload }) => payload)).toMatchObject([
      {
        waiting: [],
        stuck: [
          { nodeId: 'c', reason },
          { nodeId: 'x', reason },
        ],
      },
    ])
    // The two that are held back, and d, e and y behind them.
    expect(of('workflow:stall')[0]?.payload.remainingNodes).toBe(5)
    const rest = await resume()
    expect(rest.started).toEqual(['a', 'b', 'c', 'x', 'd', 'y', 'e'])
    expect(rest.result).toMatchObject({ status: 'completed', context: { e: expect.stringMatching(/^e\(d\(/) } })
    expect(rest.of('workflow:resume').map(({ payload }) => payload.reason)).toEqual(['user'])
  })

  it('may have several', async () => {
    const { result, started, resume } = await runTo(diamond, ['b', 'y', 'b'])
    expect([result.status, started]).toEqual(['stalled', ['a', 'x', 'b', 'y']])
    expect((await resume()).started).toEqual(['a', 'x', 'b', 'y', 'c', 'd', 'e'])
  })

  it('completes when nothing is left beyond them', async () => {
    const { result, of } = await runTo(diamond, ['e', 'y'])
    expect(result.status).toBe('completed')
    expect(of('workflow:stall')).toEqual([])
  })

  it.each([['ghost'], [['a', 'ghost', 'spook']]])('cannot name what is no node (%j)', async (target) => {
    const runtime = new FlowRuntime({ logger: new NullLogger() })
    const run = runtime.run(diamond, { _targetNode: target }, { functionRegistry: allNamed(diamond) })
    await expect(run).rejects.toBeInstanceOf(BlueprintError)
    await expect(run).rejects.toThrow(/_targetNode names 'ghost'/)
  })

  it.each([[5], [null], [{}], [[]], [[5]]])('cannot have %j as one', async (target) => {
    const runtime = new FlowRuntime({ logger: new NullLogger() })
    const run = runtime.run(diamond, { _targetNode: target }, { functionRegistry: allNamed(diamond) })
    await expect(run).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('goes on from its log or from its text', async () => {
    const first = recordingRuntime()
    const { result } = await runTo(diamond, 'b', {}, first)
    const again = recordingRuntime({ registry: allNamed(diamond) }, first.store)
    const rest = await again.look(diamond, await again.runtime.resume(result.executionId))
    expect(rest.started).toEqual(['a', 'b', 'c', 'x', 'd', 'y', 'e'])
    const functionRegistry = allNamed(diamond)
    const bare = (): FlowRuntime => new FlowRuntime({ logger: new NullLogger() })
    const stalled = await bare().run(diamond, { _targetNode: 'b' }, { functionRegistry })
    expect(stalled.status).toBe('stalled')
    const ended = await bare().resume(diamond, stalled.serializedContext, {}, undefined, { functionRegistry })
    expect(ended).toMatchObject({ status: 'completed', context: { y: 'y(x(undefined))' } })
  })

  it('tells of errors on the way, and of what they kept it from', async () => {
    const { result, started, resume } = await runTo(diamond, 'd', { b: registry.fail })
    expect([result.status, started]).toEqual(['stalled', ['a', 'b', 'c']])
    expect(result.errors).toMatchObject([{ nodeId: 'b' }])
    const rest = await resume()
    expect([rest.result.status, rest.started]).toEqual(['failed', ['a', 'b', 'c', 'x', 'y']])
  })

  it('may be cancelled where it stalls', async () => {
    const bench = recordingRuntime()
    const { result } = await runTo(diamond, 'b', {}, bench)
    await bench.runtime.cancel(result.executionId)
    const types = (await bench.store.retrieve(result.executionId)).map(({ type }) => type)
    expect(types.slice(-2)).toEqual(['workflow:cancel', 'workflow:finish'])
  })
})
