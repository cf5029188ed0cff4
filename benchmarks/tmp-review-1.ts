import * as F from '/work/main/packages/flowcraft/src/index.ts'
const { FlowRuntime, BaseNode, InMemoryEventStore, PersistentEventBusAdapter, FlowEventBus, FlowcraftError, NullLogger } = F as any
const logger = new NullLogger()
const rt = (o: any = {}) => new FlowRuntime({ logger, ...o })
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms))
const limit = (p: Promise<any>, ms = 400) => Promise.race([p, sleep(ms).then(() => 'HANG')])
const bp = (nodes: any[], edges: any[] = []) => ({ id: 'b', nodes, edges })
async function t(name: string, f: () => Promise<any>) { try { console.log(name, '=>', await f()) } catch (e: any) { console.log(name, 'THROWS', e?.name, e?.code, String(e?.message).slice(0, 150)) } }
process.on('unhandledRejection', (e: any) => console.log('!! UNHANDLED', e?.message ?? e))
process.on('uncaughtException', (e: any) => console.log('!! UNCAUGHT', e?.message ?? e))

await t('1 fatal on non-last attempt: recover?', async () => {
  const log: string[] = []
  class N extends BaseNode { async exec() { log.push('exec'); throw new FlowcraftError('x', { isFatal: true }) } async recover() { log.push('recover') } }
  const mk = async (maxRetries: number) => { log.length = 0; await rt().run(bp([{ id: 'a', uses: 'N', config: { maxRetries } }]), {}, { functionRegistry: { N } }); return log.join() }
  return [await mk(1), await mk(3)]
})
await t('2 class fallback not bounded by timeout', async () => {
  class N extends BaseNode { async exec() { throw new Error('x') } async fallback() { await new Promise(() => {}) } }
  return limit(rt().run(bp([{ id: 'a', uses: 'N', config: { timeout: 30 } }]), {}, { functionRegistry: { N } }))
})
await t('2b recover not bounded by timeout', async () => {
  class N extends BaseNode { async exec() { throw new Error('x') } async recover() { await new Promise(() => {}) } }
  return limit(rt().run(bp([{ id: 'a', uses: 'N', config: { timeout: 30 } }]), {}, { functionRegistry: { N } }))
})
await t('3 cancelled run: stages go on', async () => {
  const log: string[] = []
  class A extends BaseNode { async prep() { await sleep(30); log.push('prep end'); return 1 } async exec() { log.push('EXEC AFTER CANCEL'); return {} } async post(r: any) { log.push('POST'); return r } }
  class B extends BaseNode { async exec(_: any, c: any) { await new Promise((_, rej) => c.signal.addEventListener('abort', () => rej(new Error('aborted')))) } async fallback() { log.push('FALLBACK AFTER CANCEL'); return {} } async recover() { log.push('recover') } }
  const h = rt().start(bp([{ id: 'a', uses: 'A' }, { id: 'b', uses: 'B' }]), {}, { functionRegistry: { A, B } })
  await sleep(5); h.cancel('stop'); const r = await h.result(); log.push('settled ' + r.status); await sleep(60); return log
})
await t('4 inputs a.x falls to context', async () => {
  const r = await rt().run(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'b', inputs: 'a.x' }], [{ source: 'a', target: 'b' }]), { a: { x: 5 } }, { functionRegistry: { a: () => ({ output: { y: 1 } }), b: ({ input }: any) => ({ output: { got: input } }) } })
  return r.context['_outputs.b']
})
await t('5 transform result.output', async () => {
  const r = await rt().run(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'b' }], [{ source: 'a', target: 'b', transform: 'result.output + 1' }]), {}, { functionRegistry: { a: () => ({ output: 1 }), b: ({ input }: any) => ({ output: { got: input } }) } })
  return JSON.stringify([r.status, r.context['_outputs.b'], r.errors?.[0]?.code, r.errors?.[0]?.cause?.message])
})
await t('6 store rejects with null-proto object', async () => {
  const store = { store: () => Promise.reject(Object.create(null)), retrieve: async () => [], retrieveMultiple: async () => new Map() }
  const r1 = rt({ eventBus: new PersistentEventBusAdapter(store) })
  const out = [] as any[]
  for (let i = 0; i < 2; i++) out.push(await limit(r1.run(bp([{ id: 'a', uses: 'a' }]), {}, { functionRegistry: { a: () => ({}) } }).catch((e: any) => e.code)))
  return out
})
await t('7 two turns at once', async () => {
  const h = rt().start(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }, { id: 'c', uses: 'a' }], [{ source: 'a', target: 'b' }, { source: 'b', target: 'c' }]), {}, { byTurns: true, functionRegistry: { a: async () => { await sleep(5); return {} } } })
  return (await Promise.all([limit(h.turn()), limit(h.turn())])).map((x: any) => x?.status ?? x)
})
await t('8 turn concurrency 0', async () => {
  const h = rt().start(bp([{ id: 'a', uses: 'a' }]), {}, { byTurns: true, functionRegistry: { a: () => ({}) } })
  const out = []; for (let i = 0; i < 3; i++) out.push((await h.turn({ concurrency: 0 }))?.status); return out
})
for (const [name, nodes, edges] of [
  ['inputs null', [{ id: 'a', uses: 'a', inputs: null }], []],
  ['inputs {x:1}', [{ id: 'a', uses: 'a', inputs: { x: 1 } }], []],
  ['inputs 5', [{ id: 'a', uses: 'a', inputs: 5 }], []],
  ['config null', [{ id: 'a', uses: 'a', config: null }], []],
  ['condition 5', [{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }], [{ source: 'a', target: 'b', condition: 5 }]],
  ['condition null', [{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }], [{ source: 'a', target: 'b', condition: null }]],
  ['action null', [{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }], [{ source: 'a', target: 'b', action: null }]],
  ['uses missing', [{ id: 'a' }], []],
  ['fallback null', [{ id: 'a', uses: 'a', config: { fallback: null } }], []],
] as any) await t('9 ' + name, async () => {
  const store = new InMemoryEventStore()
  const ids: string[] = []
  const r = rt({ eventBus: new PersistentEventBusAdapter(store), idGenerator: () => { const x = 'e' + Math.random(); ids.push(x); return x } })
  try { const res = await limit(r.run(bp(nodes, edges), {}, { functionRegistry: { a: () => ({ output: 1 }) } })); return [res.status ?? res, res.context?.['_outputs.b'] ] }
  catch (e: any) { return [e.name, e.code, e.message.slice(0, 80), 'log:', (await store.retrieve(ids[0])).map((x: any) => x.type).join()] }
})
await t('10 listener mutates bytes', async () => {
  const bus = new PersistentEventBusAdapter(new InMemoryEventStore())
  bus.on('node:finish', (e: any) => { if (e.payload.nodeId === 'a') e.payload.result.output[0] = 99 })
  const r = await rt({ eventBus: bus }).run(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'b' }], [{ source: 'a', target: 'b' }]), {}, { functionRegistry: { a: () => ({ output: new Uint8Array([1]) }), b: ({ input }: any) => ({ output: input[0] }) } })
  return [r.context['_outputs.b'], r.context['_outputs.a'][0]]
})
await t('11 70MB string', async () => {
  const big = 'x'.repeat(70e6)
  const bus = () => new PersistentEventBusAdapter(new InMemoryEventStore())
  const run = (output: any) => rt({ eventBus: bus() }).run(bp([{ id: 'a', uses: 'a' }]), {}, { functionRegistry: { a: () => ({ output }) } })
  return [(await run(big)).status, (await run({ big })).status]
})
await t('12 reference multi-join frozen input', async () => {
  const r = await rt({ isolation: 'reference' }).run(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }, { id: 'c', uses: 'c' }], [{ source: 'a', target: 'c' }, { source: 'b', target: 'c' }]), {}, { functionRegistry: { a: () => ({ output: 1 }), c: ({ input }: any) => { input.z = 1; return {} } } })
  return [r.status, r.errors?.[0]?.cause?.message]
})
await t('13 hostile cancel reason', async () => {
  const c = new AbortController(); const h = rt().start(bp([{ id: 'a', uses: 'a' }]), {}, { signal: c.signal, functionRegistry: { a: () => new Promise(() => {}) } })
  c.abort(Object.assign(Object.create(null), { f() {} })); 
  const rec = rt({ eventBus: new PersistentEventBusAdapter(new InMemoryEventStore()) })
  const c2 = new AbortController(); const h2 = rec.start(bp([{ id: 'a', uses: 'a' }]), {}, { signal: c2.signal, functionRegistry: { a: () => new Promise(() => {}) } })
  await sleep(5); c2.abort(Object.assign(Object.create(null), { f() {} }))
  return [(await limit(h.result()))?.status, (await limit(h2.result()))?.status ?? 'HANG']
})
await t('14 throwing logger', async () => {
  const bad = { debug() {}, info() {}, warn() { throw new Error('logger down') }, error() { throw new Error('logger down') } }
  const store = new InMemoryEventStore()
  try { const r = await rt({ logger: bad }).run(bp([{ id: 'a', uses: 'a' }, { id: 'b', uses: 'a' }], [{ source: 'a', target: 'b', action: 'q' }]), {}, { functionRegistry: { a: () => ({ action: 'zzz' }) } }); return r.status } catch (e: any) { return 'run rejects: ' + e.message }
})
await t('15 prep writes lost by exec timeout', async () => {
  class N extends BaseNode { n = 0; async prep(c: any) { await c.context.set('token', 1) } async exec(_: any, c: any) { if (c.attempt === 1) await sleep(100); return { output: await c.context.get('token') ?? 'GONE' } } }
  const r = await rt().run(bp([{ id: 'a', uses: 'N', config: { timeout: 20, maxRetries: 2 } }]), {}, { functionRegistry: { N } })
  return [r.status, r.context]
})
await t('16 retry NaN', async () => {
  const store = new InMemoryEventStore()
  const r = await rt({ eventBus: new PersistentEventBusAdapter(store) }).run(bp([{ id: 'a', uses: 'a', config: { maxRetries: 1100, retryBackoff: 'exponential' } }]), {}, { functionRegistry: { a: () => { throw 1 } } })
  const ev = await store.retrieve(r.executionId); return ev.filter((e: any) => e.type === 'node:retry' && Number.isNaN(e.payload.delayMs)).length
})
await t('17 params class instance', async () => {
  class C { hi() { return 1 } }
  const r = await rt().run(bp([{ id: 'a', uses: 'a', params: { c: new C() } }, { id: 'b', uses: 'a', params: { c: new C(), f() {} } }]), {}, { functionRegistry: { a: ({ params }: any) => ({ output: typeof params.c.hi }) } })
  return [r.context['_outputs.a'], r.context['_outputs.b']]
})
await t('18 deps facades', async () => {
  const r = await rt().run(bp([{ id: 'a', uses: 'a' }]), {}, { functionRegistry: { a: ({ dependencies, ...rest }: any) => ({ output: [Object.keys(dependencies), Object.keys(rest)] }) } })
  return JSON.stringify(r.context['_outputs.a'])
})
process.exit(0)
