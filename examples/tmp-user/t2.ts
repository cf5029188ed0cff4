import * as H from './h.ts'
const { t, eq, short, createFlow, FlowRuntime, FlowcraftError, quiet, mem, SqliteHistoryAdapter, PersistentEventBusAdapter } = H
const cyc: any = new Error('c1'); cyc.cause = new Error('c2', { cause: cyc })
const evilGet = (() => { const e: any = new Error('x'); void e.stack; Object.defineProperty(e, 'message', { get() { throw new Error('gm') } }); Object.defineProperty(e, 'extra', { enumerable: true, get() { throw new Error('ge') } }); return e })()
const throws: Record<string, any> = {
  undef: undefined, nul: null, zero: 0, str: 'boom', empty: '', sym: Symbol('s'), fn: () => 1, frozen: Object.freeze(new Error('frozen')), evilGet, proxy: new Proxy(new Error('p'), { get() { throw new Error('trap') }, getPrototypeOf() { throw new Error('gpo') }, has() { throw new Error('has') } }),
  huge: new Error('m'.repeat(5e6)), cyc, nanobj: { a: NaN }, big: 5n, codeObj: Object.assign(new Error('co'), { code: 42, name: 7 }), nullMsg: Object.assign(new Error('co'), { message: null, stack: 5 }), fatal: new FlowcraftError('f', { isFatal: true }), flow: new FlowcraftError('own', { cause: new Error('why') }), agg: new AggregateError([new Error('in')], 'agg'), fnprop: Object.assign(new Error('fp'), { fn() {}, s: Symbol('x'), ok: 1 }), dom: new DOMException('dom', 'AbortError'), date: new Date(0), huge70: new Error('m'.repeat(70 * 1024 * 1024)), array: [1, 2], nullproto: Object.create(null), badtostring: { toString() { throw new Error('ts') } }, deepcause: (() => { let e = new Error('0'); for (let i = 1; i < 5000; i++) e = new Error('' + i, { cause: e }); return e })(), revoked: (() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })(), stackless: (() => { const e = new Error('x'); delete (e as any).stack; return e })(), thenable: { then(r: any) { r(5) } },
}
const sq = new SqliteHistoryAdapter({ databasePath: ':memory:' })
for (const [k, v] of Object.entries(throws)) {
  for (const rec of [true, false]) await t(k + (rec ? ' rec' : ' norec'), async () => {
    const flow = createFlow('v').node('a', () => { throw v }, { config: { maxRetries: 2 } })
    const rt = new FlowRuntime({ ...(rec ? { eventBus: new PersistentEventBusAdapter(sq) } : {}), logger: quiet })
    const r = await flow.run(rt, {})
    let same = true
    if (rec) { const ev = await sq.retrieve(r.executionId); const rep = await rt.replay(flow.toBlueprint(), ev, r.executionId); same = eq(rep.context, r.context) && eq(rep.errors, r.errors) && rep.recordedStatus === r.status }
    H.formatError(r.errors![0] as any)
    return `${r.status} ${same ? '' : '<<<DIFF'} ${short(r.errors?.map((e: any) => [e.message, e.name, e.code, e.isFatal, e.cause?.name, e.cause?.message, e.cause?.code]), 250)}`
  }, 20000)
}
