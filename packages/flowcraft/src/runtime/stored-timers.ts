import { ConcurrencyError, isFlowcraftError } from '../errors.ts'
import type { DueExecution } from '../history/claim.ts'
import type { EventStore } from '../history/event-store.ts'
import type { LaunchOptions } from './launch-options.ts'
import { isClaiming } from './family-claim.ts'
import { workshopOf } from './rebuild.ts'
import { recoverRun } from './recover.ts'
import { forgetStale } from './stale-runs.ts'
import { storeOf } from './store-of.ts'
import { recoverCutOff, takeOver } from './take-over.ts'
import { nextWakeUp, wakeDue } from './wake.ts'

const atOnce = 100
const rememberedFailures = 10_000
/** What does not pass by itself. */
const lasting = ['BLUEPRINT_INVALID', 'BLUEPRINT_MISMATCH', 'EXECUTION_UNKNOWN', 'HISTORY_CORRUPT'] as const

/** Wakes runs that nobody has in memory, and recovers those whose process is gone. */
export class StoredTimers {
  readonly #runtime: LaunchOptions
  readonly #onClosed: () => void
  /** Runs that cannot go on here: mostly there is no code for them. */
  readonly #failed = new Set<string>()
  /** Runs whose failure has been told of. */
  readonly #told = new Set<string>()
  #isLooking = false
  #isOn = false

  /** @param onClosed Is told when the store has been closed. */
  constructor(runtime: LaunchOptions, onClosed: () => void) {
    this.#runtime = runtime
    this.#onClosed = onClosed
  }

  start(): void {
    this.#isOn = true
    this.#failed.clear()
    this.#told.clear()
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
      await this.#takeLost(store)
      while (this.#isOn && (await this.#takeSome(store))) continue
    } catch (error) {
      if (isFlowcraftError(error, 'STORE_CLOSED')) this.#onClosed()
      else this.#warn('The scheduler could not look for runs that are due', error)
    } finally {
      this.#isLooking = false
    }
  }

  /** Runs of this process that a fault of the store has ended: to the others, they are in good hands. */
  async #takeLost(store: EventStore): Promise<void> {
    const { eventBus, runs } = this.#runtime
    if (!isClaiming(eventBus)) return
    for (const executionId of eventBus.ownership.takeLost()) {
      if (runs.has(executionId)) continue
      const outcome = this.#isOn ? await this.#take(store, { executionId, reason: 'abandoned' }) : 'failed'
      if (outcome === 'failed' && !this.#failed.has(executionId)) eventBus.ownership.lose(executionId)
    }
  }

  /** Whether there may be more. */
  async #takeSome(store: EventStore): Promise<boolean> {
    const { clock, runs } = this.#runtime
    const limit = atOnce + this.#failed.size
    const due = (await store.due?.(clock.now(), limit)) ?? []
    let taken = 0
    for (const one of due) {
      const { executionId } = one
      if (this.#failed.has(executionId)) continue
      // What is parked here may have gone on somewhere else.
      if (runs.of(executionId)?.isParked === true) await forgetStale(this.#runtime, executionId)
      if (this.#isOn && !runs.has(executionId) && (await this.#take(store, one)) === 'taken') taken += 1
    }
    return due.length === limit && taken > 0
  }

  /** `'taken'` also by another process, which was faster. */
  async #take(store: EventStore, { executionId, reason }: DueExecution): Promise<'taken' | 'nothing' | 'failed'> {
    try {
      const isTaken =
        reason === 'abandoned'
          ? (await recoverRun(this.#runtime, executionId, {})) !== undefined
          : await this.#wake(store, executionId)
      return isTaken ? 'taken' : 'nothing'
    } catch (error) {
      if (isFlowcraftError(error, 'EXECUTION_CONFLICT') || isFlowcraftError(error, 'CONCURRENCY_CONFLICT'))
        return 'taken'
      if (isFlowcraftError(error, 'STORE_CLOSED')) throw error
      if (this.#failed.size < rememberedFailures && lasting.some((code) => isFlowcraftError(error, code))) {
        this.#failed.add(executionId)
      }
      if (!this.#told.has(executionId))
        this.#warn(`The scheduler could not let execution '${executionId}' go on`, error)
      if (this.#told.size < rememberedFailures) this.#told.add(executionId)
      return 'failed'
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
