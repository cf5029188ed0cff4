import type { Run } from './run.ts'

/** The live runs that a signal cancels: one listener for all, as a signal may be shared by many. */
const runsOf = new WeakMap<AbortSignal, Set<Run>>()

/** Cancels the run when the signal aborts, as long as it has not ended. */
export function cancelOn(signal: AbortSignal, run: Run): void {
  if (signal.aborted) return run.cancel(signal.reason)
  const runs = runsOf.get(signal) ?? listenTo(signal)
  runs.add(run)
  const release = (): void => void runs.delete(run)
  run.ended.then(release, release)
}

function listenTo(signal: AbortSignal): Set<Run> {
  const runs = new Set<Run>()
  runsOf.set(signal, runs)
  const cancelAll = (): void => {
    for (const run of runs) run.cancel(signal.reason)
  }
  signal.addEventListener('abort', cancelAll, { once: true })
  return runs
}
