import {
  createFlow,
  FlowRuntime,
  openRecording,
  type FlowBuilder,
  type FlowcraftEvent,
  type Recording,
} from 'flowcraft'
import { createStepper, createTestRuntime, InMemoryEventLogger } from '@flowcraft/testing'
import { flowcraftSerializer } from '@flowcraft/testing/vitest'
import { describe, expect, it } from 'vitest'

const order = createFlow<{ amount: number; currency?: string }>('order')
  .node('price', async ({ context }) => {
    await context.set('currency', 'EUR')
    return { output: ((await context.get('amount')) ?? 0) * 2 }
  })
  .node('ship', ({ input }) => ({ output: `shipped for ${String(input)}` }))
  .node('ask', () => ({}))
  .edge('price', 'ship', { condition: 'input < 100' })
  .edge('price', 'ask', { condition: 'input >= 100' })

/** The recording of a run of a flow for an amount of 5. */
async function record(flow: FlowBuilder, ...flows: FlowBuilder[]): Promise<Recording> {
  const { runtime, store } = createTestRuntime({ flows: [flow, ...flows] })
  const { executionId } = await runtime.run(flow.toBlueprint(), { amount: 5 })
  return await openRecording(store, executionId)
}

describe('the log of a run in a snapshot', () => {
  it('is a line for each event', async () => {
    expect(await record(order)).toMatchInlineSnapshot(`
      workflow:start  order {"amount":5}
      node:start      price
      context:change  price currency = "EUR"
      node:finish     price -> 10
      edge:evaluate   price => ship taken condition="input < 100"
      edge:evaluate   price => ask not taken (condition-false) condition="input >= 100"
      node:skipped    ask (not-chosen)
      node:start      ship <- 10
      node:finish     ship -> "shipped for 10"
      workflow:finish completed
    `)
  })

  it('tells of failures, attempts, fallbacks, and of what was cut short', async () => {
    const failing = createFlow('failing')
      .node(
        'flaky',
        ({ attempt }) => {
          if (attempt === 1) throw new TypeError('not yet', { cause: new Error('busy') })
          return { output: 'x'.repeat(200) }
        },
        { config: { maxRetries: 2, retryDelay: 1000 } },
      )
      .node(
        'charge',
        () => {
          throw new Error('declined\n  for good')
        },
        { config: { fallback: 'spare' } },
      )
      .node('spare', () => ({ output: 1n, action: 'spared' }))
      .node('lost', () => {
        throw new Error('lost')
      })
      .node('behind', () => ({}))
      .edge('lost', 'behind')
    expect(await record(failing)).toMatchInlineSnapshot(`
      workflow:start  failing {"amount":5}
      node:start      flaky
      node:start      charge
      node:start      lost
      node:retry      flaky TypeError: not yet <- Error: busy (again after 1000 ms)
      node:error      charge Error: declined for good
      node:fallback   charge => spare Error: declined for good
      node:start      spare in place of charge
      node:error      lost Error: lost
      node:skipped    behind (upstream-failed)
      node:finish     spare -> 1n action="spared"
      node:start      flaky attempt 2
      node:finish     flaky attempt 2 -> "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (202 characters, 92183aa5)
      workflow:finish failed lost: Error: lost
    `)
  })

  it('tells of loops, batches and nodes that nodes create', async () => {
    const flow = createFlow('parts')
      .node('turn', async ({ context }) => {
        const turns = Number((await context.get('turns')) ?? 0) + 1
        await context.set('turns', turns)
        return { output: turns }
      })
      .loop('again', { startNodeId: 'turn', endNodeId: 'turn', condition: 'turns < 2' })
      .node('list', () => ({ output: [1, 2] }))
      .batch('double', ({ input }) => ({ output: Number(input) * 2 }), { inputKey: 'list', outputKey: 'doubled' })
      .edge('list', 'double_scatter')
      .edge('list', 'turn')
    expect(await record(flow)).toMatchInlineSnapshot(`
      workflow:start  parts {"amount":5}
      node:start      list
      node:finish     list -> [1,2]
      edge:evaluate   list => double_scatter taken
      edge:evaluate   list => turn taken
      node:start      turn <- [1,2]
      node:start      double_scatter <- [1,2]
      batch:start     double 2 workers
      node:start      double[0] <- 1
      node:start      double[1] <- 2
      node:finish     double[0] -> 2
      node:finish     double[1] -> 4
      node:finish     double_scatter
      edge:evaluate   double_scatter => double_gather taken
      node:start      double_gather
      batch:finish    double => double_gather -> [2,4]
      context:change  double_gather doubled = [2,4]
      node:finish     double_gather -> [2,4]
      context:change  turn turns = 1
      node:finish     turn -> 1
      edge:evaluate   turn => again taken
      node:start      again <- 1
      node:finish     again -> 1 action="continue"
      edge:evaluate   again => turn taken action="continue"
      node:start      turn #1 <- 1
      context:change  turn #1 turns = 2
      node:finish     turn #1 -> 2
      edge:evaluate   turn => again taken
      node:start      again #1 <- 2
      node:finish     again #1 -> 2 action="break"
      edge:evaluate   again => turn not taken (action-mismatch) action="continue"
      workflow:finish completed
    `)
  })

  it('tells what a run waits for, and of its answer', async () => {
    const flow = createFlow('approval')
      .wait('approve', { event: 'approved' })
      .sleep('nap', { duration: '1h' })
      .edge('approve', 'nap')
    const { runtime, store } = createTestRuntime({ flows: [flow] })
    const { executionId } = await runtime.run(flow.toBlueprint())
    await runtime.resume(executionId, { nodeId: 'approve', output: { by: 'Ada', at: new Date(0) } })
    expect(await openRecording(store, executionId)).toMatchInlineSnapshot(`
      workflow:start  approval {}
      node:start      approve
      node:wait       approve (external_event) event="approved"
      workflow:pause  waiting: approve (external_event "approved")
      workflow:resume external approve -> {"by":"Ada","at":"1970-01-01T00:00:00.000Z"} (with Date)
      node:finish     approve -> {"by":"Ada","at":"1970-01-01T00:00:00.000Z"} (with Date)
      edge:evaluate   approve => nap taken
      node:start      nap <- {"by":"Ada","at":"1970-01-01T00:00:00.000Z"} (with Date)
      node:wait       nap (timer)
      workflow:stall  1 left waiting: nap (timer)
    `)
  })

  it('has the runs of subflows further in, where their events are at hand', async () => {
    const parent = createFlow<{ amount: number }>('parent')
      .subflow('sub', { blueprintId: 'order', inputs: { amount: 'amount' }, outputs: { said: 'ship' } })
      .node('after', () => ({}))
      .edge('sub', 'after')
    const log = new InMemoryEventLogger()
    await new FlowRuntime({ flows: [parent, order], eventBus: log }).run(parent.toBlueprint(), { amount: 5 })
    expect(log).toMatchInlineSnapshot(`
      workflow:start  parent {"amount":5}
      node:start      sub
          workflow:start  order {"amount":5}
          node:start      price
          context:change  price currency = "EUR"
          node:finish     price -> 10
          edge:evaluate   price => ship taken condition="input < 100"
          edge:evaluate   price => ask not taken (condition-false) condition="input >= 100"
          node:skipped    ask (not-chosen)
          node:start      ship <- 10
          node:finish     ship -> "shipped for 10"
          workflow:finish completed
      context:change  sub said = "shipped for 10"
      node:finish     sub -> {"said":"shipped for 10"}
      edge:evaluate   sub => after taken
      node:start      after <- {"said":"shipped for 10"}
      node:finish     after
      workflow:finish completed
    `)
    expect(String(logOf(log.events))).toBe(logOf(log))
    const alone = logOf(await record(parent, order))
    expect(alone).not.toContain('price')
  })

  it('is the same in every run, whatever its ids and times are', async () => {
    const one = await record(order)
    const store = new InMemoryEventLogger()
    await new FlowRuntime({ flows: [order], eventBus: store }).run(order.toBlueprint(), { amount: 5 })
    expect(logOf(store)).toBe(logOf(one))
  })

  it('shows every change of a value, of one that is too long to be shown as well', async () => {
    const long = (text: string): FlowBuilder =>
      createFlow('long').node('say', () => ({ output: 'x'.repeat(200) + text }))
    const [a, b] = [logOf(await record(long('a'))), logOf(await record(long('b')))]
    expect(a).not.toBe(b)
    expect(Math.max(...a.split('\n').map((line) => line.length))).toBeLessThan(200)
  })

  it('is printed of a stepper, and of a run within an object', async () => {
    const stepper = createStepper(new FlowRuntime(), order.toBlueprint(), order.getFunctionRegistry(), { amount: 5 })
    await stepper.next()
    expect(flowcraftSerializer.test(stepper)).toBe(true)
    expect(logOf(stepper)).toMatch(/^workflow:start {2}order/)
    expect({ run: await record(createFlow('one').node('a', () => ({}))) }).toMatchInlineSnapshot(`
      {
        "run": [
          workflow:start  one {"amount":5}
          node:start      a
          node:finish     a
          workflow:finish completed
        ],
      }
    `)
  })

  it('shows events of a type that this version does not know', async () => {
    const { events } = await record(createFlow('one').node('a', () => ({})))
    const [start] = events
    const stranger = { ...start, seq: 1, type: 'node:dream', payload: { executionId: start?.executionId, of: 'sheep' } }
    expect(logOf([start, stranger] as FlowcraftEvent[])).toMatch(/\nnode:dream {6}\{"of":"sheep"\}$/)
  })

  it('leaves to others the events of two runs, and some events of one', async () => {
    const { events } = await record(order)
    const two = [...events, ...(await record(createFlow('other').node('only', () => ({})))).events]
    for (const list of [
      two,
      events.filter(({ type }) => type !== 'edge:evaluate'),
      events.slice(0, -2).concat(events.slice(-1)),
    ]) {
      expect(flowcraftSerializer.test(list)).toBe(false)
    }
    expect(flowcraftSerializer.test(events)).toBe(true)
  })

  it('leaves to others what is no log, or only a part of one', async () => {
    const { events } = await record(order)
    const others = [
      undefined,
      null,
      1,
      'text',
      [],
      [1],
      {},
      { events: [] },
      { events },
      events[0],
      events.slice(1),
      [...events, 1],
    ]
    expect(others.filter((value) => flowcraftSerializer.test(value))).toEqual([])
  })
})

function logOf(run: object): string {
  return flowcraftSerializer.serialize(run)
}
