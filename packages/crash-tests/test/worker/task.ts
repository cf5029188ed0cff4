import type { ScenarioName } from './scenarios.ts'

/** Where a worker finds its store. */
export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly databasePath: string }
  | {
      readonly kind: 'postgres'
      readonly connectionString: string
      readonly schema: string
      readonly tableName: string
    }

/** When a worker ends itself with SIGKILL, or stops with SIGSTOP. */
export interface Death {
  /** Default `'SIGKILL'`. */
  readonly signal?: 'SIGKILL' | 'SIGSTOP' | undefined
  /** At the so-manieth commit, from 1. */
  readonly commit: number
  /** Before the engine gets the store's answer, or when it tells the listeners of the bus. */
  readonly where: 'unanswered' | 'told'
}

/** How a run is made to go on that may have begun in another process. */
export type Means = 'run' | 'recover' | 'recoverAll' | 'scheduler' | 'park'

/** A run that a worker brings to its end, wherever it stands. */
export interface Job {
  readonly scenario: ScenarioName
  readonly executionId: string
  readonly store: StoreAddress
  /** The file in which the worker notes what happens. */
  readonly diary: string
  /** The number of the process among those that work at this run, from 0. */
  readonly incarnation: number
  readonly means: Means
  /** Milliseconds. */
  readonly leaseMs: number
  readonly death?: Death | undefined
}

/** What a worker is to do. */
export type Task =
  | {
      readonly kind: 'drive'
      readonly jobs: readonly Job[]
      /** Whether to wait for a line of standard input, once everything is open. */
      readonly isHeld?: boolean | undefined
      /** Whether jobs on the same store share one connection and one bus. */
      readonly isShared?: boolean | undefined
    }
  | {
      readonly kind: 'schedule'
      readonly store: StoreAddress
      readonly diary: string
      readonly incarnation: number
      readonly leaseMs: number
      readonly intervalMs: number
    }
  | LeavingTask

/** A run that the process leaves in its middle, or a bus full of events. */
export interface LeavingTask {
  readonly kind: 'exit' | 'pour'
  readonly job: Job
  readonly exit: Exit
}

/** How a process ends before its work is done; `close` closes the store and lets the rest end by itself. */
export type Exit = 'close' | 'process.exit' | 'throw' | 'SIGTERM' | 'SIGKILL'

/** A line that a worker writes to standard output. */
export type Said =
  | { readonly said: 'ready' }
  | {
      readonly said: 'ended'
      readonly executionId: string
      readonly status: string
      /** As the run's result has it. */
      readonly serializedContext: string
      readonly errors: readonly string[]
      /** How many commits the worker's store has made up to now. */
      readonly commits: number
    }
  | { readonly said: 'failed'; readonly executionId: string; readonly code: string; readonly message: string }
