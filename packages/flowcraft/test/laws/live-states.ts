import { Recorder } from '../../src/runtime/recorder.ts'
import type { RunState } from '../../src/state/run-state.ts'

const watchers = new Map<string, (state: RunState) => void>()

// The recorder is the only place that has the live state; it is watched, not replaced.
const record = Recorder.prototype.record
Recorder.prototype.record = function (facts): void {
  record.call(this, facts)
  watchers.get(this.state.executionId ?? '')?.(this.state)
}

/** Shows the live state of a run whenever something of it has been recorded. Gives a function that ends this. */
export function watchLive(executionId: string, watcher: (state: RunState) => void): () => void {
  watchers.set(executionId, watcher)
  return () => void watchers.delete(executionId)
}
