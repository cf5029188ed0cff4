import type { WorkflowResult, WorkflowStatus } from '../blueprint/flow-runner.ts'
import type { Run } from './run.ts'

/** A run that has been launched. */
export interface Launched {
  readonly run: Run
  /** Resolves when the start is on its way into the log. */
  readonly begun: Promise<void>
  toResult(status: WorkflowStatus): WorkflowResult
}

/** A hold on one execution. */
export class ExecutionHandle<TContext = Record<string, unknown>> {
  readonly executionId: string
  readonly #launched: Launched

  constructor(launched: Launched) {
    this.#launched = launched
    this.executionId = launched.run.executionId
  }

  /** The result, once it is durable. May be asked for any number of times. @throws EVENT_STORE_FAILED, CONCURRENCY_CONFLICT. */
  async result(): Promise<WorkflowResult<TContext>> {
    await this.#launched.run.settled
    return this.#resultAs(this.#status())
  }

  /** Cancels the run, unless it has ended. Its result follows with status `cancelled`. */
  cancel(reason?: unknown): void {
    this.#launched.run.cancel(reason)
  }

  /**
   * For runs that were started `byTurns`: starts what is ready now and waits for it to end, retries included. Gives the
   * result so far, `stalled` in the middle; `null` when nothing was left.
   */
  async turn(): Promise<WorkflowResult<TContext> | null> {
    const { run, begun } = this.#launched
    await begun
    if (!(await run.turn())) return null
    return this.#resultAs(this.#status())
  }

  #status(): WorkflowStatus {
    const { status } = this.#launched.run.state
    return status === 'running' ? 'stalled' : status
  }

  #resultAs(status: WorkflowStatus): WorkflowResult<TContext> {
    // The type that a blueprint promises of its runs is known to the caller only.
    return this.#launched.toResult(status) as WorkflowResult<TContext>
  }
}
