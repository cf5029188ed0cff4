import type { RunStatus, TerminalStatus } from '../events/event.ts'

/** Which executions are meant: those for which all that is given holds. */
export interface ExecutionFilter {
  readonly executionId?: string | undefined
  readonly status?: RunStatus | readonly RunStatus[] | undefined
  readonly blueprintId?: string | undefined
  /** Those that started then or later, in epoch milliseconds. */
  readonly startedFrom?: number | undefined
  /** Those that started before then, in epoch milliseconds. */
  readonly startedBefore?: number | undefined
  /** Whether they ended with errors. */
  readonly hasErrors?: boolean | undefined
  /**
   * Text in the message of an error of one of their nodes, upper and lower case alike. Read event by event; of a fork, its
   * own events only.
   */
  readonly errorText?: string | undefined
  /** The execution by whose subflow nodes they were started. Without it, only roots are meant, or what `executionId` names. */
  readonly parent?: string | undefined
  /** A tag that they were started with. */
  readonly tag?: string | undefined
}

/** Which part of a list to give. */
export interface PageRequest {
  /** At most so many: 1 to 1 000. Default 50. */
  readonly limit?: number | undefined
  /** The `cursor` of the page before. */
  readonly cursor?: string | undefined
}

/** A part of a list. */
export interface ExecutionPage {
  /** The one that started last first. */
  readonly items: readonly ExecutionSummary[]
  /** Where the next page begins. Absent when nothing is left. */
  readonly cursor?: string
}

/** What a list says of an execution. Times are epoch milliseconds. */
export interface ExecutionSummary {
  readonly executionId: string
  readonly blueprintId?: string
  readonly blueprintVersion?: string
  readonly blueprintHash?: string
  /** `'running'` also for one that was cut off: see `isOwned`. */
  readonly status: RunStatus
  readonly startedAt: number
  readonly updatedAt: number
  /** Absent until it has ended. */
  readonly finishedAt?: number
  /** The `seq` of its last event. */
  readonly lastSeq: number
  /** Of the errors that it ended with. */
  readonly errorCount: number
  /** The execution that started it. */
  readonly parent?: string
  /** The execution whose history it shares, up to the event `seq`; also when that has been deleted since. */
  readonly forkedFrom?: { readonly executionId: string; readonly seq: number }
  /** When the first of what it waits for goes on by itself; only while it is parked. */
  readonly wakeUpAt?: number
  readonly tags: readonly string[]
  /** Who drives it, or did when it was cut off. */
  readonly owner?: string
  /** Whether the lease of `owner` goes on. */
  readonly isOwned: boolean
}

/** What `prune` removes. */
export interface PruneOptions {
  /** Those whose last event is older, in epoch milliseconds. */
  readonly olderThan: number
  /** Default every terminal status. A run that somebody drives is never removed. */
  readonly status?: RunStatus | readonly RunStatus[] | undefined
  /** So many of those that started last are kept, of all that would be removed. Default 0. */
  readonly keep?: number | undefined
}

/** The statuses that never change again. */
export const terminalStatuses: readonly TerminalStatus[] = ['completed', 'failed', 'cancelled']
