import { shown } from '../blueprint/shown.ts'
import { FlowcraftError } from '../errors.ts'
import type { Position } from '../state/position.ts'
import type { Snapshot } from './snapshot.ts'
import { countWhile } from './version-log.ts'

/** A place in a recording that moves. What it gives are snapshots, which do not. */
export interface Cursor {
  /** The run as it was here. */
  readonly snapshot: Snapshot
  /** One event on; `undefined` at the end, where the cursor stays. A recording that grows has another end then. */
  next(): Snapshot | undefined
  /** One event back; `undefined` at the first one, where the cursor stays. */
  prev(): Snapshot | undefined
  /**
   * To a position.
   * @throws POSITION_NOT_FOUND; the cursor stays then.
   */
  seek(position: Position): Snapshot
  /** On to the next start of an attempt of any node; `undefined` when there is none, and the cursor stays. */
  nextNode(): Snapshot | undefined
  /** Back to the last such start before this place; `undefined` when there is none, and the cursor stays. */
  prevNode(): Snapshot | undefined
  /**
   * On to the next place that fits; `undefined` when there is none, and the cursor stays.
   * @throws INPUT_INVALID for what is no function.
   */
  runTo(predicate: (snapshot: Snapshot) => boolean): Snapshot | undefined
}

/** What a cursor moves over. */
export interface CursorTrack {
  readonly length: number
  /** The `seq` of each `node:start`. */
  readonly starts: readonly number[]
  seqOf(position: Position): number
  at(seq: number): Snapshot
}

/** A cursor over a track, at the event `seq`. */
export function cursorOver(track: CursorTrack, seq: number): Cursor {
  return new TrackCursor(track, seq)
}

class TrackCursor implements Cursor {
  readonly #track: CursorTrack
  #snapshot: Snapshot

  constructor(track: CursorTrack, seq: number) {
    this.#track = track
    this.#snapshot = track.at(seq)
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  next(): Snapshot | undefined {
    return this.#goTo(this.#snapshot.seq + 1)
  }

  prev(): Snapshot | undefined {
    return this.#goTo(this.#snapshot.seq - 1)
  }

  seek(position: Position): Snapshot {
    this.#snapshot = this.#track.at(this.#track.seqOf(position))
    return this.#snapshot
  }

  nextNode(): Snapshot | undefined {
    const { starts } = this.#track
    return this.#goTo(starts[countWhile(starts.length, (nth) => starts[nth]! <= this.#snapshot.seq)])
  }

  prevNode(): Snapshot | undefined {
    const { starts } = this.#track
    return this.#goTo(starts[countWhile(starts.length, (nth) => starts[nth]! < this.#snapshot.seq) - 1])
  }

  runTo(predicate: (snapshot: Snapshot) => boolean): Snapshot | undefined {
    if (typeof predicate !== 'function') throw noPredicate(predicate)
    for (let seq = this.#snapshot.seq + 1; seq < this.#track.length; seq += 1) {
      const snapshot = this.#track.at(seq)
      if (!predicate(snapshot)) continue
      this.#snapshot = snapshot
      return snapshot
    }
    return undefined
  }

  #goTo(seq: number | undefined): Snapshot | undefined {
    if (seq === undefined || seq < 0 || seq >= this.#track.length) return undefined
    this.#snapshot = this.#track.at(seq)
    return this.#snapshot
  }
}

function noPredicate(found: unknown): FlowcraftError {
  const isName = typeof found === 'string'
  const hint = isName ? `; to where a node starts leads seek({ before: ${shown(found)} })` : ''
  return new FlowcraftError(`runTo takes a function that is given snapshots; found ${shown(found)}${hint}`, {
    code: 'INPUT_INVALID',
  })
}
