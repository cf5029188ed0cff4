import type { RecordedRun } from './golden-family.ts'
import { isLog, logText } from './vitest-log.ts'

/** What prints the logs of runs in snapshots. */
export interface LogSerializer {
  /** Whether it prints a value: a recording, a list of events from the start of a run, or what keeps such a list. */
  test(value: unknown): boolean
  /** Within another value, it stands further in, in brackets. */
  serialize(value: unknown, config?: unknown, indentation?: string): string
}

/**
 * Prints a run in snapshots as a log to be reviewed: a line for each event, without numbers, times and ids of executions; the
 * events of a subflow's run below what started it. `expect.addSnapshotSerializer` takes it.
 */
export const flowcraftSerializer: LogSerializer = {
  test: isLog,
  // It is given what it said it prints.
  serialize: (value, _config, indentation = '') => {
    const text = logText(value as RecordedRun)
    return indentation === '' ? text : `[${`\n${text}`.replaceAll('\n', `\n${indentation}  `)}\n${indentation}]`
  },
}
