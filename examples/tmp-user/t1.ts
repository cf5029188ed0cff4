import * as H from './h.ts'
const { t, eq, short, createFlow, FlowRuntime, quiet, mem, SqliteHistoryAdapter, PersistentEventBusAdapter } = H
// values
class Foo { a = 1; #b = 2; get c() { return 3 } m() {} }
class Js { toJSON() { return { j: 1 } } }
class BadJs { toJSON() { throw new Error('x') } }
const cyc: any = { a: 1 }; cyc.self = cyc; cyc.m = new Map([[cyc, cyc]])
const deep: any = {}; let d = deep; for (let i = 0; i < 20000; i++) { d.x = {}; d = d.x }
const sparse = [1, , 3] as any
const values: Record<string, () => any> = {
  foo: () => new Foo(), js: () => new Js(), badjs: () => new BadJs(), fn: () => ({ a: { b: () => 1 } }), sym: () => ({ s: Symbol('q') }), symkey: () => ({ [Symbol('k')]: 1, a: 1 }),
  prom: () => ({ p: Promise.resolve(1) }), topprom: () => Promise.resolve(5), rejprom: () => ({ p: Promise.reject(new Error('inner')) }),
  proxy: () => new Proxy({ a: 1 }, {}), evil: () => new Proxy({}, { ownKeys() { throw new Error('trap') } }), getproto: () => new Proxy({}, { getPrototypeOf() { throw new Error('gp') } }),
  getter: () => ({ get a() { return 1 } }), badgetter: () => ({ get a() { throw new Error('g') } }), cyc: () => cyc, deep: () => deep, sparse: () => sparse,
  date: () => new Date(0), baddate: () => new Date(NaN), map: () => new Map<any, any>([[{ a: 1 }, new Set([1n])]]), ta: () => new Float32Array([1.5, NaN]), sub: () => new Uint8Array(new ArrayBuffer(10), 3, 4), buf: () => Buffer.from('abc'), dv: () => new DataView(new ArrayBuffer(4)), sab: () => new SharedArrayBuffer(4), big: () => 12n ** 50n, neg0: () => -0, nan: () => [NaN, Infinity, -Infinity, undefined], re: () => /a/gi, url: () => new URL('http://x/?a'), err: () => { const e: any = new TypeError('q', { cause: new Error('c') }); e.code = 'X'; e.extra = new Date(1); return e }, agg: () => new AggregateError([new Error('1')], 'agg'),
  weak: () => new WeakMap(), nullproto: () => Object.assign(Object.create(null), { a: 1 }), proto: () => JSON.parse('{"__proto__":{"x":1},"constructor":1}'), nul: () => 'a\0b\ud800c', keyNul: () => ({ 'a\0': 1, '\ud800': 2, '': 3, '.': 4, 'a.b': { 'c.d': new Date(5) } }), boxed: () => [Object(1), Object('s'), Object(1n), Object(true)], args: () => (function () { return arguments })(1, 2), arrprops: () => Object.assign([1], { foo: 1 }), frozen: () => Object.freeze({ a: Object.freeze([1]) }), shared: () => { const s = { z: 1 }; return [s, s] }, gen: () => (function* () { yield 1 })(), subclassArr: () => new (class A extends Array {})(3), subclassMap: () => new (class M extends Map {})([[1, 2]]), subDate: () => new (class D extends Date {})(5), i64: () => new BigInt64Array([1n]), blob: () => new Blob(['a']), hugeArr: () => new Array(1e6), hole4e9: () => { const a: any[] = []; a[4294967290] = 1; return a }, sup: () => ({ json: {}, meta: { values: { a: ['Date'] } }, $ref: 1, '$type': 'Date', notes: [] }), fnTop: () => () => 1, symTop: () => Symbol('x'), str100: () => 'x'.repeat(100 * 1024 * 1024), iter: () => new Map().entries(), globalThis: () => globalThis, regexLast: () => { const r = /a/g; r.lastIndex = 3; return r }, invUrlSP: () => new URLSearchParams('a=1'), int8: () => new Int8Array(0), resizable: () => new (ArrayBuffer as any)(8, { maxByteLength: 16 }),
}
const which = process.argv[2]
const sq = new SqliteHistoryAdapter({ databasePath: ':memory:' })
for (const [k, f] of Object.entries(values)) {
  if (which && k !== which) continue
  await t(k, async () => {
    const t0 = Date.now()
    const flow = createFlow('v').node('a', async ({ context }: any) => { const v = f(); return { output: v } }).node('b', ({ input }: any) => ({ output: input })).edge('a', 'b')
    const rt = new FlowRuntime({ eventBus: new PersistentEventBusAdapter(sq), logger: quiet })
    const r = await flow.run(rt, {})
    const ev = await sq.retrieve(r.executionId)
    const rep = await rt.replay(flow.toBlueprint(), ev, r.executionId)
    const same = eq(rep.context, r.context) && eq(rep.errors, r.errors) && rep.recordedStatus === r.status
    const eqv = eq((r.context as any)['_outputs.b'], await (async () => { try { return await f() } catch { } })())
    return `${r.status} replay=${same ? 'same' : '<<<<DIFF'} equalToOrig=${eqv} ${Date.now() - t0}ms ` + short((r.context as any)['_outputs.b'], 120) + ' ' + short(r.errors?.map((e: any) => e.message + ' | ' + e.cause?.message), 200)
  }, 30000)
}
