import {
  createFlow,
  FlowcraftError,
  FlowRuntime,
  InMemoryEventStore,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
} from 'flowcraft'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { InMemoryEventLogger, runWithTrace } from '@flowcraft/testing'

/** What is printed with `console.log` from now on. */
function printedText(): () => string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  return () => log.mock.calls.map((args) => args.map(String).join(' ')).join('\n')
}

afterEach(() => void vi.restoreAllMocks())

function priceFlow() {
  return createFlow<{ fails: boolean }>('prices')
    .node('look-up', () => ({ output: 42n }))
    .node('charge', async ({ context }) => {
      if (await context.get('fails')) throw new Error('declined', { cause: new Error('no money') })
      return { output: 'charged' }
    })
    .edge('look-up', 'charge')
}

describe('an event logger in memory', () => {
  it('keeps all events of a run in order, and finds those of a type', async () => {
    const logger = new InMemoryEventLogger()
    const flow = priceFlow()
    const runtime = new FlowRuntime({ eventBus: logger, flows: [flow] })
    const { executionId } = await runtime.run(flow.toBlueprint(), { fails: false })

    expect(logger.events.map(({ seq }) => seq)).toEqual(logger.events.map((_, index) => index))
    expect(logger.events.every((event) => event.executionId === executionId)).toBe(true)
    const started = logger.filter('node:start')
    expectTypeOf(started[0]!.payload.nodeId).toEqualTypeOf<string>()
    expect(started.map(({ payload }) => payload.nodeId)).toEqual(['look-up', 'charge'])
    expect(logger.find('workflow:finish')?.payload.status).toBe('completed')
    expect(logger.find('node:error')).toBeUndefined()
    expect(logger.filter('node:error')).toEqual([])
  })

  it('forgets all events when it is cleared, but not those that were asked for before', async () => {
    const logger = new InMemoryEventLogger()
    const flow = priceFlow()
    await new FlowRuntime({ eventBus: logger, flows: [flow] }).run(flow.toBlueprint(), { fails: false })
    const before = logger.events
    const count = before.length
    logger.emit(before[0]!)
    expect(logger.events).toHaveLength(count + 1)
    logger.clear()
    expect(logger.events).toEqual([])
    expect(count).toBeGreaterThan(0)
    expect(before).toHaveLength(count)
  })

  it('prints a line for each event, with what failed and why', async () => {
    const logger = new InMemoryEventLogger()
    const flow = priceFlow()
    await new FlowRuntime({ eventBus: logger, flows: [flow] }).run(flow.toBlueprint(), { fails: true })
    const text = printedText()
    logger.printLog()
    const lines = text().split('\n')
    expect(lines[0]).toBe('--- Workflow Execution Trace ---')
    expect(lines).toHaveLength(1 + logger.events.length)
    expect(lines[1]).toMatch(/^ *#0 {2}\+0 ms {2}workflow:start {2}initialContext=\{"fails":true\}$/)
    expect(lines.find((line) => line.includes('node:finish  look-up'))).toContain('result={"output":"42n"}')
    const failed = lines.filter((line) => line.includes('node:error  charge'))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toContain("error=Node 'charge' execution failed <- declined <- no money")
  })

  it('says which run an event is of where there are several, and that there are none where there are none', async () => {
    const logger = new InMemoryEventLogger()
    const text = printedText()
    logger.printLog('Nothing yet')
    expect(text()).toBe('--- Nothing yet ---\n(no events)')
    const flow = priceFlow()
    const runtime = new FlowRuntime({ eventBus: logger, flows: [flow] })
    const first = await runtime.run(flow.toBlueprint(), { fails: false })
    const second = await runtime.run(flow.toBlueprint(), { fails: false })
    logger.printLog()
    expect(text()).toContain(`${first.executionId} #0`)
    expect(text()).toContain(`${second.executionId} #0`)
  })
})

describe('a run with a trace', () => {
  it('prints nothing when it completes, and gives the result', async () => {
    const flow = priceFlow()
    const text = printedText()
    const result = await runWithTrace(new FlowRuntime({ flows: [flow] }), flow.toBlueprint(), { fails: false })
    expect(result.status).toBe('completed')
    expect(result.context).toMatchObject({ charge: 'charged' })
    expect(text()).toBe('')
  })

  it('prints the trace when it fails, and records the run on the bus of the runtime as well', async () => {
    const flow = priceFlow()
    const store = new InMemoryEventStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
    const text = printedText()
    const options = { functionRegistry: flow.getFunctionRegistry() }
    const result = await runWithTrace(runtime, flow.toBlueprint(), { fails: true }, options)
    expect(result.status).toBe('failed')
    expect(text()).toContain("--- Trace of 'prices', which failed ---")
    expect(text()).toContain('declined <- no money')
    const stored = await store.retrieve(result.executionId)
    expect(stored.at(-1)?.type).toBe('workflow:finish')
    expect(text().split('\n')).toHaveLength(1 + stored.length)
  })

  it('prints what there was when the run throws, and throws the same', async () => {
    const flow = priceFlow()
    const eventBus = {
      emit(event: FlowcraftEvent): void {
        if (event.type === 'node:finish') throw new Error('the disk is full')
      },
    }
    const text = printedText()
    const error: unknown = await runWithTrace(new FlowRuntime({ eventBus, flows: [flow] }), flow.toBlueprint()).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(FlowcraftError)
    expect(error).toMatchObject({ code: 'EVENT_STORE_FAILED' })
    expect(text()).toContain('node:start  look-up')
    expect(text()).not.toContain('node:finish')
  })
})
