import type { EdgeDefinition, WorkflowBlueprint } from '../blueprint/blueprint.ts'
import type { FlowcraftEvent } from '../events/event.ts'
import { effectiveHistory } from './past-frontier.ts'

/** What is different from some event of a history on. */
export interface Turn {
  /** The blueprint so far, and from there on. */
  readonly from: WorkflowBlueprint
  readonly to: WorkflowBlueprint
  /** By the index of an edge of `from`: its index in `to`, -1 for one that is gone. Default the same one. */
  readonly edges?: readonly number[] | undefined
  /** Nodes that begin anew. */
  readonly again: ReadonlySet<string>
}

/**
 * By the index of an edge so far, edges that nodes created included: its index from there on; -1 where what was decided of
 * it does not count any more. `undefined` where nothing has moved.
 */
export function movedEdges(
  events: readonly FlowcraftEvent[],
  { from, to, edges, again }: Turn,
): readonly number[] | undefined {
  const moved = from.edges.map(({ source }, index) => (again.has(source) ? -1 : (edges?.[index] ?? index)))
  let next = to.edges.length
  for (const event of effectiveHistory(events)) {
    if (event.type !== 'node:finish') continue
    const created: readonly EdgeDefinition[] = event.payload.result.dynamicEdges ?? []
    const isTakenBack = again.has(event.payload.nodeId)
    for (const [place, { source }] of created.entries()) {
      moved.push(isTakenBack || again.has(source) ? -1 : next + place)
    }
    if (!isTakenBack) next += created.length
  }
  return moved.every((to, index) => to === index) ? undefined : Object.freeze(moved)
}
