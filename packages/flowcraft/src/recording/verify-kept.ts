import type { FlowcraftEvent } from '../events/event.ts'
import { hasTurned, stretchesOf } from '../scheduler/past-frontier.ts'

/** What of a history counts in the end, place by place. */
export interface KeptHistory {
  /** Their edges are where the last blueprint has them; `undefined` for what is taken back. */
  readonly events: readonly (FlowcraftEvent | undefined)[]
  /** The nodes of which nothing counts as early as that. `undefined` where nothing is taken back or moved at all. */
  readonly absent: readonly ReadonlySet<string>[] | undefined
}

/** What of a history counts in the end. Where nothing is taken back or moved, the very same events. */
export function keptOf(events: readonly FlowcraftEvent[]): KeptHistory {
  if (!hasTurned(events)) return { events, absent: undefined }
  const stretches = stretchesOf(events)
  const absent: ReadonlySet<string>[] = []
  let [nth, next] = [0, 0]
  const kept = events.map(({ seq }) => {
    // A stretch begins with the event that takes something back, which itself is never taken back.
    if (next === stretches[nth]!.kept.length && stretches[nth + 1]?.kept[0]?.seq === seq) {
      nth += 1
      next = 0
    }
    const stretch = stretches[nth]!
    absent.push(stretch.absent)
    const event = stretch.kept[next]
    if (event?.seq !== seq) return undefined
    next += 1
    return event
  })
  return { events: kept, absent }
}
