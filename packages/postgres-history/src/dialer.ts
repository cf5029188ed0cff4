import { isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { failedSocket, tellAtOnce } from './told-at-once.ts'

/** Where to connect to, and how, as postgres.js has parsed its options. Its own types do not have all of it. */
export interface ParsedServer {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false | undefined
  readonly ssl?: unknown
  readonly sslnegotiation?: unknown
  /** Seconds; none for ever. */
  readonly connect_timeout?: number | null | undefined
}

interface Address {
  readonly host: string
  readonly port: number
  readonly path: string | undefined
}

const longestTimerMs = 2 ** 31 - 1

/**
 * Makes the connections of a postgres.js client, in its place: one that fails is told of, whatever it fails by, and fails
 * the statement that waits for it. postgres.js 3.4.9 alone would try again for ever, without a pause, when a server closes
 * connections before it is ready, or when none of several hosts can be reached.
 */
export class Dialer {
  readonly #server: ParsedServer
  readonly #before: () => Promise<void>
  readonly #sockets = new Set<Socket>()
  readonly #ending = new AbortController()

  /** @param before What must have been done before each connection; it fails when this rejects. */
  constructor(server: ParsedServer, before: () => Promise<void>) {
    this.#server = server
    this.#before = before
  }

  /** For the option `socket` of postgres.js: a connection that is ready for its first message, or one that has failed. */
  async open({ shared }: { readonly shared: { retries: number } }): Promise<Duplex> {
    // Set back by postgres.js as soon as a server is ready; until then it waits longer before each connection.
    shared.retries++
    const limit = new AbortController()
    const { connect_timeout: seconds } = this.#server
    const late = (): void => limit.abort(fault('CONNECT_TIMEOUT', 'it gave no answer in time'))
    const timer = seconds ? setTimeout(late, Math.min(seconds * 1000, longestTimerMs)) : undefined
    try {
      const signal = AbortSignal.any([limit.signal, this.#ending.signal])
      await unlessAborted(this.#before(), signal)
      return this.#keep(await this.#connect(signal))
    } catch (error) {
      return failedSocket(error instanceof Error ? error : new Error(String(error)))
    } finally {
      clearTimeout(timer)
    }
  }

  /** Makes no connection any more, and gives up those that are being made. */
  refuse(): void {
    this.#ending.abort(fault('CONNECTION_ENDED', 'the store is closed'))
  }

  /** Ends what may be left of the connections. */
  close(): void {
    this.refuse()
    for (const socket of this.#sockets) socket.destroy()
  }

  #keep({ socket, host, port }: Address & { readonly socket: Socket }): Socket {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    tellAtOnce(socket, () => fault('CONNECTION_CLOSED', 'the server closed the connection'))
    // So that postgres.js can name them.
    return Object.assign(socket, { host, port })
  }

  /** To the first host that can be reached. */
  async #connect(signal: AbortSignal): Promise<Address & { readonly socket: Socket }> {
    const { host: hosts, port: ports, path } = this.#server
    let last: unknown
    for (const [index, host] of hosts.entries()) {
      const address: Address = { host, port: ports[index]!, path: typeof path === 'string' ? path : undefined }
      try {
        const socket = await connectPlain(address, signal)
        return { ...address, socket: this.#server.ssl ? await this.#secure(socket, host, signal) : socket }
      } catch (error) {
        if (signal.aborted) throw error
        last = error
      }
    }
    throw last
  }

  /** Speaks TLS as postgres.js does, with the meaning that it gives to the option. */
  async #secure(plain: Socket, host: string, signal: AbortSignal): Promise<Socket> {
    const { ssl, sslnegotiation } = this.#server
    const isDirect = sslnegotiation === 'direct'
    if (!isDirect) {
      plain.write(sslRequest)
      const [answer] = await eventOf(plain, 'data', signal)
      if (String(answer) !== 'S') {
        if (ssl === 'prefer' && String(answer) === 'N') return plain
        plain.destroy()
        throw fault('SSL_REFUSED', 'the server does not speak TLS')
      }
    }
    const isUnchecked = ssl === 'require' || ssl === 'allow' || ssl === 'prefer'
    const options: ConnectionOptions = {
      socket: plain,
      ...(isIP(host) === 0 && { servername: host }),
      ...(isDirect && { ALPNProtocols: ['postgresql'] }),
      ...(isUnchecked && { rejectUnauthorized: false }),
      ...(typeof ssl === 'object' && ssl),
    }
    plain.on('error', () => {})
    const secure = connectTls(options)
    await eventOf(secure, 'secureConnect', signal)
    return secure
  }
}

const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

async function connectPlain({ host, port, path }: Address, signal: AbortSignal): Promise<Socket> {
  const socket = new Socket()
  const connected = eventOf(socket, 'connect', signal)
  if (path === undefined) socket.connect(port, host)
  else socket.connect(path)
  await connected
  return socket
}

/** What comes with the next `event`. Rejects when the socket fails, is closed or may be used no longer; it is gone then. */
function eventOf(socket: Socket, event: string, signal: AbortSignal): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const come = (...args: unknown[]): void => {
      release()
      resolve(args)
    }
    const fail = (error: unknown): void => {
      release()
      socket.on('error', () => {}).destroy()
      reject(error)
    }
    const closed = (): void => fail(fault('CONNECTION_CLOSED', 'the server closed the connection'))
    const abort = (): void => fail(signal.reason)
    const release = (): void => {
      socket.off(event, come).off('error', fail).off('close', closed)
      signal.removeEventListener('abort', abort)
    }
    socket.on(event, come).on('error', fail).on('close', closed)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    const release = (): void => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(release)
  })
}

function fault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
