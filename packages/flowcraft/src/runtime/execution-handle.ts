import type { WorkflowResult, WorkflowStatus } from '../blueprint/flow-runner.ts'
import { answerNode } from './answer.ts'
import { wholeNumber } from './options.ts'
import type { Run } from './run.ts'
import { statusOf } from './status-of.ts'
import type { ResumeData } from '../blueprint/flow-runner.ts'

/** A run that has been launched. */
export interface Launched {
  readonly run: Run
  /** Resolves when the start of the run is durable. */
  readonly begun: Promise<void>
}

/** Options of one turn. */
export interface TurnOptions {
  /** How many of the turn's nodes may run at a time. Default, and at most, that of the run. */
  readonly concurrency?: number | undefined
}

/** A hold on one execution. */
export interface ExecutionHandle<TContext = Record<string, unknown>> {
  readonly executionId: string
  /** Resolves when the start of the run is durable. Rejects as `result` does. */
  readonly begun: Promise<void>
  /** The result, once it is durable. May be asked for any number of times. @throws EVENT_STORE_FAILED, CONCURRENCY_CONFLICT. */
  result(): Promise<WorkflowResult<TContext>>
  /** Cancels the run, unless it has ended. Its result follows with status `cancelled`. */
  cancel(reason?: unknown): void
  /** Parks the run as soon as no attempt is running; `resume` runs exactly what was left. */
  pause(): void
  /**
   * Lets a waiting node go on, as `runtime.resume` does, without waiting for what comes of it.
   * @param nodeId `subflow/node` for one in a subflow. Default the first that waits.
   * @throws NOT_AWAITING, SERIALIZATION_FAILED; nothing has happened then.
   */
  resume(data?: ResumeData, nodeId?: string): void
  /**
   * For runs that were started `byTurns`: starts what is ready now and waits for it to end, retries included. Gives the
   * result so far, `stalled` in the middle; `null` once it has given that of the end, or when nothing is left but what
   * waits. Calls that overlap are taken one after the other.
   */
  turn(options?: TurnOptions): Promise<WorkflowResult<TContext> | null>
}

/** The handle on a run of this process. */
export class LiveHandle<TContext = Record<string, unknown>> implements ExecutionHandle<TContext> {
  readonly executionId: string
  readonly begun: Promise<void>
  readonly #launched: Launched
  #hasToldEnd = false
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(launched: Launched) {
    this.#launched = launched
    this.executionId = launched.run.executionId
    this.begun = launched.begun
  }

  async result(): Promise<WorkflowResult<TContext>> {
    const { run } = this.#launched
    let settled: Promise<unknown> | undefined
    // Somebody may have let a parked run go on before this is told of it.
    while (settled !== run.settled) await (settled = run.settled)
    return this.#resultAs(statusOf(run.state))
  }

  cancel(reason?: unknown): void {
    this.#launched.run.cancel(reason)
  }

  pause(): void {
    this.#launched.run.pause()
  }

  resume(data: ResumeData = {}, nodeId?: string): void {
    answerNode(this.#launched.run, nodeId, data)
  }

  turn(options: TurnOptions = {}): Promise<WorkflowResult<TContext> | null> {
    const concurrency = wholeNumber('concurrency', options.concurrency ?? Number.MAX_SAFE_INTEGER)
    const turn = this.#lastTurn.then(() => this.#takeTurn(concurrency))
    this.#lastTurn = turn.catch(() => null)
    return turn
  }

  async #takeTurn(concurrency: number): Promise<WorkflowResult<TContext> | null> {
    await this.begun
    const { run } = this.#launched
    if (run.isParked) return null
    await run.turn(concurrency)
    const status = statusOf(run.state)
    if (status === 'stalled' || status === 'awaiting') return this.#resultAs(status)
    if (this.#hasToldEnd) return null
    this.#hasToldEnd = true
    return await this.result()
  }

  #resultAs(status: WorkflowStatus): WorkflowResult<TContext> {
    // The type that a blueprint promises of its runs is known to the caller only.
    return this.#launched.run.toResult(status) as WorkflowResult<TContext>
  }
}
