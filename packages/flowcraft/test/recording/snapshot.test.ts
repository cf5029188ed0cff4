import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { recordingFrom, type FlowcraftEvent, type NodeContext } from 'flowcraft'
import { graph, recordingRuntime } from '../runtime/run-recorded.ts'
import { record } from './record.ts'

const blueprint = graph(['a -> b'])
const registry = {
  a: async ({ context }: NodeContext) => {
    await context.set('list', [{ n: 1 }])
    return { output: new Map([['key', { deep: true }]]) }
  },
  b: () => ({ output: 'end' }),
}

describe('a snapshot', () => {
  it('cannot be changed, at no depth', async () => {
    const end = (await record(blueprint, registry)).at('end')
    const attempts = [
      () => Object.assign(end, { status: 'failed' }),
      () => Object.assign(end.context, { list: 1 }),
      () => (end.context['list'] as unknown[]).push(2),
      () => Object.assign((end.context['list'] as object[])[0]!, { n: 2 }),
      () => (end.context['a'] as Map<string, unknown>).set('key', 2),
      () => Object.assign(end.nodes, { a: 1 }),
      () => Object.assign(end.nodes['a']!, { status: 'failed' }),
      () => (end.errors as unknown[]).push(1),
      () => Object.assign(end.event!, { seq: 5 }),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TypeError)
    expect(end.context).toMatchObject({ list: [{ n: 1 }] })
  })

  it('gives bytes as copies, for they cannot be frozen', async () => {
    const recording = await record(graph([], { a: {} }), { a: () => ({ output: new Uint8Array([1, 2]) }) })
    const bytes = recording.at('end').context['a'] as Uint8Array
    bytes[0] = 9
    expect(recording.at('end').context['a']).toEqual(new Uint8Array([1, 2]))
    const output = recording.at('end').nodes['a']?.output as Uint8Array
    output[0] = 9
    expect(recording.at('end').nodes['a']?.output).toEqual(new Uint8Array([1, 2]))
  })

  it('does not change with what its events were made of', async () => {
    const { events } = await record(blueprint, registry)
    const own = structuredClone(events) as FlowcraftEvent[]
    const recording = recordingFrom(own)
    for (const { type, payload } of own) {
      if (type === 'context:change') (payload.value as { n: number }[])[0]!.n = 2
      if (type === 'node:finish') Object.assign(payload, { result: { output: 'forged' } })
    }
    expect(recording.at('end').context['list']).toEqual([{ n: 1 }])
    expect(recording.events).toEqual(events)
    expect(recording.at('end').context['a']).toEqual(new Map([['key', { deep: true }]]))
  })

  it('can be held and compared with any other', async () => {
    const recording = await record(blueprint, registry)
    const [one, other] = [recording.at({ after: 'a' }), recording.at('end')]
    expect(recording.at({ after: 'a' })).toEqual(one)
    expect(other).not.toEqual(one)
    expect({ ...one }).toMatchObject({ seq: one.seq, status: 'running', context: { list: [{ n: 1 }] } })
    expect(JSON.parse(JSON.stringify(one))).toMatchObject({ status: 'running', nodes: { b: { status: 'pending' } } })
    expect(inspect(one)).toContain("status: 'running'")
    expect(one.context).toBe(one.context)
    expect(one.nodes).toBe(one.nodes)
  })

  it('says what a parked run waits for, and knows it no more once that came', async () => {
    const waiting = graph(['w -> b'], { w: { uses: 'wait', params: { event: 'go' } } })
    const { runtime, store } = recordingRuntime()
    const { executionId } = await runtime.run(waiting, {}, { functionRegistry: registry })
    await runtime.resume(executionId, { output: 1 }, { functionRegistry: registry })
    const recording = recordingFrom(await store.retrieve(executionId))
    const parked = recording.at(recording.events.findIndex(({ type }) => type === 'workflow:pause'))
    expect(parked).toMatchObject({ status: 'awaiting', awaiting: [{ nodeId: 'w', event: 'go' }] })
    expect(parked.context['_awaitingNodeIds']).toEqual(['w'])
    expect(Object.isFrozen(parked.context['_awaitingNodeIds'])).toBe(true)
    expect(parked.node('w')?.status).toBe('waiting')
    expect(recording.at('end')).toMatchObject({ status: 'completed', awaiting: [] })
  })

  it('has nodes and keys of any name', async () => {
    const odd = graph(['__proto__ -> constructor', 'constructor -> toString'])
    const nodes = odd.nodes.map((node) => ({ ...node, uses: 'a' }))
    const recording = await record({ ...odd, nodes }, registry)
    const end = recording.at('end')
    expect(Object.keys(end.nodes)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(end.nodes['__proto__']?.status).toBe('completed')
    expect(end.node('constructor')?.status).toBe('completed')
    expect(Object.hasOwn(end.context, '__proto__')).toBe(true)
    expect(recording.explain('__proto__').outcome).toBe('completed')
    expect(recording.at('start').nodes['hasOwnProperty']).toBeUndefined()
    expect(recording.writesTo('__proto__')).toHaveLength(1)
  })
})
