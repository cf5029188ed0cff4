import { connect, createServer, type Server, type Socket } from 'node:net'
import { startPostgres, type TestServer } from '@flowcraft/pg-test'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { PostgresHistoryAdapter } from '../src/index.ts'

let server: TestServer
const stores: PostgresHistoryAdapter[] = []

beforeAll(async () => {
  server = await startPostgres({ fsync: true })
}, 60_000)

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

afterAll(() => server.stop())

it('a lost connection is a fault that goes by: the next call works', async () => {
  const store = open(server.url, 'lost')
  await store.append([batch('a', 0, 2)])
  await store.retrieve('a')
  const other = open(server.url, 'other')
  await other.getStats()
  await terminateAll('lost')
  expect(await again(() => store.append([batch('a', 2, 1)]))).toEqual([{ executionId: 'a' }])
  expect(await again(() => store.retrieve('a'))).toEqual(batch('a', 0, 3).events)
})

it.each(['ended', 'reset'] as const)(
  'events whose commit was not answered, because the connection was %s, are there once when they are brought again',
  async (how) => {
    const { store, proxy } = await openThroughProxy()
    const [u, v] = [`u ${how}`, `v ${how}`]
    await store.append([batch(u, 0, 1)])
    await store.append([batch(u, 1, 1)])
    proxy.loseNextAnswer(how)
    await expect(store.append([batch(u, 2, 2), batch(v, 0, 1)])).rejects.toMatchObject({ cause: { code: transient } })
    const direct = open(server.url, 'direct')
    await expect.poll(() => direct.retrieve(u)).toHaveLength(4)
    expect(await store.append([batch(u, 2, 3), batch(v, 0, 1)])).toEqual([{ executionId: u }, { executionId: v }])
    expect(await direct.retrieve(u)).toEqual(batch(u, 0, 5).events)
    expect(await direct.retrieve(v)).toEqual(batch(v, 0, 1).events)
    const [late] = await store.append([batch(u, 2, 3, 'somebody else')])
    expect(late?.error?.code).toBe('CONCURRENCY_CONFLICT')
    await store.close()
    await proxy.stop()
  },
)

it.each(['ended', 'reset'] as const)(
  'a transaction whose connection is %s fails, and the next one works',
  async (how) => {
    const { store, proxy } = await openThroughProxy()
    const id = `t ${how}`
    await store.append([batch(id, 0, 1)])
    // BEGIN is answered, and what follows is not.
    proxy.loseNextAnswer(how, 1)
    await expect(store.delete(id)).rejects.toMatchObject({ cause: { code: transient } })
    expect(await store.delete(id)).toBe(1)
    await store.close()
    await proxy.stop()
  },
)

it('loses nothing that was acknowledged when the server is killed, and goes on when it is back', async () => {
  const store = open(server.url, 'killed')
  let acknowledged = 0
  const writing = (async () => {
    for (;;) {
      await store.append([batch('k', acknowledged, 3), batch(`k ${acknowledged}`, 0, 2)])
      acknowledged += 3
    }
  })()
  writing.catch(() => {})
  await expect.poll(() => acknowledged, { timeout: 20_000 }).toBeGreaterThan(60)
  await server.kill()
  await expect(writing).rejects.toMatchObject({ code: 'EVENT_STORE_FAILED', cause: { code: transient } })
  await expect(store.append([batch('k', acknowledged, 3)])).rejects.toMatchObject({ cause: { code: transient } })
  const late = open(server.url, 'late')
  await expect(late.getStats()).rejects.toMatchObject({ message: expect.stringContaining('is the server up') })
  await server.start()
  const stored = await again(() => late.retrieve('k'))
  expect(stored.length).toBeGreaterThanOrEqual(acknowledged)
  expect(stored).toEqual(batch('k', 0, stored.length).events)
  for (let seq = 0; seq < acknowledged; seq += 3) expect(await late.retrieve(`k ${seq}`)).toHaveLength(2)
  expect(await again(() => store.append([batch('k', acknowledged, 6)]))).toEqual([{ executionId: 'k' }])
  expect(await late.retrieve('k')).toEqual(batch('k', 0, acknowledged + 6).events)
}, 60_000)

const transient = expect.stringMatching(/^(ECONNREFUSED|ECONNRESET|CONNECTION_CLOSED|CONNECT_TIMEOUT|57P0.)$/)

function open(connectionString: string, applicationName: string): PostgresHistoryAdapter {
  const store = new PostgresHistoryAdapter({ connectionString, applicationName, max: 1 })
  stores.push(store)
  return store
}

async function openThroughProxy(): Promise<{ readonly store: PostgresHistoryAdapter; readonly proxy: Proxy }> {
  const proxy = await startProxy(Number(new URL(server.url).port))
  const url = new URL(server.url)
  url.port = String(proxy.port)
  return { store: open(url.href, 'through a proxy'), proxy }
}

async function terminateAll(applicationName: string): Promise<void> {
  const { default: postgres } = await import('postgres')
  const sql = postgres(server.url, { max: 1 })
  const ended =
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${applicationName}`
  expect(ended.length).toBeGreaterThan(0)
  await sql.end()
}

/** Does it again for as long as connections are lost. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let triesLeft = 200; ; triesLeft--) {
    try {
      return await call()
    } catch (error) {
      if (triesLeft === 0) throw error
      expect(error).toMatchObject({ cause: { code: transient } })
    }
  }
}

interface Proxy {
  readonly port: number
  /** Passes on what comes next, and ends the connection instead of passing on what the server says to it; `behind` so many. */
  loseNextAnswer(how: 'ended' | 'reset', behind?: number): void
  stop(): Promise<void>
}

async function startProxy(serverPort: number): Promise<Proxy> {
  let losing: 'ended' | 'reset' | undefined
  let passing = 0
  const sockets = new Set<Socket>()
  const proxy: Server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    let lost: typeof losing
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk) => {
      if (losing !== undefined && passing-- === 0) {
        lost = losing
        losing = undefined
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (lost === 'reset') client.resetAndDestroy()
      else if (lost === 'ended') client.destroy()
      else client.write(chunk)
    })
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    loseNextAnswer(how, behind = 0) {
      losing = how
      passing = behind
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
