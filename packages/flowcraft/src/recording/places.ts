import { positionNotFound, runningLatest, seqAt, type Position } from '../state/position.ts'
import type { Mentions } from './mentions.ts'
import type { Timeline } from './timeline.ts'
import { countWhile } from './version-log.ts'

/** Where positions are in a timeline. */
export class Places {
  readonly #timeline: Timeline
  readonly #mentions: Mentions
  /** The latest timestamp up to each event. */
  readonly #latest: number[] = []
  readonly #latestAfter = runningLatest()

  constructor(timeline: Timeline, mentions: Mentions) {
    this.#timeline = timeline
    this.#mentions = mentions
  }

  /**
   * The `seq` of the event after which `position` stands; -1 for the end of a history without events. Looks at few events,
   * except that the first position by time looks at the time of each, and that behind a node at what came while it ran.
   * @throws POSITION_NOT_FOUND.
   */
  seqOf(position: Position): number {
    const { events } = this.#timeline
    if (typeof position === 'number') {
      if (Number.isInteger(position) && position >= 0 && position < events.length) return position
      throw positionNotFound(position)
    }
    if (typeof position !== 'object' || position === null) return seqAt(events, position)
    if ('time' in position && typeof position.time === 'number') return this.#seqAtTime(position.time)
    const node: unknown = 'before' in position ? position.before : 'after' in position ? position.after : undefined
    if (typeof node !== 'string') throw positionNotFound(position)
    const [first] = this.#mentions.of(node)
    if (first === undefined) throw positionNotFound(position)
    return seqAt(events, position, first)
  }

  #seqAtTime(time: number): number {
    const { events } = this.#timeline
    while (this.#latest.length < events.length) this.#latest.push(this.#latestAfter(events[this.#latest.length]!))
    const count = countWhile(this.#latest.length, (seq) => this.#latest[seq]! <= time)
    if (count === 0 || Number.isNaN(time)) throw positionNotFound({ time })
    return count - 1
  }
}
