import { deferred, type Deferred } from '../history/deferred.ts'
import type { RunState } from '../state/run-state.ts'
import { hasEnded } from './status-of.ts'

/** What whoever waits for a run is told: that it has begun, and that it has ended or parked. */
export class Settlement {
  readonly #begun = deferred<void>()
  #settled = deferred<RunState>()
  #ended: Deferred<void> | undefined
  #isTold = false
  #hasEnded = false

  /** Whether whoever waits has been told. */
  get isTold(): boolean {
    return this.#isTold
  }

  get begun(): Promise<void> {
    return this.#begun.promise
  }

  get settled(): Promise<RunState> {
    return this.#settled.promise
  }

  /** Resolves with the end, whatever is told before. */
  get ended(): Promise<void> {
    if (this.#hasEnded) return this.#settled.promise.then(() => {})
    this.#ended ??= deferred()
    return this.#ended.promise
  }

  begin(): void {
    this.#begun.resolve()
  }

  tell(state: RunState): void {
    this.#isTold = true
    this.#settled.resolve(state)
    if (!hasEnded(state)) return
    this.#hasEnded = true
    this.#ended?.resolve()
  }

  /** Whoever waits for the end has to look somewhere else. */
  leave(): void {
    this.#ended?.resolve()
    this.#ended = undefined
  }

  fail(error: unknown): void {
    this.#isTold = true
    this.#begun.reject(error)
    this.#settled.reject(error)
    this.#hasEnded = true
    this.#ended?.reject(error)
  }

  /** Lets somebody wait once more; whether everybody had been told. */
  reopen(): boolean {
    if (!this.#isTold) return false
    this.#isTold = false
    this.#settled = deferred()
    return true
  }
}
