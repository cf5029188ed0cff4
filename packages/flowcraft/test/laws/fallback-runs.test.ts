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
