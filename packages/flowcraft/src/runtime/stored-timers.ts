import { ConcurrencyError, isFlowcraftError } from '../errors.ts'
import type { DueExecution } from '../history/claim.ts'
import type { EventStore } from '../history/event-store.ts'
import type { LaunchOptions } from './launch-options.ts'
import { workshopOf } from './rebuild.ts'
import { recoverRun } from './recover.ts'
import { storeOf } from './store-of.ts'
import { recoverCutOff, takeOver } from './take-over.ts'
import { nextWakeUp, wakeDue } from './wake.ts'

const atOnce = 100
const rememberedFailures = 10_000

/** Wakes runs that nobody has in memory, and recovers those whose process is gone. */
export class StoredTimers {
  readonly #runtime: LaunchOptions
  /** Runs that cannot go on here: mostly there is no code for them. They are told of once. */
  readonly #failed = new Set<string>()
  #isLooking = false
  #isOn = false

  constructor(runtime: LaunchOptions) {
    this.#runtime = runtime
  }

  start(): void {
    this.#isOn = true
    this.#failed.clear()
  }

  stop(): void {
    this.#isOn = false
  }

  /** Looks for what is due, unless it is looking already. Never rejects. */
  async look(): Promise<void> {
    const store = storeOf(this.#runtime.eventBus)
    if (this.#isLooking || store?.due === undefined || store.claim === undefined) return
    this.#isLooking = true
    try {
      while (this.#isOn && (await this.#takeSome(store))) continue
    } catch (error) {
      if (isFlowcraftError(error, 'STORE_CLOSED')) this.#isOn = false
      else this.#warn('The scheduler could not look for runs that are due', error)
    } finally {
      this.#isLooking = false
    }
  }

  /** Whether there may be more. */
  async #takeSome(store: EventStore): Promise<boolean> {
    const { clock, runs } = this.#runtime
    const limit = atOnce + this.#failed.size
    const due = (await store.due?.(clock.now(), limit)) ?? []
    const wanted = due.filter(({ executionId }) => !runs.has(executionId) && !this.#failed.has(executionId))
    let taken = 0
    for (const one of wanted) if (this.#isOn && (await this.#take(store, one))) taken += 1
    return due.length === limit && taken > 0
  }

  async #take(store: EventStore, { executionId, reason }: DueExecution): Promise<boolean> {
    try {
      if (reason === 'abandoned') return (await recoverRun(this.#runtime, executionId, {})) !== undefined
      return await this.#wake(store, executionId)
    } catch (error) {
      // Another process was faster.
      if (isFlowcraftError(error, 'EXECUTION_CONFLICT') || isFlowcraftError(error, 'CONCURRENCY_CONFLICT')) return true
      if (isFlowcraftError(error, 'STORE_CLOSED')) throw error
      if (this.#failed.size < rememberedFailures) this.#failed.add(executionId)
      this.#warn(`The scheduler could not let execution '${executionId}' go on`, error)
      return false
    }
  }

  async #wake(store: EventStore, executionId: string): Promise<boolean> {
    const { clock } = this.#runtime
    const taken = await takeOver(workshopOf(this.#runtime, undefined), store, {
      executionId,
      isWanted: ({ status }) => status === 'awaiting',
      act(root) {
        const now = clock.now()
        recoverCutOff(root)
        if (nextWakeUp(root) > now) throw new ConcurrencyError(`Execution '${executionId}' has been woken already`)
        wakeDue(root, now)
      },
    })
    return taken !== undefined
  }

  #warn(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#runtime.logger.warn(`${what}: ${why}`, { error })
  }
}
