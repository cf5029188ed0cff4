// How much room histories take, and how soon a file is small again: `pnpm --filter benchmarks run sizes`.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@flowcraft/pg-test'
import { PostgresHistoryAdapter } from '@flowcraft/postgres-history'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { createFlow, FlowRuntime, PersistentEventBusAdapter, type EventStore, type NodeContext } from 'flowcraft'
import postgres from 'postgres'

const runs = 1000
const text = 'x'.repeat(100)

/** Ten nodes in a row, each with an output of 100 bytes. */
const flow = createFlow('sizes').node('n0', give)
for (let index = 1; index < 10; index += 1) flow.node(`n${index}`, give).edge(`n${index - 1}`, `n${index}`)

function give({ iteration }: NodeContext): { output: string } {
  return { output: `${text}${iteration}` }
}

const folder = mkdtempSync(join(tmpdir(), 'flowcraft-sizes-'))
const databasePath = join(folder, 'sizes.db')
const server = await startPostgres()
const client = postgres(server.url)
try {
  const sqlite = new SqliteHistoryAdapter({ databasePath, synchronous: 'NORMAL' })
  await show('SQLite, the file', sqlite, async () => statSync(databasePath).size + walSize())
  const onServer = new PostgresHistoryAdapter({ connectionString: server.url })
  await show('PostgreSQL, tables and indexes', onServer, async () => {
    const [row] = await client`
      SELECT sum(pg_total_relation_size(oid))::float8 AS bytes FROM pg_class WHERE relname LIKE 'flowcraft%' AND relkind = 'r'`
    return Number(row?.['bytes'])
  })
} finally {
  await client.end()
  await server.stop()
  rmSync(folder, { recursive: true })
}

function walSize(): number {
  return statSync(`${databasePath}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

async function show(name: string, store: Required<EventStore>, size: () => Promise<number>): Promise<void> {
  const runtime = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(store) })
  for (let run = 0; run < runs; run += 1) await flow.run(runtime)
  const { totalEvents } = await store.getStats()
  const bytes = await size()
  console.log(`${name}: ${runs} runs, ${totalEvents} events, ${(bytes / 1e6).toFixed(1)} MB`)
  console.log(`  ${Math.round(bytes / totalEvents)} bytes an event, ${Math.round(bytes / runs / 10)} bytes a node`)
  const from = performance.now()
  const removed = await store.prune({ olderThan: Date.now() + 1 })
  const seconds = (performance.now() - from) / 1000
  console.log(`  prune of ${removed} runs: ${seconds.toFixed(1)} s, then ${((await size()) / 1e6).toFixed(1)} MB`)
  await store.close()
}
