import { join } from 'node:path'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { createFlow, FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter } from 'flowcraft'
import type { FlowBuilder, IEventStore, NodeContext, NodeEntry } from 'flowcraft'
import type { Graph, OpenSession, Pattern, Storage } from '../benchmark.ts'
import { runPool } from './run-pool.ts'

/** This repository's engine, as it is built. */
export const open: OpenSession = async (storage, folder) => {
  const store = openStore(storage, folder)
  const eventBus = store && new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), eventBus })
  const run = async (flow: Flow): Promise<string> => {
    const { status, executionId, errors } = await flow.run(runtime)
    if (status !== 'completed') throw new Error(`The run of ${flow.id} is ${status}`, { cause: errors?.[0] })
    return executionId
  }
  return {
    prepare(graph) {
      const flow = toFlow(graph)
      if (graph.pattern?.kind === 'subflows') runtime.register(child)
      return (load) => runPool(load, async () => void (await run(flow)))
    },
    async recording(graph) {
      if (store === undefined) throw new Error('Nothing is recorded: choose another storage')
      const flow = toFlow(graph)
      const events = await store.retrieve(await run(flow))
      return async () => {
        const { context } = await runtime.replay(flow.toBlueprint(), events)
        if (Object.keys(context).length < graph.nodes.length) throw new Error(`The replay of ${graph.id} is not whole`)
        return events.length
      }
    },
    async close() {
      await store?.close()
    },
  }
}

type Flow = FlowBuilder<Record<string, unknown>, Record<string, unknown>, NodeEntry>

const one = async (): Promise<{ output: number }> => ({ output: 1 })

const child = ['a', 'b', 'c', 'd', 'e'].reduce<Flow>((flow, id) => flow.node(id, one), createFlow('child'))
child.edge('a', 'b').edge('b', 'c').edge('c', 'd').edge('d', 'e')

function toFlow({ id, nodes, edges, pattern }: Graph): Flow {
  const flow: Flow = createFlow(id)
  if (pattern !== undefined) return addPattern(flow, pattern)
  for (const node of nodes) flow.node(node, async () => ({ output: 1 }))
  for (const [source, target] of edges) flow.edge(source, target)
  return flow
}

function addPattern(flow: Flow, pattern: Pattern): Flow {
  switch (pattern.kind) {
    case 'loop':
      return flow
        .node('count', ({ input }: NodeContext) => ({ output: Number(input ?? 0) + 1 }))
        .loop('again', { startNodeId: 'count', endNodeId: 'count', condition: `input < ${pattern.turns}` })
    case 'batch': {
      const items = Array.from({ length: pattern.items }, (_, index) => index)
      return flow
        .node('items', async () => ({ output: items }))
        .batch('work', one, { inputKey: 'items', chunkSize: pattern.chunkSize })
        .edge('items', 'work')
    }
    case 'subflows':
      for (let index = 0; index < pattern.count; index += 1) {
        flow.subflow(`s${index}`, { blueprintId: 'child' })
        if (index > 0) flow.edge(`s${index - 1}`, `s${index}`)
      }
      return flow
  }
}

function openStore(storage: Storage, folder: string): (IEventStore & { close(): Promise<void> }) | undefined {
  if (storage === 'none') return undefined
  if (storage === 'memory') return new InMemoryEventStore()
  return new SqliteHistoryAdapter({
    databasePath: join(folder, 'ours.db'),
    synchronous: storage === 'sqlite FULL' ? 'FULL' : 'NORMAL',
  })
}
