import type { FlowcraftEvent } from 'flowcraft'

/** How many workers of a batch were done at their first attempt, at their second, and so on. */
export function attemptsOf(batchId: string, events: readonly FlowcraftEvent[]): ReadonlyMap<number, number> {
  const workers = new Set<string>()
  const counts = new Map<number, number>()
  for (const { type, payload } of events) {
    if (type === 'batch:start' && payload.batchId === batchId) payload.workerNodeIds.forEach((id) => workers.add(id))
    if (type !== 'node:finish' || !workers.has(payload.nodeId)) continue
    counts.set(payload.attempt, (counts.get(payload.attempt) ?? 0) + 1)
  }
  return new Map([...counts].sort(([a], [b]) => a - b))
}
