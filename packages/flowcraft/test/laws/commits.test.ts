import { expect, it } from 'vitest'
import { createFlow } from '../../src/blueprint/builder.ts'
import type { FlowcraftEvent } from '../../src/events/event.ts'
import type { EventStore } from '../../src/history/event-store.ts'
import { InMemoryEventStore } from '../../src/history/in-memory-event-store.ts'
import { PersistentEventBusAdapter } from '../../src/history/persistent-event-bus.ts'
import { FlowRuntime } from '../../src/runtime/runtime.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A store that takes 100 ms for each append and notes what came in which. */
function slowStore(clock: VirtualClock): { store: EventStore; commits: FlowcraftEvent[][]; inner: InMemoryEventStore } {
  const inner = new InMemoryEventStore()
  const commits: FlowcraftEvent[][] = []
  const store: EventStore = {
    store: (event, executionId) => inner.store(event, executionId),
    retrieve: (executionId) => inner.retrieve(executionId),
    retrieveMultiple: (executionIds) => inner.retrieveMultiple(executionIds),
    async append(batches) {
      commits.push(batches.flatMap(({ events }) => events))
      await clock.sleep(100)
      return await inner.append(batches)
    },
  }
  return { store, commits, inner }
}

it('two nodes that finish while a commit is in flight still fire their join, and once', async () => {
  const clock = new VirtualClock()
  const { store, commits } = slowStore(clock)
  const macrotask = (callback: () => void): void => void clock.setTimer(0, callback)
  const runtime = new FlowRuntime({ clock, eventBus: new PersistentEventBusAdapter(store, { ports: { macrotask } }) })
  let joins = 0
  const flow = createFlow('join')
    // Its finish is what is in flight when the others finish.
    .node('first', () => clock.sleep(1))
    .node('a', async () => (await clock.sleep(10), { output: 'a' }))
    .node('b', async () => (await clock.sleep(20), { output: 'b' }))
    .node('join', ({ input }) => ((joins += 1), { output: input }))
    .edge('a', 'join')
    .edge('b', 'join')
  const result = await flow.run(runtime)
  expect(result).toMatchObject({ status: 'completed', context: { '_outputs.join': { a: 'a', b: 'b' } } })
  expect(joins).toBe(1)
  const together = commits.find((events) => events.filter(({ type }) => type === 'node:finish').length === 2)
  expect(together?.map(({ type }) => type)).toContain('node:start')
})

it('a fan-out of a thousand nodes that take no time needs few commits', async () => {
  const clock = new VirtualClock()
  const { store, commits } = slowStore(clock)
  const bus = new PersistentEventBusAdapter(store, { maxBatchSize: 100_000 })
  const runtime = new FlowRuntime({ clock, eventBus: bus })
  const nodes = Array.from({ length: 1000 }, (_, index) => ({ id: `n${index}`, uses: 'leaf' }))
  const blueprint = {
    id: 'wide',
    nodes: [{ id: 'root', uses: 'leaf' }, ...nodes, { id: 'end', uses: 'leaf' }],
    edges: nodes.flatMap(({ id }) => [
      { source: 'root', target: id },
      { source: id, target: 'end' },
    ]),
  }
  const registry = { leaf: () => ({ output: 1 }) }
  const result = await runtime.run(blueprint, {}, { functionRegistry: registry, concurrency: 1000 })
  expect(result.status).toBe('completed')
  expect(commits.flat().filter(({ type }) => type === 'node:finish')).toHaveLength(1002)
  expect(commits.length).toBeLessThan(10)
})

it.each([
  ['a', 'b', 10, 20],
  ['b', 'a', 20, 10],
])(
  'of two parallel writes of one key on a slow store the later outcome stands, live and replayed (%s before %s)',
  async (_, last, aMs, bMs) => {
    const clock = new VirtualClock()
    const { store, inner } = slowStore(clock)
    const runtime = new FlowRuntime({ clock, eventBus: new PersistentEventBusAdapter(store) })
    const flow = createFlow('race')
      .node('a', async ({ context }) => {
        await context.set('key', 'a')
        await clock.sleep(aMs)
      })
      .node('b', async ({ context }) => {
        await context.set('key', 'b')
        await clock.sleep(bMs)
      })
    const result = await flow.run(runtime)
    expect(result.context['key']).toBe(last)
    const replayed = await runtime.replay(
      flow.toBlueprint(),
      await inner.retrieve(result.context['_executionId'] as string),
    )
    expect(replayed.context).toEqual(result.context)
  },
)

it('a clock that jumps back changes nothing but timestamps', async () => {
  const flow = createFlow('time')
    .node('a', () => ({ output: 1 }), { config: { maxRetries: 2, retryDelay: 50 } })
    .node(
      'b',
      ({ attempt }) => {
        if (attempt === 1) throw new Error('again')
      },
      { config: { maxRetries: 2, retryDelay: 50 } },
    )
    .edge('a', 'b')
  const logs = []
  for (const jumps of [[], [0, -100_000, 50, -7]]) {
    const clock = new VirtualClock(jumps)
    const inner = new InMemoryEventStore()
    const bus = new PersistentEventBusAdapter(inner)
    const runtime = new FlowRuntime({ clock, eventBus: bus, idGenerator: () => 'same' })
    const result = await flow.run(runtime)
    const events = await inner.retrieve('same')
    const replayed = await runtime.replay(
      flow.toBlueprint(),
      [...events].sort((x, y) => y.timestamp - x.timestamp),
    )
    expect(replayed.context).toEqual(result.context)
    logs.push(events.map(({ seq, type, payload }) => [seq, type, 'nodeId' in payload ? payload.nodeId : '']))
    expect(events.every(({ payload }) => !('durationMs' in payload) || payload.durationMs >= 0)).toBe(true)
  }
  expect(logs[1]).toEqual(logs[0])
})
