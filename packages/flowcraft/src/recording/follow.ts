import { FlowcraftError } from '../errors.ts'
import { loadBlueprint, catchUp, type RecordingStore } from './source.ts'
import type { Snapshot } from './snapshot.ts'
import type { Timeline } from './timeline.ts'

/** How to follow a recording. */
export interface FollowRecordingOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined
  /**
   * Resolves when a store that has no `subscribe` should be read again, such as by a timer: it is called whenever nothing
   * new was there. Other stores need none.
   */
  readonly wait?: (() => Promise<unknown>) | undefined
}

/** What is followed. */
export interface Followed {
  readonly timeline: Timeline
  readonly store: RecordingStore
  at(seq: number): Snapshot
}

/** The snapshots behind the end of a recording as their events come, which it takes in, until the run has ended. */
export async function* followRecording(
  followed: Followed,
  { signal, wait }: FollowRecordingOptions,
): AsyncGenerator<Snapshot, undefined, undefined> {
  const { timeline, store } = followed
  if (store.subscribe !== undefined) return yield* subscribed(followed, store.subscribe.bind(store), signal)
  if (wait === undefined) throw cannotWait(timeline.executionId)
  const stopped = abortOf(signal)
  const isStopped = (): boolean => signal?.aborted === true
  try {
    for (let next = timeline.length; !isStopped();) {
      for (; next < timeline.length && !isStopped(); next += 1) yield followed.at(next)
      if (hasEnded(timeline)) return
      await catchUp(timeline, store)
      if (next === timeline.length) await Promise.race([wait(), stopped.promise])
    }
  } finally {
    stopped.forget()
  }
}

async function* subscribed(
  { timeline, store, at }: Followed,
  subscribe: NonNullable<RecordingStore['subscribe']>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Snapshot, undefined, undefined> {
  const cursor = timeline.length === 0 ? undefined : String(timeline.length - 1)
  for await (const { event } of subscribe(timeline.executionId, { cursor, signal })) {
    // What a refresh was faster with is here already.
    if (event.seq >= timeline.length) {
      timeline.take(event)
      await loadBlueprint(timeline, store)
    }
    yield at(event.seq)
  }
}

function hasEnded({ events }: Timeline): boolean {
  return events.at(-1)?.type === 'workflow:finish'
}

function abortOf(signal: AbortSignal | undefined): { readonly promise: Promise<void>; forget(): void } {
  let forget = (): void => {}
  const promise = new Promise<void>((resolve) => {
    const abort = (): void => resolve()
    signal?.addEventListener('abort', abort)
    forget = () => signal?.removeEventListener('abort', abort)
  })
  return { promise, forget }
}

function cannotWait(executionId: string): FlowcraftError {
  return new FlowcraftError(
    `The store of execution '${executionId}' has no subscribe, so that following must read it again and again: give a function 'wait' that resolves when it is time for that`,
    { code: 'INPUT_INVALID', executionId },
  )
}
