import { describe, expect, it } from 'vitest'
import { BaseNode, createFlow, type NodeContext, type NodeResult } from 'flowcraft'
import { bench, stations, story, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

describe.each(ways)('a node that decides to wait, $way', ({ isRecorded }) => {
  it('goes on with its answer, and is not run again', async () => {
    const { runtime, check, log } = bench(isRecorded)
    let calls = 0
    const flow = createFlow('own')
      .node('ask', async ({ context }) => {
        calls += 1
        await context.set('asked', 'yes')
        return { output: 'dropped', action: 'dropped', wait: { event: 'reply' } }
      })
      .node('next', async ({ input, context }) => ({ output: [input, await context.get('asked')] }))
      .edge('ask', 'next')
    const parked = await flow.run(runtime)
    expect(parked.status).toBe('awaiting')
    expect(parked.context).toMatchObject({
      asked: 'yes',
      _awaitingNodeIds: ['ask'],
      _awaitingDetails: { ask: { reason: 'external_event', event: 'reply' } },
    })
    expect(parked.context).not.toHaveProperty('ask')
    await check(flow.toBlueprint(), parked)
    const result = await flow.resume(runtime, parked.serializedContext, { output: 'hi' })
    expect(result.context).toMatchObject({ next: ['hi', 'yes'] })
    expect(calls).toBe(1)
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    const events = await log(result.executionId)
    expect(story(events).slice(1, 5)).toEqual(['start ask', 'set asked', 'wait ask', 'pause run'])
    expect(events[7]).toMatchObject({ type: 'edge:evaluate' })
    expect(events[6]).toMatchObject({ type: 'node:finish', payload: { result: { output: 'hi' }, attempt: 1 } })
  })

  it.each([
    ['a number', 2_000_000],
    ['a date', new Date(2_000_000)],
  ])('waits until %s', async (_, until) => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('until').node('ask', async () => ({ wait: { until } }))
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingDetails: { ask: { reason: 'timer', wakeUpAt: 2_000_000 } } })
    await check(flow.toBlueprint(), parked)
    if (isRecorded) expect(stations(await log(parked.executionId)).at(-1)).toBe('stall run')
  })

  it('waits for an event and a time, and for neither', async () => {
    const { runtime } = bench(isRecorded)
    const flow = createFlow('both')
      .node('both', async () => ({ wait: { event: 'e', until: 2_000_000 } }))
      .node('neither', async () => ({ wait: {} }))
    const { context } = await flow.run(runtime)
    expect(context).toMatchObject({
      _awaitingDetails: {
        both: { reason: 'external_event', event: 'e', wakeUpAt: 2_000_000 },
        neither: { reason: 'external_event' },
      },
    })
  })

  it.each([
    ['text', 'soon'],
    ['null', null],
    ['an event that is no text', { event: 5 }],
    ['a time that is none', { until: 'tomorrow' }],
    ['a date that is none', { until: new Date(NaN) }],
    ['a number that is none', { until: Infinity }],
  ])('fails when it waits for %s', async (_, wait) => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('bad').node('ask', async () => ({ wait }) as NodeResult)
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'failed', errors: [{ nodeId: 'ask', code: 'INPUT_INVALID' }] })
    await check(flow.toBlueprint(), result)
  })

  it('fails an attempt, and waits in the next one', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('retry').node(
      'ask',
      async ({ attempt, context }) => {
        await context.set(`attempt ${attempt}`, true)
        if (attempt < 2) throw new Error('not yet')
        return { wait: {} }
      },
      { config: { maxRetries: 3 } },
    )
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ 'attempt 1': true, 'attempt 2': true, _awaitingNodeIds: ['ask'] })
    const result = await flow.resume(runtime, parked.serializedContext, { output: 1 })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { ask: 1 } })
    await check(flow.toBlueprint(), result)
    if (!isRecorded) return
    expect((await log(result.executionId)).find(({ type }) => type === 'node:finish')).toMatchObject({
      payload: { attempt: 2 },
    })
  })

  it.each(['stand-in', 'key'])('waits as a fallback that is a %s, and answers for its primary', async (fallback) => {
    const { runtime, check } = bench(isRecorded)
    const blueprint = {
      id: 'fallback',
      nodes: [
        { id: 'a', uses: 'fail', config: { fallback } },
        { id: 'b', uses: 'pass' },
        ...(fallback === 'stand-in' ? [{ id: 'stand-in', uses: 'ask' }] : []),
      ],
      edges: [{ source: 'a', target: 'b' }],
    }
    const functionRegistry = {
      fail: () => {
        throw new Error('no')
      },
      ask: () => ({ wait: {} }),
      key: () => ({ wait: {} }),
      pass,
    }
    const parked = await runtime.run(blueprint, {}, { functionRegistry })
    expect(parked.context).toMatchObject({ _awaitingNodeIds: [fallback === 'key' ? 'a' : 'stand-in'] })
    const result = await runtime.resume(parked.executionId, { output: 'saved' })
    expect(result).toMatchObject({ status: 'completed', errors: undefined, context: { a: 'saved', b: 'saved' } })
    await check(blueprint, result)
  })

  it('may be a class, whose stages do not run again', async () => {
    const { runtime, check } = bench(isRecorded)
    const stages: string[] = []
    class Ask extends BaseNode {
      override async prep() {
        stages.push('prep')
      }
      async exec() {
        stages.push('exec')
        return { wait: { event: 'reply' } }
      }
      override async post(result: NodeResult) {
        stages.push('post')
        return result
      }
    }
    const flow = createFlow('class').node('ask', Ask).node('next', pass).edge('ask', 'next')
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingDetails: { ask: { event: 'reply' } } })
    const result = await flow.resume(runtime, parked.serializedContext, { output: 5 })
    expect(result.context).toMatchObject({ next: 5 })
    expect(stages).toEqual(['prep', 'exec', 'post'])
    await check(flow.toBlueprint(), result)
  })

  it('is answered by what can be recorded, or not at all', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const flow = createFlow('answer').wait('ask').node('next', pass).edge('ask', 'next')
    const { executionId } = await flow.run(runtime)
    const before = await log(executionId)
    const resumed = runtime.resume(executionId, { output: { call: () => 1 } })
    if (!isRecorded) return expect((await resumed).status).toBe('completed')
    await expect(resumed).rejects.toMatchObject({ code: 'SERIALIZATION_FAILED', nodeId: 'ask' })
    expect(await log(executionId)).toEqual(before)
    const result = await runtime.resume(executionId, { output: 'fine' })
    expect(result.context).toMatchObject({ next: 'fine' })
    await check(flow.toBlueprint(), result)
  })
})
