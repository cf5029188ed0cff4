import type { NodeClass, NodeContext, NodeImplementation, NodeResult } from '../../src/blueprint/node.ts'
import { BaseNode, isNodeClass } from '../../src/blueprint/node.ts'

/** What tells how many attempts of an iteration of a node ended with their process. */
export type CrashesOf = (call: Pick<NodeContext, 'executionId' | 'nodeId' | 'iteration'>) => number

/**
 * The same implementations, which are told how many attempts there would have been without crashes: so they do the same
 * whatever happens to their process. `onCall` is told of each call. With `turnsOf`, they are told of so many iterations less.
 */
export function unshaken(
  implementations: ReadonlyMap<string, NodeImplementation>,
  crashesOf: CrashesOf,
  onCall: (call: NodeContext) => void = () => {},
  turnsOf: CrashesOf = () => 0,
): Map<string, NodeImplementation> {
  const see = (call: NodeContext): NodeContext => {
    onCall(call)
    return asWithoutCrashes(call, crashesOf(call), turnsOf(call))
  }
  return new Map([...implementations].map(([key, node]) => [key, wrapped(node, see)]))
}

function wrapped(node: NodeImplementation, see: (call: NodeContext) => NodeContext): NodeImplementation {
  if (!isNodeClass(node)) return async (call) => await node(see(call))
  const Inner: NodeClass = node
  return class extends BaseNode {
    async exec(prepared: unknown, call: NodeContext): Promise<NodeResult | void> {
      return await new Inner(this.params, this.nodeId).exec(prepared, see(call))
    }
  }
}

function asWithoutCrashes(call: NodeContext, crashes: number, turns: number): NodeContext {
  const { context, input, params, dependencies, executionId, nodeId, iteration, idempotencyKey, logger } = call
  return {
    context,
    input,
    params,
    dependencies,
    executionId,
    nodeId,
    iteration: iteration - turns,
    idempotencyKey,
    logger,
    attempt: call.attempt - crashes,
    get signal() {
      return call.signal
    },
  }
}
