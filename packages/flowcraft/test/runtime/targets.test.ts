import { describe, expect, it } from 'vitest'
import { BlueprintError, FlowRuntime, NullLogger, type NodeContext, type WorkflowBlueprint } from 'flowcraft'
import { isBuiltInKind } from '../../src/blueprint/built-in.ts'
import { edge, node, registry } from './dynamic-parts.ts'
import { graph, recordingRuntime, type RecordedRun, type RecordingRuntime } from './run-recorded.ts'
import { virtualClock } from './virtual-clock.ts'

const { pass, named, fail } = registry
/** `named` for every node that is not of a kind of the engine's own. */
const all = ({ nodes }: WorkflowBlueprint) =>
  Object.fromEntries(nodes.flatMap(({ uses }) => (isBuiltInKind(uses) ? [] : [[uses, named]])))

/** A run up to its targets, and what comes after. */
async function runTo(
  blueprint: WorkflowBlueprint,
  target: string | readonly string[],
  functions: object = {},
  bench: RecordingRuntime = recordingRuntime(),
): Promise<RecordedRun & { resume(data?: object, functions?: object): Promise<RecordedRun> }> {
  const functionRegistry = { ...all(blueprint), ...registry, ...functions }
  const { runtime, look } = bench
  const options = { functionRegistry, maxIterations: 10_000 }
  const stalled = await look(blueprint, await runtime.run(blueprint, { _targetNode: target, key: 1 }, options))
  const resume = async (data: object = {}): Promise<RecordedRun> =>
    await look(blueprint, await runtime.resume(stalled.result.executionId, data))
  return { ...stalled, resume }
}

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
    const run = runtime.run(diamond, { _targetNode: target }, { functionRegistry: all(diamond) })
    await expect(run).rejects.toBeInstanceOf(BlueprintError)
    await expect(run).rejects.toThrow(/_targetNode names 'ghost'/)
  })

  it.each([[5], [null], [{}], [[]], [[5]]])('cannot have %j as one', async (target) => {
    const runtime = new FlowRuntime({ logger: new NullLogger() })
    const run = runtime.run(diamond, { _targetNode: target }, { functionRegistry: all(diamond) })
    await expect(run).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('goes on from its log or from its text', async () => {
    const first = recordingRuntime()
    const { result } = await runTo(diamond, 'b', {}, first)
    const again = recordingRuntime({ registry: all(diamond) }, first.store)
    const rest = await again.look(diamond, await again.runtime.resume(result.executionId))
    expect(rest.started).toEqual(['a', 'b', 'c', 'x', 'd', 'y', 'e'])
    const functionRegistry = all(diamond)
    const bare = (): FlowRuntime => new FlowRuntime({ logger: new NullLogger() })
    const stalled = await bare().run(diamond, { _targetNode: 'b' }, { functionRegistry })
    expect(stalled.status).toBe('stalled')
    const ended = await bare().resume(diamond, stalled.serializedContext, {}, undefined, { functionRegistry })
    expect(ended).toMatchObject({ status: 'completed', context: { y: 'y(x(undefined))' } })
  })

  it('tells of errors on the way, and of what they kept it from', async () => {
    const { result, started, resume } = await runTo(diamond, 'd', { b: fail })
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

describe('what leads to a target', () => {
  it('is a branch as far as it is taken', async () => {
    const blueprint = graph([
      edge('a', 'b', { action: 'left' }),
      edge('a', 'c', { action: 'right' }),
      'b -> join',
      'c -> join',
      'join -> end',
    ])
    const { result, started, of, resume } = await runTo(blueprint, 'join', { a: () => ({ action: 'right' }) })
    expect([result.status, started]).toEqual(['stalled', ['a', 'c', 'join']])
    expect(of('node:skipped').map(({ payload }) => payload.nodeId)).toEqual(['b'])
    expect((await resume()).started).toEqual(['a', 'c', 'join', 'end'])
  })

  it('is a target that was not chosen, or nothing', async () => {
    const blueprint = graph([edge('a', 'b', { condition: 'false' }), edge('a', 'c')])
    const { result, started, of } = await runTo(blueprint, 'b')
    expect([result.status, started]).toEqual(['stalled', ['a']])
    expect(of('workflow:stall')[0]?.payload.stuck?.map(({ nodeId }) => nodeId)).toEqual(['c'])
  })

  it('is a fallback where its primary is, and what the fallback leads to', async () => {
    const blueprint = graph(['a -> b', 'b -> end', 'spare -> after'], {
      a: { config: { fallback: 'spare' } },
      spare: {},
    })
    const toPrimary = await runTo(blueprint, 'b', { a: fail })
    expect(toPrimary.started).toEqual(['a', 'spare', 'b'])
    expect(toPrimary.result.status).toBe('stalled')
    const behind = await runTo(blueprint, 'after', { a: fail })
    expect(behind.started).toEqual(['a', 'spare', 'after'])
    expect((await behind.resume()).started).toEqual(['a', 'spare', 'after', 'b', 'end'])
  })

  it('is a wait before it: the answer goes on to the target, and no further', async () => {
    const blueprint = graph(['a -> ask', 'ask -> b', 'b -> end', 'a -> side'], { ask: { uses: 'wait' } })
    const functions = { ...all(blueprint), a: pass, b: pass }
    const bench = recordingRuntime({ registry: functions })
    const functionRegistry = { a: pass, b: pass, end: pass, side: pass }
    const parked = await bench.runtime.run(blueprint, { _targetNode: 'b' }, { functionRegistry })
    expect((await bench.look(blueprint, parked)).started).toEqual(['a', 'ask'])
    expect(parked.status).toBe('awaiting')
    const stalled = await bench.look(blueprint, await bench.runtime.resume(parked.executionId, { output: 'yes' }))
    expect(stalled.result).toMatchObject({ status: 'stalled', context: { b: 'yes' } })
    expect(stalled.started).toEqual(['a', 'ask', 'b'])
    expect(stalled.of('workflow:stall')[0]?.payload.stuck?.map(({ nodeId }) => nodeId)).toEqual(['end', 'side'])
    const ended = await bench.look(blueprint, await bench.runtime.resume(parked.executionId))
    expect(ended.result).toMatchObject({ status: 'completed', context: { end: 'yes' } })
  })

  it('is a sleep before it, after which the clock goes on to the target and no further', async () => {
    const clock = virtualClock()
    const blueprint = graph(['nap -> b', 'b -> end'], { nap: { uses: 'sleep', params: { duration: '1s' } } })
    const { runtime, store } = recordingRuntime({ clock, registry: { b: pass, end: pass } })
    const { executionId, status } = await runtime.run(blueprint, { _targetNode: 'b' })
    expect(status).toBe('awaiting')
    runtime.startScheduler()
    await clock.advance(2000)
    runtime.stopScheduler()
    const last = (await store.retrieve(executionId)).at(-1)
    expect(last).toMatchObject({ type: 'workflow:stall', payload: { stuck: [{ nodeId: 'end' }] } })
  })

  it('stays what it is when the run was only paused', async () => {
    const { runtime, look } = recordingRuntime()
    const blueprint = graph(['a -> b', 'b -> c'])
    const pausing = async ({ executionId }: NodeContext): Promise<void> => await runtime.requestPause(executionId)
    const functionRegistry = { a: pausing, b: pass, c: pass }
    const paused = await runtime.run(blueprint, { _targetNode: 'b' }, { functionRegistry })
    expect(paused.status).toBe('awaiting')
    const stalled = await look(blueprint, await runtime.resume(paused.executionId))
    expect([stalled.result.status, stalled.started]).toEqual(['stalled', ['a', 'b']])
    const ended = await look(blueprint, await runtime.resume(paused.executionId))
    expect([ended.result.status, ended.started]).toEqual(['completed', ['a', 'b', 'c']])
  })
})

describe('a target in or behind a loop', () => {
  const blueprint = graph(
    [
      'start -> a',
      'a -> z',
      'a -> side',
      'z -> l',
      edge('l', 'a', { action: 'continue' }),
      edge('l', 'end', { action: 'break' }),
      'end -> after',
      'other -> after',
    ],
    { l: { uses: 'loop-controller', params: { condition: 'input < 2' } } },
  )
  const functions = { start: pass, a: ({ iteration }: NodeContext) => ({ output: iteration }), z: pass }

  it('has all of the loop run, to its end', async () => {
    for (const target of ['z', 'side', 'l']) {
      const { result, started, of, resume } = await runTo(blueprint, target, functions)
      expect(result.status).toBe('stalled')
      expect(started.join(' ')).toBe('start a z side l a z side l a z side l')
      expect(of('workflow:stall')[0]?.payload.stuck?.map(({ nodeId }) => nodeId)).toEqual(['end', 'other'])
      expect((await resume()).started.slice(13)).toEqual(['end', 'other', 'after'])
    }
  })

  it('is reached when the loop has ended', async () => {
    const { result, started } = await runTo(blueprint, 'end', functions)
    expect(result).toMatchObject({ status: 'stalled', context: { end: 'end(2)' } })
    expect(started).toHaveLength(14)
  })

  it('leaves a loop alone that does not lead to it', async () => {
    const { result, started } = await runTo(blueprint, 'other', functions)
    expect([result.status, started]).toEqual(['stalled', ['other']])
  })
})

describe('a target that is part of a batch', () => {
  const blueprint = graph(['list -> s', 's -> g', 'g -> end', 'list -> side'], {
    s: { uses: 'batch-scatter', params: { workerUsesKey: 'w', gatherNodeId: 'g', chunkSize: 1 } },
    g: { uses: 'batch-gather', params: {} },
  })
  const functions = { list: () => ({ output: [1, 2] }), w: pass, end: pass, side: pass }

  it('is reached when all workers have ended', async () => {
    const { result, started, resume } = await runTo(blueprint, 's', functions)
    expect([result.status, started]).toEqual(['stalled', ['list', 's', 's[0]', 's[1]']])
    expect(result.context).not.toHaveProperty('g')
    const rest = await resume()
    expect(rest.started.slice(4)).toEqual(['g', 'end', 'side'])
    expect(rest.result.context['end']).toEqual([1, 2])
  })

  it('is reached with the results', async () => {
    const { result, started } = await runTo(blueprint, 'g', functions)
    expect(result).toMatchObject({ status: 'stalled', context: { g: [1, 2] } })
    expect(started).toEqual(['list', 's', 's[0]', 's[1]', 'g'])
  })

  it('leaves a batch alone that does not lead to it', async () => {
    expect((await runTo(blueprint, 'side', functions)).started).toEqual(['list', 'side'])
  })
})

describe('a node that is created on the way to a target', () => {
  const blueprint = graph(['a -> b', 'b -> end'])
  const made = {
    output: 'out',
    dynamicNodes: [
      node('needed', { uses: 'fail', config: { fallback: 'spare' } }),
      node('spare'),
      node('before'),
      node('beside'),
      node('later'),
    ],
    dynamicEdges: [edge('a', 'before'), edge('before', 'needed'), edge('needed', 'b'), edge('later', 'end')],
  }

  it('starts if it leads to the target, be it as a fallback; others wait with the rest', async () => {
    const { result, started, of, resume } = await runTo(blueprint, 'b', { a: () => made, b: pass, end: pass })
    expect(result.status).toBe('stalled')
    expect(started).toEqual(['a', 'before', 'needed', 'spare', 'b'])
    expect(result.context['b']).toEqual({ a: 'out', needed: 'spare(before(out))' })
    expect(of('workflow:stall')[0]?.payload.stuck?.map(({ nodeId }) => nodeId)).toEqual(['beside', 'later'])
    const rest = await resume()
    expect(rest.started.slice(5)).toEqual(['beside', 'later', 'end'])
    expect(rest.result).toMatchObject({ status: 'completed', context: { later: 'later(out)' } })
  })

  it('starts if it is part of a loop that leads there', async () => {
    const loop = graph(
      [
        'a -> z',
        'z -> l',
        edge('l', 'a', { action: 'continue' }),
        edge('l', 'end', { action: 'break' }),
        'end -> after',
      ],
      { l: { uses: 'loop-controller', params: { condition: 'input < 2' } } },
    )
    const { result, started, resume } = await runTo(loop, 'end', {
      a: ({ iteration }: NodeContext) => ({ output: iteration, dynamicNodes: [node('side')] }),
      z: pass,
      end: pass,
    })
    expect(result).toMatchObject({ status: 'stalled', context: { end: 2 } })
    expect(started.filter((id) => id === 'side')).toHaveLength(3)
    expect((await resume()).result.status).toBe('completed')
  })
})
