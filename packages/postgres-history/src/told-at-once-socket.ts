import { Socket } from 'node:net'

/**
 * A socket that tells of an error when it is closed, not a moment before. In this moment postgres.js 3.4.9 would still
 * send statements on the connection, and never answer them.
 */
class ToldAtOnceSocket extends Socket {
  #error: unknown

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'error') {
      this.#error = args[0]
      return true
    }
    if (event !== 'close') return super.emit(event, ...args)
    if (this.#error !== undefined) super.emit('error', this.#error)
    // "Without an error": then postgres.js rejects whatever it has sent and not had answered.
    return super.emit('close', false)
  }
}

/** Where postgres.js is to connect to, as it has parsed its options. */
export interface ParsedServer {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly path?: string | false | undefined
}

/** A socket that is about to be connected, for the option `socket` of postgres.js. What is written before that waits. */
export function connectSocket({ host, port, path }: ParsedServer): Socket {
  const socket = new ToldAtOnceSocket()
  // It is only given to clients with one server.
  return typeof path === 'string' ? socket.connect(path) : socket.connect(port[0]!, host[0]!)
}
