import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { startPostgres } from '../src/index.ts'

const script = fileURLToPath(new URL('fixtures/hold-a-server.ts', import.meta.url))

it('starts a server, kills it, starts it again on the same port, and stops it', async () => {
  const server = await startPostgres()
  const port = portOf(server.url)
  expect(await accepts(port)).toBe(true)
  await server.kill()
  await vi.waitFor(async () => expect(await accepts(port)).toBe(false))
  await server.start()
  expect(await accepts(port)).toBe(true)
  await server.stop()
  expect(await accepts(port)).toBe(false)
  expect(foldersOf(port)).toEqual([])
  await server.stop()
}, 60_000)

it('leaves no server and no folder behind when the process that started it is killed', async () => {
  const holder = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface(holder.stdout), 'line')) as [string]
  const port = portOf(url)
  expect(await accepts(port)).toBe(true)
  const folders = foldersOf(port)
  expect(folders).toHaveLength(1)
  holder.kill('SIGKILL')
  await vi.waitFor(async () => expect(await accepts(port)).toBe(false), { timeout: 20_000 })
  await vi.waitFor(() => expect(folders.filter((folder) => existsSync(folder))).toEqual([]), { timeout: 20_000 })
}, 60_000)

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The folders of servers that listen on `port`, by what they have written about themselves. */
function foldersOf(port: number): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith('flowcraft-pg-'))
    .map((name) => join(tmpdir(), name))
    .filter((folder) => {
      const path = join(folder, 'data/postmaster.pid')
      return existsSync(path) && readFileSync(path, 'utf8').split('\n')[3] === String(port)
    })
}
