import postgres from 'postgres'
import { startPostgres } from '@flowcraft/pg-test'
import { PostgresHistoryAdapter } from '../src/index.ts'
import { batch } from '../../flowcraft/test/history/events.ts'
const server = await startPostgres()
const sql = postgres(server.url, { max: 1, onnotice: () => {} })
const store = new PostgresHistoryAdapter({ connectionString: server.url })
for (let i = 0; i < 20; i++) await store.append([batch('a', i * 3, 3), batch('b', i * 3, 3)])
let t = performance.now()
for (let i = 20; i < 70; i++) await store.append([batch('a', i * 3, 3), batch('b', i * 3, 3)])
console.log('empty table', (performance.now() - t) / 50)
await sql.unsafe(`ALTER TABLE flowcraft_events_executions SET (autovacuum_enabled=false)`)
await sql.unsafe(
  `INSERT INTO flowcraft_events_executions (id, blueprint_id, status, started_at, updated_at, last_seq) SELECT 'bulk'||i, 'bp'||(i%50), 'completed', i, i, 10 FROM generate_series(1,200000) i`,
)
t = performance.now()
for (let i = 70; i < 120; i++) await store.append([batch('a', i * 3, 3), batch('b', i * 3, 3)])
console.log('200k rows', (performance.now() - t) / 50)
t = performance.now()
for (let i = 0; i < 50; i++) await store.retrieve('c' + i)
console.log('heads of unknown', (performance.now() - t) / 50)
for (let i = 0; i < 40; i++) await store.append([batch('big', i * 1000, 1000)])
const q = (
  o: string,
) => `EXPLAIN ANALYZE SELECT b.bound::text, n.* FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS bound) b LEFT JOIN LATERAL (
      SELECT e.xid, e.run, x.id, x.blueprint_id, e.seq, e.payload::text FROM flowcraft_events e JOIN flowcraft_events_executions x ON x.key = e.run
      WHERE e.xid >= '0'::xid8 AND e.xid < b.bound AND (e.xid, e.run, e.seq) > ('0'::xid8, 0::bigint, -1)
      ORDER BY e.xid, e.run, e.seq LIMIT 1000 ) n ON true ORDER BY n.xid, n.run, n.seq`
for (const r of await sql.unsafe(q(''))) console.log(r['QUERY PLAN'])
await sql.unsafe('ANALYZE flowcraft_events')
console.log('--- analyzed')
for (const r of await sql.unsafe(q(''))) console.log(r['QUERY PLAN'])
await store.close()
await sql.end()
await server.stop()
