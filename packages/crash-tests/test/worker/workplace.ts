import { PostgresHistoryAdapter } from '@flowcraft/postgres-history'
import { SqliteHistoryAdapter } from '@flowcraft/sqlite-history'
import { FlowRuntime, NullLogger, PersistentEventBusAdapter, type EventStore, type RegisteredFlow } from 'flowcraft'
import { Diary } from './diary.ts'
import { scenarioFlows } from './scenarios.ts'
import type { Death, StoreAddress } from './task.ts'

/** A store with close. */
export type OpenStore = EventStore & { close(): Promise<void> }

/** What a process needs for runs on one store. */
export interface Workplace {
  readonly store: OpenStore
  readonly bus: PersistentEventBusAdapter
  readonly runtime: FlowRuntime
  readonly flows: Record<string, RegisteredFlow>
  /** How many times something was made durable: events, claims, blueprints. */
  commits(): number
  close(): Promise<void>
}

/** Options of a workplace. */
export interface WorkplaceOptions {
  readonly store: StoreAddress
  readonly diary: string
  readonly incarnation: number
  readonly leaseMs: number
  readonly death?: Death | undefined
}

/** Opens a store, which may be new. */
export function openStore(address: StoreAddress): OpenStore {
  if (address.kind === 'sqlite') return new SqliteHistoryAdapter({ databasePath: address.databasePath })
  const { connectionString, schema, tableName } = address
  return new PostgresHistoryAdapter({ connectionString, schema, tableName, max: 1 })
}

/** Opens what runs on one store need. */
export function openWorkplace({
  store: address,
  incarnation,
  leaseMs,
  death,
  ...options
}: WorkplaceOptions): Workplace {
  const diary = new Diary(options.diary, incarnation)
  const store = openStore(address)
  let commits = 0
  let isOver = death === undefined
  const die = (where: Death['where']): void => {
    if (isOver || death?.where !== where || commits < death.commit) return
    isOver = true
    // Nothing behind this call happens any more, or until somebody says SIGCONT.
    process.kill(process.pid, death.signal ?? 'SIGKILL')
  }
  onCommits(store, () => {
    commits += 1
    die('unanswered')
  })
  const bus = new PersistentEventBusAdapter(store, { leaseMs })
  bus.on('*', (event) => {
    diary.told(event)
    die('told')
  })
  const flows = scenarioFlows(diary)
  const runtime = new FlowRuntime({ eventBus: bus, flows: Object.values(flows), logger: new NullLogger() })
  const close = async (): Promise<void> => {
    runtime.stopScheduler()
    await store.close()
    diary.close()
  }
  return { store, bus, runtime, flows, commits: () => commits, close }
}

/** Calls back after each commit, before the engine knows of it. */
function onCommits(store: OpenStore, told: () => void): void {
  const { append, claim, saveBlueprint } = store
  if (append === undefined || claim === undefined || saveBlueprint === undefined) throw new Error('an incomplete store')
  const telling =
    <TArguments extends unknown[], T>(work: (...given: TArguments) => Promise<T>) =>
    async (...given: TArguments): Promise<T> => {
      const answer = await work.apply(store, given)
      told()
      return answer
    }
  store.append = telling(append)
  store.claim = telling(claim)
  store.saveBlueprint = telling(saveBlueprint)
}
