import type { FlowcraftEvent, WorkflowBlueprint } from 'flowcraft'

/** How long a node took, from its first start to its end, all attempts included. */
export interface Timing {
  readonly nodeId: string
  readonly attempts: number
  readonly ms: number
}

/** The timings of the nodes that have started, in blueprint order, from the times of the events. */
export function timingsOf({ nodes }: WorkflowBlueprint, events: readonly FlowcraftEvent[]): Timing[] {
  return nodes.flatMap(({ id }) => timingOf(id, events))
}

function timingOf(nodeId: string, events: readonly FlowcraftEvent[]): Timing[] {
  const starts = events.filter((event) => event.type === 'node:start' && event.payload.nodeId === nodeId)
  const end = events.findLast(
    (event) => (event.type === 'node:finish' || event.type === 'node:error') && event.payload.nodeId === nodeId,
  )
  const [first] = starts
  if (first === undefined || end === undefined) return []
  return [{ nodeId, attempts: starts.length, ms: end.timestamp - first.timestamp }]
}
