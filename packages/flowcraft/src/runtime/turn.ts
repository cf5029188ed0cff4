import { deferred, type Deferred } from '../history/deferred.ts'
import type { Limits } from '../scheduler/decision.ts'
import type { Frontier } from '../scheduler/frontier.ts'

/** How much may start in a run by turns at the moment. */
export interface TurnLimits {
  readonly limits: Limits
  mayStart(node: number): boolean
}

/** The turns of a run in which nodes start only when they are told to. One turn at a time. */
export class Turns {
  #allowed = new Set<number>()
  #concurrency = 0
  #ended: Deferred<void> | undefined

  /** Nodes that are ready now may start; resolves when they have ended. */
  begin(frontier: Frontier, concurrency: number): Promise<void> {
    this.#allowed = new Set(frontier.ready.members())
    this.#concurrency = concurrency
    this.#ended = deferred()
    return this.#ended.promise
  }

  limitsIn(limits: Limits): TurnLimits {
    const isOn = this.#ended !== undefined
    const concurrency = isOn ? Math.min(this.#concurrency, limits.concurrency) : 1
    return { limits: { ...limits, concurrency }, mayStart: (node) => isOn && this.#allowed.has(node) }
  }

  /** A node has started. */
  start(node: number): void {
    this.#allowed.delete(node)
  }

  /** Another attempt of a node belongs to the turn of the first one. */
  retry(node: number): void {
    if (this.#ended !== undefined) this.#allowed.add(node)
  }

  /** What ends the turn, if everything of it is over. */
  endOf({ running, backingOff, inChild }: Frontier): (() => void) | undefined {
    const ended = this.#ended
    if (ended === undefined || running.size + backingOff.size + inChild.size > 0) return undefined
    this.#ended = undefined
    return () => ended.resolve()
  }
}
