import { describe, expect, it } from 'vitest'
import { createFlow, type NodeContext } from 'flowcraft'
import { idle } from './virtual-clock.ts'
import { bench, gate, park, stations, ways } from './waiting-bench.ts'

const pass = async ({ input }: NodeContext) => ({ output: input })

const asking = createFlow('asking')
  .node('in', pass)
  .wait('ask', { event: 'reply' })
  .node('yes', async ({ input }) => ({ output: ['yes', input] }))
  .node('no', async ({ input }) => ({ output: ['no', input] }))
  .edge('in', 'ask')
  .edge('ask', 'yes', { action: 'yes' })
  .edge('ask', 'no')
const root = createFlow('root')
  .node('a', async () => ({ output: 1 }))
  .subflow('sub', { blueprintId: 'asking', outputs: { said: 'yes', denied: 'no' } })
  .node('end', pass)
  .edge('a', 'sub')
  .edge('sub', 'end')

describe.each(ways)('a subflow that waits, $way', ({ isRecorded }) => {
  it('makes its node wait, for what comes first', async () => {
    const two = createFlow('two').wait('late', { event: 'e', timeout: 500 }).sleep('nap', { duration: 300 })
    const { runtime, check, log } = bench(isRecorded, { flows: [two] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'two' })
    const parked = await flow.run(runtime)
    expect(parked.context).toMatchObject({
      _awaitingNodeIds: ['sub'],
      _awaitingDetails: { sub: { reason: 'external_event', event: 'e', wakeUpAt: 1_000_300 } },
    })
    await check(flow.toBlueprint(), parked)
    if (!isRecorded) return
    expect(stations(await log(parked.executionId))).toEqual(['start run', 'start sub', 'wait sub', 'pause run'])
    expect(stations(await log(`${parked.executionId}:sub#0`)).slice(1)).toEqual([
      'start late',
      'wait late',
      'start nap',
      'wait nap',
      'pause run',
    ])
  })

  it.each([['sub/ask'], ['sub'], [undefined]])('is answered as %s', async (nodeId) => {
    const { runtime, check, log } = bench(isRecorded, { flows: [asking] })
    const parked = await root.run(runtime)
    const answer = { output: 'hi', action: 'yes' }
    const result = await root.resume(runtime, parked.serializedContext, answer, nodeId)
    expect(result).toMatchObject({
      status: 'completed',
      context: { said: ['yes', 'hi'], sub: { said: ['yes', 'hi'] }, end: { said: ['yes', 'hi'] } },
    })
    await check(root.toBlueprint(), result)
    if (!isRecorded) return
    expect(stations(await log(result.executionId)).slice(3)).toEqual([
      'start sub',
      'wait sub',
      'pause run',
      'resume run by sub',
      'set said',
      'set denied',
      'finish sub',
      'start end',
      'finish end',
      'finish run',
    ])
    const child = await log(`${result.executionId}:sub#0`)
    expect(child.find(({ type }) => type === 'workflow:resume')).toMatchObject({
      payload: { reason: 'external', nodeId: 'ask', output: 'hi', action: 'yes' },
    })
  })

  it('is answered once, and by the names of what waits', async () => {
    const { runtime } = bench(isRecorded, { flows: [asking] })
    const { executionId } = await root.run(runtime)
    const resume = (nodeId: string) => runtime.resume(executionId, { output: 1, nodeId })
    await expect(resume('sub/in')).rejects.toThrow("Cannot resume: Node 'sub/in' is not in an awaiting state.")
    await expect(resume('sub/asq')).rejects.toThrow("Awaiting node 'sub/asq' not found in blueprint.")
    await expect(resume('ask')).rejects.toThrow("Awaiting node 'ask' not found in blueprint.")
    await expect(resume('end/ask')).rejects.toThrow("Awaiting node 'end/ask' not found in blueprint.")
    const both = await Promise.allSettled([resume('sub/ask'), resume('sub')])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(resume('sub/ask')).rejects.toThrow('The provided context is not in an awaiting state.')
  })

  it('is named apart from a node of the parent that has such a name', async () => {
    const flow = createFlow('odd').wait('sub/ask').subflow('sub', { blueprintId: 'asking' })
    const { runtime, check } = bench(isRecorded, { flows: [asking] })
    const { executionId } = await flow.run(runtime)
    const one = await runtime.resume(executionId, { output: 'own', nodeId: 'sub/ask' })
    expect(one.context).toMatchObject({ 'sub/ask': 'own', _awaitingNodeIds: ['sub'] })
    const other = createFlow('odd').wait('sub/ask').subflow('sub', { blueprintId: 'asking' })
    const second = await other.run(runtime)
    const result = await runtime.resume(`${second.executionId}:sub#0`, { output: 'inner', nodeId: 'ask' })
    expect(result.context).toMatchObject({ _awaitingNodeIds: ['sub/ask'], '_outputs.sub': { no: ['no', 'inner'] } })
    await check(other.toBlueprint(), result)
  })

  it('with several nodes that wait is answered node by node', async () => {
    const two = createFlow('two').wait('x').wait('y').node('join', pass).edge('x', 'join').edge('y', 'join')
    const { runtime, check } = bench(isRecorded, { flows: [two] })
    const flow = createFlow('root').subflow('sub', { blueprintId: 'two' })
    const { executionId } = await flow.run(runtime)
    const half = await runtime.resume(executionId, { output: 2, nodeId: 'sub/y' })
    expect(half).toMatchObject({ status: 'awaiting', context: { _awaitingNodeIds: ['sub'] } })
    await check(flow.toBlueprint(), half)
    await expect(runtime.resume(executionId, { nodeId: 'sub/y' })).rejects.toThrow("Node 'sub/y' is not in an awaiting")
    const result = await runtime.resume(executionId, { output: 1, nodeId: 'sub/x' })
    expect(result).toMatchObject({ status: 'completed', context: { sub: { x: 1, y: 2 } } })
    await check(flow.toBlueprint(), result)
  })

  it('is answered while other nodes of its run, or of its parent, go on', async () => {
    const doors = [gate(), gate()]
    const busy = createFlow('busy')
      .wait('ask')
      .node('slow', async () => doors[0]!.opened)
      .node('after', pass)
      .edge('ask', 'after')
    const { runtime, check, log } = bench(isRecorded, { flows: [busy] })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'busy' })
      .node('slow', async () => doors[1]!.opened)
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await idle()
    const resumed = runtime.resume(handle.executionId, { output: 1, nodeId: 'sub/ask' })
    await idle()
    await expect(runtime.resume(handle.executionId, { nodeId: 'sub' })).rejects.toThrow(
      "Cannot resume: Node 'sub' is not in an awaiting state.",
    )
    for (const door of doors) door.open()
    const result = await resumed
    expect(result).toMatchObject({ status: 'completed', context: { sub: { after: 1 } } })
    await check(flow.toBlueprint(), result)
    if (isRecorded) {
      expect(stations(await log(handle.executionId)).filter((line) => /pause|wait|resume/.test(line))).toEqual([])
    }
  })

  it('is answered at the very moment at which it begins to wait', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [asking] })
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const handle = runtime.start(root.toBlueprint(), {}, { functionRegistry: root.getFunctionRegistry() })
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve()
      try {
        handle.resume({ output: ticks }, 'sub/ask')
      } catch (error) {
        // Too early: it does not wait yet.
        expect(error).toMatchObject({ code: 'NOT_AWAITING' })
        expect((await handle.result()).status).toBe('awaiting')
        handle.resume({ output: ticks }, 'sub/ask')
      }
      const result = await handle.result()
      expect(result).toMatchObject({ status: 'completed', context: { denied: ['no', ticks] } })
      await check(root.toBlueprint(), result)
    }
  })

  it('of which two wait, each is answered on its own', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [asking] })
    const flow = createFlow('root')
      .subflow('one', { blueprintId: 'asking' })
      .subflow('two', { blueprintId: 'asking' })
      .node('join', pass)
      .edge('one', 'join')
      .edge('two', 'join')
    const { executionId } = await flow.run(runtime)
    const half = await runtime.resume(executionId, { output: 2, nodeId: 'two/ask', action: 'yes' })
    expect(half.context).toMatchObject({ two: { yes: ['yes', 2] }, _awaitingNodeIds: ['one'] })
    const result = await runtime.resume(executionId, { output: 1 })
    expect(result.context).toMatchObject({ join: { one: { no: ['no', 1] }, two: { yes: ['yes', 2] } } })
    await check(flow.toBlueprint(), result)
  })

  it('nested twice is answered through all of them', async () => {
    const middle = createFlow('middle').subflow('in ner', { blueprintId: 'asking' })
    const { runtime, check } = bench(isRecorded, { flows: [asking, middle] })
    const flow = createFlow('root').subflow('out/er', { blueprintId: 'middle' })
    for (const nodeId of ['out/er/in ner/ask', 'out/er/in ner', 'out/er', undefined]) {
      const { executionId } = await flow.run(runtime)
      const result = await runtime.resume(executionId, { output: 1, ...(nodeId !== undefined && { nodeId }) })
      expect(result).toMatchObject({ status: 'completed', context: { 'out/er': { no: ['no', 1] } } })
      await check(flow.toBlueprint(), result)
    }
    const { executionId } = await flow.run(runtime)
    const own = `${executionId}:out%2Fer#0:in%20ner#0`
    const result = await runtime.resume(own, { output: 5, nodeId: 'ask' })
    expect(result).toMatchObject({ executionId, status: 'completed' })
  })

  it('in a loop waits in each turn, in a run of that turn', async () => {
    const { runtime, check } = bench(isRecorded, { flows: [asking] })
    const flow = createFlow('root')
      .node('start', async () => ({ output: 0 }))
      .subflow('sub', { blueprintId: 'asking', outputs: { last: 'no' } })
      .loop('again', { startNodeId: 'sub', endNodeId: 'sub', condition: 'input.last[1] < 2' })
      .edge('start', 'sub')
    let result = await flow.run(runtime)
    for (const output of [1, 2]) {
      expect(result.status).toBe('awaiting')
      const nodeId = `${result.executionId}:sub#${output - 1}`
      result = await runtime.resume(nodeId, { output })
    }
    expect(result).toMatchObject({ status: 'completed', context: { again: { last: ['no', 2] } } })
    await check(flow.toBlueprint(), result)
  })
})

describe.each(ways)('a subflow that sleeps, $way', ({ isRecorded }) => {
  it('is woken by the scheduler, each of its nodes once and none early', async () => {
    const times: string[] = []
    const note = async ({ nodeId }: NodeContext) => void times.push(`${nodeId} ${made.clock.now() - 1_000_000}`)
    const child = createFlow('child')
      .sleep('one', { duration: 100 })
      .node('after one', note)
      .sleep('two', { duration: 250 })
      .node('after two', note)
      .edge('one', 'after one')
      .edge('two', 'after two')
    const middle = createFlow('middle').subflow('in', { blueprintId: 'child' }).sleep('own', { duration: 170 })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'middle' })
      .sleep('beside', { duration: 120 })
      .node('after beside', note)
      .edge('beside', 'after beside')
    const made = bench(isRecorded, { flows: [child, middle] })
    const { runtime, clock, check } = made
    runtime.startScheduler(60_000)
    const handle = await park(runtime, flow)
    await clock.advance(1000)
    expect(times).toEqual(['after one 100', 'after beside 120', 'after two 250'])
    const result = await handle.result()
    expect(result.status).toBe('completed')
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
    expect(clock.waiting).toEqual([])
  })

  it('is woken also while its parent is busy, and goes on by the action timeout where it waited', async () => {
    const door = gate()
    const child = createFlow('child')
      .wait('ask', { timeout: 50 })
      .node('late', async () => ({ output: 'late' }))
    child.edge('ask', 'late', { action: 'timeout' })
    const { runtime, clock, check } = bench(isRecorded, { flows: [child] })
    const flow = createFlow('root')
      .subflow('sub', { blueprintId: 'child' })
      .node('slow', async () => door.opened)
    runtime.startScheduler(1000)
    const handle = runtime.start(flow.toBlueprint(), {}, { functionRegistry: flow.getFunctionRegistry() })
    await clock.advance(50)
    door.open()
    const result = await handle.result()
    expect(result).toMatchObject({ status: 'completed', context: { sub: 'late' } })
    await check(flow.toBlueprint(), result)
    runtime.stopScheduler()
  })
})
