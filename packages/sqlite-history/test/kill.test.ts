import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { FlowRuntime, type FlowcraftEvent } from 'flowcraft'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

const script = fileURLToPath(new URL('fixtures/run-until-killed.ts', import.meta.url))

afterEach(removeFolders)

describe('a process that is killed in the middle of a run', () => {
  it.each([1, 2, 5, 9, 14, 20, 24])(
    'leaves a history that is whole, when killed at start number %i',
    async (lines) => {
      const databasePath = temporaryPath()
      const started = await runUntil(databasePath, lines)
      const [executionId = ''] = started[0]?.split(' ') ?? []

      const store = new SqliteHistoryAdapter({ databasePath, readonly: true })
      const events = await store.retrieve(executionId)
      await store.close()
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index))
      // No node has started without its start, and all that led to it, being on the disk.
      const recorded = events.flatMap((event) =>
        event.type === 'node:start' ? `${executionId} ${event.payload.nodeId}` : [],
      )
      expect(recorded).toEqual(expect.arrayContaining(started))

      const replayed = await new FlowRuntime().replay({ id: 'killed', nodes: [], edges: [] }, events)
      expect(replayed.recordedStatus).toBe('running')
      for (const nodeId of finishedIn(events)) {
        expect(replayed.context).toMatchObject({
          [`_outputs.${nodeId}`]: nodeId,
          [`written by ${nodeId}`]: new Map([['by', nodeId]]),
        })
      }
      // A step is on the disk as a whole or not at all: no write without the outcome that it belongs to.
      expect(Object.keys(replayed.context).filter((key) => key.startsWith('written by '))).toHaveLength(
        events.filter((event) => event.type === 'context:change').length,
      )
    },
    30_000,
  )
})

function finishedIn(events: readonly FlowcraftEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'node:finish' ? event.payload.nodeId : []))
}

/** What the process printed until it was killed, at its n-th line. */
async function runUntil(databasePath: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'flowcraft-src', script, databasePath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed: string[] = []
  for await (const line of createInterface(child.stdout)) {
    printed.push(line)
    if (printed.length === lines) child.kill('SIGKILL')
  }
  return printed
}
