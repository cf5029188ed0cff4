import * as F from 'flowcraft'
export * from 'flowcraft'
export { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { isDeepStrictEqual, inspect } from 'node:util'
export const eq = isDeepStrictEqual
export const short = (x: any, n = 220) => { let s; try { s = typeof x === 'string' ? x : inspect(x, { depth: 5, breakLength: 1e9, maxStringLength: 150 }) } catch (e) { s = 'inspect threw ' + e } return s.length > n ? s.slice(0, n) + '…' : s }
process.on('unhandledRejection', (e) => console.log('!!!! UNHANDLED', e))
process.on('uncaughtException', (e) => console.log('!!!! UNCAUGHT', e))
export async function t(name: string, f: () => any, ms = 5000) {
  let h: any
  try {
    const r = await Promise.race([Promise.resolve().then(f), new Promise((_, j) => { h = setTimeout(() => j(new Error('TEST HUNG ' + ms)), ms) })])
    console.log(`${name}: ->`, short(r, 500))
  } catch (e: any) { let s; try { s = `${e?.constructor?.name} [${e?.code}] ${e?.message}` } catch { s = 'weird' }; console.log(`${name}: THREW`, short(s, 400), F.isFlowcraftError(e) ? '' : '<<<NOT FLOWCRAFT>>> ' + short(e?.stack ?? '', 500)) }
  clearTimeout(h)
}
export const quiet = new F.NullLogger()
export const mem = (o: any = {}) => { const store = new F.InMemoryEventStore(); const runtime = new F.FlowRuntime({ eventBus: new F.PersistentEventBusAdapter(store), logger: quiet, ...o }); return { store, runtime } }
