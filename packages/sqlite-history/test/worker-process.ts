import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Line, Task } from './fixtures/work-on-runs.ts'

const script = fileURLToPath(new URL('fixtures/work-on-runs.ts', import.meta.url))

/** A process that does one task on the runs of a file. */
export interface WorkerProcess {
  /** Resolves when its first append waits to be let go; rejects when it ends without one. */
  readonly held: Promise<void>
  letGo(): void
  /** What it has said when it has ended. */
  readonly said: Promise<Said>
}

/** What a process had to say. */
export interface Said {
  /** The nodes whose code ran. */
  readonly ran: readonly string[]
  readonly result: Extract<Line, { status: string }> | undefined
  /** The code of the error that it ended with. */
  readonly error: string | undefined
}

/** Starts a process that works on the file. */
export function startWorker(databasePath: string, task: Task): WorkerProcess {
  const options = ['--import', 'tsx', '--conditions', 'flowcraft-src', script, databasePath, JSON.stringify(task)]
  const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] })
  const reader = createInterface(child.stdout)
  const lines: Line[] = []
  const held = new Promise<void>((resolve, reject) => {
    reader.on('line', (line) => {
      // The process writes nothing else.
      const said = JSON.parse(line) as Line
      lines.push(said)
      if ('held' in said) resolve()
    })
    reader.on('close', () => reject(new Error(`The process was never held: ${JSON.stringify(lines)}`)))
  })
  held.catch(() => {})
  const said = new Promise<Said>((resolve) => reader.on('close', () => resolve(heard(lines))))
  return { held, letGo: () => child.stdin.end('go\n'), said }
}

/** Lets a process do its task, and gives what it said. */
export async function work(databasePath: string, task: Task): Promise<Said> {
  return await startWorker(databasePath, task).said
}

function heard(lines: readonly Line[]): Said {
  return {
    ran: lines.flatMap((line) => ('ran' in line ? line.ran : [])),
    result: lines.find((line) => 'status' in line),
    error: lines.find((line) => 'error' in line)?.error,
  }
}
