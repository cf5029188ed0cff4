import type { Run } from './run.ts'

/** The runs of a runtime that have not ended: those that are going on, and those that wait to be resumed. */
export class RunTable {
  readonly #live = new Map<string, Run>()
  readonly #parked = new Map<string, Run>()
  readonly #parents = new Map<string, Run>()
  readonly #revivals = new Map<string, Promise<Run | undefined>>()
  /** Runs that had been parked and have ended: nothing else may be left that tells. */
  readonly #ended = new Set<string>()
  readonly #onParked: (run: Run) => void

  /** @param onParked Is told of each run that waits to be resumed. */
  constructor(onParked: (run: Run) => void) {
    this.#onParked = onParked
  }

  get liveCount(): number {
    return this.#live.size
  }

  has(executionId: string): boolean {
    return this.of(executionId) !== undefined
  }

  of(executionId: string): Run | undefined {
    return this.#live.get(executionId) ?? this.#parked.get(executionId)
  }

  /** The run that a run was started by. */
  parentOf(executionId: string): Run | undefined {
    return this.#parents.get(executionId)
  }

  /** Whether a run that was once parked has ended in this runtime, as far back as it remembers. */
  hasEnded(executionId: string): boolean {
    return this.#ended.has(executionId)
  }

  /** Live and parked runs that no other run was started by. */
  roots(): Run[] {
    const runs = [...this.#live.values(), ...this.#parked.values()]
    return runs.filter(({ executionId }) => !this.#parents.has(executionId))
  }

  /** Whether a run is being put together again. */
  isReviving(executionId: string): boolean {
    return this.#revivals.has(executionId)
  }

  /** A run that is not in memory, put together again: whoever asks for it meanwhile gets the same one. */
  revived(executionId: string, make: () => Promise<Run | undefined>): Promise<Run | undefined> {
    const known = this.#revivals.get(executionId)
    if (known !== undefined) return known
    const run = this.of(executionId)
    if (run !== undefined) return Promise.resolve(run)
    const revival = make().finally(() => this.#revivals.delete(executionId))
    this.#revivals.set(executionId, revival)
    return revival
  }

  enter(run: Run, parent?: Run): void {
    this.#live.set(run.executionId, run)
    if (parent !== undefined) this.#parents.set(run.executionId, parent)
  }

  move(run: Run, to: 'live' | 'parked' | 'gone' | 'left'): void {
    const { executionId } = run
    // One that is out of date has made room for another.
    if ((this.of(executionId) ?? run) !== run) return
    this.#live.delete(executionId)
    this.#parked.delete(executionId)
    if (to === 'live') this.#live.set(executionId, run)
    else if (to === 'parked') this.#parked.set(executionId, run)
    else this.#forget(run, to === 'gone')
    if (to === 'parked') this.#onParked(run)
  }

  #forget({ executionId, wasParked }: Run, hasEnded: boolean): void {
    this.#parents.delete(executionId)
    if (!wasParked || !hasEnded) return
    this.#ended.add(executionId)
    const [oldest] = this.#ended
    if (this.#ended.size > rememberedRuns && oldest !== undefined) this.#ended.delete(oldest)
  }
}

const rememberedRuns = 10_000
