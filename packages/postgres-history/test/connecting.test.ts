import { createServer, connect, type Server, type Socket } from 'node:net'
import { TLSSocket, type ConnectionOptions } from 'node:tls'
import { EventStoreError } from 'flowcraft'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { PostgresHistoryAdapter, type PostgresServerOptions } from '../src/index.ts'
import { dropSchemas, temporarySchema } from './temporary-schema.ts'

const stores: PostgresHistoryAdapter[] = []
const servers: Listener[] = []

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const server of servers.splice(0)) await server.stop()
  await dropSchemas()
})

const greetings: Readonly<Record<string, (socket: Socket) => void>> = {
  'speaks HTTP': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'closes connections': (socket) => socket.end(),
  'resets connections': (socket) => socket.resetAndDestroy(),
  'closes connections once TLS is spoken': (socket) => speakTls(socket, (secure) => secure.end()),
}

describe.each(Object.keys(greetings))('a server that %s', (name) => {
  it('fails each call by a fault that goes by, is asked ever more seldom, and keeps no store open', async () => {
    const server = await listen(greetings[name]!)
    const store = open({ host: '127.0.0.1', port: server.port, ...(name.includes('TLS') && { ssl: byKey }) })
    const begin = performance.now()
    for (const call of [
      () => store.retrieve('a'),
      () => store.append([batch('a', 0, 1)]),
      () => store.renew('me', 1000),
    ]) {
      const found = await faultOf(call())
      expect(found).toMatchObject({ code: 'EVENT_STORE_FAILED', cause: { code: expect.stringMatching(transient) } })
      expect(found.message).toContain(`could not connect to 127.0.0.1:${server.port}: `)
    }
    const waits = performance.now() - begin
    expect(server.connections()).toBe(3)
    // Before the second and the third.
    expect(waits).toBeGreaterThan(100 + 200 - 50)
    await store.close()
    expect(server.connections()).toBe(3)
  })
})

it('a server that says nothing is named, and what to do', async () => {
  const server = await listen(() => {})
  const found = await faultOf(open({ host: '127.0.0.1', port: server.port, connectTimeout: 0.2 }).retrieve('a'))
  expect(found.message).toMatch(/could not connect to 127\.0\.0\.1:\d+: it gave no answer in time; is the server up/)
  expect(found.cause).toMatchObject({ code: 'CONNECT_TIMEOUT' })
})

it('a store closes although its server says nothing, and its calls are told so', async () => {
  const server = await listen(() => {})
  const store = open({ host: '127.0.0.1', port: server.port, notify: true })
  const followed = store.subscribe({})[Symbol.asyncIterator]().next()
  const calls = [store.retrieve('a'), store.append([batch('a', 0, 1)]), followed].map((call) => faultOf(call))
  await expect.poll(() => server.connections()).toBeGreaterThan(0)
  await store.close()
  for (const call of calls) expect(await call).toMatchObject({ code: 'STORE_CLOSED' })
  await expect.poll(() => server.open()).toBe(0)
})

it.each([
  ['retrieve', (store: PostgresHistoryAdapter) => store.retrieve('a')],
  ['renew', (store: PostgresHistoryAdapter) => store.renew('me', 1000)],
])('a server that lets nobody in is named, though the first call was %s', async (_, call) => {
  const found = await faultOf(call(open({ ...shared(), password: 'wrong' })))
  expect(found.message).toMatch(/could not connect to 127\.0\.0\.1:\d+: password authentication failed/)
})

describe('the function password', () => {
  const vaultDown = new Error('vault down')

  it.each([
    [
      'throws',
      () => {
        throw vaultDown
      },
      'vault down',
      vaultDown,
    ],
    ['rejects', () => Promise.reject(vaultDown), 'vault down', vaultDown],
    ['gives nothing', () => Promise.resolve(undefined), 'expected a string', undefined],
  ])('that %s fails the calls, with the cause, and nothing else', async (_, password, reason, cause) => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    // What a caller without types may pass.
    const store = open({ ...shared(), password: password as unknown as () => string })
    for (let calls = 0; calls < 2; calls++) {
      const found = await faultOf(store.retrieve('a'))
      expect(found.message).toContain(reason)
      expect(found.cause).toBe(cause)
    }
    await store.close()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('that takes for ever is given up in time', async () => {
    const store = open({ ...shared(), password: () => new Promise<string>(() => {}), connectTimeout: 0.1 })
    expect(await faultOf(store.retrieve('a'))).toMatchObject({ cause: { code: 'CONNECT_TIMEOUT' } })
  })

  it('is asked again once it has failed', async () => {
    let isUp = false
    const { password, ...server } = shared()
    const ask = async (): Promise<string> => {
      if (!isUp) throw vaultDown
      return password
    }
    const { options } = temporarySchema()
    const store = open({ ...server, password: ask, schema: options.schema })
    expect((await faultOf(store.retrieve('a'))).cause).toBe(vaultDown)
    isUp = true
    expect(await store.append([batch('a', 0, 1)])).toEqual([{ executionId: 'a' }])
    expect(await store.retrieve('a')).toHaveLength(1)
  })
})

describe('TLS', () => {
  it('is spoken with a server that speaks it', async () => {
    const { port } = shared()
    const server = await listen((socket) =>
      speakTls(socket, (secure) => {
        const upstream = connect(port, '127.0.0.1')
        upstream.on('error', () => {})
        secure.pipe(upstream).pipe(secure)
      }),
    )
    const { options } = temporarySchema()
    const store = open({ ...shared(), port: server.port, schema: options.schema, ssl: byKey })
    expect(await store.append([batch('a', 0, 3)])).toEqual([{ executionId: 'a' }])
    expect(await store.retrieve('a')).toEqual(batch('a', 0, 3).events)
  })

  it('is not needed when it is only preferred', async () => {
    const { options } = temporarySchema()
    const store = open({ ...shared(), schema: options.schema, ssl: 'prefer' })
    expect(await store.retrieve('a')).toEqual([])
  })

  it('is missed where it is required', async () => {
    const found = await faultOf(open({ ...shared(), ssl: 'require' }).retrieve('a'))
    expect(found.message).toMatch(/the server does not speak TLS; set up TLS/)
  })

  it('is not spoken with a server that nobody vouches for', async () => {
    const server = await listen((socket) => speakTls(socket, () => {}))
    const found = await faultOf(open({ ...shared(), port: server.port, ssl: true }).retrieve('a'))
    expect(found.message).toContain(`could not connect to 127.0.0.1:${server.port}`)
  })
})

describe('of several hosts', () => {
  it('the first that can be reached is taken', async () => {
    const { port, ...rest } = shared()
    const { options } = temporarySchema()
    const host = `127.0.0.1:${await deadPort()},127.0.0.1:${port}`
    expect(await open({ ...rest, host, schema: options.schema }).retrieve('a')).toEqual([])
  })

  it('none that can be reached fails the call', async () => {
    const host = `127.0.0.1:${await deadPort()},127.0.0.1:${await deadPort()}`
    expect(await faultOf(open({ host }).retrieve('a'))).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })
})

const transient = /^(ECONNRESET|CONNECTION_CLOSED)$/

/** TLS by a key that both sides know, for which nobody needs a certificate. */
const key = Buffer.from('a key that both sides know')
const byKey = {
  ciphers: 'PSK',
  maxVersion: 'TLSv1.2',
  pskCallback: () => ({ psk: key, identity: 'test' }),
  checkServerIdentity: () => undefined,
} satisfies ConnectionOptions

function speakTls(socket: Socket, greet: (secure: TLSSocket) => void): void {
  socket.once('data', () => {
    socket.write('S')
    // Its types do not know the callback.
    const options = { isServer: true, ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => key } as const
    const secure = new TLSSocket(socket, options)
    secure.on('error', () => {})
    secure.on('secure', () => greet(secure))
  })
}

function open(options: PostgresServerOptions): PostgresHistoryAdapter {
  const store = new PostgresHistoryAdapter({ onWarning: () => {}, ...options })
  stores.push(store)
  return store
}

/** The shared server by its parts. */
function shared(): { host: string; port: number; user: string; password: string; database: string } {
  const { hostname, port, username, password, pathname } = new URL(inject('postgresUrl'))
  return { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) }
}

async function faultOf(call: Promise<unknown>): Promise<EventStoreError> {
  const found = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(found).toBeInstanceOf(EventStoreError)
  return found as EventStoreError
}

interface Listener {
  readonly port: number
  /** How many there have been. */
  connections(): number
  /** How many there are. */
  open(): number
  stop(): Promise<void>
}

async function listen(greet: (socket: Socket) => void): Promise<Listener> {
  let count = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    count++
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    greet(socket)
    socket.resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const listener: Listener = {
    port: address.port,
    connections: () => count,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  servers.push(listener)
  return listener
}

async function deadPort(): Promise<number> {
  const { port } = await listen(() => {})
  await servers.pop()!.stop()
  return port
}
