import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import postgres from 'postgres'
import { inject } from 'vitest'
import { removeFolders, temporaryFolder } from './temporary-folder.ts'
import { endWorkers } from './worker-process.ts'
import type { StoreAddress } from './worker/task.ts'

/** Where the runs of one test file are kept. */
export interface Stores {
  /** For diaries. */
  readonly folder: string
  /** A store of its own for each name. */
  addressOf(name: string): StoreAddress
  /** Ends the processes that work on them as well. */
  remove(): Promise<void>
}

/** Files of SQLite in a temporary folder. */
export function sqliteStores(): Stores {
  const folder = temporaryFolder()
  return {
    folder,
    addressOf: (name) => ({ kind: 'sqlite', databasePath: join(folder, `${name}.db`) }),
    async remove() {
      await endWorkers()
      removeFolders()
    },
  }
}

/** Tables in a schema of its own. Default on the server that the tests share. */
export function postgresStores(connectionString: string = inject('postgresUrl')): Stores {
  const folder = temporaryFolder()
  const schema = `crash_${randomUUID()}`
  const tables = new Map<string, string>()
  return {
    folder,
    addressOf(name) {
      const tableName = tables.get(name) ?? `events_${tables.size}`
      tables.set(name, tableName)
      return { kind: 'postgres', connectionString, schema, tableName }
    },
    async remove() {
      await endWorkers()
      removeFolders()
      const sql = postgres(connectionString, { max: 1, onnotice: () => {} })
      // All at once would need a lock on every table of every run.
      for (const tableName of tables.values()) {
        const names = await sql<{ name: string }[]>`
          SELECT tablename AS name FROM pg_tables WHERE schemaname = ${schema} AND tablename LIKE ${`${tableName}%`}`
        for (const { name } of names) await sql.unsafe(`DROP TABLE IF EXISTS "${schema}"."${name}" CASCADE`)
      }
      await sql.unsafe(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
      await sql.end()
    },
  }
}
