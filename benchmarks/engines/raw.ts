import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { OpenSession } from '../benchmark.ts'

/**
 * No engine: the bare driver, writing the rows that ours writes for a chain, in one transaction for a step of all runs
 * that are open at a time. The limit for this kind of work.
 */
export const open: OpenSession = async (storage, folder) => {
  const db = new Database(join(folder, 'raw.db'))
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${storage === 'sqlite FULL' ? 'FULL' : 'NORMAL'}`)
  const inTransaction = stepWriter(db)
  return {
    prepare({ nodes }) {
      return async ({ runs, concurrency }) => {
        for (let first = 0; first < runs; first += concurrency) {
          const group = Array.from({ length: Math.min(concurrency, runs - first) }, () => 0)
          inTransaction.begin(group)
          for (const [index, id] of nodes.entries()) inTransaction.step(group, index, id)
        }
      }
    },
    async close() {
      db.close()
    },
  }
}

interface StepWriter {
  /** Adds an execution for each element of `group`, and puts its key there. */
  begin(group: number[]): void
  /** What a node that has finished leaves: its outcome, the decision about the edge, and the start of the next node. */
  step(group: readonly number[], index: number, id: string): void
}

function stepWriter(db: Database.Database): StepWriter {
  db.exec(`
    CREATE TABLE executions (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, updated_at INTEGER NOT NULL,
      last_seq INTEGER NOT NULL, writer TEXT
    );
    CREATE TABLE events (
      run INTEGER NOT NULL, seq INTEGER NOT NULL, type NOT NULL, timestamp INTEGER NOT NULL, payload TEXT NOT NULL,
      notes TEXT, schema_version INTEGER, UNIQUE (run, seq)
    );
  `)
  const execution = db.prepare(`INSERT INTO executions VALUES (NULL, ?, 'running', ?, 0, ?)`)
  const head = db.prepare('UPDATE executions SET last_seq = ?, updated_at = ? WHERE key = ? AND last_seq = ?')
  const event = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, NULL, NULL)')
  const begin = db.transaction((group: number[]) => {
    for (const index of group.keys()) {
      const now = Date.now()
      const key = Number(execution.run(randomUUID(), now, randomUUID()).lastInsertRowid)
      group[index] = key
      event.run(key, 0, 1, now, `{"blueprintHash":"${'0'.repeat(64)}","initialContext":{}}`)
    }
  })
  const step = db.transaction((group: readonly number[], index: number, id: string) => {
    const seq = 3 * index
    for (const key of group) {
      const now = Date.now()
      head.run(seq + 3, now, key, seq)
      event.run(
        key,
        seq + 1,
        5,
        now,
        `{"nodeId":"${id}","iteration":0,"attempt":1,"result":{"output":1},"durationMs":0}`,
      )
      event.run(key, seq + 2, 10, now, `{"edge":${index},"source":"${id}","target":"n${index + 1}","result":true}`)
      event.run(key, seq + 3, 4, now, `{"nodeId":"n${index + 1}","input":1,"attempt":1,"iteration":0}`)
    }
  })
  return { begin: (group) => begin.immediate(group), step: (group, index, id) => step.immediate(group, index, id) }
}
