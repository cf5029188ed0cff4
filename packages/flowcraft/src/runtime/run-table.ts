import type { Run } from './run.ts'
import type { Whereabouts } from './run-options.ts'

/** Keeps account of the live runs of a process. */
export interface LiveRuns {
  enter(executionId: string, driver: object): void
  leave(executionId: string, driver: object): void
  /** Nobody drives a run any more that has not ended. */
  lose(executionId: string): void
}

/** The runs of a runtime that have not ended: those that are going on, and those that wait to be resumed. */
export class RunTable {
  readonly #live = new Map<string, Run>()
  readonly #parked = new Map<string, Run>()
  readonly #parents = new Map<string, Run>()
  readonly #revivals = new Map<string, Promise<Run | undefined>>()
  /** Runs that had been parked and have ended: nothing else may be left that tells. */
  readonly #ended = new Set<string>()
  readonly #onParked: (run: Run) => void
  readonly #ownership: LiveRuns | undefined

  /**
   * @param onParked Is told of each run that waits to be resumed.
   * @param ownership Is told which runs are live in this process.
   */
  constructor(onParked: (run: Run) => void, ownership?: LiveRuns) {
    this.#onParked = onParked
    this.#ownership = ownership
  }

  get liveCount(): number {
    return this.#live.size
  }

  get parkedCount(): number {
    return this.#parked.size
  }

  /** Parked runs, the one that was parked first before the others. */
  parked(): Iterable<Run> {
    return this.#parked.values()
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

  /** Whether a run, or the root of its family, is being put together again. */
  isReviving(executionId: string): boolean {
    return this.#revivals.has(this.#rootOf(executionId))
  }

  /** Settles when a root that is being put together again is there; `undefined` when none is. */
  revivalOf(executionId: string): Promise<Run | undefined> | undefined {
    return this.#revivals.get(executionId)
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
    this.#ownership?.enter(run.executionId, run)
    if (parent !== undefined) this.#parents.set(run.executionId, parent)
  }

  move(run: Run, to: Whereabouts): void {
    const { executionId } = run
    if (to === 'live') this.#ownership?.enter(executionId, run)
    else this.#ownership?.leave(executionId, run)
    if (to === 'lost' && !this.#parents.has(executionId)) this.#ownership?.lose(executionId)
    // One that is out of date has made room for another.
    if ((this.of(executionId) ?? run) !== run) return
    this.#live.delete(executionId)
    this.#parked.delete(executionId)
    if (to === 'live') this.#live.set(executionId, run)
    else if (to === 'parked') this.#parked.set(executionId, run)
    else this.#forget(run, to === 'gone')
    if (to === 'parked') this.#onParked(run)
  }

  #rootOf(executionId: string): string {
    let root = executionId
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) {
      root = parent.executionId
    }
    return root
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
