import { createFlow, InMemoryEventStore, isFlowcraftError, type EventStore } from 'flowcraft'
import { describe, expect, it } from 'vitest'
import { crashAfter, createTestRuntime, failingStore, failOnce } from '@flowcraft/testing'

function countingFlow(ran: string[]) {
  const step = (name: string) => () => {
    ran.push(name)
    return { output: name }
  }
  return createFlow('steps')
    .node('a', step('a'))
    .node('b', step('b'))
    .node('c', step('c'))
    .edge('a', 'b')
    .edge('b', 'c')
}

/** The same store with the three methods that every store has, and no others. */
function plainStore(store: EventStore): EventStore {
  return {
    store: (event, executionId) => store.store(event, executionId),
    retrieve: (executionId) => store.retrieve(executionId),
    retrieveMultiple: (executionIds) => store.retrieveMultiple(executionIds),
  }
}

/** How many events a run of {@link countingFlow} has that nothing disturbs. */
async function undisturbedLength(): Promise<number> {
  const flow = countingFlow([])
  const { runtime, store } = createTestRuntime({ flows: [flow] })
  const { executionId } = await runtime.run(flow.toBlueprint())
  return (await store.retrieve(executionId)).length
}

describe('failOnce', () => {
  it('throws the given error at the first call, and passes on every later one', () => {
    const error = new Error('mine')
    const double = failOnce((n: number) => n * 2, error)
    expect(() => double(1)).toThrow(error)
    expect(double(2)).toBe(4)
    expect(double(3)).toBe(6)
  })
})

describe('a failing store', () => {
  it.each(['append', 'single events'])('fails its n-th write and no other (%s)', async (kind) => {
    const kept = new InMemoryEventStore()
    const store = failingStore(kind === 'append' ? kept : plainStore(kept), 2)
    const ran: string[] = []
    const flow = countingFlow(ran)
    const { runtime } = createTestRuntime({ flows: [flow], store })
    const error: unknown = await runtime.run(flow.toBlueprint()).catch((thrown: unknown) => thrown)
    expect(isFlowcraftError(error, 'EVENT_STORE_FAILED')).toBe(true)
    expect(error).toMatchObject({ cause: { message: 'Write 2 of events fails: failingStore was told so' } })
    expect(ran).not.toContain('c')
    const lost = await kept.retrieve('test-1-1')
    expect(lost.length).toBeGreaterThan(0)
    expect(lost.at(-1)?.type).not.toBe('workflow:finish')

    const second = await runtime.run(flow.toBlueprint())
    expect(second.status).toBe('completed')
    expect(await kept.retrieve(second.executionId)).toHaveLength(await undisturbedLength())
  })
})

describe('a store that crashes', () => {
  it.each(['append', 'single events'])('keeps a run up to any event, from which it is recovered (%s)', async (kind) => {
    const length = await undisturbedLength()
    for (let seq = 0; seq < length - 1; seq += 1) {
      const kept = new InMemoryEventStore()
      const ran: string[] = []
      const flow = countingFlow(ran)
      const store = crashAfter(kind === 'append' ? kept : plainStore(kept), seq)
      const first = createTestRuntime({ flows: [flow], store })
      const error: unknown = await first.runtime.run(flow.toBlueprint()).catch((thrown: unknown) => thrown)
      expect(isFlowcraftError(error, 'EVENT_STORE_FAILED')).toBe(true)
      const events = await kept.retrieve('test-1-1')
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: seq + 1 }, (_, index) => index))

      const finished = events.flatMap((event) => (event.type === 'node:finish' ? [event.payload.nodeId] : []))
      ran.length = 0
      const second = createTestRuntime({ flows: [flow], store: kept, now: first.clock.now() })
      const result = await second.runtime.recover('test-1-1')
      expect(result.status).toBe('completed')
      expect(result.context).toMatchObject({ a: 'a', b: 'b', c: 'c' })
      expect(ran).toEqual(['a', 'b', 'c'].filter((node) => !finished.includes(node)))
    }
  })

  it.each(['append', 'single events'])('stores nothing any more once it has crashed, of no run (%s)', async (kind) => {
    const kept = new InMemoryEventStore()
    const flow = countingFlow([])
    const store = crashAfter(kind === 'append' ? kept : plainStore(kept), 3)
    const { runtime } = createTestRuntime({ flows: [flow], store })
    await expect(runtime.run(flow.toBlueprint())).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
    await expect(runtime.run(flow.toBlueprint())).rejects.toMatchObject({
      cause: { message: 'The process has died after event 3: crashAfter was told so' },
    })
    expect(await kept.getStats()).toEqual({ totalEvents: 4, executions: 1 })
  })

  it('lets a run end that is not that long', async () => {
    const kept = new InMemoryEventStore()
    const flow = countingFlow([])
    const store = crashAfter(kept, (await undisturbedLength()) - 1)
    const { runtime } = createTestRuntime({ flows: [flow], store })
    const result = await runtime.run(flow.toBlueprint())
    expect(result.status).toBe('completed')
    expect((await kept.retrieve(result.executionId)).at(-1)?.type).toBe('workflow:finish')
  })
})

describe('a fork', () => {
  it('is a write that fails, and one that a process does not survive', async () => {
    const flow = countingFlow([])
    const { runtime, store } = createTestRuntime({ flows: [flow] })
    const { executionId } = await runtime.run(flow.toBlueprint())
    const { length } = await store.retrieve(executionId)
    const forkOn = async (on: EventStore): Promise<string | undefined> => {
      const options = { at: { before: 'c' }, executionId: 'fork' } as const
      const forked = createTestRuntime({ flows: [flow], store: on }).runtime.fork(executionId, options)
      return await forked.then(
        () => undefined,
        (error: unknown) => (isFlowcraftError(error) ? error.code : String(error)),
      )
    }
    expect(await forkOn(failingStore(store, 1))).toBe('EVENT_STORE_FAILED')
    expect(await forkOn(crashAfter(store, 3))).toBe('EVENT_STORE_FAILED')
    expect(await store.retrieve('fork')).toEqual([])
    expect(await forkOn(crashAfter(store, length))).toBeUndefined()
  })
})

it('a fault that would never come is refused', () => {
  const store = new InMemoryEventStore()
  for (const n of [0, 1.5, Number.NaN]) expect(() => failingStore(store, n)).toThrow(/^failingStore: 'n' is/)
  for (const seq of [-2, 0.5]) expect(() => crashAfter(store, seq)).toThrow(/^crashAfter: 'seq' is/)
})
