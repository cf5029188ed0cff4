import { Recorder } from '../../src/runtime/recorder.ts'
import type { RunState } from '../../src/state/run-state.ts'

const watchers = new Map<string, (state: RunState) => void>()

// The recorder is the only place that has the live state; it is watched, not replaced.
const record = Recorder.prototype.record
Recorder.prototype.record = function (facts): void {
  record.call(this, facts)
  watcherOf(this.state.executionId ?? '')?.(this.state)
}

/** The runs of subflows have the id of their root before their own. */
function watcherOf(executionId: string): ((state: RunState) => void) | undefined {
  return watchers.get(executionId) ?? watchers.get(executionId.split(':')[0]!)
}

/** Shows the live state of a run, and of those of its subflows, whenever something of it has been recorded. Gives a function that ends this. */
export function watchLive(executionId: string, watcher: (state: RunState) => void): () => void {
  watchers.set(executionId, watcher)
  return () => void watchers.delete(executionId)
}
