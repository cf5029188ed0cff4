import {
  isNodeClass,
  type AnyNodeFunction,
  type BaseNode,
  type NodeClass,
  type NodeImplementation,
  type NodeResult,
} from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import { NodeTimeoutError } from '../errors.ts'
import type { RecordedResult } from '../events/event.ts'
import { describeThrown, isFatal } from '../events/failure.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Clock } from '../ports.ts'
import type { NodeCall } from './node-call.ts'

/** What the attempts of one iteration of a class node have in common. */
export interface Visit {
  instance?: BaseNode
  prepared?: { readonly value: unknown }
  /** The first thing that went wrong. */
  trouble?: { readonly error: unknown }
}

/** One attempt to be made. */
export interface Task {
  readonly node: PlanNode
  readonly implementation: NodeImplementation
  /** For a class. */
  readonly visit: Visit | undefined
  readonly isLast: boolean
  /** Whether the run has ended, so that no user code may start. */
  readonly isAborted: boolean
  readonly clock: Clock
  readonly logger: ILogger
  /** A call of this attempt with nothing written yet. */
  newCall(): NodeCall
  /** Takes what a node returned. @throws SERIALIZATION_FAILED for what cannot be recorded. */
  accept(returned: unknown): RecordedResult
  /** Is given what to do when the run ends before the attempt does. */
  onAbort(callback: () => void): void
}

/** How user code ended, with the call that it ended in. */
export type Ending = { readonly call: NodeCall } & (
  | { readonly result: RecordedResult }
  | { readonly error: unknown; readonly isRetryable: boolean; readonly isTimeout: boolean }
)

/** Makes one attempt: the only place where nodes are called. Never rejects. */
export function execute(task: Task): Promise<Ending> {
  const { implementation, node } = task
  if (isNodeClass(implementation)) return runClass(implementation, task)
  return node.timeoutMs === undefined ? callOf(implementation, task) : callWithin(implementation, task)
}

/** Most nodes are functions without a timeout: for them, one promise on top of their own is enough. */
function callOf(implementation: AnyNodeFunction, task: Task): Promise<Ending> {
  const call = task.newCall()
  const failed = (error: unknown): Ending => ({ call, error, isRetryable: true, isTimeout: false })
  const finished = (returned: unknown): Ending => {
    try {
      return { call, result: task.accept(returned) }
    } catch (error) {
      return failed(error)
    }
  }
  try {
    return Promise.resolve(implementation(call)).then(finished, failed)
  } catch (error) {
    return Promise.resolve(failed(error))
  }
}

async function callWithin(implementation: AnyNodeFunction, task: Task): Promise<Ending> {
  const call = task.newCall()
  const deadline = new Deadline(task, call)
  try {
    return { call, result: task.accept(await deadline.bound(implementation(call))) }
  } catch (error) {
    return { call, error, isRetryable: true, isTimeout: deadline.isOver }
  } finally {
    deadline.disarm()
  }
}

/** A bound in time for what one call does, if there is one. */
class Deadline {
  #isOver = false
  readonly #expired: Promise<never> | undefined
  readonly #disarm: (() => void) | undefined

  constructor(task: Task, call: NodeCall) {
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

/** An attempt of a class node: its stages, and `recover` if it was the last attempt and anything has gone wrong. */
async function runClass(implementation: NodeClass, task: Task): Promise<Ending> {
  const { visit = {}, isLast } = task
  const ending = await runStages(implementation, visit, task)
  if ('error' in ending) visit.trouble ??= { error: ending.error }
  const goesOn = 'error' in ending && ending.isRetryable && !isLast && !isFatal(ending.error)
  if (visit.trouble !== undefined && visit.instance !== undefined && !goesOn && !task.isAborted) {
    const deadline = new Deadline(task, ending.call)
    try {
      await deadline.bound(visit.instance.recover(toError(visit.trouble.error), ending.call))
    } catch (error) {
      const { executionId } = ending.call
      task.logger.error(`recover of node '${task.node.id}' failed`, { error, executionId })
    } finally {
      deadline.disarm()
    }
  }
  return ending
}

/** Prepares once, runs `exec` or, when its last attempt failed, `fallback`, and ends with `post`. */
async function runStages(implementation: NodeClass, visit: Visit, task: Task): Promise<Ending> {
  let call = task.newCall()
  let deadline = new Deadline(task, call)
  let isRetryable = false
  const stage = async <T>(work: (instance: BaseNode) => Promise<T>): Promise<T> => {
    if (task.isAborted) throw new Error('The run has ended')
    visit.instance ??= new implementation(call.params, call.nodeId)
    return await deadline.bound(work(visit.instance))
  }
  try {
    visit.prepared ??= { value: await stage((instance) => instance.prep(call)) }
    const { value } = visit.prepared
    const hasPrepared = call.writes.length > 0
    isRetryable = true
    let result: NodeResult | void
    try {
      result = await stage((instance) => instance.exec(value, call))
      isRetryable = false
    } catch (error) {
      // What was written in an attempt that timed out is lost: the next one has to prepare again.
      if (deadline.isOver && hasPrepared) delete visit.prepared
      if (!task.isLast || isFatal(error) || task.isAborted) throw error
      isRetryable = false
      visit.trouble ??= { error }
      if (deadline.isOver) {
        call = task.newCall()
        deadline = new Deadline(task, call)
      }
      result = await stage((instance) => standIn(instance, error, call))
    }
    const returned = await stage((instance) => instance.post(result, call))
    // What cannot be recorded is a fault of the attempt, as it is for a function.
    isRetryable = true
    return { call, result: task.accept(returned) }
  } catch (error) {
    return { call, error, isRetryable, isTimeout: deadline.isOver }
  } finally {
    deadline.disarm()
  }
}

/** A fallback is given an error whatever was thrown; when it throws that again, it means what was thrown. */
async function standIn(instance: BaseNode, thrown: unknown, call: NodeCall): Promise<NodeResult | void> {
  const given = toError(thrown)
  try {
    return await instance.fallback(given, call)
  } catch (error) {
    throw error === given ? thrown : error
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(describeThrown(thrown).message, { cause: thrown })
}
