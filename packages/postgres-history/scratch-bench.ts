import postgres from 'postgres'
import { startPostgres } from '@flowcraft/pg-test'
import { PostgresHistoryAdapter } from './src/index.ts'
import { event } from '../flowcraft/test/history/events.ts'
const server = await startPostgres({ fsync: true })
const text = 'x'.repeat(230)
const ev = (id: string, seq: number) =>
  event(id, seq, 'context:change', { sourceNode: 'a', iteration: 0, attempt: 1, key: 'k', op: 'set', value: text })
const sql = postgres(server.url, { max: 1, onnotice: () => {} })
const store = new PostgresHistoryAdapter({ connectionString: server.url })
async function measure(name: string, per: number, calls: number, one: (n: number) => Promise<unknown>) {
  for (let i = 0; i < Math.min(20, calls); i++) await one(i)
  const t = performance.now()
  for (let i = 20; i < 20 + calls; i++) await one(i)
  const ms = performance.now() - t
  console.log(
    name,
    'per call',
    per,
    Math.round(((per * calls) / ms) * 1000),
    'events/s',
    (ms / calls).toFixed(2),
    'ms/call',
  )
}
async function raw(index: string) {
  await sql
    .unsafe(
      `DROP TABLE IF EXISTS raw; CREATE TABLE raw (run bigint, seq int, type text, timestamp float8, payload json, notes text, schema_version int, xid bigint not null default pg_current_xact_id()::text::bigint, primary key(run,seq)); ${index}`,
    )
    .simple()
}
const json = JSON.stringify({ sourceNode: 'a', iteration: 0, attempt: 1, key: 'k', op: 'set', value: text })
let seq = 0
const early = [[3, 600], [1000, 20]] as const
for (const [per, calls] of early) { await raw('CREATE INDEX ON raw (xid)'); await measure('raw btree', per, calls, (() => rawI(per))()) }
function rawI(per: number) { return async () => { const doc = '[' + Array.from({ length: per }, () => `{"run":1,"seq":${seq++},"type":"context:change","timestamp":1700000000000,"payload":${json}}`).join(',') + ']'; await sql.unsafe('INSERT INTO raw (run, seq, type, timestamp, payload, notes, schema_version) SELECT run,seq,type,timestamp,payload,notes,schema_version FROM json_to_recordset($1::text::json) AS e(run bigint, seq integer, type text, timestamp float8, payload json, notes text, schema_version integer)', [doc], { prepare: true }) } }
const rawInsert = (per: number) => async () => {
  const doc =
    '[' +
    Array.from(
      { length: per },
      () => `{"run":1,"seq":${seq++},"type":"context:change","timestamp":1700000000000,"payload":${json}}`,
    ).join(',') +
    ']'
  await sql.unsafe(
    `INSERT INTO raw (run, seq, type, timestamp, payload, notes, schema_version) SELECT run,seq,type,timestamp,payload,notes,schema_version FROM json_to_recordset($1::text::json) AS e(run bigint, seq integer, type text, timestamp float8, payload json, notes text, schema_version integer)`,
    [doc],
    { prepare: true },
  )
}
{
  const seqs = Array.from({ length: 32 }, () => 0)
  let g = 0
  await measure('store, groups of 32 runs x 3', 96, 400, () => {
    if (g++ % 10 === 0) seqs.fill(0)
    const gen = Math.floor((g - 1) / 10)
    return store.append(
      seqs.map((from, i) => {
        seqs[i] = from + 3
        const id = `g${gen}-${i}`
        return {
          executionId: id,
          writer: 'w',
          owner: 'o',
          expectedSeq: from,
          events: [0, 1, 2].map((k) => ev(id, from + k)),
        }
      }),
    )
  })
}
const t = performance.now()
const n = (await store.retrieve('r1000')).length
console.log('retrieve', n, Math.round((n / (performance.now() - t)) * 1000), 'events/s')
let c = performance.now()
for (let i = 0; i < 200; i++) {
  for await (const _ of store.read('r1000', { fromSeq: 20000 + i, toSeq: 20099 + i }));
}
console.log('window of 100', ((performance.now() - c) / 200).toFixed(2), 'ms')
c = performance.now()
let count = 0
for await (const _ of store.subscribe({})) {
  if (++count === 60000) break
}
console.log('follow 60000', Math.round((60000 / (performance.now() - c)) * 1000), 'events/s')
await sql.unsafe(
  `INSERT INTO flowcraft_events_executions (id, blueprint_id, status, started_at, updated_at, last_seq) SELECT 'bulk'||i, 'bp'||(i%50), CASE WHEN i%100=0 THEN 'running' ELSE 'completed' END, i, i, 10 FROM generate_series(1,200000) i`,
)
await sql.unsafe('ANALYZE flowcraft_events_executions')
for (const [name, f] of Object.entries({
  all: {},
  status: { status: 'completed' as const },
  running: { status: 'running' as const },
  bp: { blueprintId: 'bp7' },
  err: { hasErrors: true },
})) {
  await store.list(f)
  c = performance.now()
  for (let i = 0; i < 50; i++) await store.list(f)
  console.log('list', name, ((performance.now() - c) / 50).toFixed(2), 'ms')
}
c = performance.now()
for (let i = 0; i < 20; i++) await store.due(Date.now())
console.log('due', ((performance.now() - c) / 20).toFixed(2), 'ms')
await store.close()
await sql.end()
await server.stop()
