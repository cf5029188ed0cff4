import type { IAsyncContext, NodeResult } from '../blueprint/node.ts'
import { FlowcraftError } from '../errors.ts'

/**
 * What is done around every node of a runtime. It wraps the whole node, its retries inside: what it writes is recorded
 * with the node's outcome. What it throws fails the node without a retry; the node's fallback runs.
 *
 * Of `[m1, m2]` the order is: around1 > around2 > before1, before2, node, after1, after2 < around2 < around1.
 */
export interface Middleware {
  /** Runs before the first attempt. */
  beforeNode?(context: IAsyncContext, nodeId: string): void | Promise<void>
  /** Runs after the last attempt, or after a `beforeNode` that failed: with a result, or with an error. */
  afterNode?(
    context: IAsyncContext,
    nodeId: string,
    result: NodeResult | undefined,
    error: Error | undefined,
  ): void | Promise<void>
  /**
   * Runs the node by calling `next` once, or not at all. What it returns counts as what the node returned, also where
   * `next` failed.
   */
  aroundNode?(context: IAsyncContext, nodeId: string, next: () => Promise<NodeResult>): NodeResult | Promise<NodeResult>
}

/** A copy of a list of middleware. @throws INPUT_INVALID for anything but an array of objects with such methods. */
export function listOfMiddleware(given: readonly Middleware[]): readonly Middleware[] {
  if (!Array.isArray(given)) throw invalid(`'middleware' is ${textOf(given)}; expected an array`)
  for (const [index, each] of given.entries()) {
    if (typeof each !== 'object' || each === null) {
      throw invalid(`'middleware[${index}]' is ${textOf(each)}; expected an object with some of ${hooks.join(', ')}`)
    }
    for (const hook of hooks) {
      const method: unknown = each[hook]
      if (method === undefined || typeof method === 'function') continue
      throw invalid(`'middleware[${index}].${hook}' is ${textOf(method)}; expected a function, or nothing`)
    }
  }
  return Object.freeze([...given])
}

const hooks = ['beforeNode', 'afterNode', 'aroundNode'] as const

function textOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

function invalid(message: string): FlowcraftError {
  return new FlowcraftError(message, { code: 'INPUT_INVALID' })
}
