import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

/** Two nodes wait, and what comes after both needs both. */
const pair = createFlow('pair')
  .node('start', async () => ({ output: 0 }))
  .wait('left')
  .wait('right')
  .node('join', pass)
  .edge('start', 'left')
  .edge('start', 'right')
  .edge('left', 'join')
  .edge('right', 'join')

describe.each(ways)('nodes that wait side by side, $way', ({ isRecorded }) => {
  it.each([
    ['left', 'right'],
    ['right', 'left'],
  ])('are answered one by one, %s before %s', async (first, second) => {
    const { runtime, check, log } = bench(isRecorded)
    const parked = await pair.run(runtime)
    expect(parked.context).toMatchObject({ _awaitingNodeIds: ['left', 'right'] })
    await check(pair.toBlueprint(), parked)
    const half = await runtime.resume(parked.executionId, { output: `to ${first}`, nodeId: first })
    expect(half.status).toBe('awaiting')
    expect(half.context).toMatchObject({ [first]: `to ${first}`, _awaitingNodeIds: [second] })
    await check(pair.toBlueprint(), half)
    await expect(runtime.resume(parked.executionId, { output: 'again', nodeId: first })).rejects.toMatchObject({
      message: `Cannot resume: Node '${first}' is not in an awaiting state.`,
    })
    const result = await runtime.resume(parked.executionId, { output: `to ${second}`, nodeId: second })
    expect(result.context).toMatchObject({ join: { left: 'to left', right: 'to right' } })
    await check(pair.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(result.executionId)).slice(3)).toEqual([
      'start left',
      'wait left',
      'start right',
      'wait right',
      'pause run',
      `resume run by ${first}`,
      `finish ${first}`,
      'pause run',
      `resume run by ${second}`,
      `finish ${second}`,
      'start join',
      'finish join',
      'finish run',
    ])
  })

  it('are answered in the order in which they began to wait, where nobody names one', async () => {
    const { runtime } = bench(isRecorded)
    const { executionId } = await pair.run(runtime)
    expect((await runtime.resume(executionId, { output: 1 })).context).toMatchObject({ left: 1 })
    expect((await runtime.resume(executionId, { output: 2 })).context).toMatchObject({ right: 2 })
  })

  it('are answered both at the same time', async () => {
    const { runtime, check } = bench(isRecorded)
    const { executionId } = await pair.run(runtime)
    const results = await Promise.all(
      ['right', 'left'].map((nodeId) => runtime.resume(executionId, { output: nodeId, nodeId })),
    )
    for (const result of results) {
      expect(result).toMatchObject({ status: 'completed', context: { join: { left: 'left', right: 'right' } } })
      await check(pair.toBlueprint(), result)
    }
  })

  it('do not keep other branches from running to their end', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('beside')
      .node('start', async () => ({ output: 0 }))
      .wait('ask')
      .node('one', pass)
      .node('two', pass)
      .edge('start', 'ask')
      .edge('start', 'one')
      .edge('one', 'two')
    const result = await flow.run(runtime)
    expect(result).toMatchObject({ status: 'awaiting', context: { two: 0 } })
    await check(flow.toBlueprint(), result)
  })

  it('are answered before the run parks, while other branches go on', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const door = gate()
    const flow = createFlow('busy')
      .wait('ask')
      .node('slow', async () => door.opened.then(() => ({ output: 'slow' })))
      .node('join', pass)
      .edge('ask', 'join')
      .edge('slow', 'join')
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await handle.begun
    await idle()
    const resumed = runtime.resume(handle.executionId, { output: 'answer', nodeId: 'ask' })
    await idle()
    await expect(runtime.resume(handle.executionId, { output: 'late', nodeId: 'ask' })).rejects.toThrow(
      "Cannot resume: Node 'ask' is not in an awaiting state.",
    )
    door.open()
    const results = [await handle.result(), await resumed]
    for (const result of results) {
      expect(result).toMatchObject({ status: 'completed', context: { join: { ask: 'answer', slow: 'slow' } } })
      await check(flow.toBlueprint(), result)
    }
    if (isRecorded) expect(stations(await log(handle.executionId))).not.toContain('pause run')
  })

  it('keep an `any` join from nothing: it runs with the first', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('any')
      .wait('left')
      .wait('right')
      .node('join', pass, { config: { joinStrategy: 'any' } })
      .edge('left', 'join')
      .edge('right', 'join')
    const { executionId } = await flow.run(runtime)
    const half = await runtime.resume(executionId, { output: 'r', nodeId: 'right' })
    expect(half).toMatchObject({ status: 'awaiting', context: { join: 'r', _awaitingNodeIds: ['left'] } })
    const result = await runtime.resume(executionId, { output: 'l' })
    expect(result).toMatchObject({ status: 'completed', context: { join: 'r', left: 'l' } })
    await check(flow.toBlueprint(), result)
  })

  it('are waited for though another branch has failed', async () => {
    const { runtime, check } = bench(isRecorded)
    const flow = createFlow('failing')
      .wait('ask')
      .node('bad', async () => {
        throw new Error('bad')
      })
    const parked = await flow.run(runtime)
    expect(parked.status).toBe('awaiting')
    expect(parked.errors).toMatchObject([{ nodeId: 'bad' }])
    await check(flow.toBlueprint(), parked)
    const result = await flow.resume(runtime, parked.serializedContext, { output: 1 })
    expect(result).toMatchObject({ status: 'failed', context: { ask: 1 }, errors: [{ nodeId: 'bad' }] })
    await check(flow.toBlueprint(), result)
  })

  it('of two hundred are each answered once', async () => {
    const { runtime, check } = bench(isRecorded)
    const ids = Array.from({ length: 200 }, (_, index) => `w${index}`)
    const blueprint = { id: 'many', nodes: ids.map((id) => ({ id, uses: 'wait' })), edges: [] }
    const { executionId } = await runtime.run(blueprint)
    const answers = ids.map((nodeId) => runtime.resume(executionId, { output: nodeId, nodeId }))
    const result = (await Promise.all(answers))[0]!
    expect(result.context).toMatchObject(Object.fromEntries(ids.map((id) => [id, id])))
    await check(blueprint, result)
  })
})
