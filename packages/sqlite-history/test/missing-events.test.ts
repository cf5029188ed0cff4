import Database from 'better-sqlite3'
import type { FlowcraftEvent } from 'flowcraft'
import { afterEach, describe, expect, it } from 'vitest'
import { batch } from '../../flowcraft/test/history/events.ts'
import { SqliteHistoryAdapter } from '../src/index.ts'
import { removeFolders, temporaryPath } from './temporary-path.ts'

afterEach(removeFolders)

describe.each([
  ['in the middle', 'seq IN (1201, 1202)', 1201],
  ['at the beginning', 'seq = 0', 0],
  ['at the end', 'seq >= 1300', 1300],
])('events that are missing %s', (_, condition, missing) => {
  it('are named, and nothing behind them is given', async () => {
    const databasePath = temporaryPath()
    const store = new SqliteHistoryAdapter({ databasePath, walMode: false })
    await store.append([batch('a', 0, 1400), batch('b', 0, 3)])
    const db = new Database(databasePath)
    db.exec(`DELETE FROM flowcraft_events WHERE run = 1 AND ${condition}`)
    db.close()
    const fault = { code: 'HISTORY_CORRUPT', executionId: 'a', message: expect.stringContaining(`Event ${missing} `) }
    await expect(store.retrieve('a')).rejects.toMatchObject(fault)
    await expect(store.retrieveMultiple(['b', 'a'])).rejects.toMatchObject(fault)
    const whole = Array.from({ length: missing }, (_, seq) => seq)
    expect(await seqsUntilFault(store.read('a'))).toEqual({ seqs: whole, fault: expect.objectContaining(fault) })
    const followed = (async function* () {
      for await (const { event: followedEvent } of store.subscribe('a')) yield followedEvent
    })()
    expect(await seqsUntilFault(followed)).toEqual({ seqs: whole, fault: expect.objectContaining(fault) })
    expect(await store.retrieve('b')).toEqual(batch('b', 0, 3).events)
    await store.close()
  })
})

async function seqsUntilFault(events: AsyncIterable<FlowcraftEvent>): Promise<{ seqs: number[]; fault: unknown }> {
  const seqs: number[] = []
  try {
    for await (const { seq } of events) seqs.push(seq)
    return { seqs, fault: undefined }
  } catch (fault) {
    return { seqs, fault }
  }
}
