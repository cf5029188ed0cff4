import type { FlowcraftEvent } from 'flowcraft'

/** What happened to a request, from its events: the nodes in the order in which they ended, and what came in between. */
export function storyOf(events: readonly FlowcraftEvent[]): string {
  return events.flatMap(wordsFor).join(' → ')
}

function wordsFor({ type, payload }: FlowcraftEvent): string[] {
  if (type === 'workflow:pause') return ['parked']
  if (type === 'workflow:resume') return [`resumed (${payload.reason})`]
  if (type !== 'node:finish') return []
  const { action } = payload.result
  return [action === undefined ? payload.nodeId : `${payload.nodeId}: ${action}`]
}
