import { expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { VirtualClock } from './virtual-clock.ts'

const fail = (): never => {
  throw new Error('no')
}

async function logOf(
  flow: { run(runtime: FlowRuntime, state: object, options: object): Promise<unknown> },
  clock: VirtualClock,
): Promise<FlowcraftEvent[]> {
  const store = new InMemoryEventStore()
  const runtime = new FlowRuntime({ clock, eventBus: new PersistentEventBusAdapter(store), idGenerator: () => 'one' })
  await flow.run(runtime, {}, { concurrency: 1 })
  return await store.retrieve('one')
}

it('a fallback of a shared fallback is not given up before the last primary is done', async () => {
  const clock = new VirtualClock()
  const flow = createFlow('chain')
    .node('p1', fail, { config: { fallback: 'shared' } })
    .node('p2', fail, { config: { fallback: 'shared' } })
    .node('shared', ({ iteration }) => (iteration === 0 ? { output: 'first' } : fail()), {
      config: { fallback: 'last' },
    })
    .node('last', () => ({ output: 'last' }))
  const events = await logOf(flow, clock)
  expect(events.filter(({ type }) => type === 'node:skipped')).toEqual([])
  expect(events.at(-1)?.payload).toMatchObject({ status: 'completed' })
})

it('the edges of a shared fallback deliver what it gave when they were decided, not what a later run of it gave', async () => {
  const clock = new VirtualClock()
  const flow = createFlow('deliver')
    .node('p1', fail, { config: { fallback: 'shared' } })
    .node('p2', fail, { config: { fallback: 'shared' } })
    .node('shared', ({ iteration }) => ({ output: `run ${iteration}` }))
    .node('next', ({ input }) => ({ output: input }))
    .edge('shared', 'next')
  const events = await logOf(flow, clock)
  const start = events.find(({ type, payload }) => type === 'node:start' && payload.nodeId === 'next')
  expect(start?.payload).toMatchObject({ input: 'run 0' })
})

it('what a node reads of the context is durable, also when more is recorded while it waits', async () => {
  const clock = new VirtualClock()
  const inner = new InMemoryEventStore()
  const store = {
    store: inner.store.bind(inner),
    retrieve: inner.retrieve.bind(inner),
    retrieveMultiple: inner.retrieveMultiple.bind(inner),
    append: async (batches: Parameters<InMemoryEventStore['append']>[0]) => {
      await clock.sleep(100)
      return await inner.append(batches)
    },
  }
  const runtime = new FlowRuntime({ clock, eventBus: new PersistentEventBusAdapter(store), idGenerator: () => 'one' })
  const seen: unknown[] = []
  const flow = createFlow('durable')
    .node('quick', () => clock.sleep(5))
    .node('writer', async ({ context }) => {
      await clock.sleep(50)
      await context.set('key', 'written')
    })
    .node('reader', async ({ context }) => {
      // The finish of `quick` is in flight now; the write comes while this waits for it.
      await clock.sleep(10)
      const value = await context.get('key')
      const stored = await inner.retrieve('one')
      seen.push(
        value,
        stored.some(({ type }) => type === 'context:change'),
      )
    })
  await flow.run(runtime)
  expect(seen).toEqual([undefined, false])
})
