import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext, type WorkflowBlueprint } from 'flowcraft'
import { bench, gate, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

/** What is asked goes to `yes` or `no` by its action, else to `other`. */
const approval = createFlow('approval')
  .node('draft', async () => ({ output: 'text' }))
  .wait('ask', { event: 'approved' })
  .node('yes', pass)
  .node('no', pass)
  .node('other', pass)
  .edge('draft', 'ask')
  .edge('ask', 'yes', { action: 'yes' })
  .edge('ask', 'no', { action: 'no' })
  .edge('ask', 'other')
const blueprint: WorkflowBlueprint = approval.toBlueprint()

describe.each(ways)('a node that waits, $way', ({ isRecorded }) => {
  it('parks the run, which says what it waits for', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const result = await approval.run(runtime)
    expect(result.status).toBe('awaiting')
    expect(result.context).toMatchObject({
      draft: 'text',
      _awaitingNodeIds: ['ask'],
      _awaitingDetails: { ask: { reason: 'external_event', event: 'approved' } },
    })
    expect(result.context).not.toHaveProperty('ask')
    expect(result.context).not.toHaveProperty('_run')
    await check(blueprint, result)
    if (!isRecorded) return
    expect(stations(await log(result.executionId))).toEqual([
      'start run',
      'start draft',
      'finish draft',
      'start ask',
      'wait ask',
      'pause run',
    ])
  })

  it.each([
    ['yes', 'yes'],
    ['no', 'no'],
    [undefined, 'other'],
    ['maybe', 'other'],
  ])('goes on with the output and the action %s of its answer', async (action, next) => {
    const { runtime, check } = bench(isRecorded)
    const parked = await approval.run(runtime)
    const data = { output: { by: 'me' }, ...(action !== undefined && { action }) }
    const result = await approval.resume(runtime, parked.serializedContext, data, 'ask')
    expect(result.status).toBe('completed')
    expect(result.executionId).toBe(parked.executionId)
    const reached = ['yes', 'no', 'other'].filter((id) => `_outputs.${id}` in result.context)
    expect(reached).toEqual([next])
    expect(result.context).toMatchObject({ ask: { by: 'me' }, [next]: { by: 'me' } })
    expect(Object.keys(result.context).filter((key) => key.startsWith('_awaiting'))).toEqual([])
    await check(blueprint, result)
  })

  it('goes on without an output, which is none', async () => {
    const { runtime, check } = bench(isRecorded)
    const { executionId } = await approval.run(runtime)
    const result = await runtime.resume(executionId)
    expect(result.context).not.toHaveProperty(['_outputs.ask'])
    expect(result.status).toBe('completed')
    await check(blueprint, result)
  })

  it('leaves the result of the parked run as it was', async () => {
    const { runtime } = bench(isRecorded)
    const parked = await approval.run(runtime)
    await runtime.resume(parked.executionId, { output: 1 })
    expect(parked.status).toBe('awaiting')
    expect(parked.context).toMatchObject({ _awaitingNodeIds: ['ask'] })
    expect(parked.context).not.toHaveProperty('ask')
  })

  it('snapshots what it is answered with', async () => {
    const { runtime, check } = bench(isRecorded)
    const { executionId } = await approval.run(runtime)
    const output = { list: [1] }
    const resumed = runtime.resume(executionId, { output, action: 'yes' })
    output.list.push(2)
    const result = await resumed
    expect(result.context).toMatchObject({ ask: { list: [1] }, yes: { list: [1] } })
    await check(blueprint, result)
  })

  it('is answered once: a second time is an error and changes nothing', async () => {
    const { runtime, check, log } = bench(isRecorded)
    const parked = await approval.run(runtime)
    const result = await runtime.resume(blueprint, parked.serializedContext, { output: 1, action: 'yes' }, 'ask')
    const before = await log(result.executionId)
    const again = () => runtime.resume(blueprint, parked.serializedContext, { output: 2, action: 'no' }, 'ask')
    await expect(again()).rejects.toMatchObject({
      code: 'NOT_AWAITING',
      message: 'Cannot resume: The provided context is not in an awaiting state.',
    })
    expect(await log(result.executionId)).toEqual(before)
    await check(blueprint, result)
  })

  it('is answered once by two who answer at the same time', async () => {
    const { runtime, check } = bench(isRecorded)
    const { executionId } = await approval.run(runtime)
    const answers = [1, 2].map((output) => runtime.resume(executionId, { output, nodeId: 'ask' }))
    const [first, second] = await Promise.allSettled(answers)
    expect(second).toMatchObject({
      reason: { code: 'NOT_AWAITING', message: "Cannot resume: Node 'ask' is not in an awaiting state." },
    })
    if (first?.status !== 'fulfilled') throw new Error('the first answer counts')
    expect(first.value.context).toMatchObject({ ask: 1, other: 1 })
    await check(blueprint, first.value)
  })
})

describe.each(ways)('a resume that cannot be, $way', ({ isRecorded }) => {
  it('names a node that does not wait', async () => {
    const { runtime, log } = bench(isRecorded)
    const parked = await approval.run(runtime)
    const before = await log(parked.executionId)
    await expect(runtime.resume(blueprint, parked.serializedContext, {}, 'draft')).rejects.toMatchObject({
      code: 'NOT_AWAITING',
      message: "Cannot resume: Node 'draft' is not in an awaiting state.",
      nodeId: 'draft',
      executionId: parked.executionId,
    })
    await expect(runtime.resume(blueprint, parked.serializedContext, {}, 'yes')).rejects.toThrow(
      "Cannot resume: Node 'yes' is not in an awaiting state.",
    )
    expect(await log(parked.executionId)).toEqual(before)
  })

  it('names a node that there is not', async () => {
    const { runtime } = bench(isRecorded)
    const parked = await approval.run(runtime)
    for (const id of ['asq', 'ask/ask', '/', '__proto__', '']) {
      await expect(runtime.resume(blueprint, parked.serializedContext, {}, id)).rejects.toMatchObject({
        code: 'NOT_AWAITING',
        message: `Awaiting node '${id}' not found in blueprint.`,
      })
    }
  })

  it('is of a run that ended without waiting', async () => {
    const { runtime } = bench(isRecorded)
    const flow = createFlow('plain').node('a', async () => ({ output: 1 }))
    const result = await flow.run(runtime)
    await expect(flow.resume(runtime, result.serializedContext)).rejects.toThrow(
      'Cannot resume: The provided context is not in an awaiting state.',
    )
  })

  it('is of an execution that nobody knows', async () => {
    const { runtime } = bench(isRecorded)
    await expect(runtime.resume('nobody', { output: 1 })).rejects.toMatchObject({
      code: 'EXECUTION_UNKNOWN',
      executionId: 'nobody',
    })
  })

  it('comes before the node waits', async () => {
    const { runtime } = bench(isRecorded)
    const door = gate()
    const flow = createFlow('early')
      .node('slow', async () => door.opened.then(() => ({ output: 1 })))
      .wait('ask')
      .edge('slow', 'ask')
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await handle.begun
    await expect(runtime.resume(handle.executionId, { nodeId: 'ask' })).rejects.toThrow(
      "Cannot resume: Node 'ask' is not in an awaiting state.",
    )
    await expect(runtime.resume(handle.executionId)).rejects.toThrow(
      'Cannot resume: The provided context is not in an awaiting state.',
    )
    door.open()
    expect((await handle.result()).status).toBe('awaiting')
    expect((await runtime.resume(handle.executionId, { nodeId: 'ask' })).status).toBe('completed')
  })

  it('is of a run that was cancelled while it waited', async () => {
    const { runtime, check } = bench(isRecorded)
    const handle = runtime.start(blueprint, {}, { functionRegistry: approval.getFunctionRegistry() })
    await handle.result()
    await runtime.cancel(handle.executionId, 'no more')
    const result = await handle.result()
    expect(result.status).toBe('cancelled')
    await check(blueprint, result)
    await expect(runtime.resume(handle.executionId)).rejects.toThrow(
      'Cannot resume: The provided context is not in an awaiting state.',
    )
  })
})
