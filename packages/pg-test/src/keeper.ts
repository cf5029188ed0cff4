// The parent process of one PostgreSQL server. Does what standard input says, a word a line, and answers each with a
// line: `start`, `kill` (SIGKILL, the data stay), `stop` (the data go too). The end of standard input, however the process
// that holds it came to its end, stops the server and removes its folder.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { copyBinaries } from './binaries.ts'

const nobody = 65_534
const [portText, fsync] = process.argv.slice(2)
const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'flowcraft-pg-'))
const data = join(folder, 'data')
let bin = ''
let running: ChildProcess | undefined
let isEnding = false

// Whoever is told to end is told by the end of input as well; until then the server is needed.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.stdout.on('error', () => {})

const actions: Readonly<Record<string, () => Promise<void>>> = {
  start,
  kill: () => end('SIGKILL'),
  stop,
}
let work = answer(prepare)
const input = createInterface(process.stdin)
input.on('line', (word) => {
  work = work.then(() => answer(actions[word] ?? (() => Promise.reject(new Error(`there is no '${word}'`)))))
})
input.on('close', () => void leave())

async function prepare(): Promise<void> {
  if (isRoot) chownSync(folder, nobody, nobody)
  bin = copyBinaries(folder)
  // The last line of a password file must have an end; the file is only read by initdb.
  writeFileSync(join(folder, 'password'), 'secret\n', { mode: 0o644 })
  const access = ['-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', join(folder, 'password')]
  const initdb = launch('initdb', ['-D', data, '-N', '-E', 'UTF8', '--locale=C', ...access])
  const said = textOf(initdb)
  const [code] = (await once(initdb, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${said()}`)
}

async function start(): Promise<void> {
  for (let triesLeft = 50; ; triesLeft--) {
    try {
      return await startOnce()
    } catch (error) {
      // The other processes of a killed server take a moment to see that it is gone.
      if (triesLeft === 0 || !/still in use|lock file/.test(String(error))) throw error
      await setTimeout(100)
    }
  }
}

async function startOnce(): Promise<void> {
  if (isEnding) throw new Error('the server is to end')
  const settings = [`fsync=${fsync}`, `full_page_writes=${fsync}`, `synchronous_commit=${fsync}`, 'max_connections=200']
  const options = settings.flatMap((setting) => ['-c', setting])
  const server = launch('postgres', ['-D', data, '-p', portText!, '-h', '127.0.0.1', '-k', folder, ...options])
  const said = textOf(server)
  await new Promise<void>((resolve, reject) => {
    let last = ''
    server.stderr!.on('data', (chunk: Buffer) => {
      const text = last + chunk.toString()
      if (text.includes('ready to accept connections')) resolve()
      // Every client that knocks meanwhile is written about: there may be much before it.
      last = text.slice(-100)
    })
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${said()}`)))
  })
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const server = running
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill(signal)
  await ended
}

async function stop(): Promise<void> {
  await end('SIGQUIT')
  // The other processes of a killed server end a moment later, and may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

async function leave(): Promise<void> {
  isEnding = true
  await end('SIGQUIT')
  await work
  await stop()
  process.exit(0)
}

function launch(program: string, args: readonly string[]): ChildProcess {
  const user = isRoot ? { uid: nobody, gid: nobody } : {}
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', HOME: folder }
  running = spawn(join(bin, program), args, { ...user, cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
  return running
}

/** The beginning of what a process says; the rest is read and dropped, so that it never waits for a reader. */
function textOf({ stderr }: ChildProcess): () => string {
  let text = ''
  stderr!.on('data', (chunk: Buffer) => (text = text.length < 20_000 ? text + chunk.toString() : text))
  return () => text
}

async function answer(action: () => Promise<void>): Promise<void> {
  const line = await action().then(
    () => 'done',
    (error: unknown) => JSON.stringify(String(error)),
  )
  process.stdout.write(`${line}\n`)
}
