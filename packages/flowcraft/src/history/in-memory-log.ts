import type { MemoryExecution } from './in-memory-execution.ts'

/** Consecutive own events of one execution, which came one behind the other. */
interface Stretch {
  readonly execution: MemoryExecution
  readonly position: number
  /** Among the execution's own events. */
  readonly fromIndex: number
  count: number
}

/** An event and where it stands among those of all executions. */
export interface LoggedEvent {
  readonly execution: MemoryExecution
  /** Among the execution's own events. */
  readonly index: number
  readonly position: number
}

const fewEvents = 1000

/** The order in which the own events of all executions came. Positions are never used again. */
export class EventLog {
  #stretches: Stretch[] = []
  #end = 0
  /** Events in all stretches. */
  #logged = 0
  /** Those of executions that are still there. */
  #alive = 0

  /** The position of the next event. */
  get end(): number {
    return this.#end
  }

  /** The number of events of executions that are still there. */
  get size(): number {
    return this.#alive
  }

  /** Notes that the execution gets `count` events more. */
  push(execution: MemoryExecution, count: number): void {
    const last = this.#stretches.at(-1)
    if (last?.execution === execution) last.count += count
    else this.#stretches.push({ execution, position: this.#end, fromIndex: execution.events.length, count })
    this.#end += count
    this.#logged += count
    this.#alive += count
  }

  /** The first event from `position` on of an execution that is still there. */
  next(position: number): LoggedEvent | undefined {
    for (let at = this.#stretchAt(position); at < this.#stretches.length; at++) {
      const { execution, position: begin, fromIndex, count } = this.#stretches[at]!
      const offset = Math.max(0, position - begin)
      if (execution.isRemoved || offset >= count) continue
      return { execution, index: fromIndex + offset, position: begin + offset }
    }
    return undefined
  }

  /** Lets go of an execution that was removed, and still has all its own events. */
  forget({ events }: MemoryExecution): void {
    this.#alive -= events.length
    if (this.#logged - this.#alive < fewEvents + this.#alive) return
    this.#stretches = this.#stretches.filter(({ execution }) => !execution.isRemoved)
    this.#logged = this.#alive
  }

  /** Lets go of all. */
  clear(): void {
    this.#stretches = []
    this.#logged = this.#alive = 0
  }

  /** The index of the last stretch that begins at `position` or before. */
  #stretchAt(position: number): number {
    let low = 0
    let high = this.#stretches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#stretches[middle]!.position <= position) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}
