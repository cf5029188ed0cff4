import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  isFlowcraftError,
  openRecording,
  parseRecording,
  PersistentEventBusAdapter,
  recordingFrom,
  serializeRecording,
  type FlowBuilder,
  type NodeEntry,
  type Recording,
} from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { createRecordedStepper, createStepper, type Stepper } from '@flowcraft/testing'

type Look = readonly [string, Record<string, unknown>]

async function look({ state }: Stepper): Promise<Look> {
  return [state.status, await state.getContext().getAll()]
}

/** What is seen at every stop. `answers` are given to nodes that wait, in order. */
async function looks(stepper: Stepper, answers: readonly string[] = []): Promise<Look[]> {
  const seen = [await look(stepper)]
  for (const nodeId of [undefined, ...answers]) {
    if (nodeId !== undefined) stepper.resume(nodeId, { output: `answer to ${nodeId}` })
    while (!stepper.isDone()) if ((await stepper.next()) !== null) seen.push(await look(stepper))
  }
  return seen
}

function flowOf(id: string): FlowBuilder<Record<string, unknown>, Record<string, unknown>, NodeEntry> {
  return createFlow(id)
}

const child = flowOf('child')
  .node('x', async () => ({ output: 'x' }))
  .wait('ask')
  .edge('x', 'ask')

const flows = {
  branches: flowOf('branches')
    .node('a', async () => ({ output: 'a' }))
    .node('b', async () => ({ output: 'b' }))
    .node('c', async () => ({ output: 'c' }))
    .node('d', async () => ({ output: 'd' }), { config: { joinStrategy: 'any' } })
    .edge('a', 'b')
    .edge('a', 'd')
    .edge('b', 'c')
    .edge('c', 'd'),
  'a loop': flowOf('loop')
    .node('body', async ({ iteration }) => ({ output: iteration }))
    .node('tail', async ({ input }) => ({ output: input }))
    .node('after', async () => ({ output: 'after' }))
    .edge('body', 'tail')
    .loop('again', { startNodeId: 'body', endNodeId: 'tail', condition: 'input < 2' })
    .edge('again', 'after', { action: 'break' }),
  'a batch': flowOf('batch')
    .node('items', async () => ({ output: [1, 2, 3, 4, 5] }))
    .batch('each', async ({ input }) => ({ output: Number(input) * 2 }), { inputKey: 'items', chunkSize: 2 })
    .node('sum', async ({ input }) => ({ output: input }))
    .edge('items', 'each')
    .edge('each', 'sum'),
  'a batch with one place': flowOf('narrow')
    .node('items', async () => ({ output: [1, 2, 3] }))
    .batch('each', async ({ input }) => ({ output: input }), { inputKey: 'items', concurrency: 1 })
    .edge('items', 'each'),
  'a fallback and retries': flowOf('fallback')
    .node(
      'flaky',
      async ({ attempt }) => {
        if (attempt === 1) throw new Error('not yet')
        return { output: 'flaky' }
      },
      { config: { maxRetries: 2 } },
    )
    .node(
      'broken',
      async () => {
        throw new Error('never')
      },
      { config: { fallback: 'spare' } },
    )
    .node('spare', async () => ({ output: 'spare' }))
    .node('end', async ({ input }) => ({ output: input }))
    .edge('flaky', 'end')
    .edge('broken', 'end'),
  'waits and a sleep beside each other': flowOf('waits')
    .sleep('rest', { duration: '1h' })
    .wait('ask')
    .node('beside', async () => ({ output: 'beside' }))
    .node('end', async ({ input }) => ({ output: input }))
    .edge('rest', 'end')
    .edge('ask', 'end')
    .edge('beside', 'end'),
  'a subflow': flowOf('parent')
    .subflow('s', { blueprintId: 'child' })
    .node('after', async ({ input }) => ({ output: input }))
    .edge('s', 'after'),
}

const answersOf: Readonly<Record<string, readonly string[]>> = {
  'waits and a sleep beside each other': ['ask', 'rest'],
  'a subflow': ['s/ask'],
}

describe('a stepper over a recording', () => {
  for (const [name, flow] of Object.entries(flows)) {
    it(`stops where the live one stopped: ${name}`, async () => {
      const runtime = new FlowRuntime({ flows: [child] })
      const live = createStepper(runtime, flow.toBlueprint(), flow.getFunctionRegistry())
      const seen = await looks(live, answersOf[name])
      expect(live.state.status).toBe('completed')
      const recorded = createRecordedStepper(parseRecording(serializeRecording(live.recording)))
      expect(await looks(recorded)).toEqual(seen)
      for (let at = seen.length - 2; at >= 0; at -= 1) {
        await recorded.prev()
        expect(await look(recorded)).toEqual(seen[at])
      }
      expect(await recorded.prev()).toBeNull()
    })
  }

  it('goes through any run, runs nothing and writes nothing', async () => {
    let calls = 0
    const node = async () => {
      calls += 1
      return { output: calls }
    }
    const flow = createFlow('plain').node('a', node).node('b', node).edge('a', 'b')
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
    const { executionId, context } = await flow.run(runtime)
    const stepper = createRecordedStepper<typeof context>(await openRecording(store, executionId))
    expect([stepper.executionId, stepper.events.length]).toEqual([
      executionId,
      (await store.retrieve(executionId)).length,
    ])
    expect((await stepper.runTo('b'))?.context['a']).toBe(1)
    expect((await stepper.next())?.context).toEqual(context)
    expect([stepper.isDone(), await stepper.next(), await stepper.stepEvent(), await stepper.runTo('a')]).toEqual([
      true,
      null,
      null,
      null,
    ])
    expect(calls).toBe(2)
    stepper.reset()
    expect(await stepper.state.getContext().getAll()).toEqual({ _executionId: executionId })
    expect((await stepper.stepEvent())?.event?.type).toBe('node:start')
    expect(stepper.recording.events).toEqual(await store.retrieve(executionId))
  })

  it('cannot be resumed, and says how the run can be', async () => {
    const live = createStepper(new FlowRuntime(), child.toBlueprint(), child.getFunctionRegistry())
    while (!live.isDone()) await live.next()
    const stepper = createRecordedStepper(live.recording)
    while (!stepper.isDone()) await stepper.next()
    expect(stepper.state.status).toBe('awaiting')
    expect(() => stepper.resume('ask')).toThrow(`runtime.resume('${live.executionId}', …)`)
    try {
      stepper.resume('ask')
    } catch (error) {
      expect(isFlowcraftError(error, 'NOT_AWAITING')).toBe(true)
    }
  })

  it('has more to go through when its recording has grown', async () => {
    const live = createStepper(new FlowRuntime(), child.toBlueprint(), child.getFunctionRegistry())
    await live.next()
    const stepper = createRecordedStepper(live.recording)
    await stepper.next()
    expect(stepper.isDone()).toBe(true)
    while (!live.isDone()) await live.next()
    expect(stepper.isDone()).toBe(false)
    expect((await stepper.next())?.status).toBe('awaiting')
  })

  it('stands at the one place of a history without events', async () => {
    const stepper = createRecordedStepper(recordingFrom([], { executionId: 'none' }))
    expect([stepper.isDone(), await stepper.next(), await stepper.prev(), stepper.state.status]).toEqual([
      true,
      null,
      null,
      'stalled',
    ])
  })

  it('gives copies, in which instances of the runtime’s value types are instances', async () => {
    class Money {
      readonly cents: number
      constructor(cents: number) {
        this.cents = cents
      }
    }
    const runtime = new FlowRuntime({
      valueTypes: [
        {
          name: 'money',
          is: (value) => value instanceof Money,
          encode: (value) => (value as Money).cents,
          decode: (cents) => new Money(Number(cents)),
        },
      ],
    })
    const flow = createFlow('paid').node('pay', async () => ({ output: { price: new Money(5), at: new Date(7) } }))
    const live = createStepper(runtime, flow.toBlueprint(), flow.getFunctionRegistry())
    const result = await live.next()
    const stepper = createRecordedStepper(live.recording, runtime)
    const again = await stepper.next()
    expect(again?.context).toEqual(result?.context)
    expect(again?.serializedContext).toBe(result?.serializedContext)
    const pay = again?.context['pay'] as { price: Money; at: Date }
    expect(pay.price).toBeInstanceOf(Money)
    pay.at.setTime(0)
    expect(await stepper.state.getContext().get('pay')).toEqual({ price: new Money(5), at: new Date(7) })
  })

  it('refuses what is no recording', () => {
    expect(() => createRecordedStepper([] as unknown as Recording)).toThrow('takes a recording')
  })
})
