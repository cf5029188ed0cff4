import { describe, expect, it } from 'vitest'
import {
  createFlow,
  FlowRuntime,
  generateMermaidForRun,
  InMemoryEventStore,
  PersistentEventBusAdapter,
} from 'flowcraft'
import type { FlowcraftEvent, IEventStore } from 'flowcraft'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'

/* oxlint-disable typescript/no-explicit-any -- the page is quoted to the letter */

/** The three methods that a custom store must have, and no more. */
class CustomEventStore implements IEventStore {
  readonly #events = new Map<string, FlowcraftEvent[]>()

  async store(event: FlowcraftEvent, executionId: string) {
    this.#events.set(executionId, [...(this.#events.get(executionId) ?? []), event])
  }

  async retrieve(executionId: string) {
    return this.#events.get(executionId) ?? []
  }

  async retrieveMultiple(executionIds: string[]) {
    return new Map(executionIds.map((id) => [id, this.#events.get(id) ?? []]))
  }
}

const flow = createFlow('published')
  .node('fetch', async ({ context }) => ({ output: { user: await context.get('user'), at: new Date(0) } }))
  .node('greet', async ({ input }) => ({ output: `Hello ${(input as { user: string }).user}` }))
  .edge('fetch', 'greet')

const blueprint = flow.toBlueprint()
const registry = flow.getFunctionRegistry()
const initialContext = { user: 'Ada' }

const stores: readonly (readonly [string, () => IEventStore])[] = [
  ['in memory', () => new InMemoryEventStore()],
  ['on SQLite', () => new SqliteHistoryAdapter({ databasePath: ':memory:', walMode: true })],
  ['of three methods', () => new CustomEventStore()],
]

describe.each(stores)('the code of the published page, on a store %s', (_, openStore) => {
  it('runs word for word', async () => {
    const eventStore = openStore()
    const eventBus = new PersistentEventBusAdapter(eventStore)
    const runtime = new FlowRuntime({ eventBus })
    const result = await runtime.run(blueprint, initialContext, { functionRegistry: registry })
    const executionId = result.context._executionId
    const events = await eventStore.retrieve(executionId)
    const replayResult = await runtime.replay(blueprint, events, executionId)
    expect(replayResult.status).toBe('completed')
    expect(replayResult.context).toEqual(result.context)

    const other = await runtime.run(blueprint, { user: 'Grace' }, { functionRegistry: registry })
    const eventsMap = await eventStore.retrieveMultiple([executionId, other.context._executionId])
    const contexts = []
    for (const [execId, events] of eventsMap) contexts.push((await runtime.replay(blueprint, events, execId)).context)
    expect(contexts).toEqual([result.context, other.context])

    const eventCounts = events.reduce(
      (counts, event) => {
        counts[event.type] = (counts[event.type] || 0) + 1
        return counts
      },
      {} as Record<string, number>,
    )
    expect(eventCounts).toEqual({
      'workflow:start': 1,
      'node:start': 2,
      'node:finish': 2,
      'edge:evaluate': 1,
      'workflow:finish': 1,
    })

    const nodeTimings = events
      .filter((e) => e.type === 'node:start' || e.type === 'node:finish')
      .reduce(
        (timings, event) => {
          const nodeId = event.payload.nodeId
          if (event.type === 'node:start') timings[nodeId] = { start: event.timestamp }
          else if (timings[nodeId]) {
            timings[nodeId].end = event.timestamp
            timings[nodeId].duration = event.timestamp - timings[nodeId].start
          }
          return timings
        },
        {} as Record<string, any>,
      )
    expect(Object.keys(nodeTimings)).toEqual(['fetch', 'greet'])
    expect(nodeTimings['fetch'].duration).toBeGreaterThanOrEqual(0)

    const mermaidDiagram = generateMermaidForRun(blueprint, events)
    expect(mermaidDiagram).toContain('style greet fill:#d4edda,stroke:#c3e6cb')
  })
})

describe.each([
  ['in memory', () => new InMemoryEventStore()],
  ['on SQLite', () => new SqliteHistoryAdapter({ databasePath: ':memory:', walMode: true })],
] as const)('a store %s', (_, openStore) => {
  it('has statistics, and can be cleared', async () => {
    const eventStore = openStore()
    const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(eventStore) })
    await runtime.run(blueprint, initialContext, { functionRegistry: registry })
    expect(await eventStore.getStats()).toEqual({ totalEvents: 7, executions: 1 })
    await eventStore.clear()
    const stats = await eventStore.getStats()
    expect(stats.totalEvents).toBe(0)
    expect(stats.executions).toBe(0)
    const again = await runtime.run(blueprint, initialContext, { functionRegistry: registry })
    expect(await eventStore.retrieve(again.executionId)).toHaveLength(7)
  })
})
