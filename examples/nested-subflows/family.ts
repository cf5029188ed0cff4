import type { FlowcraftEvent, InMemoryEventStore } from 'flowcraft'

/** The log of a run, and how deep it is nested. */
export interface Member {
  readonly executionId: string
  readonly depth: number
  readonly events: readonly FlowcraftEvent[]
}

/** A run and those of its subflows, each behind the one that started it: the parent's `node:start` names the child's run. */
export async function familyOf(store: InMemoryEventStore, executionId: string, depth: number = 0): Promise<Member[]> {
  const events = await store.retrieve(executionId)
  const family: Member[] = [{ executionId, depth, events }]
  for (const { type, payload } of events) {
    if (type !== 'node:start' || payload.childExecutionId === undefined) continue
    family.push(...(await familyOf(store, payload.childExecutionId, depth + 1)))
  }
  return family
}
