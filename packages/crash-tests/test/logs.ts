import { existsSync, readFileSync } from 'node:fs'
import type { FlowcraftEvent } from 'flowcraft'
import type { DiaryLine } from './worker/diary.ts'
import { openStore, type OpenStore } from './worker/workplace.ts'
import type { StoreAddress } from './worker/task.ts'

/** The histories of a run and of those of its subflows, by execution id. None for a run that was never started. */
export type FamilyLogs = ReadonlyMap<string, readonly FlowcraftEvent[]>

/** What a store has of a run and its subflows. */
export async function familyLogs(address: StoreAddress, executionId: string): Promise<FamilyLogs> {
  const store = openStore(address)
  try {
    return await readFamily(store, executionId)
  } finally {
    await store.close()
  }
}

async function readFamily(store: OpenStore, executionId: string): Promise<FamilyLogs> {
  const logs = new Map<string, FlowcraftEvent[]>()
  const events = await store.retrieve(executionId)
  if (events.length > 0) logs.set(executionId, events)
  for (const event of events) {
    if (event.type !== 'node:start' || event.payload.childExecutionId === undefined) continue
    const child = await readFamily(store, event.payload.childExecutionId)
    for (const [id, history] of child) logs.set(id, [...history])
  }
  return logs
}

/** The lines of a diary that are whole. Default those of every run. */
export function readDiary(path: string, executionId?: string): DiaryLine[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  // A worker writes nothing else.
  const all = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as DiaryLine)
  if (executionId === undefined) return all
  return all.filter((line) => line.executionId === executionId || line.executionId.startsWith(`${executionId}:`))
}

/** Whether a line says that a node's code began to run. */
export function isBeginning(line: DiaryLine): line is Extract<DiaryLine, { what: 'began' | 'ended' }> {
  return line.what === 'began'
}
