import type { Middleware, NodeContext, NodeResult } from 'flowcraft'
import type { Bank } from './bank.ts'

/** Tells when a node begins, and how it ended. */
export function audit(tell: (line: string) => void): Middleware {
  return {
    async aroundNode(_context, nodeId, next) {
      tell(`${nodeId} begins`)
      try {
        const result = await next()
        tell(`${nodeId} is done`)
        return result
      } catch (error) {
        tell(`${nodeId} has failed`)
        throw error
      }
    },
  }
}

/** Runs each of the nodes in a transaction of its own: committed when it succeeds, rolled back when it fails for good. */
export function inTransaction(bank: Bank, nodeIds: readonly string[]): Middleware {
  return {
    aroundNode: (_context, nodeId, next) => (nodeIds.includes(nodeId) ? bank.transaction(next) : next()),
  }
}

/**
 * A node each of whose attempts begins where the first one began. Middleware goes around all attempts of a node; what is
 * to be done for each of them goes around the node's function.
 */
export function undoingRetries<TContext, TDependencies extends { readonly bank: Bank }, TInput, TOutput>(
  node: (call: NodeContext<TContext, TDependencies, TInput>) => Promise<NodeResult<TOutput>>,
): (call: NodeContext<TContext, TDependencies, TInput>) => Promise<NodeResult<TOutput>> {
  return (call) => call.dependencies.bank.savepoint(() => node(call))
}
