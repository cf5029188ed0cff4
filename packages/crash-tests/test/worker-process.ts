import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import type { Said, Task } from './worker/task.ts'

/** How a process came to its end. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Everything that it said. */
  readonly said: readonly Said[]
  /** What it wrote to standard error. */
  readonly complaints: string
}

/** A process that does a task. */
export interface WorkerProcess {
  readonly child: ChildProcess
  /** Resolves when its stores are open; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Lets go one that was held. */
  letGo(): void
  readonly ended: Promise<ProcessEnd>
}

const running = new Set<ChildProcess>()

/** Starts a process that does a task. */
export function startWorker(task: Task): WorkerProcess {
  const child = spawn(process.execPath, [inject('workerScript')], { stdio: 'pipe' })
  running.add(child)
  const said: Said[] = []
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  // One that is killed cannot be written to.
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(task)}\n`)
  const reader = createInterface(child.stdout)
  const ready = new Promise<void>((resolve, reject) => {
    reader.on('line', (line) => {
      // A process that is killed may leave a line without its end.
      if (!line.endsWith('}')) return
      const one = JSON.parse(line) as Said
      said.push(one)
      if (one.said === 'ready') resolve()
    })
    reader.on('close', () => reject(new Error(`The process was never ready: ${complaints}`)))
  })
  ready.catch(() => {})
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, said, complaints })
    })
  })
  return { child, ready, letGo: () => void child.stdin.write('go\n'), ended }
}

/** Lets a process do a task to its end. */
export async function work(task: Task): Promise<ProcessEnd> {
  return await startWorker(task).ended
}

/** Ends every process that is still there, as after a test that has failed. */
export async function endWorkers(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    }),
  )
}

/** Does something for each of many, a few at a time. */
export async function inLanes<T>(lanes: number, items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await act(next.value)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
