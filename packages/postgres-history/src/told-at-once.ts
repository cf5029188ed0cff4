import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

/**
 * Makes a socket tell of an error when it is closed, not a moment before: in this moment postgres.js 3.4.9 would still
 * send statements on the connection, and never answer them. A socket that the other side just closes tells of an error
 * too: postgres.js would else connect again at once, for ever, and answer nothing.
 *
 * @param closed Gives the error of a socket that is closed without one.
 */
export function tellAtOnce<S extends Socket>(socket: S, closed: () => Error): S {
  const emit: (event: string | symbol, ...args: unknown[]) => boolean = socket.emit.bind(socket)
  let fault: unknown
  const emitLater = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'error') {
      fault = args[0]
      return true
    }
    if (event !== 'close') return emit(event, ...args)
    if (socket.listenerCount('error') > 0) emit('error', fault ?? closed())
    // "Without an error": then postgres.js rejects whatever it has sent and not had answered.
    return emit('close', false)
  }
  return Object.assign(socket, { emit: emitLater })
}

/**
 * A connection that could not be made. It says why when it is first written to: by then postgres.js listens, and has
 * nothing left to write, which it would never write on the next connection either.
 */
export function failedSocket(fault: Error): Duplex {
  return new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => done(fault),
  })
}
