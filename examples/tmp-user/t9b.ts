import * as H from './h.ts'
const { createFlow, FlowRuntime, quiet, mem, SqliteHistoryAdapter, PersistentEventBusAdapter } = H
const g = () => { (globalThis as any).gc(); (globalThis as any).gc(); return Math.round(process.memoryUsage().heapUsed / 1e5) / 10 }
const f = createFlow('m').node('a', async ({ context }: any) => { await context.set('k', 'v'.repeat(100)); return { output: 1 } }).node('b', ({ input }: any) => ({ output: input })).edge('a', 'b')
const rt0 = new FlowRuntime({ logger: quiet }); const sq = new SqliteHistoryAdapter({ databasePath: '/tmp/user/app/leak.db', synchronous: 'NORMAL' } as any); const rt1 = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(sq), logger: quiet })
const long = new AbortController()
setInterval(()=>{},1e6)
const b2 = g(); for (let i = 0; i < 20; i++) { const r: any = await createFlow('c').node('a', () => new Promise(() => { })).run(rt0, {}, { signal: AbortSignal.timeout(1) }); } console.log('cancelled never', b2, g())
const c = g(); for (let i = 0; i < 5000; i++) { createFlow('c').node('a', () => { throw new Error('x') }, { config: { timeout: 60000 } }); await createFlow('c').node('a', () => { throw new Error('x') }, { config: { timeout: 600000 } }).run(rt0) } console.log('timeouts cleared?', c, g(), (process as any).getActiveResourcesInfo().length)

process.exit()
