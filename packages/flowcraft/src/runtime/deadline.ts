import type { PlanNode } from '../blueprint/plan.ts'
import { NodeTimeoutError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { NodeCall } from './node-call.ts'

/** What a {@link Deadline} needs of an attempt. */
export interface Timed {
  readonly node: PlanNode
  readonly clock: Clock
  /** Is given what to do when the run ends before the attempt does. */
  onAbort(callback: () => void): void
}

/** A bound in time for what one call does, if there is one. */
export class Deadline {
  #isOver = false
  readonly #expired: Promise<never> | undefined
  readonly #disarm: (() => void) | undefined

  constructor(task: Timed, call: NodeCall) {
    const { timeoutMs } = task.node
    if (timeoutMs === undefined) return
    let disarm: (() => void) | undefined
    this.#expired = new Promise<never>((_, reject) => {
      disarm = task.clock.setTimer(timeoutMs, () => {
        this.#isOver = true
        const error = new NodeTimeoutError(call.nodeId, timeoutMs, { executionId: call.executionId })
        call.abort(error, `timed out after ${timeoutMs} ms`)
        reject(error)
      })
    })
    this.#expired.catch(() => {})
    this.#disarm = disarm
    task.onAbort(() => disarm?.())
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** What `work` gives, or the timeout. */
  async bound<T>(work: T | Promise<T>): Promise<T> {
    return this.#expired === undefined ? await work : await Promise.race([work, this.#expired])
  }

  disarm(): void {
    this.#disarm?.()
  }
}
