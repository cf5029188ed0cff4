import {
  isNodeClass,
  type AnyNodeFunction,
  type BaseNode,
  type IAsyncContext,
  type NodeClass,
  type NodeImplementation,
  type NodeResult,
} from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'
import { describeThrown, isFatal } from '../events/failure.ts'
import type { ILogger } from '../extensions/logger.ts'
import type { Middleware } from '../extensions/middleware.ts'
import type { Write } from '../scheduler/outcome.ts'
import { Deadline, type Timed } from './deadline.ts'
import type { Accepted } from './accepted.ts'
import type { NodeCall } from './node-call.ts'

/** What the attempts of one iteration of a class node have in common. */
export interface Visit {
  instance?: BaseNode
  prepared?: { readonly value: unknown }
  /** The first thing that went wrong. */
  trouble?: { readonly error: unknown }
}

/** One attempt to be made. */
export interface Task extends Timed {
  readonly implementation: NodeImplementation
  /** For a class. */
  readonly visit: Visit | undefined
  readonly isLast: boolean
  /** Whether the run has ended, so that no user code may start. */
  readonly isAborted: boolean
  readonly logger: ILogger
  /** A call of this attempt with nothing written yet. */
  newCall(): NodeCall
  /** Takes what a node returned. @throws SERIALIZATION_FAILED for what cannot be recorded. */
  accept(returned: unknown): Accepted
}

/** What user code wrote to. */
export interface Written {
  readonly writes: readonly Write[]
  close(why: string): void
}

/** How user code ended, with the call that it ended in. */
export type Ending<TCall extends Written = Written> = { readonly call: TCall } & (
  | { readonly result: Accepted }
  | { readonly error: unknown; readonly isRetryable: boolean; readonly isTimeout: boolean }
)

/** A node with its middleware around it. */
export interface WrappedTask {
  readonly nodeId: string
  readonly executionId: string
  /** The outermost first. */
  readonly middleware: readonly Middleware[]
  readonly context: IAsyncContext
  readonly logger: ILogger
  /** Rejects when the run ends before the node does: whoever waits for `next` can clean up. */
  readonly aborted: Promise<never>
  /** @throws when nothing more may be called for this node. */
  requireOpen(): void
  /** Makes all attempts of the node, and gives what came of the last one. */
  attempts(): Promise<NodeResult>
}

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
async function runStages(implementation: NodeClass, visit: Visit, task: Task): Promise<Ending<NodeCall>> {
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

/** Runs a node with its middleware around it, from the one at `level` on; gives what that returns. */
export async function executeWrapped(task: WrappedTask, level = 0): Promise<unknown> {
  task.requireOpen()
  const middleware = task.middleware[level]
  if (middleware === undefined) return await runBetweenHooks(task)
  if (middleware.aroundNode === undefined) return await executeWrapped(task, level + 1)
  let isCalled = false
  const next = (): Promise<NodeResult> => {
    const inner = isCalled
      ? refuseSecondCall(task)
      : Promise.race([resultOf(executeWrapped(task, level + 1)), task.aborted])
    isCalled = true
    // Whoever does not wait for it is told all the same: its error is the node's, or of no importance any more.
    inner.catch(() => {})
    return inner
  }
  return await middleware.aroundNode(task.context, task.nodeId, next)
}

/** What anybody but a node returns may be anything: for the next one out it is a result. */
async function resultOf(work: Promise<unknown>): Promise<NodeResult> {
  const returned = await work
  // All properties of a result may be absent; what they hold is checked when the outermost has returned.
  return typeof returned === 'object' && returned !== null ? (returned as NodeResult) : {}
}

async function refuseSecondCall({ nodeId, executionId }: WrappedTask): Promise<never> {
  throw new FlowcraftError(
    `Middleware of node '${nodeId}' (execution '${executionId}') called 'next()' twice; a node runs once, so keep what the first call gives`,
    { nodeId, executionId, code: 'INPUT_INVALID' },
  )
}

type Ended = { readonly result: NodeResult } | { readonly error: unknown }

/** Runs every `beforeNode`, the node, and every `afterNode` with how things stand then. */
async function runBetweenHooks(task: WrappedTask): Promise<NodeResult> {
  const { middleware, context, nodeId } = task
  let ended = await runAfterBefore(task)
  for (const each of middleware) {
    task.requireOpen()
    try {
      if ('result' in ended) await each.afterNode?.(context, nodeId, ended.result, undefined)
      else await each.afterNode?.(context, nodeId, undefined, toError(ended.error))
    } catch (error) {
      ended = { error: 'result' in ended ? error : worseOf(task, ended.error, error) }
    }
  }
  if ('error' in ended) throw ended.error
  return ended.result
}

async function runAfterBefore(task: WrappedTask): Promise<Ended> {
  try {
    for (const each of task.middleware) {
      task.requireOpen()
      await each.beforeNode?.(task.context, task.nodeId)
    }
    task.requireOpen()
    return { result: await task.attempts() }
  } catch (error) {
    return { error }
  }
}

/** Of two errors the later one counts, as in a `finally`, unless only the first one ends the run. The other is logged. */
function worseOf({ logger, nodeId, executionId }: WrappedTask, first: unknown, later: unknown): unknown {
  const [worse, other] = isFatal(first) && !isFatal(later) ? [first, later] : [later, first]
  if (other !== worse) {
    logger.error(`'afterNode' of node '${nodeId}' failed after another error`, { error: other, executionId })
  }
  return worse
}
