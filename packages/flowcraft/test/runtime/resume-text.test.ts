import { describe, expect, it } from 'vitest'
import { createFlow, FlowEventBus, FlowRuntime, JsonSerializer, NullLogger, type NodeContext } from 'flowcraft'
import { bench, park, stations } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const serializer = new JsonSerializer()
const flow = createFlow('flow').wait('ask').node('end', pass).edge('ask', 'end')
const blueprint = flow.toBlueprint()
const registry = flow.getFunctionRegistry()

describe('a parked run that nothing records', () => {
  it('keeps itself in one key of its text, as long as it is parked', async () => {
    const { runtime } = bench(false)
    const parked = await flow.run(runtime)
    const keys = (text: string) => Object.keys(serializer.deserialize(text)).sort()
    expect(keys(parked.serializedContext)).toEqual(['_awaitingDetails', '_awaitingNodeIds', '_executionId', '_run'])
    const result = await flow.resume(runtime, parked.serializedContext, { output: 1 })
    expect(keys(result.serializedContext)).not.toContain('_run')
  })

  it('goes on in another runtime once, and from memory once it has parked there', async () => {
    const two = createFlow('two').wait('one').wait('two').edge('one', 'two')
    const { serializedContext } = await two.run(bench(false).runtime)
    const { runtime } = bench(false)
    const half = await two.resume(runtime, serializedContext, { output: 1 })
    expect(half.context).toMatchObject({ _awaitingNodeIds: ['two'] })
    await expect(two.resume(runtime, serializedContext, { output: 1 }, 'one')).rejects.toThrow(
      "Cannot resume: Node 'one' is not in an awaiting state.",
    )
    const result = await two.resume(runtime, serializedContext, { output: 2 })
    expect(result).toMatchObject({ status: 'completed', context: { one: 1, two: 2 } })
    await expect(two.resume(runtime, serializedContext)).rejects.toThrow(
      'Cannot resume: The provided context is not in an awaiting state.',
    )
  })

  it('goes on once for two who resume it at the same time in another runtime', async () => {
    const { serializedContext } = await flow.run(bench(false).runtime)
    const { runtime } = bench(false)
    const answers = [1, 2].map((output) => flow.resume(runtime, serializedContext, { output }))
    const [first, second] = await Promise.allSettled(answers)
    expect(first).toMatchObject({ value: { status: 'completed', context: { end: 1 } } })
    expect(second).toMatchObject({ reason: { code: 'NOT_AWAITING' } })
  })

  it('sleeps on in another runtime, whose scheduler wakes it', async () => {
    const sleeper = createFlow('sleeper')
      .wait('ask')
      .sleep('nap', { duration: 100 })
      .node('end', pass)
      .edge('nap', 'end')
    const { serializedContext } = await sleeper.run(bench(false).runtime)
    const { runtime, clock } = bench(false)
    const half = await sleeper.resume(runtime, serializedContext, { output: 1 }, 'ask')
    expect(half.context).toMatchObject({ _awaitingNodeIds: ['nap'] })
    runtime.startScheduler()
    await clock.advance(100)
    runtime.stopScheduler()
    await expect(runtime.resume(half.executionId)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('keeps instances of a class that the runtime knows', async () => {
    class Money {
      readonly cents: number
      constructor(cents: number) {
        this.cents = cents
      }
    }
    const type = {
      name: 'Money',
      is: (value: unknown) => value instanceof Money,
      encode: (value: unknown) => (value as Money).cents,
      decode: (cents: unknown) => new Money(Number(cents)),
    }
    const paying = createFlow('paying')
      .node('price', async () => ({ output: new Money(5) }))
      .wait('ask')
      .node('end', async ({ context }) => ({ output: (await context.get('price')) instanceof Money }))
      .edge('price', 'ask')
      .edge('ask', 'end')
    const { serializedContext } = await paying.run(bench(false, { valueTypes: [type] }).runtime)
    const result = await paying.resume(bench(false, { valueTypes: [type] }).runtime, serializedContext)
    expect(result.context).toMatchObject({ end: true, price: new Money(5) })
  })

  it('keeps its options', async () => {
    const two = createFlow('two').wait('one').wait('two').node('end', pass).edge('one', 'two').edge('two', 'end')
    const parked = await two.run(bench(false).runtime, {}, { maxIterations: 2 })
    const half = await two.resume(bench(false).runtime, parked.serializedContext)
    const result = await two.resume(bench(false).runtime, half.serializedContext)
    expect(result).toMatchObject({ status: 'failed', errors: [{ code: 'MAX_ITERATIONS_EXCEEDED' }] })
  })

  it('may have parameters that are no data, which come with the blueprint', async () => {
    const odd = {
      id: 'odd',
      nodes: [
        {
          id: 'b_scatter',
          uses: 'batch-scatter',
          params: { workerUsesKey: 'ask', gatherNodeId: 'b_gather' },
          inputs: 'items',
        },
        { id: 'b_gather', uses: 'batch-gather', params: { gatherNodeId: 'b_gather' } },
        { id: 'end', uses: 'call', params: { call: () => 'called' } },
      ],
      edges: [
        { source: 'b_scatter', target: 'b_gather' },
        { source: 'b_gather', target: 'end' },
      ],
    }
    const code = {
      ask: () => ({ wait: {} }),
      call: ({ params }: NodeContext) => ({ output: (params['call'] as () => unknown)() }),
    }
    const parked = await bench(false, { registry: code }).runtime.run(odd, { items: [1] })
    const result = await bench(false, { registry: code }).runtime.resume(odd, parked.serializedContext)
    expect(result).toMatchObject({ status: 'completed', context: { end: 'called' } })
  })

  it('tells its listeners of the rest where a bus has no store that could be read', async () => {
    const events: string[] = []
    const listened = (): FlowRuntime => {
      const eventBus = new FlowEventBus().on('*', (event) => void events.push(`${event.seq} ${stations([event])[0]}`))
      return new FlowRuntime({ eventBus, logger: new NullLogger() })
    }
    const { serializedContext } = await flow.run(listened())
    const result = await flow.resume(listened(), serializedContext, { output: 1 })
    expect(result.status).toBe('completed')
    expect(events.filter((line) => !line.endsWith('undefined'))).toEqual([
      '0 start run',
      '1 start ask',
      '2 wait ask',
      '3 pause run',
      '4 resume run by ask',
      '5 finish ask',
      '7 start end',
      '8 finish end',
      '9 finish run',
    ])
  })
})

describe('the text of a parked run is refused', () => {
  const tamper: readonly (readonly [string, (run: string) => unknown])[] = [
    ['is none', () => 'text'],
    ['is a number', () => 5],
    ['is an object', (run) => JSON.parse(run)],
    ['is empty', () => ''],
    ['is cut', (run) => run.slice(0, -20)],
    ['lacks its digest', (run) => JSON.stringify({ ...JSON.parse(run), digest: undefined })],
    ['has another status in it', (run) => run.replace('waiting', 'running')],
    ['has no runs in it', (run) => JSON.stringify({ ...JSON.parse(run), runs: {} })],
    ['is of a later version', (run) => JSON.stringify({ ...JSON.parse(run), version: 2 })],
  ]

  it.each(tamper)('when it %s', async (_, change) => {
    const { serializedContext } = await flow.run(bench(false).runtime)
    const context = serializer.deserialize(serializedContext)
    const _run = change(String(context['_run']))
    expect(_run).not.toBe(context['_run'])
    const text = serializer.serialize({ ...context, _run })
    await expect(flow.resume(bench(false).runtime, text)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining("The key '_run' of the context of execution"),
    })
  })

  it('when it is that of another run', async () => {
    const [one, two] = [await flow.run(bench(false).runtime), await flow.run(bench(false).runtime)]
    const { _run } = serializer.deserialize(two.serializedContext)
    const text = serializer.serialize({ ...serializer.deserialize(one.serializedContext), _run })
    await expect(flow.resume(bench(false).runtime, text)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('by a runtime whose store has no log of it', async () => {
    const { serializedContext } = await flow.run(bench(false).runtime)
    const { runtime } = bench(true)
    await expect(flow.resume(runtime, serializedContext)).rejects.toMatchObject({
      code: 'EXECUTION_UNKNOWN',
      message: expect.stringContaining('began without being recorded'),
    })
  })

  it('for another blueprint, also one that the runtime has for a subflow', async () => {
    const { serializedContext } = await flow.run(bench(false).runtime)
    const other = { ...blueprint, nodes: blueprint.nodes.map((node) => ({ ...node, params: { changed: true } })) }
    await expect(bench(false, { registry }).runtime.resume(other, serializedContext)).rejects.toMatchObject({
      name: 'BlueprintMismatchError',
      code: 'BLUEPRINT_MISMATCH',
    })
    const parent = createFlow('parent').subflow('sub', { blueprintId: 'flow' })
    const nested = await parent.run(bench(false, { flows: [flow] }).runtime)
    const { runtime } = bench(false, { registry, blueprints: { flow: other } })
    await expect(parent.resume(runtime, nested.serializedContext)).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH' })
  })

  it('for another blueprint also while the run is in memory', async () => {
    const { runtime } = bench(false, { registry })
    const { executionId } = await park(runtime, flow)
    const text = serializer.serialize({ _executionId: executionId })
    const other = { ...blueprint, id: 'other' }
    await expect(runtime.resume(other, text)).rejects.toMatchObject({ code: 'BLUEPRINT_MISMATCH' })
    const same = structuredClone(blueprint)
    expect((await runtime.resume(same, text)).status).toBe('completed')
  })
})
