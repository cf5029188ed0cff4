import { describe, expect, it } from 'vitest'
import { createFlow, JsonSerializer, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, park, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })
const serializer = new JsonSerializer()

const flow = createFlow('flow')
  .node('a', async ({ context }) => {
    await context.set('note', new Date(5))
    return { output: { n: 1 } }
  })
  .wait('ask', { event: 'e' })
  .node('b', pass)
  .node('end', pass)
  .edge('a', 'ask')
  .edge('a', 'b')
  .edge('ask', 'end', { condition: 'input != 5' })
  .edge('b', 'end')
const blueprint = flow.toBlueprint()

/** The text without what the run itself keeps in it, and with `more`. */
function bare(text: string, more: Record<string, unknown> = {}): string {
  const { _run, ...context } = serializer.deserialize(text)
  return serializer.serialize({ ...context, ...more })
}

describe.each(ways)('a context without a log and without what the run kept of itself, $way', ({ isRecorded }) => {
  it('tells what is done by its outputs, and what waits by its ids', async () => {
    const parked = await flow.run(bench(false).runtime)
    const { runtime, check, clock } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    const calls: string[] = []
    const functionRegistry = {
      'flow/a': () => void calls.push('a'),
      'flow/b': () => void calls.push('b'),
      'flow/end': ({ input }: NodeContext) => ({ output: [input, clock.now()] }),
    }
    const text = bare(parked.serializedContext)
    const result = await runtime.resume(blueprint, text, { output: 'hi' }, 'ask', { functionRegistry })
    expect(calls).toEqual([])
    expect(result.status).toBe('completed')
    expect(result.executionId).toBe(parked.executionId)
    expect(result.context).toEqual({
      note: new Date(5),
      a: { n: 1 },
      '_outputs.a': { n: 1 },
      ask: 'hi',
      '_outputs.ask': 'hi',
      '_inputs.ask': { n: 1 },
      b: { n: 1 },
      '_outputs.b': { n: 1 },
      '_inputs.b': { n: 1 },
      end: [{ ask: 'hi', b: { n: 1 } }, 1_000_000],
      '_outputs.end': [{ ask: 'hi', b: { n: 1 } }, 1_000_000],
      '_inputs.end': { ask: 'hi', b: { n: 1 } },
      _executionId: parked.executionId,
    })
    await check(blueprint, result)
  })

  it('goes on once', async () => {
    const parked = await flow.run(bench(false).runtime)
    const { runtime } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    const text = bare(parked.serializedContext)
    const answers = [1, 2].map((output) => runtime.resume(blueprint, text, { output }))
    const [first, second] = await Promise.allSettled(answers)
    expect(first).toMatchObject({ value: { status: 'completed', context: { ask: 1 } } })
    expect(second).toMatchObject({ reason: { code: 'NOT_AWAITING' } })
    await expect(runtime.resume(blueprint, text, { output: 3 })).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('goes on once also when it never parks again', async () => {
    const parked = await flow.run(bench(false).runtime)
    const { runtime, check } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    const door = gate()
    const functionRegistry = { 'flow/b': async () => door.opened.then(() => ({ output: 'late' })) }
    const { b, '_outputs.b': output, ...left } = serializer.deserialize(bare(parked.serializedContext))
    expect(b).toEqual(output)
    const text = serializer.serialize(left)
    const running = runtime.resume(blueprint, text, { output: 1 }, 'ask', { functionRegistry })
    await idle()
    door.open()
    const result = await running
    expect(result).toMatchObject({ status: 'completed', context: { end: { ask: 1, b: 'late' } } })
    await check(blueprint, result)
    await expect(runtime.resume(blueprint, text, { output: 2 })).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('keeps a key that somebody set over a node of that name', async () => {
    const parked = await flow.run(bench(false).runtime)
    const { runtime, check } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    const text = bare(parked.serializedContext, { b: 'mine' })
    const result = await runtime.resume(blueprint, text, { output: 1 })
    expect(result.context).toMatchObject({ b: 'mine', '_outputs.b': { n: 1 } })
    await check(blueprint, result)
  })

  it('knows how long its nodes wait', async () => {
    const patient = createFlow('patient')
      .wait('one')
      .wait('two', { event: 'e', timeout: 500 })
      .sleep('nap', { duration: 300 })
    const parked = await patient.run(bench(false).runtime)
    const { runtime, check, clock } = bench(isRecorded)
    const half = await runtime.resume(patient.toBlueprint(), bare(parked.serializedContext), { output: 1 }, 'one')
    expect(half.context).toMatchObject({
      _awaitingDetails: {
        two: { reason: 'external_event', event: 'e', wakeUpAt: 1_000_500 },
        nap: { reason: 'timer', wakeUpAt: 1_000_300 },
      },
    })
    await check(patient.toBlueprint(), half)
    runtime.startScheduler()
    await clock.advance(500)
    runtime.stopScheduler()
    await expect(runtime.resume(half.executionId)).rejects.toMatchObject({ code: 'NOT_AWAITING' })
  })

  it('is refused when it names a waiting node that there is not, or none that is a name', async () => {
    const { runtime, log } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    for (const id of ['asq', 5]) {
      const text = serializer.serialize({ _executionId: 'x', _awaitingNodeIds: [id] })
      await expect(runtime.resume(blueprint, text)).rejects.toMatchObject({
        code: 'NOT_AWAITING',
        message: `Awaiting node '${id}' not found in blueprint.`,
      })
    }
    expect(await log('x')).toEqual([])
  })

  it('is refused when what waits is a subflow, of which it has nothing', async () => {
    const child = createFlow('child').wait('ask')
    const parent = createFlow('parent').subflow('sub', { blueprintId: 'child' })
    const parked = await parent.run(bench(false, { flows: [child] }).runtime)
    const { runtime } = bench(isRecorded, { flows: [child] })
    await expect(runtime.resume(parent.toBlueprint(), bare(parked.serializedContext))).rejects.toThrow(
      "Node 'sub' waits for a run of its own, of which the context has nothing",
    )
  })

  it.each(['{}', '{"_executionId":"x"}', '{"_awaitingNodeIds":"ask"}'])('is refused when it is %s', async (text) => {
    const { runtime } = bench(isRecorded, { registry: flow.getFunctionRegistry() })
    await expect(runtime.resume(blueprint, text)).rejects.toMatchObject({
      code: 'NOT_AWAITING',
      message: 'Cannot resume: The provided context is not in an awaiting state.',
    })
  })

  it.each(['', '5', 'null', '[]', 'x'])('is an execution id when its text is no context but %j', async (text) => {
    const { runtime } = bench(isRecorded, { registry: flow.getFunctionRegistry(), idGenerator: () => text })
    await expect(runtime.resume(blueprint, text)).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' })
    await flow.run(runtime)
    expect((await runtime.resume(blueprint, text)).status).toBe('completed')
  })

  it('needs an implementation of every node', async () => {
    const parked = await flow.run(bench(false).runtime)
    const { runtime, log } = bench(isRecorded)
    await expect(runtime.resume(blueprint, bare(parked.serializedContext))).rejects.toMatchObject({
      code: 'BLUEPRINT_INVALID',
    })
    expect(await log(parked.executionId)).toEqual([])
  })
})

it('a parked run is no initial state of another one', async () => {
  const { runtime } = bench(false)
  const { executionId } = await park(runtime, flow)
  const text = serializer.serialize({ _run: 'text', _executionId: executionId })
  await expect(flow.run(runtime, text)).rejects.toMatchObject({ code: 'CONTEXT_KEY_RESERVED' })
})
