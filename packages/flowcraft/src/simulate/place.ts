import type { Fact, FlowcraftEvent } from '../events/event.ts'

/** Whether a fact tells of the same thing as a recorded event, though perhaps not the same of it. */
export function isLike(event: FlowcraftEvent, fact: Fact): boolean {
  return event.type === fact.type && placeOf(event) === placeOf(fact)
}

/** What a fact is about: its type, and the node, edge, key or batch. */
export function placeOf(fact: Fact | FlowcraftEvent): string {
  const { type, payload } = fact
  switch (type) {
    case 'edge:evaluate':
      return textOf(type, payload.source, payload.target, payload.action)
    case 'context:change':
      return textOf(type, payload.sourceNode, payload.iteration, payload.attempt, payload.key)
    case 'batch:start':
    case 'batch:finish':
      return textOf(type, payload.batchId, payload.iteration)
    case 'workflow:resume':
      return textOf(type, payload.reason, payload.nodeId)
    case 'node:start':
    case 'node:finish':
    case 'node:error':
    case 'node:retry':
      return textOf(type, payload.nodeId, payload.iteration, payload.attempt)
    case 'node:wait':
    case 'node:skipped':
    case 'node:fallback':
      return textOf(type, payload.nodeId, payload.iteration)
    default:
      return type
  }
}

function textOf(...parts: readonly (string | number | undefined)[]): string {
  return JSON.stringify(parts)
}
