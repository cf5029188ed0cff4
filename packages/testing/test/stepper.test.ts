import {
  createFlow,
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  PersistentEventBusAdapter,
  type NodeContext,
} from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { createStepper } from '@flowcraft/testing'

/** A flow in which a node fails once, one is recovered by its fallback, and two branches join. */
function flowWith(ran: string[]) {
  return createFlow<{ n: number; seen: number[] }>('stepped')
    .node('first', async ({ context }) => {
      ran.push('first')
      await context.set('seen', [1])
      return { output: new Date(5), action: 'go' }
    })
    .node(
      'flaky',
      ({ attempt }) => {
        ran.push(`flaky ${attempt}`)
        if (attempt === 1) throw new Error('not yet')
        return { output: 'flaky' }
      },
      { config: { maxRetries: 2 } },
    )
    .node(
      'broken',
      () => {
        ran.push('broken')
        throw new FlowcraftError('never')
      },
      { config: { fallback: 'spare' } },
    )
    .node('spare', () => {
      ran.push('spare')
      return { output: 'spare' }
    })
    .node('left-out', () => ({}))
    .node('last', ({ input }) => {
      ran.push('last')
      return { output: input }
    })
    .edge('first', 'flaky', { action: 'go' })
    .edge('first', 'broken', { action: 'go' })
    .edge('first', 'left-out', { action: 'stop' })
    .edge('flaky', 'last')
    .edge('broken', 'last')
}

function stepperOn(ran: string[] = [], runtime = new FlowRuntime()) {
  const flow = flowWith(ran)
  return createStepper(runtime, flow.toBlueprint(), flow.getFunctionRegistry(), { n: 1 })
}

describe('a stepper', () => {
  it('runs one turn at a time, retries included, until the run has ended', async () => {
    const ran: string[] = []
    const stepper = stepperOn(ran)
    const statuses: (string | undefined)[] = []
    while (!stepper.isDone()) statuses.push((await stepper.next())?.status)
    expect(statuses).toEqual(['stalled', 'stalled', 'stalled', 'completed'])
    expect(ran).toEqual(['first', 'flaky 1', 'broken', 'flaky 2', 'spare', 'last'])
    expect(await stepper.next()).toBeNull()
  })

  it('stands at the initial context before its first turn', async () => {
    const stepper = stepperOn()
    expect(await stepper.state.getContext().getAll()).toEqual({ n: 1, _executionId: stepper.executionId })
    expect(stepper.state.status).toBe('stalled')
    expect(await stepper.prev()).toBeNull()
  })

  it('goes back to exact earlier states, and forward again without running a node', async () => {
    const ran: string[] = []
    const stepper = stepperOn(ran)
    const states = [await stepper.state.getContext().getAll()]
    while (!stepper.isDone()) {
      await stepper.next()
      states.push(await stepper.state.getContext().getAll())
    }
    const ranBefore = [...ran]
    for (let at = states.length - 2; at >= 0; at -= 1) {
      expect((await stepper.prev())?.context).toEqual(states[at])
      expect(stepper.isDone()).toBe(false)
    }
    for (let at = 1; at < states.length; at += 1) expect((await stepper.next())?.context).toEqual(states[at])
    expect(stepper.isDone()).toBe(true)
    expect(ran).toEqual(ranBefore)
  })

  it('runs on from where the log ends, after any walk', async () => {
    const ran: string[] = []
    const stepper = stepperOn(ran)
    await stepper.next()
    await stepper.prev()
    await stepper.next()
    await stepper.next()
    await stepper.prev()
    while (!stepper.isDone()) await stepper.next()
    expect(ran).toEqual(['first', 'flaky 1', 'broken', 'flaky 2', 'spare', 'last'])
  })

  it('gives results that later turns do not change', async () => {
    const stepper = stepperOn()
    const first = await stepper.next()
    while (!stepper.isDone()) await stepper.next()
    expect(first?.context).toEqual({
      n: 1,
      seen: [1],
      first: new Date(5),
      '_outputs.first': new Date(5),
      _executionId: stepper.executionId,
    })
  })

  it('has a log that replays to its result', async () => {
    const runtime = new FlowRuntime()
    const stepper = stepperOn([], runtime)
    let last = await stepper.next()
    while (!stepper.isDone()) last = await stepper.next()
    const replayed = await runtime.replay(flowWith([]).toBlueprint(), stepper.events)
    expect(replayed.context).toEqual(last?.context)
    expect(replayed.recordedStatus).toBe('completed')
  })

  it('records what the runtime would record', async () => {
    const store = new InMemoryEventStore()
    const stepper = stepperOn([], new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) }))
    while (!stepper.isDone()) await stepper.next()
    expect(await store.retrieve(stepper.executionId)).toEqual(stepper.events)
  })

  it('begins anew after a reset, under another id', async () => {
    const ran: string[] = []
    const stepper = stepperOn(ran)
    await stepper.next()
    const { executionId } = stepper
    stepper.reset()
    expect(stepper.executionId).not.toBe(executionId)
    expect(await stepper.state.getContext().getAll()).toEqual({ n: 1, _executionId: stepper.executionId })
    await stepper.next()
    expect(ran).toEqual(['first', 'first'])
  })

  it('cancels the run when the signal of a step aborts', async () => {
    const stepper = stepperOn()
    const result = await stepper.next({ signal: AbortSignal.abort('enough') })
    expect(result?.status).toBe('cancelled')
    expect(stepper.isDone()).toBe(true)
  })

  it('lets no more nodes of a turn run at a time than asked for', async () => {
    let running = 0
    let most = 0
    const node = async () => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
    }
    const flow = createFlow('wide').node('a', node).node('b', node).node('c', node)
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    await stepper.next({ concurrency: 1 })
    expect(most).toBe(1)
    expect(stepper.isDone()).toBe(true)
  })
})

describe('a stepper over a flow that waits', () => {
  const flow = createFlow('waiting')
    .node('a', async () => ({ output: 1 }))
    .wait('ask')
    .sleep('rest', { duration: '1h' })
    .node('b', async ({ input }: NodeContext) => ({ output: input }))
    .edge('a', 'ask')
    .edge('ask', 'rest')
    .edge('rest', 'b')

  it('is done when nothing but waiting nodes is left, and goes on when one of them is resumed', async () => {
    const stepper = createStepper(new FlowRuntime(), flow.toBlueprint(), flow.getFunctionRegistry())
    let turns = 0
    while (!stepper.isDone()) {
      turns += 1
      await stepper.next()
    }
    expect([turns, stepper.state.status]).toEqual([3, 'awaiting'])
    stepper.resume('ask', { output: 'yes' })
    expect(stepper.isDone()).toBe(false)
    while (!stepper.isDone()) await stepper.next()
    expect(stepper.state.status).toBe('awaiting')
    stepper.resume('rest')
    while (!stepper.isDone()) await stepper.next()
    expect(stepper.state.status).toBe('completed')
    expect(await stepper.state.getContext().get('b')).toBe('yes')
    expect(() => stepper.resume('ask')).toThrow("Node 'ask' is not in an awaiting state")
  })
})

describe('a stepper over a flow with a subflow', () => {
  const child = createFlow('child')
    .node('x', async () => ({ output: 'x' }))
    .wait('ask')
    .edge('x', 'ask')
  const flow = createFlow('parent')
    .node('before', async () => ({}))
    .subflow('s', { blueprintId: 'child' })
    .node('after', async ({ input }: NodeContext) => ({ output: input }))
    .edge('before', 's')
    .edge('s', 'after')

  it('shows the context of the parent at every turn, and resumes what waits in the child', async () => {
    const stepper = createStepper(new FlowRuntime({ flows: [child] }), flow.toBlueprint(), flow.getFunctionRegistry())
    const keys: string[] = []
    const step = async (): Promise<void> => {
      await stepper.next()
      keys.push(Object.keys(await stepper.state.getContext().getAll()).join())
    }
    while (!stepper.isDone()) await step()
    stepper.resume('s/ask', { output: 'yes' })
    while (!stepper.isDone()) await step()
    expect(stepper.state.status).toBe('completed')
    expect(await stepper.state.getContext().get('after')).toBe('yes')
    expect(await stepper.prev()).not.toBeNull()
    expect(keys.every((list) => list.includes('_executionId') && !list.includes('_outputs.x'))).toBe(true)
  })
})
