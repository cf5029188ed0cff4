import type { WorkflowBlueprint } from '../blueprint/blueprint.ts'
import { FlowcraftError, HistoryCorruptError } from '../errors.ts'
import { snapshot } from '../events/snapshot.ts'
import { orderHistory } from '../events/history-order.ts'
import type { EventStoreCapabilities, IEventReader } from '../history/event-store.ts'
import type { Timeline } from './timeline.ts'

/** What a recording can be opened from: any event store, or whatever else reads histories. */
export type RecordingStore = IEventReader &
  Partial<Pick<EventStoreCapabilities, 'read' | 'subscribe' | 'loadBlueprint'>>

/**
 * Takes in what the store has behind the end of the timeline. Gives how many events that were.
 * @throws HISTORY_CORRUPT when it does not fit on.
 */
export async function catchUp(timeline: Timeline, store: RecordingStore): Promise<number> {
  const { executionId } = timeline
  const before = timeline.length
  if (store.read === undefined || before === 0) {
    const events = orderHistory(await store.retrieve(executionId), executionId)
    if (events.length < before) throw shorter(timeline, events.length)
    // Another call may have been faster.
    for (let seq = timeline.length; seq < events.length; seq += 1) timeline.take(events[seq]!)
  } else {
    for await (const event of store.read(executionId, { fromSeq: before })) {
      if (event.seq >= timeline.length) timeline.take(event)
    }
  }
  await loadBlueprint(timeline, store)
  return timeline.length - before
}

/** Asks the store for the blueprint of which the events have the hash only. */
export async function loadBlueprint(timeline: Timeline, store: RecordingStore): Promise<void> {
  const { blueprint, blueprintHash: hash } = timeline.headAt(timeline.length - 1)
  if (blueprint !== undefined || hash === undefined || timeline.blueprints.has(hash)) return
  const loaded = await store.loadBlueprint?.(hash)
  if (loaded === undefined) return
  // A copy of a blueprint is one.
  timeline.blueprints.set(hash, snapshot(loaded, { where: `blueprint ${hash}` }) as WorkflowBlueprint)
}

/** What is thrown where a recording would need the store that it does not have. */
export function noStore(executionId: string, wanted: string): FlowcraftError {
  return new FlowcraftError(
    `The recording of execution '${executionId}' was made from events, without a store: it cannot ${wanted}. Open it with openRecording(store, executionId)`,
    { code: 'INPUT_INVALID', executionId },
  )
}

function shorter({ executionId, length }: Timeline, found: number): HistoryCorruptError {
  return new HistoryCorruptError(
    `The store has ${found} events of execution '${executionId}', this recording ${length}: the execution was deleted there, or is another one. Open it anew`,
    { executionId },
  )
}
