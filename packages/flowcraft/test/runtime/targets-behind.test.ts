import { describe, expect, it } from 'vitest'
import type { NodeContext } from 'flowcraft'
import { edge, node, registry } from './dynamic-parts.ts'
import { graph, recordingRuntime } from './run-recorded.ts'
import { allNamed, runTo } from './run-to-targets.ts'
import { virtualClock } from './virtual-clock.ts'

const { pass, fail } = registry

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
    const functions = { ...allNamed(blueprint), a: pass, b: pass }
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
