import { expect, it } from 'vitest'
import { createFlow, FlowRuntime, InMemoryEventStore, PersistentEventBusAdapter } from 'flowcraft'

it('a diamond runs, is recorded, and replays to the same context', async () => {
  const store = new InMemoryEventStore()
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
  const flow = createFlow<{ n: number; seen: unknown }>('diamond')
    .node('a', async ({ context }) => ({ output: ((await context.get('n')) ?? 0) + 1 }))
    .node('b', ({ input }) => ({ output: `b${String(input)}` }))
    .node('c', async ({ input, context }) => {
      await context.set('seen', input)
      return { output: new Map([['x', input]]), action: 'go' }
    })
    .node('d', ({ input }) => ({ output: input }))
    .node('e', () => ({}))
    .edge('a', 'b')
    .edge('a', 'c', { condition: 'input == 2' })
    .edge('b', 'd')
    .edge('c', 'd', { action: 'go', transform: 'input' })
    .edge('c', 'e', { action: 'stop' })
  const result = await flow.run(runtime, { n: 1 })
  expect(result.status).toBe('completed')
  const events = await store.retrieve(result.context._executionId)
  const replayed = await runtime.replay(flow.toBlueprint(), events)
  expect(replayed.context).toEqual(result.context)
  expect(replayed.blueprintMatches).toBe(true)
  expect(replayed.recordedStatus).toBe('completed')
  expect(result.context).toMatchObject({ n: 1, seen: 2, '_outputs.d': { b: 'b2', c: new Map([['x', 2]]) } })
})
