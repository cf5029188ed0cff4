import { describe, expect, it } from 'vitest'
import { createFlow, FlowRuntime, openRecording, recordingFrom, type NodeContext } from 'flowcraft'
import { graph, recordingRuntime } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph(['a -> b', 'b -> c', { source: 'a', target: 'd', condition: 'false' }], {
  b: { config: { maxRetries: 2 } },
})
const registry = {
  a: async ({ context }: NodeContext) => {
    await context.set('by a', { deep: [1] })
    return { output: 1 }
  },
  b: ({ attempt }: NodeContext) => {
    if (attempt === 1) throw new Error('not yet')
    return { output: { of: 'b' } }
  },
  c: async ({ context }: NodeContext) => {
    await context.set('by a', 'by c')
    await context.delete('given')
    return { output: 'end' }
  },
  d: () => ({ output: 'never' }),
}

describe('a recording', () => {
  it('says what the run was, and iterates over its events', async () => {
    const recording = await record(blueprint, registry, { given: true })
    const events = [...recording]
    expect(recording).toMatchObject({ length: events.length, status: 'completed', blueprint })
    expect(recording.events).toEqual(events)
    expect(recording.startedAt).toBe(events[0]?.timestamp)
    expect(recording.durationMs).toBe(events.at(-1)!.timestamp - events[0]!.timestamp)
    const replayed = await new FlowRuntime().replay(blueprint, recording)
    expect(recording.at('end').context).toEqual(replayed.context)
  })

  it('has the run as it was at any position, in its own words', async () => {
    const recording = await record(blueprint, registry, { given: true })
    const before = recording.at({ before: 'b' })
    expect(before.node('b')).toMatchObject({ status: 'pending', attempts: 0, input: undefined })
    expect(before.nodes['a']).toMatchObject({ status: 'completed', output: 1, attempts: 1, iteration: 0 })
    expect(before.context).toMatchObject({ given: true, 'by a': { deep: [1] }, a: 1 })
    expect(before.event?.seq).toBe(before.seq)
    const failed = recording.at(recording.events.findIndex(({ type }) => type === 'node:retry'))
    expect(failed.node('b')).toMatchObject({ status: 'running', attempts: 1, error: { cause: { message: 'not yet' } } })
    expect(recording.at({ after: 'b' }).node('b')).toMatchObject({ status: 'completed', attempts: 2, error: undefined })
    const end = recording.at('end')
    expect(end).toMatchObject({ status: 'completed', errors: [], awaiting: [] })
    expect(Object.entries(end.nodes).map(([id, { status }]) => `${id} ${status}`)).toEqual([
      'a completed',
      'b completed',
      'c completed',
      'd skipped',
    ])
    expect(recording.at('start').node('nobody')).toBeUndefined()
    const { startedAt, finishedAt, durationMs } = end.nodes['b']!
    expect(durationMs).toBe(finishedAt! - startedAt!)
  })

  it('finds a time where the clock has jumped back', () => {
    const event = (seq: number, timestamp: number, type: string, more: object = {}) => {
      const payload = { executionId: 'e', blueprintId: 'b', ...more }
      return { id: `e:${seq}`, seq, executionId: 'e', timestamp, type, payload } as never
    }
    const start = { blueprintHash: 'h', initialContext: {}, options: {} }
    const times = [10, 20, 5, 30, 30, 40]
    const recording = recordingFrom(times.map((at, n) => event(n, at, n ? 'batch:finish' : 'workflow:start', start)))
    expect([10, 19, 20, 29, 30, 1e9].map((time) => recording.at({ time }).seq)).toEqual([0, 0, 2, 2, 4, 5])
    expect(() => recording.at({ time: 9 })).toThrow(/no position/)
    expect(recording.durationMs).toBe(30)
  })

  it.each([
    [-1],
    [9999],
    [0.5],
    [Number.NaN],
    [{ before: 'nobody' }],
    [{ after: 'b', iteration: 1 }],
    ['middle'],
    [null],
    [{}],
  ])('has no position %o', async (position) => {
    const recording = await record(blueprint, registry)
    expect(() => recording.at(position as never)).toThrow(expect.objectContaining({ code: 'POSITION_NOT_FOUND' }))
    expect(() => recording.cursor(position as never)).toThrow(/no position/)
  })

  it('stands where a replay until the same position stands', async () => {
    const recording = await record(blueprint, registry)
    const runtime = new FlowRuntime()
    const { timestamp } = recording.events[5]!
    const positions = [
      0,
      4,
      'start',
      'end',
      { before: 'c' },
      { after: 'b' },
      { after: 'd' },
      { time: timestamp },
    ] as const
    for (const until of positions) {
      const { seq } = await runtime.replay(blueprint, recording.events, undefined, { until })
      expect(recording.at(until).seq).toBe(seq)
    }
  })

  it('tells what changed in the context between two places, either way', async () => {
    const recording = await record(blueprint, registry, { given: true })
    expect(recording.changes({ before: 'c' }, 'end')).toEqual(
      expect.arrayContaining([
        { key: 'by a', kind: 'changed', before: { deep: [1] }, after: 'by c' },
        { key: 'given', kind: 'removed', before: true, after: undefined },
        { key: 'c', kind: 'added', before: undefined, after: 'end' },
        { key: '_outputs.c', kind: 'added', before: undefined, after: 'end' },
      ]),
    )
    expect(recording.changes('end', { before: 'c' })).toContainEqual({
      key: 'given',
      kind: 'added',
      before: undefined,
      after: true,
    })
    expect(recording.changes('end', 'end')).toEqual([])
  })

  it('tells who wrote a key, and when it counted', async () => {
    const recording = await record(blueprint, registry, { given: true })
    const finishOf = (id: string): number =>
      recording.events.findIndex(({ type, payload }) => type === 'node:finish' && payload.nodeId === id)
    const { timestamp } = recording.events[finishOf('c')]!
    expect(recording.writesTo('by a')).toMatchObject([
      { seq: finishOf('a'), kind: 'set', nodeId: 'a', attempt: 1, iteration: 0, value: { deep: [1] } },
      { seq: finishOf('c'), kind: 'set', nodeId: 'c', value: 'by c', timestamp },
    ])
    expect(recording.writesTo('given')).toMatchObject([
      { seq: 0, kind: 'initial', nodeId: undefined, value: true },
      { seq: finishOf('c'), kind: 'delete', nodeId: 'c', value: undefined },
    ])
    expect(recording.writesTo('b')).toMatchObject([
      { seq: finishOf('b'), kind: 'output', attempt: 2, value: { of: 'b' } },
    ])
    expect(recording.writesTo('nothing')).toEqual([])
  })

  it('opens the runs of subflows', async () => {
    const child = createFlow('child').node('x', registry.a)
    const parent = createFlow('parent').node('a', registry.a).subflow('sub', { blueprintId: 'child' }).edge('a', 'sub')
    const { runtime, store } = recordingRuntime({ flows: [child] })
    const { executionId } = await parent.run(runtime, {})
    const recording = await openRecording(store, executionId)
    const [reference] = recording.children()
    expect(reference).toMatchObject({ nodeId: 'sub', iteration: 0, attempt: 1 })
    expect(recording.events[reference!.seq]?.type).toBe('node:start')
    const opened = await recording.child('sub')
    expect([opened.executionId, opened.status]).toEqual([reference!.executionId, 'completed'])
    expect(opened.at('end').context).toMatchObject({ x: 1 })
    await expect(recording.child('a')).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
    await expect(recording.child('sub', { iteration: 1 })).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
    await expect(recordingFrom(recording.events).child('sub')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
