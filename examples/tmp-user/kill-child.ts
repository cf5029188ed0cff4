import * as H from './h.ts'
const [, , db, dur] = process.argv
const s = new H.SqliteHistoryAdapter({ databasePath: db!, walMode: true })
const rt = new H.FlowRuntime({ eventBus: new H.PersistentEventBusAdapter(s, { durability: dur as any }), logger: H.quiet })
const f = async ({ context, nodeId }: any) => { await context.set('c' + nodeId, new Date()); await context.set('shared', nodeId); return { output: { n: nodeId, big: 'x'.repeat(200) } } }
const bp: any = { id: 'k', nodes: Array.from({ length: 300 }, (_, i) => ({ id: 'n' + i, uses: 'f' })), edges: Array.from({ length: 299 }, (_, i) => ({ source: 'n' + (i >> 1), target: 'n' + (i + 1) })) }
process.stdout.write('go\n')
for (;;) await Promise.all(Array.from({ length: 4 }, () => rt.run(bp, {}, { functionRegistry: { f } })))
