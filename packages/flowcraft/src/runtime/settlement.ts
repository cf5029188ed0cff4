import { deferred } from '../history/deferred.ts'
import type { RunState } from '../state/run-state.ts'

/** What whoever waits for a run is told: that it has begun, and that it has ended or parked. */
export class Settlement {
  readonly #begun = deferred<void>()
  #settled = deferred<RunState>()
  #isTold = false

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

  begin(): void {
    this.#begun.resolve()
  }

  tell(state: RunState): void {
    this.#isTold = true
    this.#settled.resolve(state)
  }

  fail(error: unknown): void {
    this.#isTold = true
    this.#begun.reject(error)
    this.#settled.reject(error)
  }

  /** Lets somebody wait once more; whether everybody had been told. */
  reopen(): boolean {
    if (!this.#isTold) return false
    this.#isTold = false
    this.#settled = deferred()
    return true
  }
}
