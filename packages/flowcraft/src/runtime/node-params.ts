import type { PlanNode } from '../blueprint/plan.ts'
import { snapshot } from '../events/snapshot.ts'

const noParams: Readonly<Record<string, unknown>> = Object.freeze({})
const paramsOfNode = new WeakMap<PlanNode, Readonly<Record<string, unknown>>>()

/** A node's parameters as it may have them: a blueprint's parameters are the caller's: nodes get a frozen copy, or, if that cannot be made, the object itself. */
export function paramsOf(node: PlanNode): Readonly<Record<string, unknown>> {
  const { params } = node.definition
  if (params === undefined) return noParams
  let copy = paramsOfNode.get(node)
  if (copy === undefined) {
    try {
      copy = snapshot(params, { where: `params of node '${node.id}'`, nodeId: node.id }) as Record<string, unknown>
    } catch {
      copy = params
    }
    paramsOfNode.set(node, copy)
  }
  return copy
}
