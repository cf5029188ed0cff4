import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFlow, FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter } from 'flowcraft'
import { codeOf, gate, processOn, sharedHistory, until } from './recovery-bench.ts'
import { idle, virtualClock } from './virtual-clock.ts'

afterEach(() => void vi.useRealTimers())

/** A run that goes on until its gate is opened. */
function slowFlow() {
  const door = gate()
  let calls = 0
  const flow = createFlow('slow').node('a', async () => {
    calls += 1
    await door.opened
    return { output: 'done' }
  })
  return { flow, door, isRunning: () => calls > 0 }
}

describe('who drives a run', () => {
  it('is heard of again and again while it is live, and no more when it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { open } = sharedHistory()
    const renewed: number[] = []
    const store = open({ renew: async (_, leaseMs) => void renewed.push(leaseMs) })
    const { flow, door, isRunning } = slowFlow()
    const eventBus = new PersistentEventBusAdapter(store, { leaseMs: 900 })
    const runtime = new FlowRuntime({ logger: new NullLogger(), flows: [flow], eventBus })
    const result = runtime.run(flow.toBlueprint())
    await until(isRunning)
    expect(vi.getTimerCount()).toBe(1)
    const before = renewed.length
    for (let beat = 1; beat <= 5; beat += 1) {
      vi.advanceTimersByTime(300)
      await idle()
      expect(renewed).toHaveLength(before + beat)
    }
    expect(new Set(renewed)).toEqual(new Set([900]))
    door.open()
    await result
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is nobody while it is parked', async () => {
    const { memory, open } = sharedHistory()
    const flow = createFlow('ask').wait('ask')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await processOn(open(), { flows: [flow], idGenerator: () => 'run' }).run(flow.toBlueprint())
    expect((await memory.list({ executionId: 'run' })).items).toMatchObject([{ status: 'awaiting', isOwned: false }])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('has a lease that is known before the first effect, by the clock of the store and not that of the runtime', async () => {
    const { memory, open, endLeases } = sharedHistory()
    const { flow, door, isRunning } = slowFlow()
    const clock = virtualClock(4_000_000_000_000)
    const result = processOn(open(), { flows: [flow], idGenerator: () => 'run', clock }).run(flow.toBlueprint())
    await until(isRunning)
    const isOwned = async () => (await memory.list({ executionId: 'run' })).items[0]?.isOwned
    expect(await isOwned()).toBe(true)
    await clock.advance(3_600_000)
    expect(await isOwned()).toBe(true)
    endLeases()
    expect(await isOwned()).toBe(false)
    door.open()
    await result
  })

  it('starts nothing where its lease cannot be stored', async () => {
    const { memory, open } = sharedHistory()
    const { flow, isRunning } = slowFlow()
    const store = open({ renew: () => Promise.reject(new Error('no lease')) })
    expect(await codeOf(processOn(store, { flows: [flow] }).run(flow.toBlueprint()))).toBe('EVENT_STORE_FAILED')
    expect(isRunning()).toBe(false)
    expect(await memory.getStats()).toMatchObject({ totalEvents: 0 })
  })

  it('keeps no timer once its store is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const store = new InMemoryEventStore()
    const { flow, door, isRunning } = slowFlow()
    const result = codeOf(processOn(store, { flows: [flow] }).run(flow.toBlueprint()))
    await until(isRunning)
    await store.close()
    vi.advanceTimersByTime(30_000)
    await until(() => vi.getTimerCount() === 0)
    door.open()
    expect(await result).toBe('STORE_CLOSED')
  })
})

describe('a store that cannot tell processes apart', () => {
  it('takes every run that is not live here for one that was cut off', async () => {
    const memory = new InMemoryEventStore()
    const bare = () => ({
      store: memory.store.bind(memory),
      retrieve: memory.retrieve.bind(memory),
      retrieveMultiple: memory.retrieveMultiple.bind(memory),
    })
    const { flow, isRunning } = slowFlow()
    void codeOf(processOn(bare(), { flows: [flow], idGenerator: () => 'run' }).run(flow.toBlueprint()))
    await until(isRunning)
    const again = slowFlow()
    again.door.open()
    const second = processOn(bare(), { flows: [again.flow] })
    expect(await second.recover('run')).toMatchObject({ status: 'completed', context: { a: 'done' } })
    expect(await second.run(again.flow.toBlueprint(), {}, { executionId: 'run' })).toMatchObject({
      status: 'completed',
    })
  })
})
