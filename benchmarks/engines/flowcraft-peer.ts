import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createFlow, FlowRuntime, InMemoryEventStore, NullLogger, PersistentEventBusAdapter } from 'flowcraft-peer'
import type { FlowBuilder, FlowcraftEvent, IEventStore } from 'flowcraft-peer'
import type { Graph, OpenSession, Storage } from '../benchmark.ts'
import { runPool } from './run-pool.ts'

/** flowcraft 2.10.1 from npm. Its SQLite store is not published: here, the one insert for each event that it describes. */
export const open: OpenSession = async (storage, folder) => {
  const store = openStore(storage, folder)
  const eventBus = store && new PersistentEventBusAdapter(store)
  const runtime = new FlowRuntime({ logger: new NullLogger(), ...(eventBus && { eventBus }) })
  const run = async (flow: FlowBuilder): Promise<string> => {
    const { status, context, errors } = await flow.run(runtime)
    if (status !== 'completed') throw new Error(`The run is ${status}`, { cause: errors?.[0] })
    return String(context['_executionId'])
  }
  return {
    prepare(graph) {
      const flow = toFlow(graph)
      return (load) => runPool(load, async () => void (await run(flow)))
    },
    async recording(graph) {
      if (store === undefined) throw new Error('Nothing is recorded: choose another storage')
      const flow = toFlow(graph)
      const executionId = await run(flow)
      // A replay with the recording's own bus adds events to the log that it reads, which then grows with each replay.
      const events = [...(await store.retrieve(executionId))]
      const reader = new FlowRuntime({ logger: new NullLogger() })
      return async () => {
        const { context } = await reader.replay(flow.toBlueprint(), events, executionId)
        if (Object.keys(context).length < graph.nodes.length) throw new Error(`The replay of ${graph.id} is not whole`)
        return events.length
      }
    },
    async close() {
      if (store instanceof SqliteEventStore) store.close()
    },
  }
}

function toFlow({ id, nodes, edges }: Graph): FlowBuilder {
  const flow = createFlow(id)
  for (const node of nodes) flow.node(node, async () => ({ output: 1 }))
  for (const [source, target] of edges) flow.edge(source, target)
  return flow
}

function openStore(storage: Storage, folder: string): IEventStore | undefined {
  if (storage === 'none') return undefined
  if (storage === 'memory') return new InMemoryEventStore()
  return new SqliteEventStore(join(folder, 'peer.db'), storage === 'sqlite FULL' ? 'FULL' : 'NORMAL')
}

class SqliteEventStore implements IEventStore {
  readonly #db: Database.Database
  readonly #insert: Database.Statement<[string, string, string]>
  readonly #select: Database.Statement<[string], string>

  constructor(path: string, synchronous: 'FULL' | 'NORMAL') {
    this.#db = new Database(path)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma(`synchronous = ${synchronous}`)
    this.#db.exec(`
      CREATE TABLE events (id INTEGER PRIMARY KEY, execution_id TEXT NOT NULL, type TEXT NOT NULL, event TEXT NOT NULL);
      CREATE INDEX events_of_execution ON events (execution_id, id);
    `)
    this.#insert = this.#db.prepare('INSERT INTO events (execution_id, type, event) VALUES (?, ?, ?)')
    this.#select = this.#db
      .prepare<[string], string>('SELECT event FROM events WHERE execution_id = ? ORDER BY id')
      .pluck()
  }

  async store(event: FlowcraftEvent, executionId: string): Promise<void> {
    this.#insert.run(executionId, event.type, JSON.stringify(event))
  }

  async retrieve(executionId: string): Promise<FlowcraftEvent[]> {
    // They were events when they were stored.
    return this.#select.all(executionId).map((text) => JSON.parse(text) as FlowcraftEvent)
  }

  async retrieveMultiple(executionIds: string[]): Promise<Map<string, FlowcraftEvent[]>> {
    const histories = new Map<string, FlowcraftEvent[]>()
    for (const id of executionIds) histories.set(id, await this.retrieve(id))
    return histories
  }

  close(): void {
    this.#db.close()
  }
}
