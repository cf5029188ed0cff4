import type { Claim, ClaimedPart, EventType } from 'flowcraft'
import { given } from './answers.ts'
import { runOf, typical } from './events.ts'
import type { StoreWith } from './store-case.ts'

/** A claim of an execution at `expectedSeq` by `by`, which is both owner and writer. */
export function claimOf(executionId: string, expectedSeq: number, by = 'new', family?: readonly ClaimedPart[]): Claim {
  const event = typical(executionId, expectedSeq, 'workflow:resume')
  return { executionId, owner: by, writer: by, expectedSeq, event, ...(family !== undefined && { family }) }
}

/** A part of a claim, with an event of this type. */
export function partOf(executionId: string, expectedSeq: number, type?: EventType): ClaimedPart {
  return {
    executionId,
    expectedSeq,
    ...(type !== undefined && { event: typical(executionId, expectedSeq, type) }),
  }
}

/** A root and two children, of which one is parked, all written and driven by `'old'`. */
export async function family(store: StoreWith<'append'>): Promise<void> {
  const old = { writer: 'old', owner: 'old' }
  await given(
    store,
    runOf('root', { ...old, steps: ['node:start'] }),
    runOf('child', { ...old, parent: 'root' }),
    runOf('parked', { ...old, parent: 'root', steps: ['workflow:pause'] }),
  )
}

/** What a claim of that root names besides it. */
export const wholeFamily: readonly ClaimedPart[] = [partOf('child', 1, 'workflow:resume'), partOf('parked', 2)]

/** How many events each of these executions has. */
export async function lengths(store: StoreWith<never>, ...ids: readonly string[]): Promise<number[]> {
  const histories = await store.retrieveMultiple([...ids])
  return ids.map((id) => histories.get(id)?.length ?? -1)
}
