import { expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { EventStore } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { failingAt } from './failing-store.ts'
import { slowly } from './run-flow.ts'
import { VirtualClock } from './virtual-clock.ts'

function runtimeOn(store: EventStore, clock: VirtualClock): FlowRuntime {
  const eventBus = new PersistentEventBusAdapter(slowly(store, clock, [100]))
  return new FlowRuntime({ clock, eventBus, idGenerator: () => 'one' })
}

it('what a node reads of the context is durable, also when more is recorded while it waits', async () => {
  const clock = new VirtualClock()
  const store = new InMemoryEventStore()
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
      const stored = await store.retrieve('one')
      seen.push(
        value,
        stored.some(({ type }) => type === 'context:change'),
      )
    })
  await flow.run(runtimeOn(store, clock))
  expect(seen).toEqual([undefined, false])
})

it('a read that its node has not awaited yet is no unhandled rejection when the store fails', async () => {
  const clock = new VirtualClock()
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const seen: unknown[] = []
  const flow = createFlow('busy')
    .node('quick', () => clock.sleep(5))
    .node('reader', async ({ context }) => {
      await clock.sleep(10)
      const reads = [context.get('key'), context.has('key'), context.getAll()]
      await clock.sleep(1000)
      for (const outcome of await Promise.allSettled(reads)) seen.push(outcome.status)
    })
  const { store } = failingAt(new InMemoryEventStore(), 1)
  await expect(flow.run(runtimeOn(store, clock))).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED' })
  await clock.sleep(2000)
  process.off('unhandledRejection', note)
  expect(seen).toEqual(['rejected', 'rejected', 'rejected'])
  expect(unhandled).toEqual([])
})
