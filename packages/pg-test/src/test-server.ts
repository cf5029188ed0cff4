import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Options of {@link startPostgres}. */
export interface TestServerOptions {
  /** Whether commits reach the disk: for tests that kill the server. Default `false`, which is faster. */
  readonly fsync?: boolean | undefined
}

/** A PostgreSQL server of one's own. It ends with the process that started it, however that ends. */
export interface TestServer {
  /** Of its superuser and first database. The same after `kill` and `start`. */
  readonly url: string
  /** Ends the server with SIGKILL. The data stay. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same data. */
  start(): Promise<void>
  /** Ends the server and removes its data. */
  stop(): Promise<void>
}

const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url))

/**
 * Starts a server on a free port and with an empty database.
 *
 * @throws `Error` with what the server says when it does not start.
 */
export async function startPostgres({ fsync = false }: TestServerOptions = {}): Promise<TestServer> {
  const port = await freePort()
  // Detached: what ends this process group does not end the one that cleans up behind it.
  const process_ = spawn(process.execPath, ['--import', 'tsx', keeper, String(port), fsync ? 'on' : 'off'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  })
  const answers = createInterface(process_.stdout)[Symbol.asyncIterator]()
  const answered = async (): Promise<void> => {
    const { value, done } = await answers.next()
    if (done === true) throw new Error('the keeper of the PostgreSQL server has ended')
    if (value !== 'done') throw new Error(`PostgreSQL for tests: ${value}`)
  }
  let last: Promise<void> = answered()
  const tell = (word: string): Promise<void> => {
    process_.stdin.write(`${word}\n`)
    return (last = last.then(answered))
  }
  const stop = async (): Promise<void> => {
    if (process_.exitCode !== null) return
    const ended = new Promise((resolve) => process_.once('exit', resolve))
    process_.stdin.end()
    await ended
  }
  try {
    await tell('start')
  } catch (error) {
    await stop()
    throw error
  }
  const url = `postgres://postgres:secret@127.0.0.1:${port}/postgres`
  return { url, kill: () => tell('kill'), start: () => tell('start'), stop }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      // Of a server that listens on a port.
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
