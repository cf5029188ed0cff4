import {
  createFlow,
  diffRecordings,
  FlowRuntime,
  isFlowcraftError,
  type FlowBuilder,
  type NodeContext,
  type NodeEntry,
} from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { createStepper, createTestRuntime } from '@flowcraft/testing'

/** `count`, then `pay` and `mail`, then `done`. */
function order(ran: string[] = []) {
  const node = async ({ nodeId, context }: NodeContext) => {
    ran.push(nodeId)
    await context.set('last', nodeId)
    return { output: nodeId }
  }
  const flow = createFlow('order').node('count', node).node('pay', node).node('mail', node).node('done', node)
  flow.edge('count', 'pay').edge('count', 'mail').edge('pay', 'done').edge('mail', 'done')
  return { ran, stepper: createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry()) }
}

describe('the recording of a stepper', () => {
  it('grows with the run, is the same one all the time, and can be asked like any other', async () => {
    const { stepper } = order()
    await stepper.next()
    const { recording } = stepper
    const { length } = recording
    while (!stepper.isDone()) await stepper.next()
    expect(stepper.recording).toBe(recording)
    expect(recording.length).toBeGreaterThan(length)
    expect(recording.events).toEqual(stepper.events)
    expect(recording.at({ after: 'pay' }).nodes['done']?.status).toBe('pending')
    expect(recording.explain('done').sentence).toContain('done')
    expect(diffRecordings(recording, stepper.recording).isSame).toBe(true)
  })

  it('grows also in the hands of who took it before the first step', async () => {
    const { stepper } = order()
    const { recording } = stepper
    expect([recording.length, recording.executionId]).toEqual([0, stepper.executionId])
    await stepper.next()
    expect(recording.at('end').context['count']).toBe('count')
    expect([...recording]).toEqual(stepper.events)
  })

  it('can be followed while the run is stepped through', async () => {
    const { stepper } = order()
    await stepper.next()
    const from = stepper.recording.length
    const types: (string | undefined)[] = []
    const following = (async () => {
      for await (const { event } of stepper.recording.follow()) types.push(event?.type)
    })()
    while (!stepper.isDone()) await stepper.next()
    await following
    expect(types).toEqual(stepper.events.slice(from).map(({ type }) => type))
  })
})

describe('going event by event', () => {
  it('shows every event once, running a turn where the log ends, until nothing is left', async () => {
    const { stepper, ran } = order()
    const seen: [number, string | undefined][] = []
    for (let at = await stepper.stepEvent(); at !== null; at = await stepper.stepEvent()) {
      seen.push([at.seq, at.event?.type])
      if (at.seq === 1) expect(ran).toEqual(['count'])
    }
    expect(seen).toEqual(stepper.events.slice(1).map(({ seq, type }) => [seq, type]))
    expect(stepper.isDone()).toBe(true)
    expect(stepper.state.status).toBe('completed')
  })

  it('leaves a turn forwards to its end and backwards to where it began', async () => {
    const { stepper, ran } = order()
    const first = await stepper.next()
    const second = await stepper.next()
    await stepper.prev()
    const inside = await stepper.stepEvent()
    expect(inside?.event?.type).toBe('node:start')
    expect(stepper.isDone()).toBe(false)
    expect(stepper.state.status).toBe('stalled')
    expect((await stepper.next())?.context).toEqual(second?.context)
    await stepper.prev()
    await stepper.stepEvent()
    expect((await stepper.prev())?.context).toEqual(first?.context)
    expect(ran).toEqual(['count', 'pay', 'mail'])
  })

  it('goes through what an answer has led to', async () => {
    const flow = createFlow('waiting').wait('ask').wait('again').edge('ask', 'again')
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    while (!stepper.isDone()) await stepper.next()
    expect(await stepper.stepEvent()).toBeNull()
    stepper.resume('ask', { output: 1 })
    const types: (string | undefined)[] = []
    for (let at = await stepper.stepEvent(); at !== null; at = await stepper.stepEvent()) types.push(at.event?.type)
    expect(types).toEqual([
      'workflow:resume',
      'node:finish',
      'edge:evaluate',
      'node:start',
      'node:wait',
      'workflow:pause',
    ])
  })
})

describe('running to a place', () => {
  it('stops before a node has run, and before those that start with it', async () => {
    const { stepper, ran } = order()
    const found = await stepper.runTo('mail')
    expect(ran).toEqual(['count'])
    expect([found?.context['count'], found?.node('mail')?.status]).toEqual(['count', 'pending'])
    expect(await stepper.state.getContext().get('last')).toBe('count')
    expect(stepper.isDone()).toBe(false)
    await stepper.next()
    expect(ran).toEqual(['count', 'pay', 'mail'])
    while (!stepper.isDone()) await stepper.next()
    expect(ran).toEqual(['count', 'pay', 'mail', 'done'])
  })

  it('counts the place where it stands, so that a loop over it comes to every turn of a node', async () => {
    const flow = createFlow('looping')
      .node('first', async () => ({}))
      .node('body', async ({ iteration }) => ({ output: iteration }))
      .loop('again', { startNodeId: 'body', endNodeId: 'body', condition: 'input < 3' })
      .edge('first', 'body')
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    const outputs: unknown[] = []
    while ((await stepper.runTo('body')) !== null) outputs.push((await stepper.next())?.context['body'])
    expect(outputs).toEqual([0, 1, 2, 3])
    expect(stepper.isDone()).toBe(true)
  })

  it('finds the node where it stands, one after the other', async () => {
    const { stepper, ran } = order()
    const start = await stepper.runTo('count')
    expect([start?.seq, ran.length]).toEqual([0, 0])
    const pay = await stepper.runTo('pay')
    expect(await stepper.runTo('mail')).toEqual(pay)
    expect((await stepper.runTo('done'))?.context['mail']).toBe('mail')
    expect(ran).toEqual(['count', 'pay', 'mail'])
  })

  it('finds it in what is recorded without running anything, also after going back over it', async () => {
    const { stepper, ran } = order()
    await stepper.runTo('done')
    await stepper.prev()
    await stepper.prev()
    const before = [...ran]
    expect((await stepper.runTo('pay'))?.context['last']).toBe('count')
    await stepper.stepEvent()
    expect((await stepper.runTo('mail'))?.event?.type).toBe('node:start')
    expect((await stepper.runTo('done'))?.context['mail']).toBe('mail')
    expect(ran).toEqual(before)
    while (!stepper.isDone()) await stepper.next()
    expect(ran).toEqual(['count', 'pay', 'mail', 'done'])
  })

  it('runs to where a predicate holds, or to the end', async () => {
    const { stepper, ran } = order()
    expect((await stepper.runTo(({ context }) => context['last'] === 'mail'))?.context['pay']).toBe('pay')
    expect(ran).toEqual(['count', 'pay', 'mail'])
    expect(await stepper.runTo('nobody')).toBeNull()
    expect([stepper.isDone(), stepper.state.status]).toEqual([true, 'completed'])
    expect(await stepper.runTo(() => false)).toBeNull()
  })

  it('lets nodes that had no slot wait: those before a node have run', async () => {
    const { stepper, ran } = order()
    await stepper.next()
    const found = await stepper.runTo('mail', { concurrency: 1 })
    expect([found?.node('mail')?.status, ran]).toEqual(['pending', ['count', 'pay']])
    await stepper.next()
    expect(ran).toEqual(['count', 'pay', 'mail'])
  })

  it('stops where all that is left waits', async () => {
    const flow = createFlow('waiting')
      .wait('ask')
      .node('b', async () => ({ output: 'b' }))
      .edge('ask', 'b')
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    expect(await stepper.runTo('b')).toBeNull()
    expect([stepper.isDone(), stepper.state.status]).toEqual([true, 'awaiting'])
    stepper.resume('ask')
    expect((await stepper.runTo('b'))?.node('b')?.status).toBe('pending')
    expect((await stepper.next())?.status).toBe('completed')
  })

  it('is cancelled by a signal, and begins anew after a reset, while a node is held', async () => {
    const { stepper, ran } = order()
    await stepper.runTo('pay')
    const { executionId } = stepper
    stepper.reset()
    expect(stepper.executionId).not.toBe(executionId)
    await stepper.runTo('pay')
    expect((await stepper.next({ signal: AbortSignal.abort('enough') }))?.status).toBe('cancelled')
    expect(ran).toEqual(['count', 'count'])
  })

  it('refuses what is no place', async () => {
    const { stepper } = order()
    for (const target of ['', 7, undefined]) {
      const error: unknown = await stepper.runTo(target as string).catch((thrown: unknown) => thrown)
      expect(isFlowcraftError(error, 'INPUT_INVALID')).toBe(true)
    }
  })
})

describe('a long chain', () => {
  it('is stepped through with a look at the whole context at every step', async () => {
    const length = 1600
    const flow: FlowBuilder<Record<string, unknown>, Record<string, unknown>, NodeEntry> = createFlow('chain')
    for (let nth = 0; nth < length; nth += 1) flow.node(`n${nth}`, async () => ({ output: nth }))
    for (let nth = 1; nth < length; nth += 1) flow.edge(`n${nth - 1}`, `n${nth}`)
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    let steps = 0
    for (; !stepper.isDone(); steps += 1) {
      await stepper.next()
      const context = await stepper.state.getContext().getAll()
      expect(Object.hasOwn(context, `n${steps}`) && !Object.hasOwn(context, `n${steps + 1}`)).toBe(true)
    }
    expect(steps).toBe(length)
    for (; (await stepper.prev()) !== null; steps -= 1);
    expect(steps).toBe(0)
  })
})

describe('steps that overlap', () => {
  it('are taken one after the other', async () => {
    const { stepper, ran } = order()
    const results = await Promise.all([
      stepper.next(),
      stepper.stepEvent(),
      stepper.prev(),
      stepper.next(),
      stepper.next(),
    ])
    expect(results.map((result) => result?.status)).toEqual(['stalled', 'running', 'stalled', 'stalled', 'completed'])
    expect(ran).toEqual(['count', 'pay', 'mail', 'done'])
  })
})

describe('a stepper on a test runtime', () => {
  it('stops after every answer that leads to another wait, also when two come at once', async () => {
    const flow = createFlow('two')
      .wait('a')
      .wait('b')
      .node('end', async () => ({ output: 'end' }))
      .edge('a', 'end')
      .edge('b', 'end')
    const { runtime } = createTestRuntime({ flows: [flow] })
    const stepper = createStepper(runtime, flow.toBlueprint(), flow.getFunctionRegistry())
    while (!stepper.isDone()) await stepper.next()
    stepper.resume('a', { output: 1 })
    stepper.resume('b', { output: 2 })
    const first = await stepper.next()
    expect([first?.status, first?.context['a'], first?.context['b']]).toEqual(['awaiting', 1, undefined])
    expect((await stepper.next())?.status).toBe('completed')
    expect(stepper.isDone()).toBe(true)
  })
})
