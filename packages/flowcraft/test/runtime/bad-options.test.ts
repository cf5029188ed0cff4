import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  InMemoryEventStore,
  NullLogger,
  PersistentEventBusAdapter,
  type FlowcraftEvent,
} from 'flowcraft'

const flow = createFlow('f').node('a', () => ({ output: 1 }))

/** As code that no compiler has looked at would give it. */
const given = (value: unknown): never => value as never

describe('what a caller gives by mistake', () => {
  it.each([
    ['no options at all', null, `'the options of a run' is null; expected an object`],
    ['a signal that is none', { signal: {} }, `'signal' is object; expected an AbortSignal`],
    ['a text of tags', { tags: 'x' }, `'tags' is 'x'; expected an array of texts`],
    ['a tag that is a number', { tags: [1] }, `'tags' is object; expected an array of texts`],
    ['an empty id', { executionId: '' }, `'executionId' is ''; expected a text that is not empty`],
    ['an id that is a number', { executionId: 7 }, `'executionId' is number; expected a text that is not empty`],
    ['another way to wait', { ifRunning: 'join' }, `'ifRunning' is 'join'; expected 'wait' or 'error'`],
    ['a registry that is a text', { functionRegistry: 'f' }, `'functionRegistry' is 'f'; expected a Map or an object`],
  ])('is refused before anything is recorded: %s', async (_, options, message) => {
    const events: FlowcraftEvent[] = []
    const runtime = new FlowRuntime({
      eventBus: { emit: (event) => void events.push(event) },
      logger: new NullLogger(),
    })
    const run = runtime.run(flow.toBlueprint(), {}, given(options))
    await expect(run).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining(message) })
    expect(events).toEqual([])
  })

  it('is refused by a runtime: an event store in place of a bus, with the way out', () => {
    expect(() => new FlowRuntime({ eventBus: given(new InMemoryEventStore()) })).toThrow(
      `'eventBus' is object; expected an event bus; an event store becomes one by \`new PersistentEventBusAdapter(eventStore)\``,
    )
    expect(() => new FlowRuntime({ eventBus: given({}) })).toThrow(`expected an object with a method 'emit'`)
    expect(() => new FlowRuntime(given(null))).toThrow(`'the options of a runtime' is null`)
  })

  it('is refused by whatever takes an execution id: what is none, and options that are none', async () => {
    const runtime = new FlowRuntime({ logger: new NullLogger() })
    const calls = [
      runtime.recover(given(undefined)),
      runtime.cancel(given(5)),
      runtime.requestPause(given({})),
      runtime.result(''),
      runtime.recover('x', given(null)),
      runtime.recover('x', given({ signal: 5 })),
    ]
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('is refused by a bus: what is no store', () => {
    expect(() => new PersistentEventBusAdapter(given(undefined))).toThrow(`has no method 'store', 'retrieve'`)
    expect(() => new PersistentEventBusAdapter(given({ store() {}, retrieve() {} }))).toThrow(
      `has no method 'retrieveMultiple'`,
    )
  })
})

describe('a bus that is closed', () => {
  it('has made everything durable before, and closed its store', async () => {
    const stored: string[] = []
    class SlowStore extends InMemoryEventStore {
      override async append(batches: Parameters<InMemoryEventStore['append']>[0]) {
        await new Promise((resolve) => setImmediate(resolve))
        const outcomes = await super.append(batches)
        stored.push(...batches.flatMap(({ events }) => events.map(({ type }) => type)))
        return outcomes
      }
    }
    const store = new SlowStore()
    const eventBus = new PersistentEventBusAdapter(store)
    const event: FlowcraftEvent = {
      id: 'x:0',
      seq: 0,
      executionId: 'x',
      timestamp: 0,
      type: 'workflow:cancel',
      payload: { executionId: 'x', blueprintId: 'f', reason: 'none' },
    }
    void eventBus.emit(event)
    await eventBus.close()
    expect(stored).toEqual(['workflow:cancel'])
    await expect(store.retrieve('x')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})
