import {
  isNodeClass,
  type AnyNodeFunction,
  type BaseNode,
  type NodeClass,
  type NodeImplementation,
  type NodeResult,
} from '../blueprint/node.ts'
import type { PlanNode } from '../blueprint/plan.ts'
import { isFlowcraftError, NodeTimeoutError } from '../errors.ts'
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
  readonly clock: Clock
  /** A call of this attempt with nothing written yet. */
  newCall(): NodeCall
}

/** How user code ended, with the call that it ended in. */
export type Ending = { readonly call: NodeCall } & (
  | { readonly result: unknown }
  | { readonly error: unknown; readonly isRetryable: boolean; readonly isTimeout: boolean }
)

/** Makes one attempt: the only place where nodes are called. Never rejects. */
export function execute(task: Task): Promise<Ending> {
  const { implementation, node } = task
  const call = task.newCall()
  if (node.timeoutMs === undefined && !isNodeClass(implementation)) return callOf(implementation, call)
  return executeFully(task, call)
}

/** Most nodes are functions without a timeout: for them, one promise on top of their own is enough. */
function callOf(implementation: AnyNodeFunction, call: NodeCall): Promise<Ending> {
  const failed = (error: unknown): Ending => ({ call, error, isRetryable: true, isTimeout: false })
  try {
    return Promise.resolve(implementation(call)).then((result): Ending => ({ call, result }), failed)
  } catch (error) {
    return Promise.resolve(failed(error))
  }
}

async function executeFully(task: Task, call: NodeCall): Promise<Ending> {
  const { implementation, node, clock } = task
  const deadline = node.timeoutMs === undefined ? undefined : armDeadline(clock, node.timeoutMs, call)
  try {
    return isNodeClass(implementation)
      ? await runClass(implementation, task, call, deadline)
      : { call, result: await within(deadline, implementation(call)) }
  } catch (error) {
    return { call, error, isRetryable: true, isTimeout: deadline?.isOver ?? false }
  } finally {
    deadline?.disarm()
  }
}

/** A bound in time, as something to race against. */
interface Deadline {
  isOver: boolean
  readonly expired: Promise<never>
  disarm(): void
}

function armDeadline(clock: Clock, timeoutMs: number, call: NodeCall): Deadline {
  let disarm = (): void => {}
  const expired = new Promise<never>((_, reject) => {
    disarm = clock.setTimer(timeoutMs, () => {
      deadline.isOver = true
      const error = new NodeTimeoutError(call.nodeId, timeoutMs, { executionId: call.executionId })
      call.abort(error, `timed out after ${timeoutMs} ms`)
      reject(error)
    })
  })
  expired.catch(() => {})
  const deadline: Deadline = { isOver: false, expired, disarm: () => disarm() }
  return deadline
}

function within<T>(deadline: Deadline | undefined, work: T): T | Promise<Awaited<T>> {
  return deadline === undefined ? work : Promise.race([work, deadline.expired])
}

async function runClass(
  implementation: NodeClass,
  task: Task,
  call: NodeCall,
  deadline: Deadline | undefined,
): Promise<Ending> {
  const { visit = {}, isLast } = task
  const ending = await runStages(implementation, visit, task, call, deadline)
  if ('error' in ending) visit.trouble ??= { error: ending.error }
  const goesOn = 'error' in ending && ending.isRetryable && !isLast
  if (visit.trouble !== undefined && visit.instance !== undefined && !goesOn) {
    try {
      await visit.instance.recover(toError(visit.trouble.error), ending.call)
    } catch (error) {
      call.logger.error(`recover of node '${call.nodeId}' failed`, { error, executionId: call.executionId })
    }
  }
  return ending
}

/** Prepares once, runs `exec` or, when its last attempt failed, `fallback`, and ends with `post`. */
async function runStages(
  implementation: NodeClass,
  visit: Visit,
  task: Task,
  call: NodeCall,
  deadline: Deadline | undefined,
): Promise<Ending> {
  let current = call
  let isExecuting = false
  const failed = (error: unknown, isRetryable: boolean): Ending => {
    return { call: current, error, isRetryable, isTimeout: deadline?.isOver === true && current === call }
  }
  try {
    visit.instance ??= new implementation(call.params, call.nodeId)
    visit.prepared ??= { value: await within(deadline, visit.instance.prep(call)) }
    isExecuting = true
    let result
    try {
      result = await within(deadline, visit.instance.exec(visit.prepared.value, call))
      isExecuting = false
    } catch (error) {
      if (!task.isLast || isFatal(error)) throw error
      isExecuting = false
      visit.trouble ??= { error }
      // After a timeout, the first call is aborted and closed.
      if (deadline?.isOver) current = task.newCall()
      result = await within(current === call ? deadline : undefined, standIn(visit.instance, error, current))
    }
    result = await within(current === call ? deadline : undefined, visit.instance.post(result, current))
    return { call: current, result }
  } catch (error) {
    return failed(error, isExecuting)
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

function isFatal(error: unknown): boolean {
  for (let at = error, depth = 0; depth < 32 && typeof at === 'object' && at !== null; depth += 1) {
    if (isFlowcraftError(at) && at.isFatal) return true
    at = (at as { cause?: unknown }).cause
  }
  return false
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown), { cause: thrown })
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'An object without a text was thrown'
  }
}

/** A result as far as it counts: an object's `output` and `action`. */
export function asNodeResult(result: unknown): NodeResult {
  return typeof result === 'object' && result !== null ? result : {}
}
